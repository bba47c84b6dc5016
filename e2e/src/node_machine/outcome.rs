//! What a runtime says came of a call: the answer of a dry run, and a block's events.

use super::runtime::{Gas, Runtime};
use crate::machine::Emitted;
use frame_support::sp_runtime::DispatchError;
use ink::primitives::AccountId;
use scale::{Decode, DecodeAll};
use subxt::{
    OfflineClient,
    config::substrate::{SpecVersionForRange, SubstrateConfig, SubstrateConfigBuilder},
};

/// An answer, and whether the contract undid its changes; or the name of the error.
pub type Answer = Result<(Vec<u8>, bool), String>;

/// What a dry run found.
pub struct DryRun {
    /// What it consumed.
    pub consumed: Gas,
    /// What it must be allowed to consume.
    pub required: Gas,
    /// Storage deposit, negative where it is given back.
    pub deposit: i128,
    /// The answer, and the address of a contract deployed.
    pub answer: Answer,
    /// Where a contract was deployed.
    pub deployed: Option<AccountId>,
    /// Events of contracts.
    pub events: Vec<Emitted>,
}

/// What a block's transaction did.
#[derive(Debug)]
pub struct Sealed {
    /// What came of the call, or the name of its error.
    pub result: Result<(), String>,
    /// Events of contracts.
    pub events: Vec<Emitted>,
}

/// An event of a runtime: its pallet, its name, its fields, its topics.
type Event = (String, String, Vec<u8>, Vec<[u8; 32]>);

impl Runtime {
    /// Reads the outcome of a dry run, of a call or of a deployment. `earlier` events were there before.
    pub fn dry_run(&self, bytes: &[u8], deploys: bool, earlier: usize) -> DryRun {
        let input = &mut &bytes[..];
        let (consumed, required) = <(Gas, Gas)>::decode(input).expect("a dry run tells its gas");
        let given = u8::decode(input).expect("a dry run tells its deposit") == 1;
        let deposit = i128::try_from(self.amount(input)).expect("deposits are small");
        let _log = Vec::<u8>::decode(input).expect("a dry run has a log");
        let failed = u8::decode(input).expect("a dry run has a result") == 1;
        let mut deployed = None;
        let answer = if failed {
            Err(self.name(&DispatchError::decode(input).expect("errors have their type")))
        } else {
            let (flags, data) = <(u32, Vec<u8>)>::decode(input).expect("a contract answers flags and data");
            deployed = deploys.then(|| AccountId::decode(input).expect("a deployed contract has an address"));
            Ok((data, flags & 1 == 1))
        };
        let events = match u8::decode(input).expect("a dry run has events, or none") {
            0 => Vec::new(),
            _ => emitted(self.events(input).into_iter().skip(earlier)),
        };
        DryRun { consumed, required, deposit: if given { deposit } else { -deposit }, answer, deployed, events }
    }

    /// Reads what a block's one transaction, a call by the chain's sudo, did.
    pub fn sealed(&self, events: &[u8]) -> Sealed {
        let events = self.events(events);
        let done = |(pallet, name, ..): &&Event| pallet == "Sudo" && (name == "SudoAsDone" || name == "Sudid");
        let Some((_, _, result, _)) = events.iter().find(done) else { panic!("the transaction failed: {events:?}") };
        let result = Result::<(), DispatchError>::decode_all(&mut &result[..]).expect("errors have their type");
        Sealed { result: result.map_err(|error| self.name(&error)), events: emitted(events.into_iter()) }
    }

    /// How many events there are.
    pub fn count(&self, events: &[u8]) -> usize {
        self.events(events).len()
    }

    /// The name of an error: that of the pallet's error where it has one.
    fn name(&self, error: &DispatchError) -> String {
        let DispatchError::Module(error) = error else { return <&str>::from(*error).to_string() };
        let pallet = self.metadata.pallet_by_error_index(error.index).expect("the runtime has the pallet");
        pallet.error_variant_by_index(error.error[0]).expect("the pallet has the error").name.clone()
    }

    fn events(&self, bytes: &[u8]) -> Vec<Event> {
        let version =
            SpecVersionForRange { block_range: 0..1, spec_version: self.spec, transaction_version: self.transaction };
        let config = SubstrateConfigBuilder::new()
            .set_spec_version_for_block_ranges([version])
            .set_metadata_for_spec_versions([(self.spec, self.metadata.clone())])
            .build();
        let client = OfflineClient::<SubstrateConfig>::new_with_config(config).at_block(0_u64);
        let events = client.expect("the runtime is known").events().from_bytes(bytes.to_vec());
        let read = events.iter().map(|event| {
            let event = event.expect("events have their types");
            let topics = event.topics().iter().map(|topic| topic.0).collect();
            (event.pallet_name().to_string(), event.event_name().to_string(), event.field_bytes().to_vec(), topics)
        });
        read.collect()
    }
}

fn emitted(events: impl Iterator<Item = Event>) -> Vec<Emitted> {
    let of_contracts = events.filter(|(pallet, name, ..)| pallet == "Contracts" && name == "ContractEmitted");
    let read = of_contracts.map(|(_, _, fields, topics)| {
        let (contract, data) = <(AccountId, Vec<u8>)>::decode_all(&mut &fields[..]).expect("the event has its type");
        (contract, topics, data)
    });
    read.collect()
}
