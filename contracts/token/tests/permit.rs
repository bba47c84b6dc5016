//! A permit works once, for what its owner signed, and for nobody and nothing else.

use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::psp22::{Approval, PSP22Error, PSP22Permit, PSP22};
use proptest::prelude::*;
use scale::Encode;
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey, SecretKey};
use token::Token;

const TAO: u128 = 1_000_000_000;
const NOW_MS: u64 = 1_750_000_000_000;
const INVALID: Result<(), PSP22Error> = Err(PSP22Error::PermitInvalidSignature);

/// What a wallet puts together by hand; [`Form::sign`] spells the bytes, with no help from the contract's code.
#[derive(Clone, Copy)]
struct Form {
    domain: [u8; 32],
    owner: AccountId,
    spender: AccountId,
    value: u128,
    deadline: u64,
    nonce: u64,
}

impl Form {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.domain.to_vec();
        bytes.extend(AsRef::<[u8; 32]>::as_ref(&self.owner));
        bytes.extend(AsRef::<[u8; 32]>::as_ref(&self.spender));
        bytes.extend(self.value.to_le_bytes());
        bytes.extend(self.deadline.to_le_bytes());
        bytes.extend(self.nonce.to_le_bytes());
        bytes
    }

    fn sign(&self, key: &Keypair) -> [u8; 64] {
        sign(key, &self.bytes())
    }

    /// Hands the form in as it stands; domain and nonce reach the contract by the signature only.
    fn present(&self, token: &mut Token, signature: [u8; 64]) -> Result<(), PSP22Error> {
        token.permit(self.owner, self.spender, self.value, self.deadline, signature)
    }
}

fn sign(key: &Keypair, bytes: &[u8]) -> [u8; 64] {
    key.sign_simple(b"substrate", bytes).to_bytes()
}

fn key(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32]).unwrap().expand_to_keypair(ExpansionMode::Ed25519)
}

fn account(key: &Keypair) -> AccountId {
    AccountId::from(key.public.to_bytes())
}

fn at(ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(ms);
}

/// A token of which `holder` has 100 TAO, deployed now. The caller of everything is neither holder nor spender.
fn deploy(holder: AccountId) -> Token {
    at(NOW_MS);
    let accounts = test::default_accounts::<DefaultEnvironment>();
    test::set_caller::<DefaultEnvironment>(accounts.alice);
    Token::new(accounts.eve, holder, 100 * TAO).unwrap()
}

/// A permit of `owner` for 5 TAO, valid for a minute.
fn form(token: &Token, owner: &Keypair) -> Form {
    Form {
        domain: token.domain_separator(),
        owner: account(owner),
        spender: AccountId::from([9; 32]),
        value: 5 * TAO,
        deadline: NOW_MS + 60_000,
        nonce: 0,
    }
}

/// What a refusal must leave as it was.
fn state(token: &Token, form: &Form) -> (u128, u64, usize, usize) {
    let cells = test::count_used_storage_cells::<DefaultEnvironment>(&test::callee::<DefaultEnvironment>()).unwrap();
    (token.allowance(form.owner, form.spender), token.nonces(form.owner), cells, test::recorded_events().count())
}

#[ink::test]
fn anyone_hands_in_what_the_owner_signed() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = form(&token, &owner);
    let seen = test::recorded_events().count();
    assert_eq!(form.present(&mut token, form.sign(&owner)), Ok(()));
    assert_eq!((token.allowance(form.owner, form.spender), token.nonces(form.owner)), (5 * TAO, 1));
    let announced: Vec<_> = test::recorded_events().skip(seen).map(|event| event.data).collect();
    assert_eq!(announced, [Approval { owner: form.owner, spender: form.spender, amount: 5 * TAO }.encode()]);
    // The allowance is one like any other.
    test::set_caller::<DefaultEnvironment>(form.spender);
    assert_eq!(token.transfer_from(form.owner, form.spender, 5 * TAO, Vec::new()), Ok(()));
    assert_eq!(token.balance_of(form.spender), 5 * TAO);
}

