//! What is no evaluator is refused before or after it is compiled, and is told why.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::fs;

use inktensor_encode::{EncodeError, build, component};

#[test]
fn a_folder_without_a_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(build(folder.path()), Err(EncodeError::File { .. })));
    fs::create_dir_all(folder.path().join("one/src")).unwrap();
    fs::write(folder.path().join("one/src/lib.rs"), "").unwrap();
    fs::write(folder.path().join("one/Cargo.toml"), "[package]\nname = \"one\"\n").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nresolver = \"2\"\nmembers = [\"one\"]\n").unwrap();
    assert!(matches!(build(folder.path()), Err(EncodeError::NoPackage(_))));
    fs::write(folder.path().join("Cargo.toml"), "[package\n").unwrap();
    assert!(matches!(build(folder.path()), Err(EncodeError::Manifest(_))));
}

#[test]
fn a_crate_that_exports_nothing_is_told_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    write("Cargo.toml", "[package]\nname = \"nothing\"\nedition = \"2024\"\n\n[workspace]\n");
    let panics = "#[panic_handler]\nfn panic(_: &core::panic::PanicInfo<'_>) -> ! {\n    loop {}\n}\n";
    write("src/lib.rs", &format!("#![no_std]\n\n{panics}"));
    let said = build(folder.path()).unwrap_err();
    assert!(matches!(said, EncodeError::Encode { .. }), "{said:?}");
    assert!(said.to_string().contains("nothing is no evaluator") && said.to_string().contains("export!"), "{said}");
    write("src/lib.rs", "#![no_std]\n\nfn broken( {}\n");
    assert!(matches!(build(folder.path()), Err(EncodeError::Compile { .. })));
}

#[test]
fn a_module_without_a_world_is_refused() {
    assert!(matches!(component("empty", b"\0asm\x01\0\0\0"), Err(EncodeError::Encode { .. })));
    assert!(matches!(component("text", b"text"), Err(EncodeError::Encode { .. })));
}
