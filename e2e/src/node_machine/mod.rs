//! The machine that is a real node: every message is a transaction in a block of its own.
//!
//! Tests speak as accounts whose keys nobody has, so `//Alice` sends each call in their name by `sudo_as`. What a message
//! answers, no block tells: a dry run on the state before does. Both are held against each other, message by message:
//! error, events, and the deposit against what the caller's balance really lost.

mod outcome;
mod runtime;
#[cfg(test)]
mod tests;

use crate::{
    devnode::{Clock, DevNode, Options, Profile, Seal},
    machine::{Called, Machine},
};
use ink::primitives::{AccountId, Hash};
use inktensor_chain::Keypair;
use outcome::{DryRun, Sealed};
use runtime::{Gas, Runtime, address, hex, metadata, unhex};
use scale::{Compact, Decode, Encode};
use serde_json::{Value, json};
use sp_io::hashing::{blake2_128, blake2_256, twox_128};
use std::collections::BTreeMap;

/// The chain's own coins that an account has after it was funded, in the smallest unit: enough for any deposits.
const PLENTY: u128 = 1_000_000_000_000_000;
/// What the call around a message may consume, beside the message.
const AROUND: u64 = 5_000_000_000;
/// Keys that one request may list.
const PAGE: usize = 1_000;
/// Roots of the contracts' own tries.
const TRIES: &[u8] = b":child_storage:default:";

/// A node with its chain, and what has been done on it.
pub struct NodeMachine {
    node: DevNode,
    runtime: Runtime,
    alice: Keypair,
    nonce: u32,
    /// The best block.
    head: String,
    /// Free coins of accounts as they were last seen.
    coins: BTreeMap<AccountId, u128>,
}

impl NodeMachine {
    /// Starts a node whose clock stands still.
    pub fn start(profile: Profile) -> Self {
        let options = Options { profile, seal: Seal::Manual, clock: Clock::Manual, ..Options::default() };
        let node = DevNode::start(options).unwrap_or_else(|error| panic!("{error}"));
        let ask = |method: &str| node.rpc(method, json!([])).unwrap_or_else(|error| panic!("{error}"));
        let version = ask("state_getRuntimeVersion");
        let number = |name: &str| version[name].as_u64().and_then(|number| u32::try_from(number).ok());
        let genesis = node.rpc("chain_getBlockHash", json!([0])).unwrap_or_else(|error| panic!("{error}"));
        let runtime = Runtime {
            metadata: metadata(&bytes(&ask("state_getMetadata"))),
            wide: profile == Profile::Contracts,
            genesis: bytes(&genesis).try_into().expect("a hash has 32 bytes"),
            spec: number("specVersion").expect("a runtime has a version"),
            transaction: number("transactionVersion").expect("a runtime has a version"),
        };
        let (alice, head) = (Keypair::from_name("Alice"), text(&genesis));
        Self { node, runtime, alice, nonce: 0, head, coins: BTreeMap::new() }
    }

    fn rpc(&self, method: &str, params: Value) -> Value {
        self.node.rpc(method, params).unwrap_or_else(|error| panic!("{error}\n{}", self.node.log()))
    }

    /// Values of keys at the best block.
    fn read(&self, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        let keys: Vec<_> = keys.iter().map(|key| hex(key)).collect();
        let answer = self.rpc("state_queryStorageAt", json!([keys, self.head]));
        let changes = answer[0]["changes"].as_array().expect("a node answers every key");
        let found: BTreeMap<_, _> = changes.iter().map(|change| (change[0].as_str(), &change[1])).collect();
        keys.iter().map(|key| found[&Some(key.as_str())].as_str().map(unhex)).collect()
    }

