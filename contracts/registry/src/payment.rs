//! Calls to the TAO token.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{peer::ask, psp22::PSP22, registry::RegistryError, token::Issuance};

/// Moves `amount` rao from `payer` into this contract, `own`. Errors: `Transfer`, `PeerUnreachable`.
pub fn collect(token: AccountId, payer: AccountId, own: AccountId, amount: u64) -> Result<(), RegistryError> {
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = token.into();
    ask(token.call_mut().transfer_from(payer, own, u128::from(amount), Vec::new()))
        .ok_or(RegistryError::PeerUnreachable)?
        .map_err(RegistryError::Transfer)
}

/// Destroys `amount` rao of this contract's, to be issued again. Errors: `Token`, `PeerUnreachable`.
pub fn recycle(token: AccountId, amount: u64) -> Result<(), RegistryError> {
    let mut token: contract_ref!(Issuance, DefaultEnvironment) = token.into();
    ask(token.call_mut().recycle(u128::from(amount)))
        .ok_or(RegistryError::PeerUnreachable)?
        .map_err(RegistryError::Token)
}
