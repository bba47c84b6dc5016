//! The shipped evaluators in the sandbox, with the shipped models and texts.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::model::{self, Model};
use inktensor_evaluation::task::{Evaluator, Fault, Lane};
use inktensor_evaluation::{Digest, Window};
use inktensor_plugins::{Content, Contribution, Host, Limits, Plugin, Report, Round, Verdict};

/// A shipped evaluator, from where `scripts/build` puts it.
fn evaluator(name: &str) -> Plugin {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = || variable("XDG_CACHE_HOME").unwrap_or_else(|| variable("HOME").unwrap().join(".cache"));
    let target = || variable("CARGO_TARGET_DIR").unwrap_or_else(|| cache().join("inktensor/target"));
    let folder = variable("INKTENSOR_EVALUATORS").unwrap_or_else(|| target().join("evaluators"));
    let path = folder.join(name).with_extension("wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}. Run scripts/build", path.display()));
    Host::new(Limits::default()).unwrap().load(&bytes).unwrap()
}

fn shipped(path: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../evaluation").join(path)).unwrap()
}

fn ladder(name: &str) -> Vec<u8> {
    shipped(&format!("models/{name}.safetensors"))
}

fn a_model(file: &[u8]) -> Content {
    Content::Model(Model::from_bytes(file, &model::Limits::default()).unwrap())
}

fn contribution(uid: u16, file: &[u8], content: Content) -> Contribution {
    Contribution { uid, digest: Digest::of(file), size: file.len() as u64, block: uid.into(), content }
}

fn evaluate(
    plugin: &Plugin,
    parameters: String,
    assets: BTreeMap<String, Content>,
    contributions: Vec<Contribution>,
) -> Report {
    let named: Vec<_> = plugin.describe(&parameters).unwrap().assets.into_iter().map(|asset| asset.name).collect();
    assert!(named.iter().all(|name| assets.contains_key(name)) && named.len() == assets.len(), "{named:?}");
    let round = Round { netuid: 1, epoch: 3, seed: [5; 32], parameters, contributions };
    let report = plugin.evaluate(&round, &assets, &Cpu::default()).unwrap();
    println!("fuel {}, work {}", report.fuel, report.work);
    report
}

#[test]
fn better_language_models_earn_more_and_copies_nothing() {
    let text = shipped("data/heldout.txt");
    let parameters = format!("corpus={};windows=16;length=64", Digest::of(&text));
    let assets = BTreeMap::from([("corpus".to_owned(), Content::Data(text.into()))]);
    let files: Vec<_> = ["weak", "strong", "medium", "copy"].into_iter().map(ladder).collect();
    let contributions = (1..).zip(&files).map(|(uid, file)| contribution(uid, file, a_model(file))).collect();
    let report = evaluate(&evaluator("language"), parameters, assets, contributions);
    let [Verdict::Merit(weak), Verdict::Merit(strong), Verdict::Merit(medium), Verdict::Fault(copy)] =
        &report.verdicts[..]
    else {
        panic!("{report:?}")
    };
    assert!(strong > medium && medium > weak, "{report:?}");
    assert_eq!(copy, "the weights are those of uid 2");
}

#[test]
fn a_model_with_a_tokenizer_competes_with_models_of_bytes() {
    let text = shipped("data/heldout.txt");
    let parameters = format!("corpus={};windows=16;length=64", Digest::of(&text));
    let assets = BTreeMap::from([("corpus".to_owned(), Content::Data(text.into()))]);
    // The second and the third are as good as each other, but the third was not trained with its tokens.
    let files = [ladder("weak"), ladder("strong"), common::with_pairs(&ladder("sibling"))];
    let contributions = (1..).zip(&files).map(|(uid, file)| contribution(uid, file, a_model(file))).collect();
    let report = evaluate(&evaluator("language"), parameters, assets, contributions);
    let [Verdict::Merit(weak), Verdict::Merit(strong), Verdict::Merit(paired)] = report.verdicts[..] else {
        panic!("{report:?}")
    };
    assert!(strong > paired && paired > weak, "{report:?}");
}

