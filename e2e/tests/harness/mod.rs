//! A chain in memory on which the suite's contracts run as they were built: bundles from `$CARGO_TARGET_DIR/ink`.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use contract_metadata::ContractMetadata;
use drink::{
    AccountId32, Weight,
    minimal::MinimalSandbox,
    pallet_contracts::Determinism,
    sandbox_api::{balance_api::BalanceAPI, contracts_api::ContractAPI, timestamp_api::TimestampAPI},
};
use ink::{
    LangError,
    env::{
        DefaultEnvironment,
        call::{
            ExecutionInput,
            utils::{ReturnType, Set},
        },
    },
    primitives::AccountId,
};
use scale::{Decode, DecodeAll, Encode};
use std::path::PathBuf;

/// Rao of one TAO.
pub const TAO: u128 = 1_000_000_000;
/// Milliseconds of a day.
pub const DAY: u64 = 24 * 3_600 * 1_000;
/// What one message may cost in ref_time on any contracts chain.
pub const BUDGET: u64 = 200_000_000_000;

/// A message with its arguments and the type of its answer, as a contract's call builder makes it.
pub type Message<A, R> = ink::env::call::CallBuilder<
    DefaultEnvironment,
    Set<ink::env::call::Call<DefaultEnvironment>>,
    Set<ExecutionInput<A>>,
    Set<ReturnType<R>>,
>;

/// A chain.
pub struct Chain {
    sandbox: MinimalSandbox,
    now_ms: u64,
    /// What the last call consumed, in ref_time.
    pub consumed: u64,
}

/// An account by number. Each has the chain's own tokens for deposits.
pub fn account(number: u8) -> AccountId {
    [number; 32].into()
}

/// Selector and arguments of a message, as a proposal holds them.
pub fn input<A: Encode, R>(message: Message<A, R>) -> Vec<u8> {
    message.params().exec_input().encode()
}

impl Chain {
    /// A chain without contracts.
    pub fn new() -> Self {
        let mut chain = Self { sandbox: MinimalSandbox::default(), now_ms: 1_000 * DAY, consumed: 0 };
        chain.advance(0);
        chain
    }

    /// Lets time pass.
    pub fn advance(&mut self, ms: u64) {
        self.now_ms += ms;
        self.sandbox.set_timestamp(self.now_ms);
    }

    /// Deploys a contract by its constructor `new` with a tuple of arguments, as account `who`.
    pub fn deploy(&mut self, who: AccountId, name: &str, arguments: impl Encode) -> AccountId {
        let data = [&ink::selector_bytes!("new")[..], &arguments.encode()].concat();
        self.fund(who);
        // The salt keeps two contracts of one code apart.
        let salt = self.now_ms.to_le_bytes().to_vec();
        self.now_ms += 1;
        let deployed = self.sandbox.deploy_contract(code(name), 0, data, salt, native(who), Weight::MAX, None);
        let outcome = deployed.result.unwrap_or_else(|error| panic!("{name} was not deployed: {error:?}"));
        assert!(!outcome.result.did_revert(), "the constructor of {name} refused: {:?}", outcome.result.data);
        let address: &[u8; 32] = outcome.account_id.as_ref();
        AccountId::from(*address)
    }

    /// Sends a message as account `who` and returns what it answers.
    pub fn call<A: Encode, R: Decode>(&mut self, who: AccountId, message: Message<A, R>) -> R {
        let params = message.params();
        let callee = native(*params.callee());
        let data = params.exec_input().encode();
        self.fund(who);
        let called = self.sandbox.call_contract(callee, 0, data, native(who), Weight::MAX, None, Determinism::Enforced);
        self.consumed = called.gas_consumed.ref_time();
        let answer = called.result.unwrap_or_else(|error| panic!("the message was not run: {error:?}"));
        let answer = Result::<R, LangError>::decode_all(&mut &answer.data[..]).expect("the answer has its type");
        answer.expect("the contract knows the message")
    }

    fn fund(&mut self, who: AccountId) {
        let who = native(who);
        if self.sandbox.free_balance(&who) < 1_000_000_000_000 {
            self.sandbox.mint_into(&who, 1_000_000_000_000_000).unwrap();
        }
    }
}

fn native(account: AccountId) -> AccountId32 {
    let bytes: &[u8; 32] = account.as_ref();
    AccountId32::new(*bytes)
}

fn code(name: &str) -> Vec<u8> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"));
    let path = target.join("ink").join(name).with_extension("contract");
    let bundle = ContractMetadata::load(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. Build the contracts first: scripts/build", path.display()));
    bundle.source.wasm.expect("a bundle holds the code").0
}
