//! Windows of corpora with tokenizers of models: the same text whatever the tokenizer, and whose fault it is if not.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::Path;

use common::goldens;
use common::library::{library, store};
use common::tokenizers::{byte_level, fallback, word_piece};
use inktensor_evaluation::Digest;
use inktensor_evaluation::corpus::{Bytes, CorpusError, Packing, Sample, Tokens, sample};
use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::task::{Fault, MinerFault, ValidatorFault};
use inktensor_evaluation::tokenizer::{END, Tokenizer, TokenizerError};
use serde_json::{Value, json};

fn read(file: &Value) -> Tokenizer {
    Tokenizer::from_json(file.to_string().as_bytes(), 400).unwrap()
}

/// The text that a window of [`byte_level`] or of bytes predicts.
fn text_of(sample: &Sample, end: u32) -> Vec<u8> {
    let spell = |&token: &u32| match token {
        _ if token == end => vec![],
        256 => b"he".to_vec(),
        257 => b"ll".to_vec(),
        258 => b"hell".to_vec(),
        259 => b"hello".to_vec(),
        260 => b" w".to_vec(),
        byte => vec![u8::try_from(byte).unwrap()],
    };
    sample.window.targets().iter().flat_map(spell).collect()
}

#[test]
fn each_tokenizer_is_asked_for_the_same_text() {
    let (_folder, store, manifest) = library();
    let windows = |tokens: &dyn Tokens| sample(&manifest, &store, tokens, Packing::Text(200), [4; 32], 12).unwrap();
    let (bytes, pairs) = (Tokenizer::bytes(), read(&byte_level()));
    let (plain, paired, lettered) = (windows(&bytes), windows(&pairs), windows(&read(&fallback())));
    assert_eq!(paired.len(), 12);
    for ((plain, paired), lettered) in plain.iter().zip(&paired).zip(&lettered) {
        assert_eq!(text_of(paired, pairs.end()), text_of(plain, bytes.end()));
        assert_eq!([paired.window.bytes(), lettered.window.bytes()], [plain.window.bytes(); 2]);
        // " w" is one token of this one.
        assert!(paired.window.tokens().len() < plain.window.tokens().len());
        assert_ne!(paired.id, plain.id);
    }
}

#[test]
fn documents_end_with_the_token_that_models_are_trained_with() {
    let special = |id: u32, content: &str| json!({"id": id, "content": content, "special": true});
    let ended = |tokens: Value| {
        let mut file = byte_level();
        file["added_tokens"] = tokens;
        read(&file).end()
    };
    for end in END {
        assert_eq!(ended(json!([special(261, "<|im_end|>"), special(262, end)])), 262, "{end}");
    }
    assert_eq!(ended(json!([special(261, "</s>"), special(262, "<|endoftext|>")])), 262);
    assert_eq!([byte_level(), fallback(), word_piece()].map(|file| read(&file).end()), [261, 260, 2]);

    let documents = vec![vec!["hello".to_owned(), "hell w".to_owned()]];
    let (_folder, store, manifest) = store(&documents);
    let windows = sample(&manifest, &store, &read(&byte_level()), Packing::Tokens(4), [0; 32], 1).unwrap();
    assert_eq!(windows[0].window.tokens(), [259, 261, 258, 260, 261]);
    assert_eq!(windows[0].window.bytes(), 6);
}

/// A folder's own file, bytes for 256 tokens without one, and nothing to guess for more.
#[test]
fn a_model_brings_its_tokenizer() {
    let golden = |name: &str| goldens::all().into_iter().find(|golden| golden.name == name).unwrap().model;
    assert_eq!(Tokenizer::of(&golden("mlp")).unwrap().digest(), Tokenizer::bytes().digest());
    assert_eq!(Tokenizer::of(&golden("qwen3")).err(), Some(TokenizerError::Absent));
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/weak.safetensors")).unwrap();
    let model = Model::from_bytes(&file, &Limits::default()).unwrap();
    assert_eq!(Tokenizer::of(&model).unwrap().digest(), Tokenizer::bytes().digest());

    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "model.safetensors"] {
        std::fs::copy(goldens::folder("bert").join(name), folder.path().join(name)).unwrap();
    }
    let json = word_piece().to_string();
    std::fs::write(folder.path().join("tokenizer.json"), &json).unwrap();
    let model = Model::open(folder.path(), &Limits::default()).unwrap();
    assert_eq!(Tokenizer::of(&model).unwrap().digest(), Digest::of(json.as_bytes()));
}

/// 255 is no byte of UTF-8, so that every text can be sampled.
#[test]
fn bytes_are_those_of_the_corpus_with_an_end_that_no_text_holds() {
    let bytes = Tokenizer::bytes();
    assert_eq!(Tokens::digest(&bytes), Bytes { end: 255 }.digest());
    assert_eq!(bytes.encode("\u{0}ÿ\u{10ffff}"), Bytes { end: 255 }.encode("\u{0}ÿ\u{10ffff}"));
}

/// A miner cannot make validators abstain by a tokenizer that they cannot use.
#[test]
fn a_tokenizer_that_cannot_encode_the_corpus_is_the_miners_fault() {
    let (_folder, store, manifest) = library();
    let fault = |tokens: &dyn Tokens| {
        let error = sample(&manifest, &store, tokens, Packing::Text(200), [4; 32], 2).unwrap_err();
        Fault::from(error)
    };
    assert!(matches!(fault(&read(&word_piece())), Fault::Miner(MinerFault::Tokens(_))));
    let missing = CorpusError::Missing { chunk: Digest([1; 32]) };
    assert_eq!(Fault::from(missing.clone()), Fault::Validator(ValidatorFault::Corpus(missing)));
}

/// Else one row of tokens could be that of two corpora, of which a model would be asked only one.
#[test]
fn a_text_whose_tokens_hold_the_end_is_refused() {
    let mut file = byte_level();
    for (token, id) in [("<e", 261), ("os", 262), ("<eos", 263), ("<eos>", 264)] {
        file["model"]["vocab"][token] = json!(id);
    }
    file["model"]["merges"] = json!(["< e", "o s", "<e os", "<eos >"]);
    file["pre_tokenizer"]["use_regex"] = json!(false);
    file["added_tokens"] = json!([{"id": 264, "content": "<eos>", "special": true}]);
    let tokenizer = read(&file);
    assert_eq!(tokenizer.tokens("an <eos>").unwrap().last(), Some(&264));
    assert!(tokenizer.encode("an <eos>").unwrap_err().reason.contains("ends documents"));
    assert!(tokenizer.encode("an <eos").is_ok());
}
