//! The storage of every contract is laid out as it was when the snapshots in `tests/layouts/` were taken.
//!
//! Code is exchanged under the state that earlier code wrote. A key that moves or a value that reads differently loses
//! that state, so a change shows here first. One that is meant needs a migration (see `upgrade.rs`), and then
//! `UPDATE_SNAPSHOTS=1 cargo test -p inktensor-e2e --test layouts` takes the snapshots anew.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

const CONTRACTS: [&str; 6] = ["token", "registry", "staking", "emission", "incentive", "governance"];

/// Key of the cell that every message reads.
const ROOT: &str = "0x00000000";

/// The types of a contract's metadata.
struct Types(BTreeMap<u64, Value>);

impl Types {
    /// How values of a type are encoded, without names of types: what counts is what is read.
    fn shape(&self, id: &Value) -> String {
        let def = &self.0[&id.as_u64().unwrap()]["def"];
        let (kind, def) = def.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "primitive" => def.as_str().unwrap().to_owned(),
            "sequence" => format!("[{}]", self.shape(&def["type"])),
            "array" => format!("[{}; {}]", self.shape(&def["type"]), def["len"]),
            "tuple" => format!("({})", list(def, |id| self.shape(id))),
            "compact" => format!("compact {}", self.shape(&def["type"])),
            "composite" => self.fields(def),
            "variant" => {
                let variant = |v: &Value| format!("{} {}{}", v["index"], v["name"].as_str().unwrap(), self.fields(v));
                format!("<{}>", list(&def["variants"], variant))
            }
            other => panic!("a type of kind {other}"),
        }
    }

    fn fields(&self, def: &Value) -> String {
        let Some(fields) = def.get("fields") else { return String::new() };
        let field = |field: &Value| {
            let shape = self.shape(&field["type"]);
            field.get("name").map_or(shape.clone(), |name| format!("{}: {shape}", name.as_str().unwrap()))
        };
        match fields.as_array().map(Vec::as_slice) {
            Some([only]) if only.get("name").is_none() => self.shape(&only["type"]),
            _ => format!("{{{}}}", list(fields, field)),
        }
    }
}

fn list(items: &Value, show: impl Fn(&Value) -> String) -> String {
    items.as_array().unwrap().iter().map(show).collect::<Vec<_>>().join(", ")
}

/// One line for each storage key, in the order of keys: the key, and the shapes of what it is about. Of a mapping these
/// are key and value.
fn describe(metadata: &Value) -> String {
    let types = metadata["types"].as_array().unwrap().iter();
    let types = Types(types.map(|entry| (entry["id"].as_u64().unwrap(), entry["type"].clone())).collect());
    let mut cells = BTreeMap::new();
    collect(&metadata["storage"], &types, &mut cells);
    let mut text = String::new();
    for (key, shape) in cells {
        writeln!(text, "{key} {}", shape.trim_end()).unwrap();
    }
    text
}

fn collect(layout: &Value, types: &Types, cells: &mut BTreeMap<String, String>) {
    if let Some(root) = layout.get("root") {
        let key = root["root_key"].as_str().unwrap().to_owned();
        let parameters = &types.0[&root["ty"].as_u64().unwrap()]["params"];
        let named = |name: &str| parameters.as_array()?.iter().find(|parameter| parameter["name"] == name).cloned();
        let shape = |parameter: Value| types.shape(&parameter["type"]);
        let of = match (named("K"), named("V")) {
            (Some(of), Some(value)) => format!("{} -> {}", shape(of), shape(value)),
            (_, Some(value)) => shape(value),
            _ => types.shape(&root["ty"]),
        };
        if key != ROOT {
            assert!(cells.insert(key.clone(), of).is_none(), "two cells have the key {key}");
        }
        collect(&root["layout"], types, cells);
    }
    if let Some(fields) = layout.get("struct") {
        for field in fields["fields"].as_array().unwrap() {
            collect(&field["layout"], types, cells);
            // What has no key of its own lies in the root cell.
            if let Some(shape) = inline(&field["layout"], types) {
                let root = cells.entry(ROOT.to_owned()).or_default();
                *root = format!("{root}{}: {shape} ", field["name"].as_str().unwrap());
            }
        }
    }
}

/// The shape of a value that lies in the root cell; none of one that has a cell of its own, or of what is inside one.
fn inline(layout: &Value, types: &Types) -> Option<String> {
    let (kind, of) = layout.as_object()?.iter().next()?;
    match kind.as_str() {
        "leaf" if of["key"] == ROOT => Some(types.shape(&of["ty"])),
        "enum" if of["dispatchKey"] == ROOT => {
            let variants = of["variants"].as_object()?.iter();
            let variant = |(index, v): (&String, &Value)| {
                format!("{index} {}{}", v["name"].as_str().unwrap(), inline_fields(v, types).unwrap_or_default())
            };
            Some(format!("<{}>", variants.map(variant).collect::<Vec<_>>().join(", ")))
        }
        "struct" => inline_fields(of, types),
        _ => None,
    }
}

fn inline_fields(of: &Value, types: &Types) -> Option<String> {
    let fields = of["fields"].as_array()?.iter();
    let shapes: Vec<_> = fields
        .filter_map(|field| Some(format!("{}: {}", field["name"].as_str()?, inline(&field["layout"], types)?)))
        .collect();
    (!shapes.is_empty()).then(|| format!("{{{}}}", shapes.join(", ")))
}

#[test]
fn storage_is_laid_out_as_pinned() {
    for contract in CONTRACTS {
        let metadata = fs::read(inktensor_e2e::chain::bundle(contract).with_extension("json")).unwrap();
        let found = describe(&serde_json::from_slice(&metadata).unwrap());
        assert!(!found.is_empty(), "{contract} stores nothing");
        let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts").join(contract).with_extension("txt");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&pinned, &found).unwrap();
        }
        let expected = fs::read_to_string(&pinned).unwrap_or_default();
        assert_eq!(found, expected, "the storage of {contract} has changed: see the top of tests/layouts.rs");
    }
}
