//! What miners of models that embed texts, and authors of sets, can rely on.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluation::task::{self, Task as _};
use inktensor_evaluator::{Answer, Content, Contribution, ModelFacts, Output, Verdict, entrants};
use inktensor_evaluator_retrieval::{Amount, Problem, Set, judge};
use inktensor_score::{Loss, Margin, WeightRule, weights_of_losses};
use proptest::collection::vec;
use proptest::prelude::*;

fn model(uid: u16, weights: u8, output: Output) -> Contribution {
    let facts = ModelFacts { weights: [weights; 32].into(), output, parameters: 1, vocabulary: 9, positions: 64 };
    Contribution { uid, digest: [uid as u8; 32].into(), size: 1, block: uid.into(), content: Content::Model(facts) }
}

fn rule() -> WeightRule {
    WeightRule { margin: Margin { epsilon_bps: 100, z_tenths: 20 }, half_life: Loss((1 << 32) / 40) }
}

/// What each query finds relevant, as the table and as the file of the evaluation crate's own task.
fn written(passages: usize, queries: &[Vec<(usize, u8)>]) -> (String, String) {
    let table = (0..passages).map(|number| format!("passage\tp{number}\n")).collect::<String>();
    let row = |query: &Vec<(usize, u8)>| {
        let list: Vec<_> = query.iter().map(|(passage, gain)| format!("{passage}:{gain}")).collect();
        format!("query\tq\t{}\n", list.join(","))
    };
    let names: Vec<_> = (0..passages).map(|number| format!("\"p{number}\"")).collect();
    let object = |query: &Vec<(usize, u8)>| {
        let one = |(passage, gain): &(usize, u8)| format!("{{\"passage\":{passage},\"gain\":{gain}}}");
        let list: Vec<_> = query.iter().map(one).collect();
        format!("{{\"text\":\"q\",\"relevant\":[{}]}}", list.join(","))
    };
    let objects: Vec<_> = queries.iter().map(object).collect();
    let json = format!(
        "{{\"schema\":\"inktensor/retrieval/1\",\"passages\":[{}],\"queries\":[{}]}}",
        names.join(","),
        objects.join(",")
    );
    (table + &queries.iter().map(row).collect::<String>(), json)
}

prop_compose! {
    /// Passages, and for each query some of them with their gains.
    fn sets()(passages in 1usize..14)(
        queries in vec(vec(0u8..4, passages), 1..5),
        passages in Just(passages),
    ) -> (usize, Vec<Vec<(usize, u8)>>) {
        let relevant = |gains: Vec<u8>| -> Vec<(usize, u8)> {
            let known: Vec<_> = gains.into_iter().enumerate().filter(|pair| pair.1 > 0).collect();
            if known.is_empty() { vec![(0, 1)] } else { known }
        };
        (passages, queries.into_iter().map(relevant).collect())
    }
}

proptest! {
    /// Shares follow from the figures of the evaluation crate's retrieval task, to the last bit.
    #[test]
    fn figures_are_those_of_the_task(
        (passages, queries) in sets(),
        numbers in vec(vec(-3i32..4, 2), 60),
        other in vec(vec(-3i32..4, 2), 60),
    ) {
        let (table, json) = written(passages, &queries);
        let set = Set::parse(table.as_bytes()).unwrap();
        let task = task::Retrieval::from_json(json.as_bytes()).unwrap();
        let texts = passages + queries.len();
        let models = [&numbers[..texts], &other[..texts]];
        let losses = models.map(|vectors| Some(Loss(((1i64 << 32) - task.score(&[], vectors).unwrap().0) as u64)));
        let contributions = [1, 2].map(|uid| model(uid, uid as u8, Output::Embedding));
        let answers = models.map(|vectors| Answer::Embeddings(vectors.to_vec()));
        let verdicts = judge(&set, &contributions, &answers, &rule()).unwrap();
        let expected: Vec<_> = weights_of_losses(&losses, &rule()).into_iter().map(|w| Verdict::Merit(w.into())).collect();
        prop_assert_eq!(verdicts, expected);
    }

    /// Hostile tables are refused or read, and what is read can be judged.
    #[test]
    fn any_table_is_refused_or_read(lines in vec("(passage|query|x)?\t?[a-z ]{0,3}\t?[0-9:,]{0,5}", 0..12), noise in any::<[u8; 3]>()) {
        let mut table = lines.join("\n").into_bytes();
        if let Ok(set) = Set::parse(&table) {
            let texts = set.clone().into_texts().len();
            let answer = Answer::Embeddings(vec![vec![1, 2]; texts]);
            prop_assert!(judge(&set, &[model(1, 1, Output::Embedding)], &[answer], &rule()).is_ok());
        }
        table.extend(noise);
        let _ = Set::parse(&table);
    }
}

