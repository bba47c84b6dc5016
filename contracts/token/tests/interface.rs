//! The names by which wallets and indexers know a PSP22 token. A change here breaks them, whatever else passes.

use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, Event},
    primitives::AccountId,
};
use inktensor_primitives::psp22::{Approval, PSP22Error, PSP22Metadata, PSP22Permit, Transfer, PSP22};
use scale::Encode;

/// First four bytes of an encoded call.
macro_rules! selector {
    ($call:expr) => {
        <[u8; 4]>::try_from(&$call.params().exec_input().encode()[..4]).unwrap()
    };
}

#[test]
fn selectors_are_the_standards() {
    let someone = AccountId::from([0; 32]);
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = someone.into();
    let metadata: contract_ref!(PSP22Metadata, DefaultEnvironment) = someone.into();
    let mut permit: contract_ref!(PSP22Permit, DefaultEnvironment) = someone.into();
    let found = [
        selector!(token.call().total_supply()),
        selector!(token.call().balance_of(someone)),
        selector!(token.call().allowance(someone, someone)),
        selector!(token.call_mut().transfer(someone, 0, Vec::new())),
        selector!(token.call_mut().transfer_from(someone, someone, 0, Vec::new())),
        selector!(token.call_mut().approve(someone, 0)),
        selector!(token.call_mut().increase_allowance(someone, 0)),
        selector!(token.call_mut().decrease_allowance(someone, 0)),
        selector!(metadata.call().token_name()),
        selector!(metadata.call().token_symbol()),
        selector!(metadata.call().token_decimals()),
        selector!(permit.call_mut().permit(someone, someone, 0, 0, [0; 64])),
        selector!(permit.call().domain_separator()),
        selector!(permit.call().nonces(someone)),
    ];
    let standard: [u32; 14] = [
        0x162d_f8c2,
        0x6568_382f,
        0x4d47_d921,
        0xdb20_f9f5,
        0x54b3_c76e,
        0xb20f_1bbd,
        0x96d6_b57a,
        0xfecb_57d5,
        0x3d26_1bd4,
        0x3420_5be5,
        0x7271_b782,
        0x84d6_348f,
        0x02f6_3ac5,
        0x4f88_fa44,
    ];
    assert_eq!(found, standard.map(u32::to_be_bytes));
}

#[test]
fn event_topics_are_the_standards() {
    let hex = |topic: Option<[u8; 32]>| topic.unwrap().map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(hex(Transfer::SIGNATURE_TOPIC), "990df076cb1e9527aa102cd100c1481efe393eeabb5825f9af1f5e58221864de");
    assert_eq!(hex(Approval::SIGNATURE_TOPIC), "25cdb6c93882e925abbfc9a8b7c85884b73c038c03a2492f238a5e5ba3fbff8c");
}

#[test]
fn errors_keep_their_numbers() {
    let errors = [
        PSP22Error::Custom(String::new()),
        PSP22Error::InsufficientBalance,
        PSP22Error::InsufficientAllowance,
        PSP22Error::ZeroRecipientAddress,
        PSP22Error::ZeroSenderAddress,
        PSP22Error::SafeTransferCheckFailed(String::new()),
        PSP22Error::PermitInvalidSignature,
        PSP22Error::PermitExpired,
    ];
    assert_eq!(errors.map(|error| error.encode()[0]), [0, 1, 2, 3, 4, 5, 6, 7]);
}
