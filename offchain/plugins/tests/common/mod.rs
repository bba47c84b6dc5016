//! Evaluators made up for tests, in the text form of core modules.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub mod image;
pub mod random;

use std::collections::BTreeMap;

use inktensor_evaluation::Digest;
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Limits as ModelLimits, Model};
use inktensor_evaluation::task::{Evaluator, Fault, Lane};
use inktensor_plugins::{Content, Contribution, EvaluatorFault, Host, Limits, Plugin, Round};
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// An evaluator whose parts can be replaced.
///
/// `describe` calls itself "made up". `plan` and `score` return what the assets of these names hold, as it lies in memory
/// at [`image::BASE`]; `score` does so with `IMAGE`, and makes verdicts of the answers with `ECHO`.
pub struct Made {
    pub describe: &'static str,
    pub plan: &'static str,
    pub score: &'static str,
    /// More fields of the module.
    pub more: &'static str,
    pub memory: &'static str,
}

pub const IMAGE: &str = r#"(call $image (i32.const 0x110) (i32.const 5))"#;

/// One verdict for each answer: the sum of its nats, the number of its vectors' features, the sum of its classes, or its
/// fault.
pub const ECHO: &str = r#"(call $echo (local.get 10) (local.get 11))"#;

impl Default for Made {
    fn default() -> Self {
        Self {
            describe: "(i32.const 0x200)",
            plan: "(call $image (i32.const 0x100) (i32.const 4))",
            score: ECHO,
            more: "",
            memory: r#"(memory (export "memory") 512)"#,
        }
    }
}

impl Made {
    pub fn module(&self) -> String {
        let Self { describe, plan, score, more, memory } = self;
        format!(
            r#"(module
            (import "inktensor:evaluator/materials@1.0.0" "size" (func $size (param i32 i32 i32) (result i64)))
            (import "inktensor:evaluator/materials@1.0.0" "read" (func $read (param i32 i32 i32 i64 i32 i32)))
            (import "inktensor:evaluator/journal@1.0.0" "log" (func $log (param i32 i32)))
            {memory}
            (global $next (mut i32) (i32.const 0x800000))
            (data (i32.const 0x100) "plan")
            (data (i32.const 0x110) "score")
            (data (i32.const 0x120) "made up")
            (data (i32.const 0x200) "\00\00\00\00\20\01\00\00\07\00\00\00\20\01\00\00\07\00\00\00\00\00\00\00\00\00\00\00")
            (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and
                    (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                    (i32.sub (i32.const 0) (local.get $align))))
                (global.set $next (i32.add (local.get $at) (local.get $size)))
                (local.get $at))
            (func $image (param $name i32) (param $length i32) (result i32)
                (global.set $next (i32.const {base}))
                (call $read (i32.const 1) (local.get $name) (local.get $length)
                    (i64.const 0) (i32.const 0x100000) (i32.const 8))
                (i32.const {base}))
            (func $echo (param $answer i32) (param $count i32) (result i32)
                (local $verdict i32)
                (local.set $verdict (i32.const 0x10000))
                (i32.store (i32.const 0x400) (i32.const 0))
                (i32.store (i32.const 0x404) (i32.const 0x10000))
                (i32.store (i32.const 0x408) (local.get $count))
                (block $done (loop $each
                    (br_if $done (i32.eqz (local.get $count)))
                    (i32.store (local.get $verdict) (i32.eq (i32.load (local.get $answer)) (i32.const 3)))
                    (i64.store offset=8 (local.get $verdict)
                        (if (result i64) (i32.eq (i32.load (local.get $answer)) (i32.const 3))
                            (then (i64.load offset=4 (local.get $answer)))
                            (else (call $sum (i32.load (local.get $answer))
                                (i32.load offset=4 (local.get $answer)) (i32.load offset=8 (local.get $answer))))))
                    (local.set $answer (i32.add (local.get $answer) (i32.const 12)))
                    (local.set $verdict (i32.add (local.get $verdict) (i32.const 16)))
                    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                    (br $each)))
                (i32.const 0x400))
            (func $sum (param $kind i32) (param $item i32) (param $count i32) (result i64)
                (local $sum i64)
                (block $done (loop $each
                    (br_if $done (i32.eqz (local.get $count)))
                    (local.set $sum (i64.add (local.get $sum)
                        (if (result i64) (i32.eqz (local.get $kind))
                            (then (i64.load (local.get $item)))
                            (else (if (result i64) (i32.eq (local.get $kind) (i32.const 1))
                                (then (i64.load32_u offset=4 (local.get $item)))
                                (else (i64.load32_u (local.get $item))))))))
                    (local.set $item (i32.add (local.get $item)
                        (i32.shr_u (i32.const 16) (local.get $kind))))
                    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                    (br $each)))
                (local.get $sum))
            {more}
            (func (export "describe") (param i32 i32) (result i32) {describe})
            (func (export "plan") (param i32 i64 i32 i32 i32 i32 i32 i32) (result i32) {plan})
            (func (export "score") (param i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {score})
            )"#,
            base = image::BASE,
        )
    }

    pub fn component(&self) -> Vec<u8> {
        component(&self.module())
    }

    pub fn load(&self) -> Plugin {
        host().load(&self.component()).unwrap()
    }
}

