//! Who may call what, what it announces, and what each error stands for.

use ink::{
    env::{
        test::{self, DefaultAccounts},
        DefaultEnvironment,
    },
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    psp22::{PSP22Error, Transfer, PSP22},
    token::{Destroyed, Issuance, Issued, IssuerSet, TokenError},
    upkeep::{Upgradable, UpkeepError},
};
use scale::{Decode, Encode};
use token::Token;

const TAO: u128 = 1_000_000_000;
const CAP: u128 = 21_000_000 * TAO;
const SLOT_MS: u64 = 12_000;
const BEGIN_MS: u64 = 1_750_000_000_000;

fn accounts() -> DefaultAccounts<DefaultEnvironment> {
    test::default_accounts::<DefaultEnvironment>()
}

fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}

fn at(ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(ms);
}

/// The token of deployer Alice and governance Eve; Bob holds 100 TAO. The issuer is Frank, from [`BEGIN_MS`] on.
fn token() -> Token {
    at(BEGIN_MS - 3 * SLOT_MS);
    let mut token = Token::new(accounts().eve, accounts().bob, 100 * TAO).unwrap();
    at(BEGIN_MS);
    token.wire(accounts().frank).unwrap();
    token
}

/// The events since the last look, each as its encoding.
fn events(seen: usize) -> Vec<Vec<u8>> {
    test::recorded_events().skip(seen).map(|event| event.data).collect()
}

fn count() -> usize {
    test::recorded_events().count()
}

#[ink::test]
fn genesis_counts_as_issued_and_stays_below_the_cap() {
    let token = token();
    assert_eq!(token.total_supply(), 100 * TAO);
    assert_eq!(token.issuance(), 100 * TAO);
    assert_eq!(token.balance_of(accounts().bob), 100 * TAO);
    let genesis = Transfer { from: None, to: Some(accounts().bob), value: 100 * TAO };
    assert_eq!(events(0)[0], genesis.encode());
    for amount in [CAP + 1, u128::MAX] {
        assert_eq!(Token::new(accounts().eve, accounts().bob, amount).err(), Some(TokenError::CapExceeded));
    }
    assert!(Token::new(accounts().eve, accounts().bob, CAP).is_ok());
}

#[ink::test]
fn only_the_deployer_wires_and_only_once() {
    let mut token = Token::new(accounts().eve, accounts().bob, 0).unwrap();
    for stranger in [accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(token.wire(stranger), Err(TokenError::NotAuthorised));
    }
    assert_eq!(token.issuer(), None);
    call_as(accounts().alice);
    assert_eq!(token.wire(accounts().frank), Ok(()));
    assert_eq!(events(0).last().unwrap(), &IssuerSet { issuer: accounts().frank }.encode());
    assert_eq!(token.wire(accounts().alice), Err(TokenError::AlreadyWired));
    assert_eq!(token.issuer(), Some(accounts().frank));
}

#[ink::test]
fn only_governance_replaces_the_issuer() {
    let mut token = token();
    for stranger in [accounts().alice, accounts().frank] {
        call_as(stranger);
        assert_eq!(token.set_issuer(stranger), Err(TokenError::NotAuthorised));
    }
    call_as(accounts().eve);
    assert_eq!(token.governance(), Some(accounts().eve));
    assert_eq!(token.set_issuer(accounts().django), Ok(()));
    at(BEGIN_MS + SLOT_MS);
    call_as(accounts().frank);
    assert_eq!(token.issue(), Err(TokenError::NotIssuer));
    // A new issuer goes on where the old one stopped.
    call_as(accounts().django);
    assert_eq!(token.issue(), Ok(TAO));
}

#[ink::test]
fn what_governance_appoints_the_deployer_cannot_undo() {
    let mut token = Token::new(accounts().eve, accounts().bob, 0).unwrap();
    call_as(accounts().eve);
    assert_eq!(token.set_issuer(accounts().frank), Ok(()));
    call_as(accounts().alice);
    assert_eq!(token.wire(accounts().alice), Err(TokenError::AlreadyWired));
    assert_eq!(token.set_issuer(accounts().alice), Err(TokenError::NotAuthorised));
    assert_eq!(token.issuer(), Some(accounts().frank));
}

#[ink::test]
fn nobody_but_governance_exchanges_the_code() {
    let mut token = token();
    let seen = count();
    for stranger in [accounts().alice, accounts().bob, accounts().frank] {
        call_as(stranger);
        assert_eq!(token.set_code(Hash::from([1; 32])), Err(UpkeepError::NotGovernance));
    }
    assert_eq!(count(), seen);
}

#[ink::test]
fn nobody_but_the_issuer_issues() {
    let mut token = token();
    at(BEGIN_MS + 10 * SLOT_MS);
    for stranger in [accounts().alice, accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(token.issue(), Err(TokenError::NotIssuer));
    }
    assert_eq!((token.total_supply(), token.issuance()), (100 * TAO, 100 * TAO));
}

