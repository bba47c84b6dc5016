//! Measures messages: sends them to the chain and writes down what each consumed.

use contract_metadata::ContractMetadata;
use ink::{LangError, primitives::AccountId};
use inktensor_e2e::{Chain, Message, chain::bundle, machine::Called};
use scale::{Decode, DecodeAll, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// A message measured.
#[derive(Clone, Debug)]
pub struct Row {
    /// `contract::message`.
    pub name: String,
    /// Size of the input, or what else tells this call from others of the message.
    pub n: String,
    /// Computation that the call consumed, in ps of the reference machine; the extrinsic's base is not in it.
    pub ref_time: u64,
    /// State that a proof of the call would hold, in bytes.
    pub proof_size: u64,
    /// Storage deposit that the caller paid, in the chain's smallest unit; negative where it got some back.
    pub deposit: i128,
    /// Fee of a transaction with this message alone, in the chain's smallest unit; none where the runtime knows no fees.
    pub fee: Option<u128>,
}

/// A message as its contract's metadata tells of it.
#[derive(Clone)]
struct Label {
    name: String,
    mutates: bool,
}

/// What has been measured on one chain.
pub struct Meter {
    labels: BTreeMap<(AccountId, [u8; 4]), Label>,
    /// The measurements, in their order.
    pub rows: Vec<Row>,
}

impl Meter {
    /// A meter that knows these contracts: each the name of its bundle and its address.
    pub fn new(contracts: &[(&str, AccountId)]) -> Self {
        let mut meter = Self { labels: BTreeMap::new(), rows: Vec::new() };
        for (name, address) in contracts {
            meter.know(name, *address);
        }
        meter
    }

    /// Makes known one more contract.
    pub fn know(&mut self, contract: &str, address: AccountId) {
        for (selector, label) in messages(contract) {
            self.labels.insert((address, selector), label);
        }
    }

    /// Sends a message as account `who` and writes down what it consumed; `n` tells this call from others of the message.
    ///
    /// # Panics
    /// If the message is refused: what a refusal costs says nothing of the message.
    pub fn call<A: Encode, R: Decode>(
        &mut self,
        chain: &mut Chain,
        who: AccountId,
        n: &str,
        message: Message<A, R>,
    ) -> R {
        let params = message.params();
        let (address, data) = (*params.callee(), params.exec_input().encode());
        let label = data.get(..4).and_then(|selector| self.labels.get(&(address, selector.try_into().ok()?)));
        let Label { name, .. } = label.cloned().expect("the meter knows the contract");
        let answer =
            chain.send(who, address, data.clone()).unwrap_or_else(|error| panic!("{name} ({n}) was not run: {error}"));
        assert!(!chain.refused(), "{name} ({n}) was refused: {:?}", chain.last.answer);
        let Called { ref_time, proof_size, deposit, .. } = chain.last;
        let fee = chain.fee(address, &data);
        self.rows.push(Row { name, n: n.to_string(), ref_time, proof_size, deposit, fee });
        let answer = Result::<R, LangError>::decode_all(&mut &answer[..]).expect("the answer has its type");
        answer.expect("the contract knows the message")
    }
}

/// Names of all messages of a contract that change something.
pub fn changing(contract: &str) -> BTreeSet<String> {
    messages(contract).filter(|(_, label)| label.mutates).map(|(_, label)| label.name).collect()
}

/// Messages of a contract by selector, from its bundle. A message of a trait goes by its name without the trait's.
fn messages(contract: &str) -> impl Iterator<Item = ([u8; 4], Label)> {
    let path = bundle(contract);
    let metadata = ContractMetadata::load(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let listed = metadata.abi["spec"]["messages"].as_array().expect("metadata lists messages").clone();
    let contract = contract.trim_end_matches("_peer").to_string();
    listed.into_iter().map(move |message| {
        let text = |key: &str| message[key].as_str().expect("messages have labels and selectors").to_string();
        let selector = u32::from_str_radix(text("selector").trim_start_matches("0x"), 16).expect("selectors are hex");
        let label = text("label");
        let name = format!("{contract}::{}", label.rsplit("::").next().unwrap_or(&label));
        (selector.to_be_bytes(), Label { name, mutates: message["mutates"] == true })
    })
}