/// A component of a core module's text.
pub fn component(module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/wit");
    let (package, _) = resolve.push_path(path).unwrap();
    let world = resolve.select_world(&[package], Some("evaluator")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

pub fn host() -> Host {
    Host::new(limits()).unwrap()
}

/// Those of every validator, with less fuel: tests run unoptimised.
pub fn limits() -> Limits {
    Limits { describe_fuel: 1_000_000, plan_fuel: 50_000_000, score_fuel: 50_000_000, ..Limits::default() }
}

/// Why a component is not loaded.
pub fn refusal(component: &[u8]) -> EvaluatorFault {
    host().load(component).unwrap_err()
}

pub fn round(contents: Vec<Content>) -> Round {
    let contribution = |(index, content)| Contribution {
        uid: index as u16,
        digest: Digest::of(&[index as u8]),
        size: 1,
        block: index as u32,
        content,
    };
    let contributions = contents.into_iter().enumerate().map(contribution).collect();
    Round { netuid: 3, epoch: 5, seed: [7; 32], parameters: String::new(), contributions }
}

pub fn data(bytes: impl AsRef<[u8]>) -> Content {
    Content::Data(bytes.as_ref().into())
}

/// A model of the committed ladder.
pub fn ladder(name: &str) -> Model {
    Model::from_bytes(&ladder_file(name), &ModelLimits::default()).unwrap()
}

/// Its file.
pub fn ladder_file(name: &str) -> Vec<u8> {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../evaluation/models/{}.safetensors"), name);
    std::fs::read(path).unwrap()
}

/// The number of the token that ends documents in [`with_pairs`].
pub const END: u32 = 128;

/// A model's file with a tokenizer, whose tokens are ASCII letters by their codes, `he` with number 127, and the end.
pub fn with_pairs(file: &[u8]) -> Vec<u8> {
    // GPT-2's alphabet: what does not print has another letter.
    let letter = |code: u32| char::from_u32(if code > 0x20 { code } else { 0x100 + code }).unwrap().to_string();
    let mut vocab: serde_json::Map<_, _> = (0..0x7f).map(|code| (letter(code), json!(code))).collect();
    vocab.insert("he".to_owned(), json!(127));
    let tokenizer = json!({
        "version": "1.0",
        "added_tokens": [{"id": END, "content": "<|endoftext|>", "normalized": false, "special": true}],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "vocab": vocab, "merges": ["h e"]},
    });
    let tokenizer = tokenizer.to_string().into_bytes();
    let (length, rest) = file.split_first_chunk().unwrap();
    let (header, weights) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let mut header: serde_json::Value = serde_json::from_slice(header).unwrap();
    let (from, to) = (weights.len(), weights.len() + tokenizer.len());
    header["tokenizer.json"] = json!({ "dtype": "U8", "shape": [tokenizer.len()], "data_offsets": [from, to] });
    let header = header.to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, weights, &tokenizer].concat()
}

/// A model that embeds bytes in vectors of `width` numbers. Each number makes other weights.
pub fn embedder(width: usize, number: u32) -> Model {
    let config = json!({
        "model_type": "bert", "vocab_size": 256, "hidden_size": width, "intermediate_size": 1, "num_hidden_layers": 1,
        "num_attention_heads": width, "max_position_embeddings": 64, "type_vocab_size": 1, "layer_norm_eps": 1e-12,
        "hidden_act": "relu",
    });
    let mut header = json!({ "__metadata__": { "config": config.to_string() } });
    let mut end = 0;
    let mut tensor = |name: String, shape: &[usize]| {
        let begin = end;
        end += 4 * shape.iter().product::<usize>();
        header[name] = json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, end] });
    };
    for (name, rows) in [("word", 256), ("position", 64), ("token_type", 1)] {
        tensor(format!("embeddings.{name}_embeddings.weight"), &[rows, width]);
    }
    let layer = "encoder.layer.0";
    for (name, outputs, inputs) in [
        ("attention.self.query", width, width),
        ("attention.self.key", width, width),
        ("attention.self.value", width, width),
        ("attention.output.dense", width, width),
        ("intermediate.dense", 1, width),
        ("output.dense", width, 1),
    ] {
        tensor(format!("{layer}.{name}.weight"), &[outputs, inputs]);
        tensor(format!("{layer}.{name}.bias"), &[outputs]);
    }
    for norm in ["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"] {
        tensor(format!("{norm}.LayerNorm.weight"), &[width]);
        tensor(format!("{norm}.LayerNorm.bias"), &[width]);
    }
    let header = header.to_string().into_bytes();
    let mut file = [&(header.len() as u64).to_le_bytes(), header.as_slice()].concat();
    let weights = file.len();
    file.resize(weights + end, 0);
    file[weights..weights + 4].copy_from_slice(&(number as f32).to_le_bytes());
    Model::from_bytes(&file, &ModelLimits::default()).unwrap()
}

/// Assets by name.
pub fn assets<const N: usize>(of: [(&str, Content); N]) -> BTreeMap<String, Content> {
    of.into_iter().map(|(name, content)| (name.to_owned(), content)).collect()
}

/// A device that answers at once, and anything.
#[derive(Debug)]
pub struct Oracle;

struct Guess(Digest);

impl Evaluator for Oracle {
    fn describe(&self) -> String {
        "guesses".to_owned()
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Guess(model.tensor_digest())))
    }
}

impl Lane for Guess {
    fn model(&self) -> Digest {
        self.0
    }

    fn evaluator(&self) -> Digest {
        Digest::of(b"guesses")
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        Ok(windows.iter().map(|window| window.bytes().into()).collect())
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        Ok(sequences.iter().map(|tokens| vec![tokens.len() as i32; 8]).collect())
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        Ok(sequences.iter().map(Vec::len).collect())
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        Ok(rows.iter().map(Vec::len).collect())
    }
}