#[test]
fn useful_text_earns_and_spam_is_told_why() {
    let (learner, reference, known) = (ladder("weak"), ladder("strong"), shipped("data/corpus.txt"));
    let parameters = format!(
        "learner={};reference={};known={};noise=2500",
        Digest::of(&learner),
        Digest::of(&reference),
        Digest::of(&known)
    );
    let held_out = shipped("data/heldout.txt");
    let texts: [(&[u8], &str); 5] = [
        (&held_out[..8000], ""),
        (&known[300_000..308_000], "most of the rest stands in what is known"),
        (&b"Buy now, buy here, buy more. ".repeat(300), "most of the rest stands in it before"),
        (&[0xfe; 1000], "not text"),
        (b"", "empty"),
    ];
    let assets = BTreeMap::from([
        ("learner".to_owned(), a_model(&learner)),
        ("reference".to_owned(), a_model(&reference)),
        ("known".to_owned(), Content::Data(known.clone().into())),
    ]);
    let one = |(uid, (text, _)): (u16, &(&[u8], &str))| contribution(uid, text, Content::Data((*text).into()));
    let report = evaluate(&evaluator("dataset"), parameters, assets, (1..).zip(&texts).map(one).collect());
    let Verdict::Merit(useful) = report.verdicts[0] else { panic!("{report:?}") };
    assert!(useful > 0);
    for (verdict, (_, why)) in report.verdicts.iter().zip(texts).skip(1) {
        let Verdict::Fault(fault) = verdict else { panic!("{report:?}") };
        assert!(fault.contains(why), "{fault}, not {why}");
    }
}

#[test]
fn models_that_embed_nothing_are_told_so() {
    let set = b"passage\tSnow is cold.\npassage\tFire is hot.\nquery\twhat burns?\t1:3\n";
    let assets = |set: &[u8]| BTreeMap::from([("set".to_owned(), Content::Data(set.into()))]);
    let file = ladder("weak");
    let contributions = vec![contribution(1, &file, a_model(&file))];
    let report = evaluate(&evaluator("retrieval"), format!("set={}", Digest::of(set)), assets(set), contributions);
    assert_eq!(report.verdicts, [Verdict::Fault("not a model of embeddings".into())]);
}

/// A device whose vectors are as wide as they may be.
#[derive(Debug)]
struct Wide;

impl Evaluator for Wide {
    fn describe(&self) -> String {
        "wide".to_owned()
    }

    fn load<'a>(&'a self, _: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Self))
    }
}

impl Lane for Wide {
    fn model(&self) -> Digest {
        Digest::of(b"any")
    }

    fn evaluator(&self) -> Digest {
        Digest::of(b"wide")
    }

    fn nll(&self, _: &[Window]) -> Result<Vec<i64>, Fault> {
        unreachable!()
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        let vector = |tokens: &Vec<u32>| (0..1024).map(|place| tokens[place % tokens.len()] as i32 - 60).collect();
        Ok(sequences.iter().map(vector).collect())
    }

    fn classify(&self, _: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        unreachable!()
    }

    fn perceive(&self, _: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        unreachable!()
    }
}

