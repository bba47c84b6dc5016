//! Calls to the token, the registry and the staking contract.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{
    emission::EmissionError,
    peer::{ask, ask_bytes},
    psp22::{TransferError, PSP22},
    registry::{Hotkey, Seat, SubnetLife, SubnetRegistry},
    staking::StakeLedger,
    token::Issuance,
    HotkeyId, Netuid, RegistrationId,
};
use scale::{DecodeAll, Encode};

/// The root's netuid in the staking contract: there a hotkey's stake is all that is on it, nothing lent or borrowed.
const ROOT: Netuid = 0;

/// Addresses of the peers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Peers {
    /// The governance contract: the protocol reserve.
    pub governance: AccountId,
    /// The TAO token.
    pub token: AccountId,
    /// The registry.
    pub registry: AccountId,
    /// The staking contract.
    pub staking: AccountId,
    /// The incentive contract, once the deployer has wired it.
    pub incentive: Option<AccountId>,
}

impl Peers {
    /// Errors: `NotWired`, `NotIncentive`.
    pub fn check_incentive(&self, caller: AccountId) -> Result<(), EmissionError> {
        if caller != self.incentive.ok_or(EmissionError::NotWired)? {
            return Err(EmissionError::NotIncentive);
        }
        Ok(())
    }

    /// Has the token issue to this contract what the schedule has due; the amount in rao.
    pub fn issue(&self) -> Result<u64, EmissionError> {
        let mut token: contract_ref!(Issuance, DefaultEnvironment) = self.token.into();
        let issued =
            ask(token.call_mut().issue()).ok_or(EmissionError::PeerUnreachable)?.map_err(EmissionError::Token)?;
        u64::try_from(issued).map_err(|_| EmissionError::Overflow)
    }

    /// Sends rao of this contract's.
    pub fn send(&self, to: AccountId, amount: u64) -> Result<(), EmissionError> {
        if amount == 0 {
            return Ok(());
        }
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        let transfer = token.call_mut().transfer(to, u128::from(amount), Vec::new()).params();
        let answer = ask_bytes(self.token, &transfer.exec_input().encode());
        answer
            .and_then(|answer| Result::<(), TransferError>::decode_all(&mut &answer[..]).ok())
            .ok_or(EmissionError::PeerUnreachable)?
            .map_err(EmissionError::Transfer)
    }

    /// Sends `total` rao of dividends to the staking contract and has it add them to pools: `amounts` by hotkey, where
    /// hotkeys that get nothing are left out.
    pub fn distribute(
        &self,
        netuid: Netuid,
        hotkeys: Vec<HotkeyId>,
        amounts: Vec<u64>,
        total: u64,
    ) -> Result<(), EmissionError> {
        if total == 0 {
            return Ok(());
        }
        self.send(self.staking, total)?;
        let (hotkeys, amounts) = hotkeys.into_iter().zip(amounts).filter(|(_, amount)| *amount > 0).unzip();
        let mut staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call_mut().distribute(netuid, hotkeys, amounts))
            .ok_or(EmissionError::PeerUnreachable)?
            .map_err(EmissionError::Staking)
    }

    /// Stake of each hotkey in rao, as the root counts it.
    pub fn root_stakes(&self, hotkeys: Vec<HotkeyId>) -> Result<Vec<u64>, EmissionError> {
        let asked = hotkeys.len();
        let staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call().stakes_of(ROOT, hotkeys))
            .filter(|stakes| stakes.len() == asked)
            .ok_or(EmissionError::PeerUnreachable)
    }

    /// Stake of the whole network in rao.
    pub fn all_stake(&self) -> Result<u64, EmissionError> {
        let staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call().total_stake()).ok_or(EmissionError::PeerUnreachable)
    }

    /// Which subnet has a netuid now.
    pub fn life(&self, netuid: Netuid) -> Result<Option<SubnetLife>, EmissionError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().life(netuid)).ok_or(EmissionError::PeerUnreachable)
    }

    /// The uid of a hotkey and the neuron in it. Errors: `NotRegistered`.
    pub fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Result<Seat, EmissionError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().seat(netuid, hotkey))
            .ok_or(EmissionError::PeerUnreachable)?
            .ok_or(EmissionError::NotRegistered)
    }

    /// The coldkey that a registration was for. Errors: `NotRegistered`.
    pub fn registrant(&self, netuid: Netuid, registration: RegistrationId) -> Result<AccountId, EmissionError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        ask(registry.call().registration(netuid, registration))
            .ok_or(EmissionError::PeerUnreachable)?
            .map(|(_, coldkey)| coldkey)
            .ok_or(EmissionError::NotRegistered)
    }

    /// A hotkey's number. Errors: `NotRegistered`.
    pub fn number(&self, hotkey: AccountId) -> Result<HotkeyId, EmissionError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        let hotkey: Option<Hotkey> = ask(registry.call().hotkey(hotkey)).ok_or(EmissionError::PeerUnreachable)?;
        Ok(hotkey.ok_or(EmissionError::NotRegistered)?.id)
    }

    /// The coldkey that a coldkey was swapped for, if it was; else itself.
    pub fn present(&self, coldkey: AccountId) -> Result<AccountId, EmissionError> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.into();
        let successor = ask(registry.call().successor(coldkey)).ok_or(EmissionError::PeerUnreachable)?;
        Ok(successor.unwrap_or(coldkey))
    }
}
