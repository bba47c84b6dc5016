//! Transcripts as files: an honest one passes its audit, and whatever is wrong with another one is told.

use std::sync::LazyLock;

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::transcript::{
    Discrepancy, Entry, MAX_FILE, MAX_WINDOWS, Transcript, TranscriptError, evaluator,
};
use inktensor_evaluation::canonical::{CanonicalError, CanonicalLoss, CanonicalModel};
use inktensor_evaluation::model::Model;
use inktensor_evaluation::task::{self, Lane, MinerFault, Outcome, Scalar, ValidatorFault};
use inktensor_evaluation::tokenizer::Tokenizer;
use inktensor_evaluation::{Digest, Window};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::models;

const LENGTHS: [usize; 3] = [9, 30, 2];

fn windows() -> Vec<Window> {
    LENGTHS.map(|length| models::llama().window(length)).to_vec()
}

fn honest(model: &Model) -> Transcript {
    match task::transcribe(&Cpu::default(), model, &windows()) {
        Outcome::Score((_, transcript)) => transcript,
        other => panic!("{other:?}"),
    }
}

/// The first discrepancy of an audit of all windows.
fn audit(transcript: &Transcript, model: &CanonicalModel) -> Result<(), Discrepancy> {
    let audit = transcript.audit(model, Cpu::default())?;
    (0..transcript.entries().len()).try_for_each(|index| audit.window(index))
}

/// A transcript that was changed and given a root that fits.
fn forged(honest: &Transcript, change: impl FnOnce(&mut Vec<Entry>)) -> Transcript {
    let mut entries = honest.entries().to_vec();
    change(&mut entries);
    Transcript::of(honest.model(), entries).unwrap()
}