    /// All keys that begin like this, at the best block.
    fn keys(&self, prefix: &[u8]) -> Vec<Vec<u8>> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        loop {
            let last = keys.last().map(|key| hex(key));
            let page = self.rpc("state_getKeysPaged", json!([hex(prefix), PAGE, last, self.head]));
            let page = page.as_array().expect("a node answers keys");
            keys.extend(page.iter().map(bytes));
            if page.len() < PAGE {
                return keys;
            }
        }
    }

    /// Events of the best block, and an account's free coins.
    fn events_and_coins(&self, who: AccountId) -> (Vec<u8>, u128) {
        let values = self.read(&[item("System", "Events"), account_key(who)]);
        let [events, account] = <[_; 2]>::try_from(values).expect("two keys have two values");
        (events.unwrap_or_default(), account.map_or(0, |account| self.free(&account)))
    }

    /// Free coins of an account as the chain holds it: after four counters.
    fn free(&self, account: &[u8]) -> u128 {
        self.runtime.amount(&mut &account[16..])
    }

    /// Runs a function of the runtime on the state of the best block.
    fn ask(&self, function: &str, arguments: &[u8]) -> Vec<u8> {
        bytes(&self.rpc("state_call", json!([function, hex(arguments), self.head])))
    }

    /// Has a call run in a block of its own.
    fn seal(&mut self, call: &[u8]) {
        let transaction = self.runtime.signed(&self.alice, self.nonce, call);
        self.rpc("author_submitExtrinsic", json!([hex(&transaction)]));
        self.nonce += 1;
        let block = self.rpc("engine_createBlock", json!([false, true, null]));
        self.head = text(&block["hash"]);
    }

    /// Has a call run in the name of an account; what came of it, and what the account has then.
    fn seal_as(&mut self, who: AccountId, call: &[u8]) -> (Sealed, u128) {
        let call = self.runtime.call("Sudo", "sudo_as", &[&address(who).encode(), call].concat());
        self.seal(&call);
        let (events, coins) = self.events_and_coins(who);
        self.coins.insert(who, coins);
        (self.runtime.sealed(&events), coins)
    }

    /// The most that a message may consume.
    fn limit(&self) -> Gas {
        let most = self.runtime.most_gas();
        Gas { ref_time: most.ref_time - AROUND, proof_size: most.proof_size - AROUND }
    }

    /// What a message would do on the state of the best block, and what its sender has there.
    fn dry_run(&self, who: AccountId, contract: AccountId, data: &[u8]) -> (DryRun, u128) {
        let (events, coins) = self.events_and_coins(who);
        let arguments = [(who, contract).encode(), self.bounds(), data.encode()].concat();
        let found = self.ask("ContractsApi_call", &arguments);
        (self.runtime.dry_run(&found, false, self.runtime.count(&events)), coins)
    }

    /// What every dry run is told: no coins with the call, how much it may consume, no limit of deposits.
    fn bounds(&self) -> Vec<u8> {
        [self.runtime.zero(), Some(self.limit()).encode(), vec![0]].concat()
    }

    /// A transaction's call of a message.
    fn message(&self, contract: AccountId, gas: Gas, data: &[u8]) -> Vec<u8> {
        let arguments = (address(contract), Compact(0_u128), gas, None::<Compact<u128>>, data).encode();
        self.runtime.call("Contracts", "call", &arguments)
    }
}

impl Machine for NodeMachine {
    fn set_time(&mut self, ms: u64) {
        self.head = text(&self.rpc("dev_setTime", json!([ms])));
    }

    fn fund(&mut self, who: AccountId) {
        let plenty = if self.runtime.wide { PLENTY * 1_000 } else { PLENTY };
        if self.coins.get(&who).is_some_and(|coins| *coins >= plenty / 10) {
            return;
        }
        let give = (address(who), Compact(plenty)).encode();
        let give = self.runtime.call("Balances", "force_set_balance", &give);
        let give = self.runtime.call("Sudo", "sudo", &give);
        self.seal(&give);
        let (events, coins) = self.events_and_coins(who);
        assert_eq!((self.runtime.sealed(&events).result, coins), (Ok(()), plenty), "coins are given");
        self.coins.insert(who, coins);
    }

    fn upload(&mut self, who: AccountId, code: Vec<u8>) -> Result<Hash, String> {
        let call = self.runtime.call("Contracts", "upload_code", &(&code, None::<Compact<u128>>, 0_u8).encode());
        let (sealed, _) = self.seal_as(who, &call);
        sealed.result.map(|()| blake2_256(&code).into())
    }

