//! Tasks: their data, what they ask of a model, and what they make of its answers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{
    Activation, Architecture, Limits, Model, NormKind, Output, Perceptron, Placement, Position, Transformer,
};
use inktensor_evaluation::score::from_floats;
use inktensor_evaluation::task::{
    Accuracy, BitsPerByte, Fault, Lane, MinerFault, MultipleChoice, Outcome, ReferenceLoss, Retrieval, Scalar,
    Similarity, Task, TaskError, ValidatorFault, Work, WorkLimits, run,
};
use inktensor_evaluation::tokenizer::Tokenizer;
use inktensor_evaluation::{Digest, Window, WindowResult};
use proptest::prelude::*;
use serde_json::{Value, json};

mod common;

use common::tokenizers::word_piece;

type Vector = fn(&[u32]) -> Vec<i32>;

/// A lane whose answers are made up from the questions.
#[derive(Default)]
struct Made {
    nll: Option<fn(&Window) -> i64>,
    vector: Option<Vector>,
    class: Option<fn(&[u32]) -> usize>,
    row: Option<fn(&[f32]) -> usize>,
}

impl Lane for Made {
    fn model(&self) -> Digest {
        Digest([1; 32])
    }

    fn evaluator(&self) -> Digest {
        Digest([2; 32])
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        Ok(windows.iter().map(self.nll.expect("losses were asked for")).collect())
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        Ok(sequences.iter().map(|tokens| self.vector.expect("vectors were asked for")(tokens)).collect())
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        Ok(sequences.iter().map(|tokens| self.class.expect("classes were asked for")(tokens)).collect())
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        Ok(rows.iter().map(|row| self.row.expect("rows were asked for")(row)).collect())
    }
}

fn transformer(output: Output) -> Architecture {
    Architecture::Transformer(Transformer {
        vocabulary: 256,
        hidden: 8,
        intermediate: 16,
        layers: 1,
        heads: 1,
        key_heads: 1,
        head: 8,
        positions: 32,
        position: Position::Learned,
        norm: NormKind::Layer,
        epsilon: 1e-5,
        placement: Placement::Before,
        activation: Activation::Relu,
        gated: false,
        causal: true,
        head_norm: false,
        output,
    })
}

const LANGUAGE: Output = Output::Language { tied: true };

fn measure<T: Task>(task: &T, lane: &dyn Lane, output: Output) -> Outcome<T::Figure> {
    run(task, lane, &transformer(output), &Tokenizer::bytes(), &WorkLimits::default())
}

