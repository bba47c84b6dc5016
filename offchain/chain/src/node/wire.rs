//! `ContractsApi`, the runtime's interface for dry runs, as it goes over the wire.
//!
//! Metadata of version 14 does not describe runtime interfaces, so the types are written here. They are the same on
//! every chain with `pallet-contracts`, but for the width of a balance.

use crate::{AccountId, Gas, RawCall, RawCode, Returned};
use scale::{Compact, Decode, Encode, Error, Input};

/// Bit of a contract's flags that says that all changes were undone.
const REVERT: u32 = 1;

/// Code of a contract, or the hash of code that the chain holds.
pub(super) enum Code<'a> {
    Upload(&'a [u8]),
    Existing([u8; 32]),
}

/// Arguments of `ContractsApi_call`; `None` when the value does not fit into the chain's balances.
pub(super) fn call(origin: AccountId, call: &RawCall, balance_bytes: usize) -> Option<Vec<u8>> {
    let mut bytes = (origin.0, call.contract.0).encode();
    balance(call.value, balance_bytes, &mut bytes)?;
    (NO_LIMITS, &call.data).encode_to(&mut bytes);
    Some(bytes)
}

/// Arguments of `ContractsApi_instantiate`.
pub(super) fn instantiate(origin: AccountId, code: &RawCode, what: &Code<'_>, balance_bytes: usize) -> Option<Vec<u8>> {
    let mut bytes = origin.0.encode();
    balance(0, balance_bytes, &mut bytes)?;
    NO_LIMITS.encode_to(&mut bytes);
    match what {
        Code::Upload(code) => (0_u8, code).encode_to(&mut bytes),
        Code::Existing(hash) => (1_u8, hash).encode_to(&mut bytes),
    }
    (&code.data, &code.salt).encode_to(&mut bytes);
    Some(bytes)
}

/// No limit of gas, no limit of deposit: an encoded `None` each.
const NO_LIMITS: [u8; 2] = [0, 0];

fn balance(amount: u128, bytes: usize, out: &mut Vec<u8>) -> Option<()> {
    let all = amount.to_le_bytes();
    let (used, rest) = all.split_at(bytes.min(16));
    out.extend_from_slice(used);
    rest.iter().all(|byte| *byte == 0).then_some(())
}

/// What a dry run came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome<T> {
    /// Gas that the call needs as its limit.
    pub(super) gas: Gas,
    /// Native tokens put down for new storage; negative when freed storage pays back.
    pub(super) deposit: i128,
    /// What was returned, or the runtime's error, encoded, with what comes after it.
    pub(super) result: Result<T, Vec<u8>>,
}

/// Answer of `ContractsApi_call`.
pub(super) fn called(bytes: &[u8], balance_bytes: usize) -> Result<Outcome<Returned>, Error> {
    outcome(bytes, balance_bytes, returned)
}

/// Answer of `ContractsApi_instantiate`: what the constructor returned, and the contract's address.
pub(super) fn instantiated(bytes: &[u8], balance_bytes: usize) -> Result<Outcome<(Returned, AccountId)>, Error> {
    outcome(bytes, balance_bytes, |input| Ok((returned(input)?, AccountId::from(<[u8; 32]>::decode(input)?))))
}

fn outcome<T>(
    mut bytes: &[u8],
    balance_bytes: usize,
    value: impl FnOnce(&mut &[u8]) -> Result<T, Error>,
) -> Result<Outcome<T>, Error> {
    let input = &mut bytes;
    let (_consumed, gas) = (weight(input)?, weight(input)?);
    let deposit = deposit(input, balance_bytes)?;
    let _debug_message = Vec::<u8>::decode(input)?;
    let result = match input.read_byte()? {
        0 => Ok(value(input)?),
        1 => Err(input.to_vec()),
        _ => return Err("neither a value nor an error".into()),
    };
    // Events may follow, which a dry run does not need.
    Ok(Outcome { gas, deposit, result })
}

fn weight(input: &mut &[u8]) -> Result<Gas, Error> {
    let (Compact(ref_time), Compact(proof_size)) = <(Compact<u64>, Compact<u64>)>::decode(input)?;
    Ok(Gas { ref_time, proof_size })
}

