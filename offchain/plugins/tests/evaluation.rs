//! Whole evaluations: what models are asked, what they answer, and whose fault it is when they do not.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::image::{Ask, Of, asset, plan, sampled, verdicts};
use common::{END, IMAGE, Made, Oracle, assets, data, embedder, ladder, ladder_file, round, with_pairs};
use inktensor_evaluation::Window;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits as ModelLimits, Model};
use inktensor_evaluation::task::{Evaluator, Fault, Lane, ValidatorFault, Work};
use inktensor_evaluation::tokenizer::UNSPELLED;
use inktensor_plugins::{Content, EvaluatorFault, Report, RoundFault, Verdict};

const TEXT: &[u8] = b"Let r be the number of places where a window can start; each draw at or above it is skipped.";

/// Evaluates `contents` with these questions; a verdict echoes each answer.
fn evaluate(contents: Vec<Content>, questions: &[(Of, Ask)]) -> Result<Report, RoundFault> {
    let assets =
        assets([("plan", data(plan(questions, b""))), ("text", data(TEXT)), ("judge", Content::Model(ladder("weak")))]);
    Made::default().load().evaluate(&round(contents), &assets, &Cpu::default())
}

fn nats(model: &Model, windows: &[Window]) -> u64 {
    Cpu::default().load(model).unwrap().nll(windows).unwrap().iter().sum::<i64>() as u64
}

#[test]
fn answers_are_those_of_the_models() {
    let (weak, medium) = (ladder("weak"), ladder("medium"));
    let windows = Corpus::new(TEXT.to_vec()).windows([7; 32], 3, 20).unwrap();
    let span = [Window::of_bytes(&TEXT[4..30]).unwrap()];
    let contents = vec![Content::Model(weak.clone()), Content::Model(medium.clone()), data(&TEXT[4..30])];
    let spans = Ask::Spans(vec![(Of::Contribution(2), 0, 26)]);
    let questions = [
        (Of::Contribution(0), sampled("text", 3, 20)),
        (Of::Contribution(1), sampled("text", 3, 20)),
        (asset("judge"), spans.clone()),
    ];
    let report = evaluate(contents, &questions).unwrap();
    let expected = [nats(&weak, &windows), nats(&medium, &windows), nats(&weak, &span)];
    assert_eq!(report.verdicts, expected.map(Verdict::Merit));
    assert_eq!(report.work.tokens, 3 * 20 * 2 + 25);
    assert!(report.fuel > 0);
}

/// Questions to a model are asked at once, in any order among those to others.
#[test]
fn each_answer_goes_to_its_question() {
    let weak = ladder("weak");
    let contents = vec![Content::Model(weak.clone()), Content::Model(ladder("medium")), data("")];
    let span = |from, length| Ask::Spans(vec![(asset("text"), from, length)]);
    let alone = |from: usize, length: usize| {
        Verdict::Merit(nats(&weak, &[Window::of_bytes(&TEXT[from..from + length]).unwrap()]))
    };
    let questions =
        [(Of::Contribution(0), span(0, 9)), (Of::Contribution(1), span(3, 7)), (Of::Contribution(0), span(40, 5))];
    let report = evaluate(contents, &questions).unwrap();
    assert_eq!((&report.verdicts[0], &report.verdicts[2]), (&alone(0, 9), &alone(40, 5)));
}

/// With a tokenizer, a window's first byte gives way to the end of the document before.
#[test]
fn models_with_tokenizers_are_asked_about_the_same_bytes() {
    let model = Model::from_bytes(&with_pairs(&ladder_file("weak")), &ModelLimits::default()).unwrap();
    let tokens = |spelled: &[u8]| -> Vec<u32> {
        std::iter::once(END).chain(spelled.iter().map(|&byte| if byte == b'#' { 127 } else { byte.into() })).collect()
    };
    let contents = vec![Content::Model(model.clone()), data("the h\u{e9}, then\u{e9}")];
    let spans = |spans: &[(u64, u32)]| {
        Ask::Spans(spans.iter().map(|&(from, length)| (Of::Contribution(1), from, length)).collect())
    };
    // `the h`; and bytes 7 to 12, `, then`, between halves of two characters.
    let questions = [(Of::Contribution(0), spans(&[(0, 5), (6, 8)])), (Of::Contribution(0), spans(&[(4, 4)]))];
    let report = evaluate(contents, &questions).unwrap();
    let window = |spelled: &[u8]| Window::new(tokens(spelled), 1, 0).unwrap();
    let lost = nats(&model, &[window(b"# h"), window(b", t#n")]);
    // No token here spells the character, so that all three bytes that are asked for are guessed.
    let expected = [lost + UNSPELLED as u64, 3 * UNSPELLED as u64];
    assert_eq!(report.verdicts, expected.map(Verdict::Merit));
}

#[test]
fn a_contribution_that_cannot_answer_says_why() {
    let weak = || Content::Model(ladder("weak"));
    let texts = || vec!["text".to_owned()];
    let long = TEXT.repeat(4);
    let fault = |ask: Ask| {
        let questions = [(Of::Contribution(0), ask), (Of::Contribution(0), sampled("text", 1, 4))];
        let made = assets([("plan", data(plan(&questions, b""))), ("text", data(TEXT)), ("long", data(&long))]);
        let report = Made::default().load().evaluate(&round(vec![weak(), data("")]), &made, &Cpu::default()).unwrap();
        assert!(matches!(report.verdicts[1], Verdict::Merit(_)), "the other question is answered: {report:?}");
        match &report.verdicts[0] {
            Verdict::Fault(reason) => reason.clone(),
            verdict => panic!("{verdict:?}"),
        }
    };
    let short = fault(Ask::Spans(vec![(asset("long"), 0, 300)]));
    assert_eq!(short, "the model takes 256 positions where the subnet asks for 299. Train with longer windows");
    assert!(fault(Ask::Embeddings(texts())).contains("embeddings"));
    assert!(fault(Ask::TextClasses(texts())).contains("classes of texts"));
    assert!(fault(Ask::RowClasses(vec![vec![1]])).contains("classes of rows"));
}

