//! The token on a chain: what the schedule issues, to whom, and what a refusal leaves.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, call::FromAccountId},
    primitives::AccountId,
};
use inktensor_e2e::{BUDGET, Chain, TAO, account};
use inktensor_primitives::{
    psp22::{PSP22, PSP22Error, PSP22Metadata},
    token::{Issuance, TokenError},
};
use token::TokenRef;

const SLOT_MS: u64 = 12_000;
const GENESIS: u128 = 1_000 * TAO;

/// The token alone; governance and issuer are plain accounts, so that tests can act as them.
struct Network {
    chain: Chain,
    token: TokenRef,
    address: AccountId,
    deployer: AccountId,
    governance: AccountId,
    issuer: AccountId,
    holder: AccountId,
}

impl Network {
    fn new() -> Self {
        let mut chain = Chain::new();
        let (deployer, governance, issuer, holder) = (account(1), account(2), account(3), account(10));
        let address = chain.deploy(deployer, "token", (governance, holder, GENESIS));
        let mut token = TokenRef::from_account_id(address);
        assert_eq!(chain.call(deployer, token.call_mut().wire(issuer)), Ok(()));
        Self { chain, token, address, deployer, governance, issuer, holder }
    }

    fn psp22(&self) -> contract_ref!(PSP22, DefaultEnvironment) {
        self.address.into()
    }

    fn issuance(&self) -> contract_ref!(Issuance, DefaultEnvironment) {
        self.address.into()
    }

    fn issue(&mut self, who: AccountId) -> Result<u128, TokenError> {
        let mut token = self.issuance();
        self.chain.call(who, token.call_mut().issue())
    }

    fn balance(&mut self, who: AccountId) -> u128 {
        let token = self.psp22();
        self.chain.call(who, token.call().balance_of(who))
    }

    /// Supply and issuance.
    fn issued(&mut self) -> (u128, u128) {
        let (token, issuance) = (self.psp22(), self.issuance());
        let supply = self.chain.call(self.holder, token.call().total_supply());
        (supply, self.chain.call(self.holder, issuance.call().issuance()))
    }
}

#[test]
fn time_issues_to_the_issuer_alone() {
    let mut network = Network::new();
    network.chain.advance(10 * SLOT_MS + 1);
    for stranger in [network.deployer, network.governance, network.holder] {
        assert_eq!(network.issue(stranger), Err(TokenError::NotIssuer));
    }
    assert_eq!(network.issued(), (GENESIS, GENESIS));
    assert_eq!(network.issue(network.issuer), Ok(10 * TAO));
    assert!(network.chain.consumed() < BUDGET / 50);
    assert_eq!(network.issue(network.issuer), Ok(0));
    assert_eq!(network.issued(), (GENESIS + 10 * TAO, GENESIS + 10 * TAO));
    assert_eq!(network.balance(network.issuer), 10 * TAO);
}

#[test]
fn a_century_without_a_call_ends_at_the_cap() {
    let mut network = Network::new();
    let year_ms = 365 * 24 * 3_600_000;
    let mut issued = GENESIS;
    for _ in 0..8 {
        network.chain.advance(100 * year_ms / 8);
        issued += network.issue(network.issuer).unwrap();
        // Every halving on the way is one step, so a long wait costs no more than a short one.
        assert!(network.chain.consumed() < BUDGET / 50);
    }
    assert_eq!(network.issued(), (issued, issued));
    assert!(issued < 21_000_000 * TAO && issued > 20_990_000 * TAO, "{issued}");
}

#[test]
fn recycling_is_issued_again_and_burning_is_not() {
    let mut network = Network::new();
    let mut token = network.token.clone();
    let mut issuance = network.issuance();
    assert_eq!(network.chain.call(network.holder, token.call_mut().burn(TAO)), Ok(()));
    assert_eq!(network.issued(), (GENESIS - TAO, GENESIS));
    assert_eq!(network.chain.call(network.holder, issuance.call_mut().recycle(2 * TAO)), Ok(()));
    assert_eq!(network.issued(), (GENESIS - 3 * TAO, GENESIS - 2 * TAO));
    let too_much = network.balance(network.holder) + 1;
    assert_eq!(
        network.chain.call(network.holder, token.call_mut().burn(too_much)),
        Err(TokenError::InsufficientBalance)
    );
    assert_eq!(network.issued(), (GENESIS - 3 * TAO, GENESIS - 2 * TAO));
}

#[test]
fn a_refused_transfer_costs_neither_balance_nor_allowance() {
    let mut network = Network::new();
    let (holder, spender, friend) = (network.holder, account(11), account(12));
    let mut token = network.psp22();
    network.chain.call(holder, token.call_mut().approve(spender, u128::MAX)).unwrap();
    let refused = network.chain.call(spender, token.call_mut().transfer_from(holder, friend, GENESIS + 1, Vec::new()));
    assert_eq!(refused, Err(PSP22Error::InsufficientBalance));
    assert_eq!(network.chain.call(holder, token.call().allowance(holder, spender)), u128::MAX);
    assert_eq!(network.balance(holder), GENESIS);
    let moved = network.chain.call(spender, token.call_mut().transfer_from(holder, friend, TAO, b"memo".to_vec()));
    assert_eq!(moved, Ok(()));
    println!("transfer_from: {} ref_time", network.chain.consumed());
    assert!(network.chain.consumed() < BUDGET / 50);
    assert_eq!((network.balance(holder), network.balance(friend)), (GENESIS - TAO, TAO));
    assert_eq!(network.chain.call(holder, token.call().allowance(holder, spender)), u128::MAX - TAO);
}

#[test]
fn strangers_appoint_no_issuer() {
    let mut network = Network::new();
    let mut token = network.token.clone();
    let stranger = account(13);
    assert_eq!(network.chain.call(stranger, token.call_mut().wire(stranger)), Err(TokenError::NotAuthorised));
    assert_eq!(network.chain.call(network.deployer, token.call_mut().wire(stranger)), Err(TokenError::AlreadyWired));
    assert_eq!(network.chain.call(stranger, token.call_mut().set_issuer(stranger)), Err(TokenError::NotAuthorised));
    assert_eq!(network.chain.call(network.governance, token.call_mut().set_issuer(stranger)), Ok(()));
    network.chain.advance(SLOT_MS);
    assert_eq!(network.issue(network.issuer), Err(TokenError::NotIssuer));
    assert_eq!(network.issue(stranger), Ok(TAO));
}

#[test]
fn wallets_see_tao_with_nine_decimals() {
    let mut network = Network::new();
    let token: contract_ref!(PSP22Metadata, DefaultEnvironment) = network.address.into();
    let name = network.chain.call(network.holder, token.call().token_name());
    let symbol = network.chain.call(network.holder, token.call().token_symbol());
    let decimals = network.chain.call(network.holder, token.call().token_decimals());
    assert_eq!((name.as_deref(), symbol.as_deref(), decimals), (Some("TAO"), Some("TAO"), 9));
}