/// Sets as large as sets may be, or with as many queries as there is room for, and any number of models: there is room,
/// memory and fuel for all of them.
#[test]
fn no_number_of_embedders_is_too_many() {
    let line = |number: usize| format!("passage\t{number}{}\nquery\t{number} what?\t{number}:1\n", "x".repeat(990));
    let large: String = (0..16_200).map(line).collect();
    assert!((16 << 20) - large.len() < 1 << 19, "{}", large.len());
    let even = |texts: usize| "passage\tp\n".repeat(texts / 2) + &"query\tq\t0:1\n".repeat(texts / 2);
    let plugin = evaluator("retrieval");
    let models: Vec<Model> = (0..256).map(|number| common::embedder(8, number)).collect();
    for (set, count) in [(&large, 1), (&large, 16), (&large, 256), (&even(2048), 1), (&even(128), 256)] {
        let contribution = |(uid, model): (u16, &Model)| contribution(uid, &[], Content::Model(model.clone()));
        let contributions = (0..).zip(&models[..count]).map(contribution).collect();
        let parameters = format!("set={}", Digest::of(set.as_bytes()));
        let round = Round { netuid: 1, epoch: 3, seed: [5; 32], parameters, contributions };
        let assets = BTreeMap::from([("set".to_owned(), Content::Data(set.as_bytes().into()))]);
        let report = plugin.evaluate(&round, &assets, &Wide).unwrap();
        println!("{count} models, {} bytes: fuel {}", set.len(), report.fuel);
        assert_eq!(report.verdicts.len(), count);
        assert!(report.verdicts.iter().all(|verdict| matches!(verdict, Verdict::Merit(_))), "{report:?}");
    }
}

/// Queries that share no word with the passage that answers them.
const SET: &str = "\
passage\tThe kettle whistles when water boils.
passage\tThe kettle was sold at an auction in Paris.
passage\tHer violin was tuned before the concert.
passage\tHer house was painted before the wedding.
passage\tThe harvest failed after months without rain.
passage\tThe talks failed after months without progress.
passage\tA surgeon stitched the wound.
passage\tA tailor stitched the coat.
passage\tThe parliament passed the budget at midnight.
passage\tThe train passed the station at midnight.
passage\tWolves hunt in packs.
passage\tCards are sold in packs.
query\tmaking tea\t0:3
query\tauctioneers and bidders\t1:3
query\torchestra musician\t2:3
query\tbride and groom\t3:3
query\tdrought and farmers\t4:3
query\tdiplomats negotiate a treaty\t5:3
query\tdoctor treats an injury\t6:3
query\tneedle, thread and fabric\t7:3
query\tlawmakers vote on spending\t8:3
query\trailway passengers\t9:3
query\tpredators living in groups\t10:3
query\tpoker and bridge players\t11:3
";

#[test]
fn the_better_embedder_earns_more_and_a_copy_nothing() {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
    let whole = cache.join("inktensor/models/minilm");
    if !whole.exists() {
        // Past the capture of tests that pass.
        let mut terminal = std::io::stderr().lock();
        writeln!(terminal, "SKIPPED shipped: no {}. Run scripts/fetch-models", whole.display()).unwrap();
        return;
    }
    // The same weights computed with in another way are another model, and a bad one.
    let spoilt = tempfile::tempdir().unwrap();
    for file in ["model.safetensors", "tokenizer.json"] {
        std::fs::copy(whole.join(file), spoilt.path().join(file)).unwrap();
    }
    let mut config: serde_json::Value =
        serde_json::from_slice(&std::fs::read(whole.join("config.json")).unwrap()).unwrap();
    config["num_attention_heads"] = 2.into();
    config["hidden_act"] = "relu".into();
    std::fs::write(spoilt.path().join("config.json"), config.to_string()).unwrap();

    let open = |path: &std::path::Path| Model::open(path, &model::Limits::default()).unwrap();
    let embedder = |uid: u16, path| Contribution {
        uid,
        digest: Digest::of(&uid.to_le_bytes()),
        size: 1,
        block: uid.into(),
        content: Content::Model(open(path)),
    };
    let contributions = vec![embedder(1, spoilt.path()), embedder(2, &whole), embedder(3, &whole)];
    let assets = BTreeMap::from([("set".to_owned(), Content::Data(SET.as_bytes().into()))]);
    let parameters = format!("set={}", Digest::of(SET.as_bytes()));
    let report = evaluate(&evaluator("retrieval"), parameters, assets, contributions);
    println!("{:?}", report.verdicts);
    let [Verdict::Merit(lesser), Verdict::Merit(better), Verdict::Fault(copy)] = report.verdicts.as_slice() else {
        panic!("{:?}", report.verdicts)
    };
    assert!(*lesser < *better / 2, "{lesser} {better}");
    assert_eq!(copy, "the weights are those of uid 2");
}
