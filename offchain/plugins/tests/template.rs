//! The template that authors begin with: built from its sources, and asked what texts are worth.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::path::PathBuf;

use inktensor_evaluation::Digest;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::model;
use inktensor_plugins::{AssetKind, Content, Contribution, Host, Limits, Round, Verdict};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(uid: u16, bytes: &[u8]) -> Contribution {
    let content = Content::Data(bytes.into());
    Contribution { uid, digest: Digest::of(bytes), size: bytes.len() as u64, block: 1, content }
}

#[test]
fn the_template_is_built_and_tells_texts_apart() {
    let built = inktensor_encode::build(&folder().join("template")).unwrap();
    assert_eq!(built.name, "my-evaluator");
    let plugin = Host::new(Limits::default()).unwrap().load(&built.bytes).unwrap();

    let judge = std::fs::read(folder().join("../evaluation/models/weak.safetensors")).unwrap();
    let parameters = format!("judge={}; length=100", Digest::of(&judge));
    let description = plugin.describe(&parameters).unwrap();
    assert_eq!(description.name, "likely");
    let [asset] = &description.assets[..] else { panic!("{description:?}") };
    assert_eq!((asset.name.as_str(), asset.digest, asset.kind), ("judge", Digest::of(&judge), AssetKind::Model));
    let refused = plugin.describe("length=100").unwrap_err().to_string();
    assert!(refused.contains("the parameter `judge` is missing"), "{refused}");

    let verse = b"And it came to pass in those days, that there went out a decree. ".repeat(4);
    let noise = b"q7#zK}0x!vW~9pL^2jQ@8fY|4hB$6mD&1nC*3gX%5kZ".repeat(4);
    let contributions = vec![text(0, &verse), text(1, &noise), text(2, b"too small")];
    let round = Round { netuid: 1, epoch: 1, seed: [1; 32], parameters, contributions };
    let judge = model::Model::from_bytes(&judge, &model::Limits::default()).unwrap();
    let assets = BTreeMap::from([("judge".to_owned(), Content::Model(judge))]);
    let report = plugin.evaluate(&round, &assets, &Cpu::default()).unwrap();
    let [Verdict::Merit(likely), Verdict::Merit(unlikely), Verdict::Fault(why)] = &report.verdicts[..] else {
        panic!("{report:?}")
    };
    assert!(likely > unlikely, "{report:?}");
    assert_eq!(why, "too small: 100 bytes are needed");
}
