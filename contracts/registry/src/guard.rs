//! Who may call: the contracts that the registry knows, the pause, and the lock of coldkeys that are being swapped.

use crate::{
    chain::{caller, now},
    events::emit,
    refusal::Refusal,
    registry::Registry,
    store::Cell,
};
use ink::{prelude::boxed::Box, primitives::AccountId};
use inktensor_primitives::{
    registry::RegistryError,
    upkeep::{check_pause, Paused, UpkeepError},
};

/// The contracts that the registry works with, and who deployed it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Peers {
    /// Who deployed the registry.
    pub deployer: AccountId,
    /// The governance contract.
    pub governance: AccountId,
    /// The TAO token.
    pub token: AccountId,
    /// The incentive contract, once it is wired.
    pub incentive: Option<AccountId>,
}

/// What every message that changes something reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Config {
    /// The peers.
    pub peers: Peers,
    /// Chain time in ms until which the registry only answers.
    pub paused_until_ms: u64,
}

/// Who may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The caller.
    pub caller: AccountId,
    /// The TAO token.
    pub token: AccountId,
    /// Whether governance calls.
    pub governs: bool,
}

impl Registry {
    /// Passes unless the registry is paused or the caller locked. Every message of a person that changes something begins
    /// here. Errors: `NotWired`, `Paused`, `ColdkeyLocked`.
    #[inline(never)]
    pub(crate) fn enter(&self) -> Result<Entry, Refusal> {
        let Peers { token, governance, .. } = self.running()?.peers;
        let caller = caller();
        if self.coldkeys.is_locked(caller) {
            return Err(RegistryError::ColdkeyLocked.into());
        }
        Ok(Entry { caller, token, governs: caller == governance })
    }

    /// Peers and pause, unless the registry is paused. Errors: `NotWired`, `Paused`.
    #[inline(never)]
    pub(crate) fn running(&self) -> Result<Box<Config>, Refusal> {
        let config = self.config.load().map(Box::new).ok_or(RegistryError::NotWired)?;
        if now().time_ms < config.paused_until_ms {
            return Err(RegistryError::Paused.into());
        }
        Ok(config)
    }

    /// Passes governance only, and not in a pause; returns the token. Errors: `NotWired`, `Paused`, `NotAuthorised`.
    #[inline(never)]
    pub(crate) fn governed(&self) -> Result<AccountId, Refusal> {
        let peers = self.running()?.peers;
        if caller() == peers.governance {
            Ok(peers.token)
        } else {
            Err(RegistryError::NotAuthorised.into())
        }
    }

    /// Passes governance only, also in a pause. Errors: `NotGovernance`.
    pub(crate) fn upkeep(&self) -> Result<Box<Config>, UpkeepError> {
        self.config
            .load()
            .map(Box::new)
            .filter(|config| caller() == config.peers.governance)
            .ok_or(UpkeepError::NotGovernance)
    }

    /// Names the incentive contract. Errors: `NotWired`, `Paused`, `NotAuthorised`, `AlreadyWired`.
    pub(crate) fn wire_once(&mut self, incentive: AccountId) -> Result<(), Refusal> {
        let mut config = self.running()?;
        let peers = &mut config.peers;
        if caller() != peers.deployer {
            return Err(RegistryError::NotAuthorised.into());
        }
        if peers.incentive.is_some() {
            return Err(RegistryError::AlreadyWired.into());
        }
        peers.incentive = Some(incentive);
        self.config.save(&config);
        Ok(())
    }

    /// Pauses or resumes. Errors: `NotGovernance`, `PauseTooLong`.
    pub(crate) fn pause_until(&mut self, until_ms: u64) -> Result<(), UpkeepError> {
        let mut config = self.upkeep()?;
        check_pause(now().time_ms, until_ms)?;
        config.paused_until_ms = until_ms;
        self.config.save(&config);
        emit(Paused { until_ms });
        Ok(())
    }
}
