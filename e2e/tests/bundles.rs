//! The bundles on disk are what wallets, tools and chains expect: each is read back by the libraries that others use.
//!
//! They are made by `scripts/build`, which `scripts/test` runs before the tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use contract_metadata::ContractMetadata;
use contract_transcode::ContractMessageTranscoder;
use drink::{
    minimal::MinimalSandbox,
    session::{ContractBundle, Session},
};
use std::{
    collections::BTreeSet,
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
