//! Calls to the token, to staking and, for a pause, to any contract of the suite.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{
    governance::GovernanceError,
    peer::ask,
    psp22::PSP22,
    staking::{StakeLedger, StakingError},
    upkeep::Pausable,
    HotkeyId,
};

/// The contracts that governance works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Peers {
    /// The TAO token.
    pub token: AccountId,
    /// The staking contract.
    pub staking: AccountId,
}

impl Peers {
    /// Locks a position until `until_ms` and returns the number of its hotkey and its value in rao.
    /// Errors: `NotEnoughStake` if there is none, `Staking`, `PeerUnreachable`.
    pub fn lock_votes(
        &self,
        coldkey: AccountId,
        hotkey: AccountId,
        until_ms: u64,
    ) -> Result<(HotkeyId, u64), GovernanceError> {
        let mut staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        match ask(staking.call_mut().lock_votes(coldkey, hotkey, until_ms)) {
            None => Err(GovernanceError::PeerUnreachable),
            Some(Err(StakingError::NotEnoughStake)) => Err(GovernanceError::NotEnoughStake),
            Some(Err(refusal)) => Err(GovernanceError::Staking(refusal)),
            Some(Ok(position)) => Ok(position),
        }
    }

    /// Stake of the whole network, in rao. Errors: `PeerUnreachable`.
    pub fn total_stake(&self) -> Result<u64, GovernanceError> {
        let staking: contract_ref!(StakeLedger, DefaultEnvironment) = self.staking.into();
        ask(staking.call().total_stake()).ok_or(GovernanceError::PeerUnreachable)
    }

    /// Sends `amount` rao of the treasury. Errors: `Transfer`, `PeerUnreachable`.
    pub fn pay(&self, to: AccountId, amount: u128) -> Result<(), GovernanceError> {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        ask(token.call_mut().transfer(to, amount, Vec::new()))
            .ok_or(GovernanceError::PeerUnreachable)?
            .map_err(GovernanceError::Transfer)
    }

    /// Pauses any contract of the suite. Errors: `Upkeep`, `PeerUnreachable`.
    pub fn pause(target: AccountId, until_ms: u64) -> Result<(), GovernanceError> {
        let mut target: contract_ref!(Pausable, DefaultEnvironment) = target.into();
        ask(target.call_mut().pause(until_ms)).ok_or(GovernanceError::PeerUnreachable)?.map_err(GovernanceError::Upkeep)
    }

    /// TAO of an account, in rao. Errors: `PeerUnreachable`.
    pub fn balance_of(&self, owner: AccountId) -> Result<u128, GovernanceError> {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        ask(token.call().balance_of(owner)).ok_or(GovernanceError::PeerUnreachable)
    }
}