#[test]
fn an_honest_transcript_passes_and_survives_its_file() {
    let model = models::llama().model();
    let outcome = task::transcribe(&Cpu::default(), &model, &windows());
    let Outcome::Score((score, transcript)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        task::measure(&Cpu::default(), &model, &Tokenizer::bytes(), &windows()),
        Outcome::Score(score),
        "a transcript changes no score"
    );
    let read = Transcript::from_json(transcript.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(read, transcript);
    assert_eq!(audit(&read, &CanonicalModel::new(&model).unwrap()), Ok(()));
}

/// What `CANONICAL.md` says of the file.
#[test]
fn the_file_is_as_published() {
    let loss = CanonicalLoss { nll: 1 << 60, layers: vec![Digest([2; 32]), Digest([3; 32])] };
    let window = Window::new(vec![5, 6, 70_000], 1, 9).unwrap();
    let transcript = Transcript::of(Digest([1; 32]), vec![Entry { window, loss }]).unwrap();
    let found: Value = serde_json::from_str(&transcript.to_json().unwrap()).unwrap();
    let expected = json!({
        "schema": "inktensor/transcript/1",
        "model": "01".repeat(32),
        "evaluator": evaluator(&[]).to_string(),
        "windows": [{
            "first": 1, "bytes": 9, "tokens": [5, 6, 70_000], "nll": "1152921504606846976",
            "layers": ["02".repeat(32), "03".repeat(32)],
        }],
        "root": transcript.root().to_string(),
    });
    assert_eq!(found, expected);
}

#[test]
fn what_is_changed_in_a_file_is_told() {
    let model = models::llama().model();
    let transcript = honest(&model);
    let canonical = CanonicalModel::new(&model).unwrap();
    let file: Value = serde_json::from_str(&transcript.to_json().unwrap()).unwrap();
    let found = |pointer: &str, value: Value| {
        let mut file = file.clone();
        *file.pointer_mut(pointer).unwrap() = value;
        audit(&Transcript::from_json(file.to_string().as_bytes()).unwrap(), &canonical).unwrap_err()
    };
    let other = "ab".repeat(32);
    for (pointer, value) in [
        ("/windows/1/nll", json!("-7")),
        ("/windows/0/layers/2", json!(other)),
        ("/windows/2/tokens/0", json!(149)),
        ("/windows/1/first", json!(8)),
        ("/windows/1/bytes", json!(31)),
        ("/windows/1", file["windows"][0].clone()),
        ("/root", json!(other)),
    ] {
        assert!(matches!(found(pointer, value), Discrepancy::Root { .. }), "{pointer}");
    }
    let stated: Digest = other.parse().unwrap();
    assert_eq!(found("/model", json!(other)), Discrepancy::Model { stated, found: model.tensor_digest() });
    assert_eq!(found("/evaluator", json!(other)), Discrepancy::Evaluator { stated, found: evaluator(&[]) });
}

#[test]
fn what_an_evaluator_says_wrongly_is_told_by_its_place() {
    let model = models::llama().model();
    let canonical = CanonicalModel::new(&model).unwrap();
    let transcript = honest(&model);
    let nll = transcript.entries()[1].loss.nll;
    let found = |change: fn(&mut Vec<Entry>)| audit(&forged(&transcript, change), &canonical).unwrap_err();
    let other = |tokens: &[u32]| Window::new(tokens.to_vec(), 1, 2).unwrap();
    assert_eq!(found(|all| all[1].loss.nll -= 1), Discrepancy::Loss { window: 1, stated: nll - 1, found: nll });
    assert_eq!(found(|all| all[2].loss.layers[1] = Digest([0; 32])), Discrepancy::Layer { window: 2, layer: 1 });
    let short = Discrepancy::Layers { window: 0, stated: 2, found: 3 };
    assert_eq!(found(|all| all[0].loss.layers.truncate(2)), short);
    let swapped = forged(&transcript, |all| all[0].window = other(&[1, 2]));
    assert_eq!(audit(&swapped, &canonical), Err(Discrepancy::Layer { window: 0, layer: 0 }));
    let unknown = forged(&transcript, |all| all[0].window = other(&[1, 150]));
    let source = CanonicalError::Token { token: 150, vocabulary: 150 };
    assert_eq!(audit(&unknown, &canonical), Err(Discrepancy::Refused { window: 0, source }));
    let beyond = transcript.audit(&canonical, Cpu::default()).unwrap().window(3);
    assert_eq!(beyond, Err(Discrepancy::NoWindow { window: 3, windows: 3 }));
}

/// Whoever evaluates other weights than the committed ones is found at the layer where they differ.
#[test]
fn the_layer_of_other_weights_is_told() {
    let model = models::llama().model();
    // A weight of the last layer's products.
    let other =
        models::Recipe { distort: |n, weight| if n == 10_000 { weight + 0.05 } else { weight }, ..models::llama() };
    let entries = honest(&other.model()).entries().to_vec();
    let claimed = Transcript::of(model.tensor_digest(), entries).unwrap();
    let found = audit(&claimed, &CanonicalModel::new(&model).unwrap());
    assert_eq!(found, Err(Discrepancy::Layer { window: 0, layer: 2 }));
}

#[test]
fn only_integers_leave_a_transcript() {
    let model = models::llama().model();
    assert_eq!(Scalar(&model).losses(&windows()), Err(ValidatorFault::NoTranscript.into()));
    let long = task::transcribe(&Cpu::default(), &model, &[models::llama().window(66)]);
    assert_eq!(long, Outcome::Miner(MinerFault::ContextTooShort { positions: 64, needed: 65 }));
    let none = task::transcribe(&Cpu::default(), &model, &[]);
    let count = ValidatorFault::Transcript(TranscriptError::Count { windows: 0 });
    assert_eq!(none, Outcome::Validator(count));
}

#[test]
fn files_that_are_no_transcripts_are_refused() {
    let file = honest(&models::llama().model()).to_json().unwrap();
    let value: Value = serde_json::from_str(&file).unwrap();
    let read = |text: &str| Transcript::from_json(text.as_bytes()).unwrap_err();
    let changed = |pointer: &str, new: Value| {
        let mut value = value.clone();
        *value.pointer_mut(pointer).unwrap() = new;
        read(&value.to_string())
    };
    assert_eq!(read(&" ".repeat(MAX_FILE + 1)), TranscriptError::Oversized { bytes: MAX_FILE + 1 });
    assert_eq!(changed("/windows", json!([])), TranscriptError::Count { windows: 0 });
    let many = vec![value["windows"][2].clone(); MAX_WINDOWS + 1];
    assert_eq!(changed("/windows", json!(many)), TranscriptError::Count { windows: MAX_WINDOWS + 1 });
    for (pointer, new) in [
        ("/windows/1/first", json!(0)),
        ("/windows/1/first", json!(30)),
        ("/windows/1/tokens", json!([])),
        ("/windows/1/layers", json!([])),
        ("/windows/1/nll", json!("9223372036854775808")),
        ("/windows/1/nll", json!("1.5")),
    ] {
        let error = changed(pointer, new);
        assert!(matches!(error, TranscriptError::Window { window: 1, .. }), "{pointer}: {error}");
    }
    for (pointer, new) in [
        ("/schema", json!("inktensor/transcript/2")),
        ("/root", json!("ab")),
        ("/windows/0/tokens/0", json!(-1)),
        ("/windows/0/tokens/0", json!(1u64 << 32)),
        ("/windows/0/nll", json!(7)),
    ] {
        let error = changed(pointer, new);
        assert!(matches!(error, TranscriptError::Json { .. }), "{pointer}: {error}");
    }
    let twice = file.replacen("\"first\":", "\"first\":1,\"first\":", 1);
    let more = file.replacen("\"first\":", "\"note\":1,\"first\":", 1);
    for text in [&twice, &more, &file[..file.len() - 1], "", "[]", &"[".repeat(1 << 16)] {
        assert!(matches!(read(text), TranscriptError::Json { .. }));
    }
}

proptest! {
    /// A file with any bytes changed is refused, or found out, or says the same.
    #[test]
    fn damage_is_noticed(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..3, "[0-9a-f\",:\\[\\]{} .x-]{0,3}"), 1..4),
    ) {
        static HONEST: LazyLock<(Model, Transcript)> = LazyLock::new(|| {
            let model = models::llama().model();
            let transcript = honest(&model);
            (model, transcript)
        });
        let (model, transcript) = &*HONEST;
        let mut file = transcript.to_json().unwrap();
        for (place, length, text) in cuts {
            let start = place.index(file.len());
            file.replace_range(start..(start + length).min(file.len()), &text);
        }
        if let Ok(read) = Transcript::from_json(file.as_bytes())
            && audit(&read, &CanonicalModel::new(model).unwrap()).is_ok()
        {
            prop_assert_eq!(&read, transcript);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Transcript::from_json(&bytes).is_err());
    }
}
