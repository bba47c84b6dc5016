//! Models of one file, as miners commit them: made of folders, tokenizer and all, and asked about the same bytes whatever
//! their tokens.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;

use common::families::{Family, Tiny, tiny};
use common::tokenizers::{byte_level, word_piece};
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::model::{Limits, MAX_TOKENIZER, Model, ModelError, Tokens, pack};
use inktensor_evaluation::score::Score;
use inktensor_evaluation::task::{Evaluator, Outcome, evaluate};
use inktensor_evaluation::tokenizer::{Tokenizer, UNSPELLED};
use inktensor_evaluation::{Digest, Window};
use proptest::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};
use serde_json::Value;

/// The file of a folder with `shards` files of weights and perhaps a tokenizer, and the folder's model.
fn packed(tiny: &Tiny, shards: usize, tokenizer: Option<&Value>) -> (Vec<u8>, Model) {
    let folder = tempfile::tempdir().unwrap();
    tiny.write_folder(folder.path(), shards);
    if let Some(tokenizer) = tokenizer {
        fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    }
    let mut file = Vec::new();
    pack(folder.path(), &Limits::default(), &mut file).unwrap();
    (file, Model::open(folder.path(), &Limits::default()).unwrap())
}

#[test]
fn a_packed_folder_is_the_same_model() {
    for family in Family::ALL {
        for (shards, tokenizer) in [(1, None), (3, Some(byte_level()))] {
            let (file, folder) = packed(&tiny(family, 3), shards, tokenizer.as_ref());
            let model = Model::from_bytes(&file, &Limits::default()).unwrap();
            assert_eq!(model.digest(), Digest::of(&file));
            assert_eq!(model.tensor_digest(), folder.tensor_digest(), "{family:?}");
            assert_eq!(model.architecture(), folder.architecture());
            assert_eq!((model.tokenizer(), model.parameters()), (folder.tokenizer(), folder.parameters()));
            assert_eq!(matches!(model.tokenizer(), Tokens::Json(_)), tokenizer.is_some());
            // Others read it too.
            let tensors = SafeTensors::deserialize(&file).unwrap();
            assert_eq!(tensors.tensor("tokenizer.json").is_ok(), tokenizer.is_some());
        }
    }
}

/// The file of a tiny model with one more tensor.
fn with_tensor(dtype: Dtype, shape: Vec<usize>, bytes: &[u8]) -> Result<Model, ModelError> {
    let (file, _) = packed(&tiny(Family::Llama, 3), 1, None);
    let own = SafeTensors::deserialize(&file).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&file).unwrap();
    let mut tensors = own.tensors();
    tensors.push(("tokenizer.json".to_owned(), TensorView::new(dtype, shape, bytes).unwrap()));
    Model::from_bytes(&serialize(tensors, metadata.metadata().clone()).unwrap(), &Limits::default())
}

#[test]
fn a_tokenizer_that_is_no_file_is_refused_by_name() {
    assert!(
        matches!(with_tensor(Dtype::U8, vec![2], b"{}").unwrap().tokenizer(), Tokens::Json(json) if **json == *b"{}")
    );
    for (dtype, shape) in [(Dtype::I8, vec![4]), (Dtype::U8, vec![2, 2]), (Dtype::F32, vec![1])] {
        let expected = ModelError::TokenizerTensor { dtype: dtype.to_string(), rank: shape.len() };
        assert_eq!(with_tensor(dtype, shape, b"four"), Err(expected));
    }
    let large = vec![b' '; MAX_TOKENIZER as usize + 1];
    let (name, bytes) = ("tokenizer.json".to_owned(), large.len() as u64);
    let expected = ModelError::FileTooLarge { name, bytes, limit: MAX_TOKENIZER };
    assert_eq!(with_tensor(Dtype::U8, vec![large.len()], &large), Err(expected));
}

/// A file with the vocabulary of [`byte_level`].
fn with_pairs() -> Vec<u8> {
    let mut tiny = tiny(Family::Llama, 5);
    tiny.config["vocab_size"] = 262.into();
    for part in tiny.tensors.iter_mut().filter(|part| part.shape[0] == 256) {
        let more = part.weights[..6 * part.shape[1]].to_vec();
        part.weights.extend(more);
        part.shape[0] = 262;
    }
    packed(&tiny, 1, Some(&byte_level())).0
}

fn score(file: &[u8], spans: &[&[u8]]) -> Score {
    match evaluate(&Cpu::default(), file, &Limits::default(), spans).outcome {
        Outcome::Score(score) => score,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_model_with_a_tokenizer_is_asked_about_the_bytes_that_others_are_asked_about() {
    let file = with_pairs();
    let model = Model::from_bytes(&file, &Limits::default()).unwrap();
    let lost = |tokens: &[u32]| {
        let window = Window::new(tokens.to_vec(), 1, 0).unwrap();
        Cpu::default().load(&model).unwrap().nll(&[window]).unwrap()[0]
    };
    let [end, hello, space_w] = [261, 259, 260];
    let world = [end, hello, space_w, 111, 114, 108, 100];
    // The first byte is no part of the text; of characters that were cut, the bytes are guessed.
    for (span, tokens, guessed) in [
        (&b"Xhello world"[..], &world[..], 0),
        ("\u{e9}hello world".as_bytes(), &world, 1),
        (&b"X\xa9\xa9\xa9hello world\xf0\x9f\x8e"[..], &world, 6),
        (b"Xhello", &[end, hello], 0),
    ] {
        let (nats, bytes) = (lost(tokens) + guessed * UNSPELLED, span.len() as u32 - 1);
        assert_eq!(score(&file, &[span]), Score::from_canonical(&[(nats, bytes)]).unwrap(), "{span:?}");
    }
    // What is no text costs eight bits a byte, beside what is.
    let spans = [&b"Xhello \xff world"[..], b"Xhello"];
    let expected = Score::from_canonical(&[(13 * UNSPELLED, 13), (lost(&[end, hello]), 5)]).unwrap();
    assert_eq!(score(&file, &spans), expected);
    assert_eq!(score(&file, &spans[..1]).loss().0 >> 16, 8 << 16);
}

#[test]
fn a_tokenizer_that_loses_text_gains_nothing_by_it() {
    let (file, _) = packed(&tiny(Family::Llama, 5), 1, Some(&word_piece()));
    let found = score(&file, &[b"Xeating a Meal"]);
    assert_eq!(found, Score::from_canonical(&[(13 * UNSPELLED, 13)]).unwrap());
}

proptest! {
    /// Any bytes, and any tokenizer: as many bytes are judged, so that figures compare.
    #[test]
    fn all_models_are_judged_on_as_many_bytes(bytes in prop::collection::vec(any::<u8>(), 2..40), text in "\\PC{2,20}") {
        let pairs = Tokenizer::from_json(byte_level().to_string().as_bytes(), 262).unwrap();
        let tokenizers = [Tokenizer::bytes(), pairs];
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let [plain, paired] = tokenizers.each_ref().map(|tokenizer| tokenizer.read(bytes).unwrap());
            prop_assert_eq!(plain.bytes(), paired.bytes());
            prop_assert_eq!(plain.nats(&mut [7].into_iter()), Some(7));
            prop_assert_eq!(paired.nats(&mut [].into_iter()).is_none(), paired.window().is_some());
        }
    }
}
