//! Every error that a contract can answer is provoked by some test: a variant that none names is dead, or untested.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use contract_metadata::ContractMetadata;
use inktensor_e2e::chain::bundle;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The contracts.
const SUITE: [&str; 6] = ["token", "registry", "staking", "emission", "incentive", "governance"];
/// Variants that the PSP22 standard lists and the token never answers.
const STANDARD: [&str; 4] = [
    "PSP22Error::Custom",
    "PSP22Error::ZeroRecipientAddress",
    "PSP22Error::ZeroSenderAddress",
    "PSP22Error::SafeTransferCheckFailed",
];

#[test]
fn every_error_has_a_test() {
    let variants: BTreeSet<String> = SUITE.iter().flat_map(|contract| errors(contract)).collect();
    assert!(variants.contains("RegistryError::UnknownSubnet"), "the metadata tells of errors");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut tests: Vec<_> =
        sources(&root.join("e2e/tests")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for contract in fs::read_dir(root.join("contracts")).unwrap() {
        tests.extend(tests_of(&contract.unwrap().path()));
    }
    let named: Vec<_> = tests.iter().map(|test| names(test)).collect();
    let tested = |variant: &str| named.iter().any(|names| names_variant(names, variant));
    let missing: Vec<_> =
        variants.iter().filter(|variant| !tested(variant) && !STANDARD.contains(&variant.as_str())).collect();
    assert!(missing.is_empty(), "{} of {} errors without a test: {missing:#?}", missing.len(), variants.len());
}

#[test]
fn only_tests_count() {
    let source = "\
fn f() { Err(E::Shipped) }
#[cfg(test)]
mod tests {
    // E::Remarked
    fn g() {
        assert_eq!(f(), Err(E::Tested));
    }
}
fn h() { Err(E::AlsoShipped) }
";
    let named = names(&inline_tests(source));
    assert!(names_variant(&named, "E::Tested"));
    for not in ["E::Shipped", "E::AlsoShipped", "E::Remarked", "E::Test"] {
        assert!(!names_variant(&named, not), "{not}");
    }
    let imported = names("use errors::{E::*, Other}; assert_eq!(f(), Err(Tested));");
    assert!(names_variant(&imported, "E::Tested") && !names_variant(&imported, "F::Tested"));
    assert_eq!(test_files("#[cfg(test)]\nmod checks;\nmod shipped;\n"), ["checks"]);
}

/// The variants of all errors of the project in a contract's metadata, as `Enum::Variant`.
fn errors(contract: &str) -> Vec<String> {
    let path = bundle(contract);
    let metadata = ContractMetadata::load(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. Build the contracts first: scripts/build", path.display()));
    let mut found = Vec::new();
    for entry in metadata.abi["types"].as_array().unwrap() {
        let path: Vec<_> = entry["type"]["path"].as_array().into_iter().flatten().filter_map(|p| p.as_str()).collect();
        let (Some(&"inktensor_primitives"), Some(name)) = (path.first(), path.last()) else { continue };
        if name.ends_with("Error") {
            let variants = entry["type"]["def"]["variant"]["variants"].as_array().unwrap();
            found.extend(variants.iter().map(|variant| format!("{name}::{}", variant["name"].as_str().unwrap())));
        }
    }
    found
}

/// All that is a test in a crate: its folder `tests`, its test modules in files of their own, and those within files.
fn tests_of(package: &Path) -> Vec<String> {
    let source = sources(&package.join("src"));
    let texts: Vec<_> = source.iter().map(|file| (file, fs::read_to_string(file).unwrap())).collect();
    let own: BTreeSet<_> = texts.iter().flat_map(|(_, text)| test_files(text)).collect();
    // A module `m` lies in `m.rs`, or in the folder `m`.
    let whole =
        |file: &Path| file.with_extension("").iter().any(|part| own.contains(part.to_str().unwrap_or_default()));
    let inside = texts.iter().map(|(file, text)| if whole(file) { text.clone() } else { inline_tests(text) });
    let beside = sources(&package.join("tests")).into_iter().map(|file| fs::read_to_string(file).unwrap());
    inside.chain(beside).collect()
}

/// Modules that a file declares for tests only, to lie in files of their own.
fn test_files(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    declared.filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';')).collect()
}

/// The test modules within a file. The end of a module is the brace that stands where its first line stands.
fn inline_tests(text: &str) -> String {
    let (mut tests, mut end) = (String::new(), None);
    let lines: Vec<_> = text.lines().collect();
    for pair in lines.windows(2) {
        let line = pair[1];
        if end.as_deref() == Some(line) {
            end = None;
        }
        if end.is_some() {
            tests.push_str(line);
            tests.push('\n');
        } else if pair[0].trim() == "#[cfg(test)]" && line.trim().starts_with("mod ") && line.ends_with('{') {
            end = Some(format!("{}}}", &line[..line.len() - line.trim_start().len()]));
        }
    }
    tests
}

/// Whether a test names the variant `E::V`: by this name, or as `V` where it imports `E::*`.
fn names_variant(names: &BTreeSet<String>, variant: &str) -> bool {
    let (of, bare) = variant.split_once("::").expect("variants have the name of their enum");
    names.contains(variant) || (names.contains(&format!("{of}::*")) && names.contains(bare))
}

/// Every `a` and every `A::B` in a text, comments left out.
fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for word in line.split(|c: char| !c.is_alphanumeric() && !"_:*".contains(c)) {
            let parts: Vec<_> = word.split("::").collect();
            names.extend(parts.windows(2).map(|pair| pair.join("::")));
            names.extend(parts.iter().map(|part| part.to_string()));
        }
    }
    names
}

/// All Rust files below a folder, which need not be.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
