//! Calls to the token, the registry, the staking and the emission contract.

use ink::{
    codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId,
    selector_bytes,
};
use inktensor_primitives::{
    emission::Payroll,
    incentive::IncentiveError,
    peer::{ask, ask_bytes, demand},
    psp22::PSP22,
    registry::{EpochTerms, Hotkey, Neuron, SubnetRegistry, WeightTerms},
    staking::StakeLedger,
    token::Issuance,
    HotkeyId, Netuid, RegistrationId,
};
use scale::{Compact, Decode, Encode};

type Result<T> = core::result::Result<T, IncentiveError>;
type Registry = contract_ref!(SubnetRegistry, DefaultEnvironment);

/// Addresses of the peers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Peers {
    /// The governance contract.
    pub governance: AccountId,
    /// The TAO token.
    pub token: AccountId,
    /// The registry.
    pub registry: AccountId,
    /// The staking contract.
    pub staking: AccountId,
    /// The emission contract.
    pub emission: AccountId,
}

/// Bytes of a neuron's SCALE encoding.
const NEURON: usize = 84;

/// Neurons from their SCALE encoding. Every field has a fixed place, which is cheaper than asking for one after the other.
fn unpack(mut answer: &[u8]) -> Option<Vec<Neuron>> {
    let count = usize::try_from(Compact::<u32>::decode(&mut answer).ok()?.0).ok()?;
    let rows = answer.chunks_exact(NEURON);
    if rows.len() != count || !rows.remainder().is_empty() {
        return None;
    }
    let mut neurons = Vec::with_capacity(count);
    for row in rows {
        let (hotkey, row) = row.split_first_chunk::<32>()?;
        let (coldkey, row) = row.split_first_chunk::<32>()?;
        let (hotkey_id, row) = row.split_first_chunk()?;
        let (registration_id, row) = row.split_first_chunk()?;
        let (registered_block, row) = row.split_first_chunk()?;
        neurons.push(Neuron {
            hotkey: (*hotkey).into(),
            coldkey: (*coldkey).into(),
            hotkey_id: u32::from_le_bytes(*hotkey_id),
            registration_id: u32::from_le_bytes(*registration_id),
            registered_block: u32::from_le_bytes(*registered_block),
            registered_ms: u64::from_le_bytes(row.try_into().ok()?),
        });
    }
    Some(neurons)
}

/// What a peer answered, if it could be called.
fn reached<T>(answer: Option<T>) -> Result<T> {
    answer.ok_or(IncentiveError::PeerUnreachable)
}

impl Peers {
    fn registry(&self) -> Registry {
        self.registry.into()
    }

    /// What an epoch needs of a subnet. Errors: `UnknownSubnet`.
    pub fn epoch_terms(&self, netuid: Netuid) -> Result<EpochTerms> {
        reached(ask(self.registry().call().epoch_terms(netuid)))?.ok_or(IncentiveError::UnknownSubnet)
    }

    /// What a message of a hotkey that writes weights needs, with the tenancy of each uid if asked for; nothing if there
    /// is no such subnet.
    pub fn weight_terms(&self, netuid: Netuid, hotkey: AccountId, tenants: bool) -> Result<Option<WeightTerms>> {
        reached(ask(self.registry().call().weight_terms(netuid, hotkey, tenants)))
    }

    /// One page of a subnet's neurons.
    pub fn neurons(&self, netuid: Netuid, page: u16) -> Result<Vec<Neuron>> {
        let input = (selector_bytes!("SubnetRegistry::neurons"), netuid, page).encode();
        reached(ask_bytes(self.registry, &input).and_then(|answer| unpack(&answer)))
    }

    /// Number and owner of a hotkey. Errors: `NotRegistered` if nobody owns it.
    pub fn hotkey(&self, hotkey: AccountId) -> Result<Hotkey> {
        reached(ask(self.registry().call().hotkey(hotkey)))?.ok_or(IncentiveError::NotRegistered)
    }

    /// Tells the registry what each uid earned, in rao.
    pub fn record_epoch(&self, netuid: Netuid, paid: Vec<u64>) -> Result<()> {
        reached(demand(self.registry().call_mut().record_epoch(netuid, paid)))?.map_err(IncentiveError::Registry)
    }

    /// Stake of each hotkey on a subnet, in rao.
    pub fn stakes(&self, netuid: Netuid, hotkeys: Vec<HotkeyId>) -> Result<Vec<u64>> {
        let asked = hotkeys.len();
        let staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        reached(ask(staking.call().stakes_of(netuid, hotkeys)).filter(|stakes| stakes.len() == asked))
    }

    /// Lets a subnet take part in emission.
    pub fn admit(&self, netuid: Netuid, generation: u32) -> Result<()> {
        let mut emission: contract_ref!(Payroll, DefaultEnvironment) = self.emission.into();
        reached(demand(emission.call_mut().admit(netuid, generation)))?.map_err(IncentiveError::Emission)
    }

    /// Has what a subnet earned divided and paid by the shares of miners and of validators; what each uid got, in rao.
    pub fn pay(
        &self,
        netuid: Netuid,
        epoch: u64,
        (registration_ids, hotkeys): (Vec<RegistrationId>, Vec<HotkeyId>),
        (miners, validators): (Vec<u64>, Vec<u64>),
    ) -> Result<Vec<u64>> {
        let mut emission: contract_ref!(Payroll, DefaultEnvironment) = self.emission.into();
        let paid = emission.call_mut().pay(netuid, epoch, registration_ids, hotkeys, miners, validators);
        reached(demand(paid))?.map_err(IncentiveError::Emission)
    }

    /// Moves rao of this contract's, or of an account that allowed it to, if there are any to move.
    pub fn transfer(&self, from: AccountId, to: AccountId, amount: u64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        let moved = token.call_mut().transfer_from(from, to, u128::from(amount), Vec::new());
        reached(demand(moved))?.map_err(IncentiveError::Transfer)
    }

    /// Destroys rao of this contract's, if there are any to destroy, to be issued again.
    pub fn recycle(&self, amount: u64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        let mut token: contract_ref!(Issuance, DefaultEnvironment) = self.token.into();
        reached(demand(token.call_mut().recycle(u128::from(amount))))?.map_err(IncentiveError::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neuron(seed: u8) -> Neuron {
        Neuron {
            hotkey: [seed; 32].into(),
            coldkey: [seed ^ 255; 32].into(),
            hotkey_id: 0x0102_0304 + u32::from(seed),
            registration_id: 0x1112_1314 + u32::from(seed),
            registered_block: 0x2122_2324 + u32::from(seed),
            registered_ms: 0x3132_3334_3536_3738 + u64::from(seed),
        }
    }

    #[test]
    fn neurons_are_unpacked_as_scale_decodes_them() {
        for count in [0, 1, 63, 64, 100] {
            let neurons: Vec<_> = (0..count).map(neuron).collect();
            let mut bytes = neurons.encode();
            assert_eq!(unpack(&bytes), Some(neurons));
            bytes.push(0);
            assert_eq!(unpack(&bytes), None);
            bytes.truncate(bytes.len() - 2);
            assert_eq!(unpack(&bytes), None);
        }
        let registry: Registry = AccountId::from([1; 32]).into();
        let input = registry.call().neurons(7, 3).params().exec_input().encode();
        assert_eq!((selector_bytes!("SubnetRegistry::neurons"), 7_u16, 3_u16).encode(), input);
    }
}