#[ink::test]
fn the_form_of_browser_wallets_counts_as_well() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = form(&token, &owner);
    let wrap = |head: &[u8], tail: &[u8]| [head, &form.bytes(), tail].concat();
    for other in [wrap(b"<Bytes>", b""), wrap(b"", b"</Bytes>"), wrap(b"<bytes>", b"</bytes>")] {
        assert_eq!(form.present(&mut token, sign(&owner, &other)), INVALID);
    }
    assert_eq!(form.present(&mut token, sign(&owner, &wrap(b"<Bytes>", b"</Bytes>"))), Ok(()));
    assert_eq!(token.allowance(form.owner, form.spender), 5 * TAO);
}

#[ink::test]
fn a_permit_works_once() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = form(&token, &owner);
    let signature = form.sign(&owner);
    form.present(&mut token, signature).unwrap();
    let before = state(&token, &form);
    assert_eq!(form.present(&mut token, signature), INVALID);
    assert_eq!(state(&token, &form), before);
}

#[ink::test]
fn permits_work_in_the_order_of_their_nonces() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let first = form(&token, &owner);
    let second = Form { value: 7, nonce: 1, ..first };
    let cancelled = Form { value: 0, ..first };
    assert_eq!(second.present(&mut token, second.sign(&owner)), INVALID);
    // Two permits of one nonce: the one that comes first voids the other.
    assert_eq!(cancelled.present(&mut token, cancelled.sign(&owner)), Ok(()));
    assert_eq!(first.present(&mut token, first.sign(&owner)), INVALID);
    assert_eq!(second.present(&mut token, second.sign(&owner)), Ok(()));
    assert_eq!((token.allowance(first.owner, first.spender), token.nonces(first.owner)), (7, 2));
    // Nonces are each owner's own.
    assert_eq!(token.nonces(first.spender), 0);
}

#[ink::test]
fn a_permit_ends_with_its_deadline() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = form(&token, &owner);
    let before = state(&token, &form);
    at(form.deadline + 1);
    assert_eq!(form.present(&mut token, form.sign(&owner)), Err(PSP22Error::PermitExpired));
    assert_eq!(state(&token, &form), before);
    at(form.deadline);
    assert_eq!(form.present(&mut token, form.sign(&owner)), Ok(()));
}

#[ink::test]
fn nobody_signs_for_another() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = form(&token, &owner);
    let before = state(&token, &form);
    for signature in [form.sign(&key(2)), [0; 64], [0xff; 64]] {
        assert_eq!(form.present(&mut token, signature), INVALID);
    }
    assert_eq!(state(&token, &form), before);
}

#[ink::test]
fn nobody_signs_for_the_account_of_zeros() {
    // The secret zero belongs to the public key of zeros, so that anybody has its signature.
    let secret = SecretKey::from_bytes(&[0; 64]).unwrap();
    let nobody = Keypair { public: secret.to_public(), secret };
    assert_eq!(account(&nobody), AccountId::from([0; 32]));
    let mut token = deploy(account(&nobody));
    let form = form(&token, &nobody);
    let signature = form.sign(&nobody);
    assert!(nobody
        .public
        .verify_simple(b"substrate", &form.bytes(), &schnorrkel::Signature::from_bytes(&signature).unwrap())
        .is_ok());
    assert_eq!(form.present(&mut token, signature), INVALID);
    assert_eq!(token.allowance(form.owner, form.spender), 0);
}

#[ink::test]
fn a_permit_is_for_one_contract_on_one_chain() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let here = form(&token, &owner);
    // The same token at the same address, deployed a block or a moment later: another chain.
    let mut domains = vec![here.domain];
    test::advance_block::<DefaultEnvironment>();
    at(NOW_MS);
    domains.push(Token::new(here.owner, here.owner, 0).unwrap().domain_separator());
    at(NOW_MS + 1);
    domains.push(Token::new(here.owner, here.owner, 0).unwrap().domain_separator());
    // Another address on the same chain.
    test::set_callee::<DefaultEnvironment>(AccountId::from([7; 32]));
    domains.push(Token::new(here.owner, here.owner, 0).unwrap().domain_separator());
    for (number, domain) in domains.iter().enumerate() {
        assert!(!domains[..number].contains(domain));
    }
    token = deploy(here.owner);
    assert_eq!(here.present(&mut token, here.sign(&owner)), INVALID);
}