fn deposit(input: &mut &[u8], balance_bytes: usize) -> Result<i128, Error> {
    let charge = match input.read_byte()? {
        0 => false,
        1 => true,
        _ => return Err("neither a refund nor a charge".into()),
    };
    let amount = if balance_bytes == 8 { u64::decode(input)?.into() } else { u128::decode(input)? };
    let amount = i128::try_from(amount).map_err(|_| "a deposit above 2^127")?;
    Ok(if charge { amount } else { -amount })
}

fn returned(input: &mut &[u8]) -> Result<Returned, Error> {
    let (flags, data) = <(u32, Vec<u8>)>::decode(input)?;
    Ok(Returned { data, reverted: flags & REVERT != 0 })
}

/// Fee of an extrinsic, from the answer of `TransactionPaymentApi_query_info`: weight, class, fee.
pub(super) fn fee(mut bytes: &[u8], balance_bytes: usize) -> Result<u128, Error> {
    let input = &mut bytes;
    weight(input)?;
    input.read_byte()?;
    if balance_bytes == 8 { u64::decode(input).map(u128::from) } else { u128::decode(input) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use ink_sandbox::{Weight, pallet_contracts};
    use pallet_contracts::{ContractExecResult, ExecReturnValue, StorageDeposit};
    use proptest::{collection::vec, prelude::any, prop_assert_eq, proptest};

    fn pallet_s<B>(deposit: StorageDeposit<B>, reverted: bool, data: Vec<u8>) -> ContractExecResult<B, ()> {
        let flags = scale::DecodeAll::decode_all(&mut u32::from(reverted).to_le_bytes().as_slice()).unwrap();
        ContractExecResult {
            gas_consumed: Weight::from_parts(1, 2),
            gas_required: Weight::from_parts(u64::MAX, 70_000),
            storage_deposit: deposit,
            debug_message: b"hello".to_vec(),
            result: Ok(ExecReturnValue { flags, data }),
            events: None,
        }
    }

    #[test]
    fn the_pallet_s_own_results_are_understood() {
        let returned = Returned { data: vec![7; 90], reverted: true };
        let gas = Gas { ref_time: u64::MAX, proof_size: 70_000 };
        let wide = pallet_s(StorageDeposit::Charge(5_u128 << 70), true, vec![7; 90]).encode();
        let deposit = 5_i128 << 70;
        assert_eq!(called(&wide, 16), Ok(Outcome { gas, deposit, result: Ok(returned.clone()) }));
        let narrow = pallet_s(StorageDeposit::Refund(9_u64), true, vec![7; 90]).encode();
        assert_eq!(called(&narrow, 8), Ok(Outcome { gas, deposit: -9, result: Ok(returned) }));
    }

    #[test]
    fn an_amount_that_the_chain_cannot_hold_is_not_cut() {
        let contract = AccountId::from([1; 32]);
        let raw = RawCall { name: "token", contract, value: u128::from(u64::MAX), data: vec![] };
        assert_eq!(call(contract, &raw, 8).unwrap().len(), 32 + 32 + 8 + 2 + 1);
        assert_eq!(call(contract, &RawCall { value: 1 << 64, ..raw.clone() }, 8), None);
        assert_eq!(call(contract, &RawCall { value: 1 << 64, ..raw }, 16).unwrap().len(), 32 + 32 + 16 + 2 + 1);
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_decoders(bytes in vec(any::<u8>(), 0..300)) {
            for width in [8, 16] {
                let _ = called(&bytes, width);
                let _ = instantiated(&bytes, width);
                let _ = fee(&bytes, width);
            }
        }

        #[test]
        fn an_answer_that_was_cut_is_an_error(data in vec(any::<u8>(), 0..100), cut: proptest::sample::Index) {
            let bytes = pallet_s(StorageDeposit::Charge(3_u64), false, data.clone()).encode();
            // The last byte is the absent list of events, which is not read.
            let cut = cut.index(bytes.len() - 1);
            prop_assert_eq!(called(&bytes, 8).unwrap().result, Ok(Returned { data, reverted: false }));
            assert!(called(&bytes[..cut], 8).is_err());
        }
    }
}
