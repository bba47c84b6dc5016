//! The bundles on disk are what wallets, tools and chains expect: each is read back by the libraries that others use.
//!
//! They are made by `scripts/build`, which `scripts/test` runs before the tests.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use contract_metadata::ContractMetadata;
use contract_transcode::ContractMessageTranscoder;
use drink::{
    minimal::MinimalSandbox,
    session::{ContractBundle, Session},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Code of a contract may take this many bytes on the strictest of the chains the suite is for.
const CODE_LIMIT: usize = 123 * 1024;

/// One bundle as read by `contract-metadata`.
struct Bundle {
    name: String,
    path: PathBuf,
    metadata: ContractMetadata,
}

impl Bundle {
    fn code(&self) -> &[u8] {
        &self.metadata.source.wasm.as_ref().expect("a bundle carries its code").0
    }
}

/// The bundle of every contract of the workspace.
fn bundles() -> Vec<Bundle> {
    // this program is <target folder>/<profile>/deps/<program>
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(3).unwrap().join("ink");
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("contracts");
    let mut bundles = Vec::new();
    for entry in fs::read_dir(contracts).unwrap() {
        let contract = entry.unwrap().path();
        let manifest = fs::read_to_string(contract.join("Cargo.toml")).unwrap_or_default();
        if !manifest.lines().any(|line| line.starts_with("ink-as-dependency")) {
            continue;
        }
        let name = contract.file_name().unwrap().to_string_lossy().into_owned();
        let path = folder.join(&name).with_extension("contract");
        let metadata = ContractMetadata::load(&path)
            .unwrap_or_else(|error| panic!("no usable bundle of {name}: {error}; run scripts/build"));
        bundles.push(Bundle { name, path, metadata });
    }
    assert!(!bundles.is_empty(), "no contract found");
    bundles
}

#[test]
fn bundles_state_what_tools_look_for() {
    for Bundle { name, path, metadata } in bundles() {
        assert_eq!(metadata.contract.name, name);
        assert!(!metadata.contract.authors.is_empty(), "{name} names no author");
        // the two values by which polkadot-js and Contracts UI choose their decoders
        assert_eq!(metadata.abi["version"], 5, "{name}");
        assert_eq!(metadata.source.language.to_string(), "ink! 5.1.1", "{name}");
        metadata.check_ink_compatibility().unwrap();

        let code = fs::read(path.with_extension("wasm")).unwrap();
        assert_eq!(
            Some(code),
            metadata.source.wasm.map(|wasm| wasm.0),
            "{name}.wasm is another code than the bundle's"
        );
        let plain = ContractMetadata::load(path.with_extension("json")).unwrap();
        assert_eq!(plain.source.wasm, None, "{name}.json is for reading: no code");
        assert_eq!((plain.source.hash, plain.abi), (metadata.source.hash, metadata.abi), "{name}.json");
    }
}

#[test]
fn a_chain_accepts_every_code_under_the_hash_that_its_bundle_states() {
    let mut session = Session::<MinimalSandbox>::default();
    for bundle in bundles() {
        let hash = session.upload_bundle(ContractBundle::load(&bundle.path).unwrap());
        let hash = hash.unwrap_or_else(|error| panic!("{} is rejected: {error:?}", bundle.name));
        assert_eq!(hash.as_ref(), bundle.metadata.source.hash.0, "{}", bundle.name);
    }
}

#[test]
fn every_code_fits_the_strictest_chain() {
    let over: Vec<_> = bundles().iter().filter(|b| b.code().len() > CODE_LIMIT).map(|b| b.name.clone()).collect();
    assert!(over.is_empty(), "over {CODE_LIMIT} bytes: {over:?}");
}

#[test]
fn messages_and_events_are_told_apart() {
    for Bundle { name, path, .. } in bundles() {
        let transcoder = ContractMessageTranscoder::load(&path).unwrap();
        let spec = transcoder.metadata().spec();
        assert!(!spec.constructors().is_empty(), "{name} cannot be instantiated");
        let selectors: BTreeSet<_> = spec.messages().iter().map(|message| message.selector().to_bytes()).collect();
        assert_eq!(selectors.len(), spec.messages().len(), "{name}: two messages share a selector");
        let topics: BTreeSet<_> = spec.events().iter().map(|event| format!("{:?}", event.signature_topic())).collect();
        assert_eq!(topics.len(), spec.events().len(), "{name}: two events share a signature topic");

        for message in spec.messages().iter().filter(|message| message.args().is_empty()) {
            let call = transcoder.encode(message.label(), [] as [&str; 0]).unwrap();
            assert_eq!(call, message.selector().to_bytes(), "{name}::{}", message.label());
        }
    }
}

#[test]
fn bundles_list_the_events_that_their_contracts_emit() {
    let listed: BTreeMap<_, BTreeSet<_>> = bundles()
        .into_iter()
        .map(|Bundle { name, metadata, .. }| {
            let events = metadata.abi["spec"]["events"].as_array().unwrap().clone();
            // An anonymous event cannot be told from another contract's, and is in each bundle.
            let own = events.into_iter().filter(|event| !event["signature_topic"].is_null());
            (name, own.map(|event| event["label"].as_str().unwrap().to_string()).collect())
        })
        .collect();
    let of = |name: &str| listed[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("token"), ["Approval", "CodeChanged", "Destroyed", "Issued", "IssuerSet", "Transfer"]);
    let incentive = ["BondChanged", "CodeChanged", "Paused", "SubnetActivated", "WeightsRevealed", "WeightsSet"];
    assert_eq!(of("incentive"), incentive);
    // Two events are of all contracts, or of all that can be paused; each other is of one.
    for event in listed.values().flatten() {
        let contracts = listed.values().filter(|events| events.contains(event)).count();
        let expected = match event.as_str() {
            "CodeChanged" => 6,
            "Paused" => 4,
            _ => 1,
        };
        assert_eq!(contracts, expected, "{event}");
    }
    // Nothing that the interface declares was dropped from all of them.
    let emitted: BTreeSet<_> = listed.values().flatten().collect();
    assert_eq!(emitted.len(), 51, "{emitted:?}");
}

/// Traits whose messages contracts send each other. Nobody fills in a form for them.
const BETWEEN_CONTRACTS: [&str; 3] = ["SubnetRegistry", "StakeLedger", "Payroll"];
/// Messages that a program sends: their hashes and salts must be computed, or they are for many subnets at once.
const BY_PROGRAM: [&str; 4] = ["reveal_weights", "reveal_weights_batch", "commit_weights_batch", "set_weights_batch"];

#[test]
fn contracts_ui_can_show_what_people_call() {
    let (mut excused, mut problems) = (BTreeSet::new(), Vec::new());
    for Bundle { name, metadata, .. } in bundles() {
        let (types, spec) = (&metadata.abi["types"], &metadata.abi["spec"]);
        let callables = ["constructors", "messages"].map(|kind| spec[kind].as_array().unwrap());
        for callable in callables.into_iter().flatten() {
            let label = callable["label"].as_str().unwrap();
            let docs = callable["docs"].as_array().unwrap();
            let said = docs.iter().any(|line| !line.as_str().unwrap().trim().is_empty());
            if !said {
                problems.push(format!("{name}: {label} has no documentation"));
            }
            if label.split_once("::").is_some_and(|(of, _)| BETWEEN_CONTRACTS.contains(&of)) {
                continue;
            }
            let arguments = callable["args"].as_array().unwrap();
            if arguments.iter().any(|argument| lists_records(types, &argument["type"]["type"])) {
                if !BY_PROGRAM.contains(&label) {
                    problems.push(format!("{name}: {label} takes a list of structs or tuples"));
                }
                excused.insert(label.to_string());
            }
        }
        let strings = paths_and_aliases(types).chain(paths_and_aliases(spec)).collect::<BTreeSet<_>>();
        // Its decoder takes a type with that word in its name for an account of another kind.
        let wrong = strings.iter().filter(|word| word.contains("Address"));
        problems.extend(wrong.map(|word| format!("{name}: a type is called {word}")));
    }
    let needless = BY_PROGRAM.iter().filter(|label| !excused.contains(**label));
    problems.extend(needless.map(|label| format!("{label} is excused and needs no excuse")));
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Whether a value of a type holds a list of structs or tuples. An account or a hash, a struct of bytes, is one value.
fn lists_records(types: &Value, id: &Value) -> bool {
    let ty = &types[usize::try_from(id.as_u64().unwrap()).unwrap()]["type"];
    let path: Vec<_> = ty["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if matches!(path[..], [.., "AccountId" | "Hash"]) {
        return false;
    }
    let def = &ty["def"];
    let item = [&def["sequence"]["type"], &def["array"]["type"]].into_iter().find(|item| !item.is_null());
    if let Some(item) = item {
        let inner = &types[usize::try_from(item.as_u64().unwrap()).unwrap()]["type"];
        let bytes = inner["path"].as_array().and_then(|path| path.last());
        let known = bytes.is_some_and(|name| name == "AccountId" || name == "Hash");
        let record = !inner["def"]["composite"].is_null() || !inner["def"]["tuple"].is_null();
        return (record && !known) || lists_records(types, item);
    }
    let fields = def["composite"]["fields"].as_array().into_iter().flatten();
    let variants = def["variant"]["variants"].as_array().into_iter().flatten();
    let of_variants = variants.flat_map(|variant| variant["fields"].as_array().into_iter().flatten());
    let tuple = def["tuple"].as_array().into_iter().flatten();
    fields.chain(of_variants).map(|field| &field["type"]).chain(tuple).any(|inner| lists_records(types, inner))
}

/// Every word of a type's path and of the name under which an argument, an answer or a field shows its type.
fn paths_and_aliases(value: &Value) -> Box<dyn Iterator<Item = String> + '_> {
    match value {
        Value::Object(map) => Box::new(map.iter().flat_map(|(key, inner)| {
            let own = inner.as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from);
            let typed = inner.as_str().map(String::from);
            match key.as_str() {
                "path" | "displayName" => Box::new(own) as Box<dyn Iterator<Item = String>>,
                "typeName" => Box::new(typed.into_iter()),
                _ => paths_and_aliases(inner),
            }
        })),
        Value::Array(items) => Box::new(items.iter().flat_map(paths_and_aliases)),
        _ => Box::new(std::iter::empty()),
    }
}