#[ink::test]
fn the_domain_is_what_the_documentation_says() {
    let mut permits = token::permit::Permits::default();
    permits.open(AccountId::from([7; 32]), 5, NOW_MS);
    let hex = permits.domain().map(|byte| format!("{byte:02x}")).concat();
    // blake2b-256 of `TAO permit v1`, the address, the block as u32 and the time as u64, little endian; computed apart.
    assert_eq!(hex, "8854ce65afd82a30a50baf27a4584a22df6ada8447648f737ae85ee7db40f4a7");
}

#[ink::test]
fn a_permit_for_oneself_changes_no_allowance() {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let form = Form { spender: account(&owner), ..form(&token, &owner) };
    let seen = test::recorded_events().count();
    assert_eq!(form.present(&mut token, form.sign(&owner)), Ok(()));
    assert_eq!((token.allowance(form.owner, form.spender), token.nonces(form.owner)), (0, 1));
    assert_eq!(test::recorded_events().count(), seen);
}

proptest! {
    /// Whatever is signed, it permits exactly that: one bit more or less in any field, and the signature is worth nothing.
    #[test]
    fn a_signature_is_for_its_fields_alone(
        value: u128,
        after_ms in 0..=u64::MAX - NOW_MS,
        spender: [u8; 32],
        bit in 0..1024_usize,
        wrapped: bool,
    ) {
        let mut verdict = Ok(());
        test::run_test::<DefaultEnvironment, _>(|_| {
            verdict = altered(value, NOW_MS + after_ms, spender.into(), bit, wrapped);
            Ok(())
        })
        .unwrap();
        verdict?;
    }
}

fn altered(value: u128, deadline: u64, spender: AccountId, bit: usize, wrapped: bool) -> Result<(), TestCaseError> {
    let owner = key(1);
    let mut token = deploy(account(&owner));
    let signed = Form { value, deadline, spender, ..form(&token, &owner) };
    let mut bytes = signed.bytes();
    prop_assert_eq!(bytes.len(), 128);
    bytes[bit / 8] ^= 1 << (bit % 8);
    let envelope = |bytes: &[u8]| if wrapped { [b"<Bytes>", bytes, b"</Bytes>"].concat() } else { bytes.to_vec() };
    // A message that differs in one bit does not stand for this permit, ...
    prop_assert_eq!(signed.present(&mut token, sign(&owner, &envelope(&bytes))), INVALID);
    // ... nor does the signature for other values, as far as the call can state them, ...
    let array = |from: usize| <[u8; 32]>::try_from(&bytes[from..from + 32]).unwrap();
    let other = Form {
        domain: array(0),
        owner: array(32).into(),
        spender: array(64).into(),
        value: u128::from_le_bytes(bytes[96..112].try_into().unwrap()),
        deadline: u64::from_le_bytes(bytes[112..120].try_into().unwrap()),
        nonce: u64::from_le_bytes(bytes[120..].try_into().unwrap()),
    };
    let signature = sign(&owner, &envelope(&signed.bytes()));
    let stated = (32..120).contains(&(bit / 8));
    if stated {
        let refused = other.present(&mut token, signature);
        let late = Err(PSP22Error::PermitExpired);
        prop_assert!(refused == INVALID || (other.deadline < NOW_MS && refused == late), "{:?}", refused);
    }
    prop_assert_eq!(token.nonces(signed.owner), 0);
    // ... but it does for these.
    prop_assert_eq!(signed.present(&mut token, signature), Ok(()));
    prop_assert_eq!(token.nonces(signed.owner), 1);
    Ok(())
}
