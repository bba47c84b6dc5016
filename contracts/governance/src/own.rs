//! What governance does to itself: pays, exchanges its code, changes its terms, names a guardian.
//!
//! A contract that waits on a call cannot be called, so a proposal whose target is governance is not called but read here
//! and done in place. Its bytes are those of the message of the same name, so that every client can encode it.

use crate::{call, terms};
use ink::primitives::{AccountId, Hash};
use inktensor_primitives::governance::{GovernanceError, GovernanceTerms};
use scale::{Decode, DecodeAll};

/// Selector of the message `pay`.
pub const PAY: [u8; 4] = ink::selector_bytes!("pay");
/// Selector of the message `set_code`, which all contracts of the suite have.
pub const SET_CODE: [u8; 4] = ink::selector_bytes!("Upgradable::set_code");
/// Selector of the message `set_terms`.
pub const SET_TERMS: [u8; 4] = ink::selector_bytes!("set_terms");
/// Selector of the message `set_guardian`.
pub const SET_GUARDIAN: [u8; 4] = ink::selector_bytes!("set_guardian");

/// A call of governance by governance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnCall {
    /// Pays from the treasury.
    Pay {
        /// To whom.
        to: AccountId,
        /// How much, in rao.
        amount: u128,
    },
    /// Exchanges the code.
    SetCode(Hash),
    /// Changes the terms of later proposals.
    SetTerms(GovernanceTerms),
    /// Names who may pause contracts, or nobody.
    SetGuardian(Option<AccountId>),
}

impl OwnCall {
    /// Reads selector and arguments, to the last byte.
    /// Errors: `CallMalformed` for any other call, `InvalidTerms` and `AmountTooLarge` for terms out of bounds.
    pub fn read(input: &[u8]) -> Result<Self, GovernanceError> {
        let (selector, arguments) = call::parts(input)?;
        match selector {
            PAY => arguments_of(arguments).map(|(to, amount)| Self::Pay { to, amount }),
            SET_CODE => arguments_of(arguments).map(Self::SetCode),
            SET_GUARDIAN => arguments_of(arguments).map(Self::SetGuardian),
            SET_TERMS => {
                let (voting_period_ms, timelock_ms, quorum_bps, threshold) = arguments_of(arguments)?;
                terms::checked(voting_period_ms, timelock_ms, quorum_bps, threshold).map(Self::SetTerms)
            }
            _ => Err(GovernanceError::CallMalformed),
        }
    }
}

fn arguments_of<T: Decode>(mut bytes: &[u8]) -> Result<T, GovernanceError> {
    T::decode_all(&mut bytes).map_err(|_| GovernanceError::CallMalformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scale::Encode;

    fn calls() -> [(Vec<u8>, OwnCall); 5] {
        let to = AccountId::from([5; 32]);
        let terms = terms::checked(7, 8, 9, 10).unwrap_or_else(|error| panic!("{error:?}"));
        [
            ((PAY, to, 12_u128).encode(), OwnCall::Pay { to, amount: 12 }),
            ((SET_CODE, [6_u8; 32]).encode(), OwnCall::SetCode([6; 32].into())),
            ((SET_GUARDIAN, Some(to)).encode(), OwnCall::SetGuardian(Some(to))),
            ((SET_GUARDIAN, None::<AccountId>).encode(), OwnCall::SetGuardian(None)),
            ((SET_TERMS, 7_u64, 8_u64, 9_u16, 10_u128).encode(), OwnCall::SetTerms(terms)),
        ]
    }

    #[test]
    fn own_calls_are_read_to_their_last_byte() {
        for (input, call) in calls() {
            assert_eq!(OwnCall::read(&input), Ok(call));
            assert_eq!(OwnCall::read(&[&input[..], &[0]].concat()), Err(GovernanceError::CallMalformed));
            assert_eq!(OwnCall::read(&input[..input.len() - 1]), Err(GovernanceError::CallMalformed));
            assert_eq!(OwnCall::read(&[&[0; 4], &input[4..]].concat()), Err(GovernanceError::CallMalformed));
        }
    }

    #[test]
    fn terms_out_of_bounds_are_refused_before_anyone_votes() {
        let read = |quorum: u16, threshold: u128| OwnCall::read(&(SET_TERMS, 1_u64, 0_u64, quorum, threshold).encode());
        assert_eq!(read(10_000, 0), Err(GovernanceError::InvalidTerms));
        assert_eq!(read(0, 1 << 64), Err(GovernanceError::AmountTooLarge));
    }
}