fn figure<T: Task>(task: &T, lane: &dyn Lane, output: Output) -> T::Figure {
    match measure(task, lane, output) {
        Outcome::Score(figure) => figure,
        Outcome::Miner(fault) => panic!("{fault}"),
        Outcome::Validator(fault) => panic!("{fault}"),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn choices(by: &str) -> Value {
    json!({"schema": "inktensor/multiple-choice/1", "by": by, "questions": [
        {"prompt": "Ice is", "choices": [" cold", " very very hot"], "answer": 0},
        {"prompt": "Fire is", "choices": [" cold", " very very hot"], "answer": 1},
    ]})
}

/// The model of these tests finds each byte equally hard, but for "v": a long choice costs more, and less for each byte.
fn by_length(window: &Window) -> i64 {
    let easy = window.targets().iter().filter(|&&token| token == u32::from(b'v')).count() as i64;
    (window.predictions() as i64 - easy) << 32
}

#[test]
fn the_choice_of_least_loss_wins_as_a_whole_or_by_the_byte() {
    let lane = Made { nll: Some(by_length), ..Made::default() };
    for (by, expected) in [("sum", "0.5000"), ("byte", "0.5000")] {
        let task = MultipleChoice::from_json(&bytes(&choices(by))).unwrap();
        assert_eq!(figure(&task, &lane, LANGUAGE).to_string(), expected);
    }
    // As a whole the short one wins, so that the second question is wrong; by the byte the first is.
    let only = |by, question: usize| {
        let mut file = choices(by);
        file["questions"] = json!([file["questions"][question]]);
        figure(&MultipleChoice::from_json(&bytes(&file)).unwrap(), &lane, LANGUAGE).to_string()
    };
    assert_eq!(
        [only("sum", 0), only("sum", 1), only("byte", 0), only("byte", 1)],
        ["1.0000", "0.0000", "0.0000", "1.0000"]
    );
}

/// A model that says the same of everything knows nothing.
#[test]
fn ties_earn_nothing() {
    let lane = Made { nll: Some(|_| 7), vector: Some(|_| vec![1 << 30]), ..Made::default() };
    let task = MultipleChoice::from_json(&bytes(&choices("sum"))).unwrap();
    assert_eq!(figure(&task, &lane, LANGUAGE).0, 0);
    let pairs = json!([{"a": "x", "b": "y", "gold": 1}, {"a": "x", "b": "z", "gold": 2}]);
    let task = Similarity::from_json(&bytes(&json!({"schema": "inktensor/similarity/1", "pairs": pairs}))).unwrap();
    assert_eq!(figure(&task, &lane, Output::Embedding).0, 0);
    let passages: Vec<String> = (0..11).map(|n| format!("passage {n}")).collect();
    let queries = json!([{"text": "q", "relevant": [{"passage": 0, "gain": 3}]}]);
    let file = json!({"schema": "inktensor/retrieval/1", "passages": passages, "queries": queries});
    let task = Retrieval::from_json(&bytes(&file)).unwrap();
    assert_eq!(figure(&task, &lane, Output::Embedding).0, 0);
}

/// The loss of the answer alone, over the bytes of the answer.
#[test]
fn reference_loss_counts_the_answer_only() {
    let file = json!({"schema": "inktensor/reference-loss/1", "items": [
        {"prompt": "2 + 2 =", "answer": " 4"}, {"prompt": "a long prompt of no matter", "answer": "x"}]});
    let task = ReferenceLoss::from_json(&bytes(&file)).unwrap();
    let lane = Made { nll: Some(|window| (window.predictions() as i64) << 32), ..Made::default() };
    let score = figure(&task, &lane, LANGUAGE);
    // A nat for each byte: 1 / ln 2 bits.
    assert_eq!((score.bytes(), score.loss().to_string()), (3, "1.4426".to_owned()));
}

#[test]
fn similarity_is_the_order_of_cosines() {
    // The vector of a text turns with its first byte.
    let turned: Vector = |tokens| {
        let angle = f64::from(tokens[0]) / 100.0;
        [angle.cos(), angle.sin()].map(|x| (x * f64::from(1 << 30)) as i32).to_vec()
    };
    let lane = Made { vector: Some(turned), ..Made::default() };
    let pair = |b: &str, gold: i32| json!({"a": "A", "b": b, "gold": gold});
    let grade = |pairs: Value| {
        let file = json!({"schema": "inktensor/similarity/1", "pairs": pairs});
        figure(&Similarity::from_json(&bytes(&file)).unwrap(), &lane, Output::Embedding).to_string()
    };
    assert_eq!(grade(json!([pair("A", 50), pair("B", 40), pair("C", 9), pair("Z", -3)])), "1.0000");
    assert_eq!(grade(json!([pair("A", 1), pair("B", 2), pair("C", 3), pair("Z", 4)])), "-1.0000");
    assert_eq!(grade(json!([pair("A", 5), pair("B", 5), pair("C", 1), pair("Z", 1)])), "0.8944");
}

#[test]
fn retrieval_is_ndcg_at_ten() {
    // A passage "3" is the fourth nearest to any query.
    let lane = Made {
        vector: Some(|tokens| vec![if tokens[0] == 113 { 1 << 30 } else { -(tokens[0] as i32) }]),
        ..Made::default()
    };
    let passages: Vec<String> = (0..20u8).map(|n| char::from(b'0' + n).to_string()).collect();
    let grade = |relevant: Value| {
        let queries = json!([{"text": "q", "relevant": relevant}]);
        let file = json!({"schema": "inktensor/retrieval/1", "passages": passages, "queries": queries});
        figure(&Retrieval::from_json(&bytes(&file)).unwrap(), &lane, Output::Embedding).0 as f64 / 4_294_967_296.0
    };
    let gain = |passage: usize, gain: u8| json!({"passage": passage, "gain": gain});
    let discount = |rank: f64| 1.0 / (rank + 1.0).log2();
    for (relevant, expected) in [
        (json!([gain(0, 1)]), 1.0),
        (json!([gain(3, 1)]), discount(4.0)),
        (json!([gain(10, 9)]), 0.0),
        (json!([gain(2, 1), gain(5, 3)]), (discount(3.0) + 3.0 * discount(6.0)) / (3.0 + discount(2.0))),
    ] {
        assert!((grade(relevant.clone()) - expected).abs() < 1e-8, "{relevant}");
    }
}

#[test]
fn accuracy_is_the_share_of_right_classes_of_texts_and_of_rows() {
    let texts = json!({"schema": "inktensor/accuracy/1", "classes": 3, "samples": [
        {"text": "a", "class": 0}, {"text": "b", "class": 1}, {"text": "c", "class": 1}]});
    let task = Accuracy::from_json(&bytes(&texts)).unwrap();
    let lane = Made { class: Some(|tokens| tokens[0] as usize - 97), ..Made::default() };
    assert_eq!(figure(&task, &lane, Output::Classes { count: 3 }).to_string(), "0.6666");
    let wrong = measure(&task, &lane, Output::Classes { count: 2 });
    assert!(matches!(wrong, Outcome::Miner(MinerFault::WrongKind { .. })));

    let rows = json!({"schema": "inktensor/accuracy/1", "classes": 2, "samples": [
        {"features": [0.5, -1], "class": 0}, {"features": [2, 2.5e-3], "class": 1}]});
    let task = Accuracy::from_json(&bytes(&rows)).unwrap();
    let lane = Made { row: Some(|row| usize::from(row[0] > 1.0)), ..Made::default() };
    let perceptron = |widths| Architecture::Perceptron(Perceptron { widths, activation: Activation::Relu });
    let on = |widths| run(&task, &lane, &perceptron(widths), &Tokenizer::bytes(), &WorkLimits::default());
    assert!(matches!(on(vec![2, 4, 2]), Outcome::Score(grade) if grade.to_string() == "1.0000"));
    assert!(matches!(on(vec![3, 4, 2]), Outcome::Miner(MinerFault::WrongKind { .. })));
}

/// What a model cannot do, and what would cost too much, is the miner's fault and is known before anything runs.
#[test]
fn faults_of_the_model_are_found_before_it_is_asked() {
    let nobody = Made::default();
    let task = MultipleChoice::from_json(&bytes(&choices("sum"))).unwrap();
    let kind = measure(&task, &nobody, Output::Embedding);
    assert_eq!(kind, Outcome::Miner(MinerFault::WrongKind { wanted: "the likelihood of text" }));

    let mut long = choices("sum");
    long["questions"][1]["prompt"] = json!("x".repeat(40));
    let long = MultipleChoice::from_json(&bytes(&long)).unwrap();
    let fault = MinerFault::ContextTooShort { positions: 32, needed: 40 + 14 - 1 };
    assert_eq!(measure(&long, &nobody, LANGUAGE), Outcome::Miner(fault));

    // 6 + 5 - 1, 6 + 14 - 1, 7 + 5 - 1 and 7 + 14 - 1 tokens.
    let limits = WorkLimits { tokens: 59, operations: u64::MAX };
    let costly = run(&task, &nobody, &transformer(LANGUAGE), &Tokenizer::bytes(), &limits);
    assert!(
        matches!(costly, Outcome::Miner(MinerFault::TooMuchWork { work: Work { tokens: 60, .. }, .. })),
        "{costly:?}"
    );

    let lossy = Tokenizer::from_json(&bytes(&word_piece()), 256).unwrap();
    let lost = run(&task, &nobody, &transformer(LANGUAGE), &lossy, &WorkLimits::default());
    assert!(matches!(lost, Outcome::Miner(MinerFault::Encode(_))), "{lost:?}");

    let mut small = transformer(LANGUAGE);
    if let Architecture::Transformer(transformer) = &mut small {
        transformer.vocabulary = 100;
    }
    let unknown = run(&task, &nobody, &small, &Tokenizer::bytes(), &WorkLimits::default());
    assert_eq!(unknown, Outcome::Miner(MinerFault::UnknownToken { token: 121, vocabulary: 100 }));
}

/// The engine failed, or answered something else: no model is blamed for it.
#[test]
fn an_engine_that_answers_wrongly_is_the_validators_fault() {
    struct Broken;
    impl Lane for Broken {
        fn model(&self) -> Digest {
            Digest([1; 32])
        }
        fn evaluator(&self) -> Digest {
            Digest([2; 32])
        }
        fn nll(&self, _: &[Window]) -> Result<Vec<i64>, Fault> {
            Ok(vec![1])
        }
        fn embed(&self, _: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
            Err(ValidatorFault::Answers.into())
        }
        fn classify(&self, _: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
            Ok(vec![])
        }
        fn perceive(&self, _: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
            Ok(vec![])
        }
    }
    let task = MultipleChoice::from_json(&bytes(&choices("sum"))).unwrap();
    assert_eq!(measure(&task, &Broken, LANGUAGE), Outcome::Validator(ValidatorFault::Answers));
}

#[test]
fn task_data_that_makes_no_sense_is_refused() {
    let question = |prompt: &str, choices: Value, answer: usize| {
        let questions = json!([{"prompt": prompt, "choices": choices, "answer": answer}]);
        MultipleChoice::from_json(&bytes(
            &json!({"schema": "inktensor/multiple-choice/1", "by": "sum", "questions": questions}),
        ))
    };
    assert!(question("a", json!(["b", "c"]), 1).is_ok());
    for wrong in [
        question("", json!(["b", "c"]), 1),
        question("a", json!(["b"]), 0),
        question("a", json!(["b", ""]), 0),
        question("a", json!(["b", "c"]), 2),
        question("a", json!(vec!["b"; 17]), 0),
    ] {
        assert!(matches!(wrong, Err(TaskError::Item { item: 0, .. })), "{wrong:?}");
    }
    let relevant = |relevant: Value| {
        let queries = json!([{"text": "q", "relevant": relevant}]);
        Retrieval::from_json(&bytes(
            &json!({"schema": "inktensor/retrieval/1", "passages": ["a", "b"], "queries": queries}),
        ))
    };
    assert!(relevant(json!([{"passage": 1, "gain": 1}])).is_ok());
    for wrong in [
        json!([]),
        json!([{"passage": 2, "gain": 1}]),
        json!([{"passage": 1, "gain": 0}]),
        json!([{"passage": 1, "gain": 16}]),
        json!([{"passage": 1, "gain": 1}, {"passage": 1, "gain": 2}]),
    ] {
        assert!(matches!(relevant(wrong.clone()), Err(TaskError::Item { item: 0, .. })), "{wrong}");
    }
    let pairs = json!([{"a": "x", "b": "y", "gold": 1}, {"a": "x", "b": "z", "gold": 1}]);
    let constant = Similarity::from_json(&bytes(&json!({"schema": "inktensor/similarity/1", "pairs": pairs})));
    assert!(matches!(constant, Err(TaskError::Item { .. })));
    let huge = json!({"schema": "inktensor/accuracy/1", "classes": 2, "samples": [{"features": [1e300], "class": 0}]});
    assert!(Accuracy::from_json(&bytes(&huge)).is_err(), "no float is infinite");
    for file in ["", "[]", "{}", r#"{"schema": "inktensor/accuracy/2", "classes": 1, "samples": []}"#] {
        assert!(matches!(Accuracy::from_json(file.as_bytes()), Err(TaskError::Json { .. })), "{file}");
    }
    let none = ReferenceLoss::from_json(br#"{"schema": "inktensor/reference-loss/1", "items": []}"#);
    assert!(matches!(none, Err(TaskError::Count { count: 0, .. })));
    let deep = format!("{}{}", "[".repeat(1 << 16), "]".repeat(1 << 16));
    assert!(matches!(Similarity::from_json(deep.as_bytes()), Err(TaskError::Json { .. })));
}

/// The same scorer for every lane: through the scalar lane, bits per byte are those of the reference itself.
#[test]
fn bits_per_byte_of_a_trained_model_are_the_references() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(folder.join("models/weak.safetensors")).unwrap();
    let model = Model::from_bytes(&file, &Limits::default()).unwrap();
    let corpus = Corpus::open(&folder.join("data/heldout.txt")).unwrap();
    let windows = corpus.windows([3; 32], 3, 24).unwrap();
    let exact: Vec<WindowResult> =
        windows.iter().map(|window| inktensor_evaluation::reference::nll(&model, window).unwrap()).collect();
    let expected = from_floats(&exact).unwrap();
    let limits = WorkLimits::default();
    let outcome = run(&BitsPerByte(&windows), &Scalar(&model), model.architecture(), &Tokenizer::bytes(), &limits);
    let Outcome::Score(score) = outcome else { panic!("{outcome:?}") };
    for (own, exact) in score.window_bits().zip(expected.window_bits()) {
        assert!(own.abs_diff(exact) <= 2, "{own} {exact}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_of_tasks_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at: u16, cut: u16) {
        let mut file = bytes(&choices("sum"));
        let at = usize::from(at) % file.len();
        let cut = (at + usize::from(cut) % 20).min(file.len());
        file.splice(at..cut, noise);
        let _ = MultipleChoice::from_json(&file);
        let _ = ReferenceLoss::from_json(&file);
        let _ = Similarity::from_json(&file);
        let _ = Retrieval::from_json(&file);
        let _ = Accuracy::from_json(&file);
    }
}