#[ink::test]
fn issues_whole_slots_since_wiring() {
    let mut token = token();
    call_as(accounts().frank);
    assert_eq!(token.issue(), Ok(0));
    at(BEGIN_MS + SLOT_MS - 1);
    assert_eq!(token.issue(), Ok(0));
    at(BEGIN_MS + 2 * SLOT_MS + 7);
    let seen = count();
    assert_eq!(token.issue(), Ok(2 * TAO));
    let until_ms = BEGIN_MS + 2 * SLOT_MS;
    assert_eq!(
        events(seen),
        [
            Transfer { from: None, to: Some(accounts().frank), value: 2 * TAO }.encode(),
            Issued { amount: 2 * TAO, issuance: 102 * TAO, until_ms }.encode(),
        ]
    );
    assert_eq!(token.balance_of(accounts().frank), 2 * TAO);
    let schedule = token.schedule();
    assert_eq!((schedule.rate, schedule.paid_until_ms), (1_000_000_000, until_ms));
    // The part of a slot that was left counts toward the next.
    at(schedule.next_due_ms);
    assert_eq!(token.issue(), Ok(TAO));
}

#[ink::test]
fn recycled_tokens_come_again_and_burned_ones_do_not() {
    let year_ms = 365 * 24 * 3_600_000;
    let mut token = Token::new(accounts().eve, accounts().bob, CAP).unwrap();
    token.wire(accounts().frank).unwrap();
    let issue = |token: &mut Token, ms| {
        at(ms);
        call_as(accounts().frank);
        token.issue().unwrap()
    };
    assert_eq!(issue(&mut token, year_ms), 0);
    call_as(accounts().bob);
    assert_eq!(token.burn(CAP / 4), Ok(()));
    assert_eq!(token.issuance(), CAP);
    assert_eq!(issue(&mut token, 2 * year_ms), 0);
    call_as(accounts().bob);
    let seen = count();
    assert_eq!(token.recycle(CAP / 4), Ok(()));
    assert_eq!(
        events(seen),
        [
            Transfer { from: Some(accounts().bob), to: None, value: CAP / 4 }.encode(),
            Destroyed { owner: accounts().bob, amount: CAP / 4, recycled: true }.encode(),
        ]
    );
    assert_eq!(token.total_supply(), CAP / 2);
    assert_eq!(token.issuance(), CAP - CAP / 4);
    // Half of the cap was not reached twice over: the second halving is where three quarters are issued.
    assert_eq!(token.schedule().rate, 250_000_000);
    assert_eq!(issue(&mut token, 2 * year_ms + SLOT_MS), 250_000_000);
}

#[ink::test]
fn time_at_the_cap_is_not_made_up_for() {
    let mut token = Token::new(accounts().eve, accounts().bob, CAP).unwrap();
    token.wire(accounts().frank).unwrap();
    // Nothing to issue, but the slots are spent: what is recycled after them starts no back pay.
    at(1_000_000 * SLOT_MS);
    call_as(accounts().frank);
    assert_eq!(token.issue(), Ok(0));
    assert_eq!(token.schedule().paid_until_ms, 1_000_000 * SLOT_MS);
    call_as(accounts().bob);
    token.recycle(CAP).unwrap();
    assert_eq!((token.total_supply(), token.issuance()), (0, 0));
    call_as(accounts().frank);
    assert_eq!(token.issue(), Ok(0));
    at(1_000_001 * SLOT_MS);
    assert_eq!(token.issue(), Ok(TAO));
}

#[ink::test]
fn nobody_destroys_more_than_they_hold() {
    let mut token = token();
    call_as(accounts().bob);
    let seen = count();
    for value in [100 * TAO + 1, u128::MAX] {
        assert_eq!(token.burn(value), Err(TokenError::InsufficientBalance));
        assert_eq!(token.recycle(value), Err(TokenError::InsufficientBalance));
    }
    assert_eq!(token.burn(0), Ok(()));
    assert_eq!(count(), seen);
    assert_eq!((token.total_supply(), token.issuance()), (100 * TAO, 100 * TAO));
}

#[ink::test]
fn transfers_announce_what_they_changed() {
    let mut token = token();
    let (bob, charlie) = (accounts().bob, accounts().charlie);
    call_as(bob);
    assert_eq!(token.transfer(charlie, 101 * TAO, Vec::new()), Err(PSP22Error::InsufficientBalance));
    assert_eq!(token.approve(charlie, 5), Ok(()));
    call_as(charlie);
    assert_eq!(token.transfer_from(bob, charlie, 6, Vec::new()), Err(PSP22Error::InsufficientAllowance));
    let seen = count();
    assert_eq!(token.transfer_from(bob, charlie, 5, Vec::new()), Ok(()));
    let announced = events(seen);
    assert_eq!(announced.len(), 2);
    let approval = inktensor_primitives::psp22::Approval::decode(&mut announced[0].as_slice()).unwrap();
    assert_eq!((approval.owner, approval.spender, approval.amount), (bob, charlie, 0));
    assert_eq!(announced[1], Transfer { from: Some(bob), to: Some(charlie), value: 5 }.encode());
}

#[ink::test]
fn an_empty_account_keeps_no_storage() {
    let mut token = token();
    let cells = || test::count_used_storage_cells::<DefaultEnvironment>(&test::callee::<DefaultEnvironment>()).unwrap();
    let before = cells();
    call_as(accounts().bob);
    token.approve(accounts().charlie, TAO).unwrap();
    token.transfer(accounts().charlie, TAO, Vec::new()).unwrap();
    assert_eq!(cells(), before + 2);
    call_as(accounts().charlie);
    token.transfer_from(accounts().bob, accounts().django, TAO, Vec::new()).unwrap();
    token.burn(TAO).unwrap();
    // Charlie's balance and allowance are gone, Django's balance came.
    assert_eq!(cells(), before + 1);
}
