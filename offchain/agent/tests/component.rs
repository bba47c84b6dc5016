//! The judge of components, with the shipped component `dataset`. `scripts/build` makes it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::PathBuf;
use std::time::Duration;

use common::{assets, assignment, component, digest, evaluator, judge, judge_within, miners, serve, text};
use inktensor_agent::Stopper;
use inktensor_agent::subnet::Entrant;
use inktensor_agent::validator::Judge;
use inktensor_primitives::registry::{Evaluator, ModelFamily};

const SEED: [u8; 32] = [3; 32];

/// All that the owner serves.
fn shelf() -> Vec<PathBuf> {
    [component()].into_iter().chain(assets()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_contribution_gets_its_own_finding() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let uri = serve(&stopper, &shelf()).await.remove(0);
    let prose = text(0, 6_000);
    let texts = [prose.clone(), b"again and again ".repeat(300), prose.clone(), text(20_000, 6_000)];
    let mut entrants = miners(&stopper, folder.path(), &texts).await;
    // One that says it is a model, one that is silent, and one whose file is another.
    entrants.push(Entrant { family: ModelFamily::Llama, uid: 4, block: 20, digest: [7; 32], ..entrants[1].clone() });
    let elsewhere = tempfile::tempdir().unwrap();
    let broken = miners(&stopper, elsewhere.path(), &[b"no model at all".to_vec()]).await.remove(0);
    entrants.push(Entrant { family: ModelFamily::Llama, uid: 5, ..broken });
    // One that would not fit into memory with 255 others like it.
    entrants.push(Entrant { uid: 6, digest: [8; 32], size: 5 << 20, ..entrants[1].clone() });
    let judge = judge(folder.path());

    let findings = judge.judge(&assignment(evaluator(uri.clone()), entrants.clone()), SEED).await.unwrap();
    let fault = |uid: usize| findings[uid].clone().unwrap_err();
    assert!(findings[0].clone().unwrap().0 > 0 && findings[3].clone().unwrap().0 > 0, "{findings:?}");
    assert!(fault(1).contains("% of it is new"), "the component's own words: {}", fault(1));
    assert_eq!(fault(2), "copy of uid 0");
    assert!(fault(4).contains("digest"), "{}", fault(4));
    assert!(fault(6).contains("smaller"), "{}", fault(6));
    assert!(fault(5).contains("header") || fault(5).contains("ends"), "{}", fault(5));

    let again = judge.judge(&assignment(evaluator(uri.clone()), entrants.clone()), SEED).await.unwrap();
    assert_eq!(findings, again, "the same seed, the same findings");
    stopper.stop();
    let offline = judge.judge(&assignment(evaluator(uri), entrants[..2].to_vec()), SEED).await.unwrap();
    assert_eq!(offline[0], findings[0], "what is in the folders needs no server");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_evaluator_lacks_is_an_abstention_that_says_so() {
    let (files, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, files.path(), &[text(0, 6_000)]).await;
    let whole = serve(&stopper, &shelf()).await.remove(0);
    let alone = serve(&stopper, &[component()]).await.remove(0);
    let models = serve(&stopper, &assets()).await;
    let sound = evaluator(whole.clone());
    for (what, chosen) in [
        ("answered 404", Evaluator { uri: format!("{whole}00"), ..sound.clone() }),
        ("unreachable", Evaluator { uri: "http://127.0.0.1:1/x".to_owned(), ..sound.clone() }),
        ("not http", Evaluator { uri: "ftp://127.0.0.1/x".to_owned(), ..sound.clone() }),
        ("wrong digest", Evaluator { code_hash: [9; 32].into(), ..sound.clone() }),
        ("asset learner", Evaluator { uri: alone, ..sound.clone() }),
        (
            "is no WebAssembly component",
            Evaluator { code_hash: digest(&assets()[0]).into(), uri: models[0].clone(), ..sound.clone() },
        ),
        ("learner", Evaluator { parameters: "windows=1".to_owned(), ..sound.clone() }),
        (
            "is no model",
            Evaluator {
                parameters: sound
                    .parameters
                    .replace(&hex::encode(digest(&assets()[0])), &hex::encode(digest(&component()))),
                ..sound.clone()
            },
        ),
    ] {
        // A folder of its own, so that nothing is there already.
        let folder = tempfile::tempdir().unwrap();
        let reason = judge(folder.path()).judge(&assignment(chosen, entrants.clone()), SEED).await.unwrap_err();
        assert!(reason.0.contains(what), "{what}: {reason}");
    }
    let folder = tempfile::tempdir().unwrap();
    let findings = judge(folder.path()).judge(&assignment(sound, entrants), SEED).await.unwrap();
    assert!(findings[0].is_ok(), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_fill_the_folder_by_hand() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 6_000)]).await;
    let nowhere = evaluator("ipfs://somewhere".to_owned());
    let judge = judge(folder.path());
    let reason = judge.judge(&assignment(nowhere.clone(), entrants.clone()), SEED).await.unwrap_err();
    assert!(reason.0.contains("by hand"), "{reason}");
    for path in shelf() {
        std::fs::copy(&path, folder.path().join("evaluators").join(hex::encode(digest(&path)))).unwrap();
    }
    let findings = judge.judge(&assignment(nowhere, entrants), SEED).await.unwrap();
    assert!(findings[0].is_ok(), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_owner_does_not_keep_the_validator() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 6_000)]).await;
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = evaluator(format!("http://{}/dataset.wasm", silent.local_addr().unwrap()));
    let judge = judge_within(folder.path(), Duration::ZERO);
    let reason = judge.judge(&assignment(slow, entrants), SEED).await.unwrap_err();
    assert!(reason.0.contains("not here in time"), "{reason}");
}