/// A set's texts with what each query gains by which.
fn told(set: &Set) -> Vec<(String, Vec<(String, u8)>)> {
    let texts = set.clone().into_texts();
    let (passages, queries) = texts.split_at(set.passages());
    let gaining = |gains: Vec<u8>| passages.iter().cloned().zip(gains).filter(|pair| pair.1 > 0).collect();
    queries.iter().cloned().zip(set.gains().map(gaining)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What a round asks about has room in a validator, and is a part of the set in which every query has its answers.
    #[test]
    fn a_draw_has_room_and_is_of_the_set(
        passages in vec(1usize..3000, 1..600),
        queries in vec((vec((any::<prop::sample::Index>(), 1u8..16), 1..8), 1usize..200), 1..200),
        models in 1usize..=256,
        seed in any::<[u8; 32]>(),
    ) {
        let long = |name: String, length: usize| name + &"x".repeat(length);
        let mut table: String =
            passages.iter().enumerate().map(|(n, &length)| long(format!("passage\tp{n}"), length) + "\n").collect();
        for (n, (relevant, length)) in queries.iter().enumerate() {
            let relevant: std::collections::BTreeMap<_, _> =
                relevant.iter().map(|(passage, gain)| (passage.index(passages.len()), gain)).collect();
            let column: Vec<_> = relevant.iter().map(|(passage, gain)| format!("{passage}:{gain}")).collect();
            table += &format!("query\t{}\t{}\n", long(format!("q{n}"), *length), column.join(","));
        }
        let set = Set::parse(table.as_bytes()).unwrap();
        let drawn = set.clone().drawn(models, &seed);
        prop_assert_eq!(&drawn, &set.clone().drawn(models, &seed));

        let (all, texts) = (set.clone().into_texts(), drawn.clone().into_texts());
        let (room, bytes) = (Amount::for_each_of(models), |texts: &[String]| texts.iter().map(String::len).sum::<usize>());
        prop_assert!(texts.len() <= room.texts && bytes(&texts) <= room.bytes);
        prop_assert!(texts.len() * models <= 1 << 15 && bytes(&texts) * models <= 1 << 25);
        prop_assert!(drawn.passages() * drawn.gains().len() * models <= 1 << 20);
        if all.len() <= room.texts && bytes(&all) <= room.bytes {
            prop_assert_eq!(&drawn, &set);
        }
        let (known, asked) = (told(&set), told(&drawn));
        prop_assert!(!asked.is_empty() && asked.iter().all(|query| known.contains(query)));
    }
}

#[test]
fn another_seed_draws_other_texts_and_fewer_models_more() {
    let table: String = (0..900).map(|n| format!("passage\tp{n}\nquery\tq{n}\t{n}:1\n")).collect();
    let set = Set::parse(table.as_bytes()).unwrap();
    assert_ne!(set.clone().drawn(256, &[1; 32]), set.clone().drawn(256, &[2; 32]));
    for (models, passages, queries) in [(256, 96, 32), (64, 192, 64), (16, 384, 128), (2, 900, 362), (1, 900, 900)] {
        let drawn = set.clone().drawn(models, &[1; 32]);
        assert_eq!((drawn.passages(), drawn.gains().len()), (passages, queries), "{models}");
    }
    assert_eq!(set.clone().drawn(70_000, &[1; 32]), set.drawn(256, &[1; 32]), "never nothing");
}

#[test]
fn a_table_is_refused_at_its_line() {
    let long = "x".repeat(1 << 16);
    let many: Vec<_> = (0..64).map(|n| format!("{n}:1")).collect();
    let passages = "passage\tp\n".repeat(64);
    let line = |table: String, line| {
        let error = Set::parse(table.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.problem), (line, Problem::Long), "{error}");
    };
    line(format!("passage\ta\npassage\t{long}x"), 2);
    line(format!("passage\t{long}\nquery\tq\t0:1"), 2);
    line(format!("{passages}query\tq\t{}", many.join(",")), 65);
    Set::parse(format!("{passages}query\tq\t{}", many[1..].join(",")).as_bytes()).unwrap();
    let large = "\n".repeat((1 << 24) + 1);
    assert_eq!(Set::parse(large.as_bytes()).unwrap_err().problem, Problem::Size);

    for (table, line, problem) in [
        ("passage\ta\nquery\tq\t0:1\npassage\t ", 3, Problem::Empty),
        ("passage\ta\n\nquery\tq\t1:1", 3, Problem::Relevant),
        ("passage\ta\nquery\tq\t0:16", 2, Problem::Relevant),
        ("passage\ta\nquery\tq\t0:1,0:2", 2, Problem::Relevant),
        ("passage\ta\tb", 1, Problem::Form),
        ("passage\ta\nquery\tq", 2, Problem::Form),
        ("passage\ta", 0, Problem::Count),
        ("", 0, Problem::Count),
    ] {
        let error = Set::parse(table.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.problem), (line, problem), "{table:?}");
    }
    assert_eq!(Set::parse(b"passage\ta\n\xff").unwrap_err().line, 2);
}

#[test]
fn the_better_finder_gets_the_most_and_copies_nothing() {
    let set = Set::parse(b"passage\tsnow\npassage\tfire\nquery\tcold\t0:1\nquery\thot\t1:1\n").unwrap();
    let (x, y) = (vec![1 << 30, 0], vec![0, 1 << 30]);
    let good = Answer::Embeddings(vec![x.clone(), y.clone(), x.clone(), y.clone()]);
    let bad = Answer::Embeddings(vec![x.clone(), y.clone(), y, x]);
    let four = [
        model(1, 1, Output::Embedding),
        model(2, 2, Output::Embedding),
        model(3, 2, Output::Embedding),
        model(4, 4, Output::Language),
    ];
    assert_eq!(entrants(&four, Output::Embedding).iter().filter(|one| one.is_ok()).count(), 2);
    let verdicts = judge(&set, &four, &[bad, good.clone()], &rule()).unwrap();
    let [Verdict::Merit(bad), Verdict::Merit(best)] = verdicts[..2] else { panic!("{verdicts:?}") };
    assert_eq!(best, 65_535);
    assert!(bad < 50, "half of the order wrong is next to nothing: {bad}");
    assert_eq!(verdicts[2], Verdict::Fault("the weights are those of uid 2".into()));
    assert_eq!(verdicts[3], Verdict::Fault("not a model of embeddings".into()));
    assert!(judge(&set, &four, &[good], &rule()).is_err(), "an answer is missing");
    let short = Answer::Embeddings(vec![vec![1]; 3]);
    assert!(judge(&set, &four[..1], &[short], &rule()).is_err(), "a vector is missing");
}
