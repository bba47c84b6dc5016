//! Calls to the TAO token. They are encoded here, by the selectors of the token's traits, so that all share their code.

use crate::refusal::Refusal;
use ink::{env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId, selector_bytes};
use inktensor_primitives::{peer::ask_bytes, registry::RegistryError};
use scale::{DecodeAll, Encode};

/// Moves `amount` rao from `payer`, who allowed it, into this contract. Errors: `Transfer`, `PeerUnreachable`.
pub fn collect(token: AccountId, payer: AccountId, amount: u64) -> Result<(), Refusal> {
    let own = ink::env::account_id::<DefaultEnvironment>();
    transferred(ask_bytes(token, &transfer_from(payer, own, amount)))
}

/// Moves `amount` rao of this contract's to `payee`. Errors: `Transfer`, `PeerUnreachable`.
pub fn pay(token: AccountId, payee: AccountId, amount: u64) -> Result<(), Refusal> {
    transferred(ask_bytes(token, &transfer(payee, amount)))
}

/// Destroys `amount` rao of `payer`, who allowed it, to be issued again. Errors: `Transfer`, `PeerUnreachable`.
pub fn recycle(token: AccountId, payer: AccountId, amount: u64) -> Result<(), Refusal> {
    transferred(ask_bytes(token, &recycling(payer, amount)))
}

fn transfer_from(payer: AccountId, payee: AccountId, amount: u64) -> Vec<u8> {
    (selector_bytes!("PSP22::transfer_from"), payer, payee, u128::from(amount), 0_u8).encode()
}

fn transfer(payee: AccountId, amount: u64) -> Vec<u8> {
    (selector_bytes!("PSP22::transfer"), payee, u128::from(amount), 0_u8).encode()
}

fn recycling(payer: AccountId, amount: u64) -> Vec<u8> {
    (selector_bytes!("Issuance::recycle_from"), payer, u128::from(amount)).encode()
}

#[inline(never)]
fn transferred(output: Option<Vec<u8>>) -> Result<(), Refusal> {
    let answer = output.and_then(|bytes| Result::decode_all(&mut &bytes[..]).ok());
    answer.ok_or(RegistryError::PeerUnreachable)?.map_err(|error| RegistryError::Transfer(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::{codegen::TraitCallBuilder, contract_ref};
    use inktensor_primitives::{
        psp22::{PSP22Error, TransferError, PSP22},
        token::Issuance,
    };

    #[test]
    fn calls_are_those_of_the_tokens_traits() {
        let (token, payer, payee): (AccountId, AccountId, AccountId) = ([1; 32].into(), [2; 32].into(), [3; 32].into());
        let mut psp22: contract_ref!(PSP22, DefaultEnvironment) = token.into();
        let call = psp22.call_mut().transfer_from(payer, payee, 77, Vec::new()).params().exec_input().encode();
        assert_eq!(transfer_from(payer, payee, 77), call);
        let call = psp22.call_mut().transfer(payee, 78, Vec::new()).params().exec_input().encode();
        assert_eq!(transfer(payee, 78), call);
        let mut issuance: contract_ref!(Issuance, DefaultEnvironment) = token.into();
        let call = issuance.call_mut().recycle_from(payer, 79).params().exec_input().encode();
        assert_eq!(recycling(payer, 79), call);
    }

    #[test]
    fn what_the_token_refuses_has_its_name() {
        let transferred = |output| super::transferred(output).map_err(Refusal::told);
        let refusal = Err::<(), _>(PSP22Error::InsufficientAllowance).encode();
        assert_eq!(transferred(Some(refusal)), Err(RegistryError::Transfer(TransferError::InsufficientAllowance)));
        assert_eq!(transferred(Some(vec![0])), Ok(()));
        for unreadable in [None, Some(vec![]), Some(vec![9]), Some(vec![0, 0])] {
            assert_eq!(transferred(unreadable), Err(RegistryError::PeerUnreachable));
        }
    }
}