#[test]
fn an_asset_that_cannot_answer_is_the_evaluators_fault() {
    let questions = [(asset("judge"), Ask::Embeddings(vec!["text".to_owned()]))];
    match evaluate(vec![data("")], &questions) {
        Err(RoundFault::Evaluator(EvaluatorFault::Asset { name, .. })) => assert_eq!(name, "judge"),
        other => panic!("{other:?}"),
    }
}

/// What an embedder may is the same in a full round and alone.
#[test]
fn nobody_is_blamed_for_the_number_of_its_neighbours() {
    let (usual, wide) = (Content::Model(embedder(1024, 1)), Content::Model(embedder(1025, 1)));
    let texts = || Ask::Embeddings(vec!["text".to_owned(); 128]);
    let judged = |contents: Vec<Content>| {
        let questions: Vec<_> = (0..contents.len() as u32).map(|index| (Of::Contribution(index), texts())).collect();
        let assets = assets([("plan", data(plan(&questions, b"")))]);
        Made::default().load().evaluate(&round(contents), &assets, &Oracle).unwrap().verdicts
    };
    let fault = "the model's vectors have 1025 numbers, the limit is 1024. Train a narrower one";
    let (answered, refused) = (Verdict::Merit(128 * 8), Verdict::Fault(fault.to_owned()));
    let full: Vec<_> = (0..256).map(|index| if index == 7 { &wide } else { &usual }.clone()).collect();
    for (index, verdict) in judged(full).into_iter().enumerate() {
        assert_eq!(&verdict, if index == 7 { &refused } else { &answered }, "{index}");
    }
    assert_eq!((judged(vec![usual]), judged(vec![wide.clone()])), (vec![answered], vec![refused]));

    let assets = assets([("plan", data(plan(&[(asset("wide"), texts())], b""))), ("wide", wide)]);
    let found = Made::default().load().evaluate(&round(vec![data("")]), &assets, &Oracle);
    let name = "wide".to_owned();
    assert_eq!(found, Err(EvaluatorFault::Asset { name, reason: fault.to_owned() }.into()));
}

/// A device that fails.
#[derive(Debug)]
struct Broken;

impl Evaluator for Broken {
    fn describe(&self) -> String {
        "nothing".to_owned()
    }

    fn load<'a>(&'a self, _: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Err(ValidatorFault::Answers.into())
    }
}

#[test]
fn a_device_that_fails_is_the_validators_fault() {
    let assets =
        assets([("plan", data(plan(&[(Of::Contribution(0), sampled("text", 1, 4))], b""))), ("text", data(TEXT))]);
    let found = Made::default().load().evaluate(&round(vec![Content::Model(ladder("weak"))]), &assets, &Broken);
    assert_eq!(found, Err(RoundFault::Validator(ValidatorFault::Answers)));
}

#[test]
fn evaluators_of_data_need_no_model() {
    let made = Made { score: IMAGE, ..Made::default() };
    let judged = verdicts(&[Ok(u64::MAX), Err("spam"), Ok(0)]);
    let assets = assets([("plan", data(plan(&[], b"memo"))), ("score", data(judged))]);
    let contents = ["a", "b", ""].map(data).to_vec();
    let report = made.load().evaluate(&round(contents), &assets, &Broken).unwrap();
    let expected = [Verdict::Merit(u64::MAX), Verdict::Fault("spam".to_owned()), Verdict::Merit(0)];
    assert_eq!((report.verdicts, report.work), (expected.to_vec(), Work::default()));
}

#[test]
fn verdicts_must_be_one_for_each_contribution() {
    let assets = assets([("plan", data(plan(&[], b""))), ("score", data(verdicts(&[Ok(1), Ok(2)])))]);
    let found = Made { score: IMAGE, ..Made::default() }.load().evaluate(&round(vec![data("")]), &assets, &Broken);
    assert_eq!(found, Err(EvaluatorFault::BadVerdicts { expected: 1, found: 2 }.into()));
}

#[test]
fn descriptions_are_read_and_held_to_their_bounds() {
    let plugin = Made::default().load();
    let description = plugin.describe("").unwrap();
    assert_eq!((description.name.as_str(), description.assets.len()), ("made up", 0));
    let nameless = Made { more: r#"(data (i32.const 0x208) "\00")"#, ..Made::default() };
    assert!(matches!(nameless.load().describe(""), Err(EvaluatorFault::BadDescription { .. })));
    let refusing = Made { more: r#"(data (i32.const 0x200) "\01")"#, ..Made::default() };
    assert!(matches!(refusing.load().describe(""), Err(EvaluatorFault::Refused { reason, .. }) if reason == "made up"));
}

#[test]
fn the_log_is_bounded() {
    let plan_of = "(local $i i32) (loop $each (call $log (i32.const 0) (i32.const 1000))
        (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
        (call $image (i32.const 0x100) (i32.const 4))";
    let made = Made { plan: plan_of, score: IMAGE, ..Made::default() };
    let assets = assets([("plan", data(plan(&[], b""))), ("score", data(verdicts(&[])))]);
    let report = made.load().evaluate(&round(Vec::new()), &assets, &Broken).unwrap();
    assert_eq!((report.log.len(), report.log[0].len()), (64, 256));
}
