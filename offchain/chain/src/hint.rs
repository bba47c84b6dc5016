//! Hints for people, taken from where the errors are defined.
//!
//! The docs of an error's variant say what to do about it. SCALE type information carries them, so there is no second
//! table to keep in step.

use scale::{Decode, Encode};
use scale_info::{TypeDef, TypeInfo};
use std::fmt::Debug;

/// What the errors of contracts have in common.
pub trait ContractError: Decode + Encode + Debug + TypeInfo + 'static {}

impl<E: Decode + Encode + Debug + TypeInfo + 'static> ContractError for E {}

/// The docs of the variant that an error is, and of the errors inside it: "The token refused the transfer. The sender
/// holds less than the amount."
pub(crate) fn of_error<E: ContractError>(error: &E) -> String {
    let mut kind = E::type_info();
    let mut hint = Vec::new();
    // An enum's encoding is the number of its variant, then the fields: with one field, the next byte is that field's.
    for index in error.encode() {
        let TypeDef::Variant(variants) = &kind.type_def else { break };
        let Some(variant) = variants.variants.iter().find(|variant| variant.index == index) else { break };
        hint.extend(variant.docs.iter().map(|line| line.trim()));
        let [field] = variant.fields.as_slice() else { break };
        kind = field.ty.type_info();
    }
    hint.join(" ")
}

/// What to do about an error of the contracts pallet or the runtime.
pub(crate) fn of_dispatch(name: &str) -> &'static str {
    match name {
        "OutOfGas" => "the message does not fit into a block, or the gas limit was set too low",
        "ContractTrapped" => "the contract stopped: a defect, or arguments it cannot decode",
        "ContractNotFound" => "no contract has this address on this chain: check the deployment file",
        "ContractReverted" => "the contract refused and undid its changes",
        "StorageDepositLimitExhausted" => "the message stores more than its deposit limit allows",
        "StorageDepositNotEnoughFunds" => "the signer needs native tokens for the storage deposit",
        "TransferFailed" | "FundsUnavailable" => "the signer holds too few native tokens",
        "DuplicateContract" => "this contract is deployed already: choose another salt",
        "CodeTooLarge" | "CodeRejected" => "the chain does not take this code: rebuild the bundles by scripts/build",
        "CodeNotFound" => "the contract's code is not on this chain: deploy it first",
        "MaxCallDepthReached" => "the contracts call each other deeper than this chain allows",
        "ReentranceDenied" => "a contract was called back while it waited for an answer",
        "Payment" => "the signer needs native tokens for the fee",
        "Stale" => "another program sends with the same key: give each its own",
        "BadProof" => "the chain changed its rules while the call was signed: send it again",
        "AncientBirthBlock" => "the node lies far behind the others: use another",
        "TooLowPriority" => "another call of the same key waits in the node's pool: try again later",
        "ExhaustsResources" => "the message does not fit into a block",
        "Call" | "CallFiltered" => "this chain does not let everybody call contracts",
        _ => "the chain's runtime refused the call",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inktensor_primitives::{incentive::IncentiveError, psp22::PSP22Error};

    #[test]
    fn a_hint_is_the_documentation_of_the_error() {
        assert_eq!(of_error(&IncentiveError::EpochNotDue), "The epoch is not over. `next_epoch_ms` tells when.");
    }

    #[test]
    fn a_nested_error_adds_its_own() {
        let hint = of_error(&IncentiveError::Transfer(PSP22Error::InsufficientBalance));
        assert!(hint.ends_with("The sender holds less than the amount."), "{hint}");
        assert!(hint.starts_with("The token refused the transfer of a bond."), "{hint}");
    }
}
