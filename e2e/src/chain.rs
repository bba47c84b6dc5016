//! A chain on which the suite's contracts run as they were built: bundles from `$CARGO_TARGET_DIR/ink`.
//!
//! `INKTENSOR_RUNTIME` chooses what it runs on: drink's runtime (not set), one with the balances and limits of Bittensor's
//! chain (`u64`), or a node of the chain's own, like contracts-node (`node`) or like Bittensor's (`node-bittensor`).

use crate::{
    devnode::Profile,
    machine::{Called, Machine},
    narrow::NarrowSandbox,
    node_machine::NodeMachine,
    prices,
};
use contract_metadata::ContractMetadata;
use drink::minimal::MinimalSandbox;
use ink::{
    LangError,
    env::{
        DefaultEnvironment, Event,
        call::{
            ExecutionInput,
            utils::{ReturnType, Set},
        },
    },
    primitives::{AccountId, Hash},
};
use scale::{Decode, DecodeAll, Encode};
use std::path::PathBuf;

/// Rao of one TAO.
pub const TAO: u128 = 1_000_000_000;
/// Milliseconds of a day.
pub const DAY: u64 = 24 * 3_600 * 1_000;
/// Chain time at first, in ms: after that of a node's genesis.
const BEGIN: u64 = 21_000 * DAY;
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
    machine: Box<dyn Machine>,
    now_ms: u64,
    /// What came of the last message.
    pub last: Called,
}

/// An account by number. Each has the chain's own tokens for deposits.
pub fn account(number: u8) -> AccountId {
    [number; 32].into()
}

/// Selector and arguments of a message, as a proposal holds them.
pub fn input<A: Encode, R>(message: Message<A, R>) -> Vec<u8> {
    message.params().exec_input().encode()
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl Chain {
    /// A chain without contracts, as `INKTENSOR_RUNTIME` says.
    pub fn new() -> Self {
        match std::env::var("INKTENSOR_RUNTIME").as_deref() {
            Ok("u64" | prices::TODAY | prices::TWICE) => Self::narrow(),
            Ok("node") => Self::on(Box::new(NodeMachine::start(Profile::Contracts))),
            Ok("node-bittensor") => Self::on(Box::new(NodeMachine::start(Profile::Bittensor))),
            Ok(other) => panic!("INKTENSOR_RUNTIME is {other}: u64, node and node-bittensor are known"),
            Err(_) => Self::on(Box::new(MinimalSandbox::default())),
        }
    }

    /// A chain without contracts that has the balances and limits of Bittensor's and the prices of today.
    pub fn narrow() -> Self {
        Self::on(Box::new(NarrowSandbox::default()))
    }

    fn on(machine: Box<dyn Machine>) -> Self {
        let last =
            Called { answer: Err("none yet".into()), ref_time: 0, proof_size: 0, deposit: 0, events: Vec::new() };
        let mut chain = Self { machine, now_ms: BEGIN, last };
        chain.advance(0);
        chain
    }

    /// Chain time in ms.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Lets time pass.
    pub fn advance(&mut self, ms: u64) {
        self.now_ms += ms;
        self.machine.set_time(self.now_ms);
    }

    /// Root of the whole state, events apart: two states with one root are the same.
    pub fn root(&mut self) -> Vec<u8> {
        self.machine.root()
    }

    /// Gives an account the chain's own tokens for deposits, if it has few. Whoever sends a message gets them first.
    pub fn fund(&mut self, who: AccountId) {
        self.machine.fund(who);
    }

    /// Deploys a contract of the suite by its constructor `new` with a tuple of arguments, as account `who`.
    pub fn deploy(&mut self, who: AccountId, name: &str, arguments: impl Encode) -> AccountId {
        self.deploy_code(who, code(name), arguments)
    }

    /// Deploys code by its constructor `new` with a tuple of arguments, as account `who`.
    pub fn deploy_code(&mut self, who: AccountId, code: Vec<u8>, arguments: impl Encode) -> AccountId {
        let data = [&ink::selector_bytes!("new")[..], &arguments.encode()].concat();
        self.machine.fund(who);
        // The salt keeps two contracts of one code apart.
        let salt = self.now_ms.to_le_bytes().to_vec();
        self.advance(1);
        let deployed = self.machine.deploy(who, code, data, salt);
        deployed.unwrap_or_else(|error| panic!("not deployed: {error}"))
    }

    /// Uploads code without deploying it, and returns its hash.
    pub fn upload(&mut self, who: AccountId, code: Vec<u8>) -> Hash {
        self.machine.fund(who);
        self.machine.upload(who, code).unwrap_or_else(|error| panic!("not uploaded: {error}"))
    }

    /// Sends a message as account `who` and returns what it answers.
    pub fn call<A: Encode, R: Decode>(&mut self, who: AccountId, message: Message<A, R>) -> R {
        let params = message.params();
        let answer = self.send(who, *params.callee(), params.exec_input().encode());
        let answer = answer.unwrap_or_else(|error| panic!("the message was not run: {error}"));
        let answer = Result::<R, LangError>::decode_all(&mut &answer[..]).expect("the answer has its type");
        answer.expect("the contract knows the message")
    }

    /// Sends encoded input as account `who`: what the contract answers, or why it gave no answer.
    pub fn send(&mut self, who: AccountId, contract: AccountId, data: Vec<u8>) -> Result<Vec<u8>, String> {
        self.machine.fund(who);
        self.last = self.machine.call(who, contract, data);
        self.last.answer.clone().map(|(data, _)| data)
    }

    /// Whether the last message was refused: the contract answered an error, or nothing.
    pub fn refused(&self) -> bool {
        !matches!(self.last.answer, Ok((_, false)))
    }

    /// What the last message consumed, in ref_time.
    pub fn consumed(&self) -> u64 {
        self.last.ref_time
    }

    /// Fee of a transaction with a message that came to what the last came to, in the chain's smallest unit; none where the
    /// runtime knows no fees.
    pub fn fee(&mut self, contract: AccountId, data: &[u8]) -> Option<u128> {
        self.machine.fee(contract, data, &self.last)
    }

    /// Events of one type that the last message emitted, wherever in the suite.
    pub fn events<T: Event + Decode>(&self) -> Vec<T> {
        let of_type = |topics: &[[u8; 32]]| topics.first().copied() == T::SIGNATURE_TOPIC;
        let events = self.last.events.iter().filter(|(_, topics, _)| of_type(topics));
        events.map(|(_, _, data)| T::decode_all(&mut &data[..]).expect("the event has its type")).collect()
    }
}

/// The Wasm of a contract of the suite.
pub fn code(name: &str) -> Vec<u8> {
    let path = bundle(name);
    let bundle = ContractMetadata::load(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. Build the contracts first: scripts/build", path.display()));
    bundle.source.wasm.expect("a bundle holds the code").0
}

/// Where the bundle of a contract lies.
pub fn bundle(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"));
    target.join("ink").join(name.replace('-', "_")).with_extension("contract")
}
