//! Calls to the token, the registry and the staking contract.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{
    incentive::IncentiveError,
    limits::PAGE,
    peer::ask,
    psp22::PSP22,
    registry::{Neuron, Seat, SubnetRegistry, SubnetTerms},
    staking::StakeLedger,
    token::Issuance,
    Netuid, RegistrationId,
};

/// Addresses of the peers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Peers {
    /// The TAO token.
    pub token: AccountId,
    /// The registry.
    pub registry: AccountId,
    /// The staking contract.
    pub staking: AccountId,
    /// The governance contract: the protocol reserve.
    pub governance: AccountId,
}

impl Peers {
    /// Has the token issue to this contract what the schedule has due; the amount in rao.
    pub fn issue(&self) -> Result<u64, IncentiveError> {
        let mut token: contract_ref!(Issuance, DefaultEnvironment) = self.token.into();
        let issued =
            ask(token.call_mut().issue()).ok_or(IncentiveError::PeerUnreachable)?.map_err(IncentiveError::Token)?;
        u64::try_from(issued).map_err(|_| IncentiveError::Overflow)
    }

    /// Sends rao of this contract's.
    pub fn send(&self, to: AccountId, amount: u64) -> Result<(), IncentiveError> {
        if amount == 0 {
            return Ok(());
        }
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        ask(token.call_mut().transfer(to, u128::from(amount), Vec::new()))
            .ok_or(IncentiveError::PeerUnreachable)?
            .map_err(IncentiveError::Transfer)
    }

    /// Sends dividends to the staking contract and has it book them.
    pub fn distribute(&self, dividends: Vec<(AccountId, u64)>, total: u64) -> Result<(), IncentiveError> {
        if total == 0 {
            return Ok(());
        }
        self.send(self.staking, total)?;
        let mut staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call_mut().distribute(dividends))
            .ok_or(IncentiveError::PeerUnreachable)?
            .map_err(IncentiveError::Staking)
    }

    /// Stake of each hotkey in rao.
    pub fn stakes(&self, hotkeys: Vec<AccountId>) -> Result<Vec<u64>, IncentiveError> {
        let asked = hotkeys.len();
        let staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call().stakes_of(hotkeys))
            .filter(|stakes| stakes.len() == asked)
            .ok_or(IncentiveError::PeerUnreachable)
    }

    /// The rules and the size of a subnet.
    pub fn terms(&self, netuid: Netuid) -> Result<SubnetTerms, IncentiveError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().terms(netuid)).ok_or(IncentiveError::PeerUnreachable)?.ok_or(IncentiveError::UnknownSubnet)
    }

    /// One page of a subnet's neurons.
    pub fn page(&self, netuid: Netuid, page: u16) -> Result<Vec<Neuron>, IncentiveError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().neurons(netuid, page)).ok_or(IncentiveError::PeerUnreachable)
    }

    /// All neurons of a subnet, in the order of uids. Errors: `InconsistentRegistry` if there are not `count`.
    pub fn neurons(&self, netuid: Netuid, count: u16) -> Result<Vec<Neuron>, IncentiveError> {
        let mut neurons = Vec::with_capacity(usize::from(count));
        for page in 0..count.div_ceil(PAGE) {
            neurons.extend(self.page(netuid, page)?);
        }
        if neurons.len() != usize::from(count) {
            return Err(IncentiveError::InconsistentRegistry);
        }
        Ok(neurons)
    }

    /// The uid of a hotkey and the neuron in it. Errors: `NotRegistered`.
    pub fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Result<Seat, IncentiveError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().seat(netuid, hotkey))
            .ok_or(IncentiveError::PeerUnreachable)?
            .ok_or(IncentiveError::NotRegistered)
    }

    /// The coldkey that a registration was for. Errors: `NotRegistered`.
    pub fn registrant(&self, netuid: Netuid, registration_id: RegistrationId) -> Result<AccountId, IncentiveError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().registration(netuid, registration_id))
            .ok_or(IncentiveError::PeerUnreachable)?
            .map(|(_, coldkey)| coldkey)
            .ok_or(IncentiveError::NotRegistered)
    }

    /// Tells the registry what each uid earned.
    pub fn record(&self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), IncentiveError> {
        let mut registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call_mut().record_epoch(netuid, emissions))
            .ok_or(IncentiveError::PeerUnreachable)?
            .map_err(IncentiveError::Registry)
    }
}
