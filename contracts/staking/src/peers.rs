//! What staking asks of the other contracts.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{peer::ask, psp22::PSP22, registry::SubnetRegistry, staking::StakingError};

/// The coldkey that owns `hotkey`. Errors: `HotkeyNotAssociated`, `PeerUnreachable`.
pub fn coldkey_of(registry: AccountId, hotkey: AccountId) -> Result<AccountId, StakingError> {
    let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = registry.into();
    ask(registry.call().coldkey_of(hotkey))
        .ok_or(StakingError::PeerUnreachable)?
        .ok_or(StakingError::HotkeyNotAssociated)
}

/// Takes `amount` rao that `from` allowed this contract. Errors: `Transfer`, `PeerUnreachable`.
pub fn collect(token: AccountId, from: AccountId, to: AccountId, amount: u64) -> Result<(), StakingError> {
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = token.into();
    ask(token.call_mut().transfer_from(from, to, u128::from(amount), Vec::new()))
        .ok_or(StakingError::PeerUnreachable)?
        .map_err(StakingError::Transfer)
}

/// Pays `amount` rao out of this contract's balance. Errors: `Transfer`, `PeerUnreachable`.
pub fn pay(token: AccountId, to: AccountId, amount: u64) -> Result<(), StakingError> {
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = token.into();
    ask(token.call_mut().transfer(to, u128::from(amount), Vec::new()))
        .ok_or(StakingError::PeerUnreachable)?
        .map_err(StakingError::Transfer)
}
