//! `contracts/README.md` lists every message of every contract, and no error that the contract does not have.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_e2e::chain::bundle;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const CONTRACTS: [&str; 6] = ["token", "registry", "staking", "emission", "incentive", "governance"];

/// Names in backticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Of each contract's section: the errors that its table names, by message.
fn tables() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/README.md");
    let (mut tables, mut contract) = (BTreeMap::<_, BTreeMap<_, _>>::new(), None);
    for line in fs::read_to_string(readme).unwrap().lines() {
        if let Some(title) = line.strip_prefix("### ") {
            contract = Some(title.to_owned());
        }
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let ["", message, _, _, errors, _, ""] = cells[..] else { continue };
        if let (Some(contract), Some(message)) = (&contract, names(message).into_iter().next()) {
            tables.entry(contract.clone()).or_default().insert(message, names(errors));
        }
    }
    tables
}

fn labels<'a>(list: &'a Value, name: &'a str) -> impl Iterator<Item = String> + 'a {
    list.as_array().unwrap().iter().map(move |entry| entry[name].as_str().unwrap().to_owned())
}

#[test]
fn the_table_of_messages_is_that_of_the_contracts() {
    let tables = tables();
    for contract in CONTRACTS {
        let file = fs::read(bundle(contract).with_extension("json")).unwrap();
        let metadata: Value = serde_json::from_slice(&file).unwrap();
        let spec = &metadata["spec"];
        let real: BTreeSet<_> =
            labels(&spec["constructors"], "label").chain(labels(&spec["messages"], "label")).collect();
        let listed: BTreeSet<_> = tables[contract].keys().cloned().collect();
        assert_eq!(listed, real, "{contract}");

        let types = metadata["types"].as_array().unwrap();
        let is_error = |ty: &&Value| {
            ty["type"]["path"].as_array().is_some_and(|path| path.last().unwrap().as_str().unwrap().ends_with("Error"))
        };
        let variants: BTreeSet<_> = types
            .iter()
            .filter(is_error)
            .filter_map(|ty| ty["type"]["def"]["variant"].get("variants"))
            .flat_map(|variants| labels(variants, "name"))
            .collect();
        for (message, errors) in &tables[contract] {
            let unknown: Vec<_> = errors
                .iter()
                .filter(|name| name.starts_with(char::is_uppercase) && !variants.contains(*name))
                .collect();
            assert!(unknown.is_empty(), "{contract}: {message} has no errors {unknown:?}");
        }
    }
}