    fn deploy(&mut self, who: AccountId, code: Vec<u8>, data: Vec<u8>, salt: Vec<u8>) -> Result<AccountId, String> {
        let arguments = [who.encode(), self.bounds(), (0_u8, &code, &data, &salt).encode()].concat();
        let dry = self.runtime.dry_run(&self.ask("ContractsApi_instantiate", &arguments), true, 0);
        let arguments = (Compact(0_u128), dry.required, None::<Compact<u128>>, code, data, salt).encode();
        let call = self.runtime.call("Contracts", "instantiate_with_code", &arguments);
        let (sealed, _) = self.seal_as(who, &call);
        agree(&dry, &sealed);
        match dry.answer? {
            (answer, true) => Err(format!("the constructor refused: {answer:?}")),
            (_, false) => Ok(dry.deployed.expect("a deployed contract has an address")),
        }
    }

    fn call(&mut self, who: AccountId, contract: AccountId, data: Vec<u8>) -> Called {
        let (dry, before) = self.dry_run(who, contract, &data);
        let message = self.message(contract, dry.required, &data);
        let (sealed, after) = self.seal_as(who, &message);
        agree(&dry, &sealed);
        if sealed.result.is_ok() {
            assert_eq!(sealed.events, dry.events, "a block has the events that the dry run foretold");
            assert_eq!(before as i128 - after as i128, dry.deposit, "the caller pays the deposit, and nothing else");
        }
        Called {
            answer: dry.answer,
            ref_time: dry.consumed.ref_time,
            proof_size: dry.consumed.proof_size,
            deposit: dry.deposit,
            events: sealed.events,
        }
    }

    fn root(&mut self) -> Vec<u8> {
        let code = item("Contracts", "PristineCode");
        let alice = account_key(self.alice.account());
        let prefixes = [TRIES.to_vec(), twox_128(b"Contracts").to_vec(), twox_128(b"Balances").to_vec()];
        let mut keys: Vec<_> = prefixes.iter().flat_map(|prefix| self.keys(prefix)).collect();
        // Code is filed under its hash.
        keys.retain(|key| !key.starts_with(&code));
        keys.extend(self.keys(&item("System", "Account")).into_iter().filter(|key| *key != alice));
        keys.push(item("Timestamp", "Now"));
        let values = self.read(&keys);
        blake2_256(&(keys, values, self.keys(&code)).encode()).to_vec()
    }

    fn fee(&mut self, contract: AccountId, data: &[u8], called: &Called) -> Option<u128> {
        // The chain gives back the fee of what a message was allowed to consume and did not.
        let gas = Gas { ref_time: called.ref_time, proof_size: called.proof_size };
        let transaction = self.runtime.signed(&self.alice, self.nonce, &self.message(contract, gas, data));
        let length = u32::try_from(transaction.len()).expect("transactions are short");
        let info = self.ask("TransactionPaymentApi_query_info", &[transaction, length.encode()].concat());
        let input = &mut &info[..];
        let _weight_and_class = <(Gas, u8)>::decode(input).expect("a fee comes with a weight");
        Some(self.runtime.amount(input))
    }
}

/// Panics unless a block did what the dry run foretold.
fn agree(dry: &DryRun, sealed: &Sealed) {
    let foretold = match &dry.answer {
        Ok((_, false)) => Ok(()),
        Ok((_, true)) => Err("ContractReverted".to_string()),
        Err(error) => Err(error.clone()),
    };
    assert_eq!(sealed.result, foretold, "a block does what the dry run foretold, which answered {:?}", dry.answer);
}

/// Key of a storage item, or what its keys begin with.
fn item(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

fn account_key(who: AccountId) -> Vec<u8> {
    let who: &[u8] = who.as_ref();
    [&item("System", "Account")[..], &blake2_128(who), who].concat()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a node answers text").to_string()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex(&text(value))
}
