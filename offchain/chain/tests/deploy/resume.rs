//! A deployment that is killed anywhere goes on where it stopped.

use crate::{
    Site, killed,
    unsteady::{Kill, Unsteady},
};
use inktensor_chain::{
    DeployError, Part,
    deploy::{Happening, Plan, Step},
};
use std::time::Duration;

/// Kills a deployment, resumes it, and checks that in both together each step was done once and nothing else was sent.
async fn survives(kill: Kill) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let site = Site::new();
    let before = killed(&site, &mut site.journal(&path).await.unwrap(), kill).await;

    let (client, chain) = Unsteady::client(&site.chain, Kill::Never, true);
    let mut journal = site.journal(&path).await.unwrap();
    let told = site.build(&client, &mut journal).await.unwrap_or_else(|error| panic!("{kill:?}: {error}"));
    assert_eq!(before + chain.submitted(), Step::ALL.len(), "{kill:?}: each step once");
    let ends = told.iter().filter(|(_, happening)| matches!(happening, Happening::Found | Happening::Done(_)));
    assert_eq!(ends.map(|(step, _)| *step).collect::<Vec<_>>(), Step::ALL, "{kill:?}");
    let plan = Plan::of(&client, &site.blueprint()).await.unwrap();
    assert!(plan.is_done(), "{kill:?}: {plan:?}");
    for part in Part::ALL {
        let code = client.backend().code_hash(plan.deployment.address(part)).await.unwrap();
        assert_eq!(code, Some(site.bundles.of(part).code_hash), "{kill:?}: {part}");
    }
}

#[tokio::test]
async fn killed_before_a_submission() {
    for number in 1..=Step::ALL.len() {
        survives(Kill::Before(number)).await;
    }
}

#[tokio::test]
async fn killed_after_a_submission() {
    for number in 1..=Step::ALL.len() {
        survives(Kill::After(number)).await;
    }
}

#[tokio::test]
async fn killed_between_a_submission_and_its_line_in_the_journal() {
    for number in 1..=Step::ALL.len() {
        survives(Kill::Later(number)).await;
    }
}

#[tokio::test]
async fn a_step_in_doubt_is_awaited_and_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut site = Site::new();
    killed(&site, &mut site.journal(&path).await.unwrap(), Kill::Before(3)).await;
    site.patience.standstill = Duration::ZERO;

    // The chain makes no block, so nobody can tell.
    let (client, chain) = Unsteady::client(&site.chain, Kill::Never, false);
    let mut journal = site.journal(&path).await.unwrap();
    let head = client.head().await.unwrap().number;
    let error = site.build(&client, &mut journal).await.unwrap_err();
    assert_eq!(error, DeployError::InDoubt { step: Step::Create(Part::Registry), until: head + 64 });
    assert_eq!(chain.submitted(), 0);
    drop(journal);

    // It is as long in doubt as it was when that was written down.
    site.chain.advance_ms(0).await.unwrap();
    let mut journal = site.journal(&path).await.unwrap();
    let error = site.build(&client, &mut journal).await.unwrap_err();
    assert_eq!(error, DeployError::InDoubt { step: Step::Create(Part::Registry), until: head + 64 });

    // Who does not want to wait sends it again.
    site.patience.resend = true;
    site.build(&client, &mut journal).await.unwrap();
    assert_eq!(chain.submitted(), Step::ALL.len() - 2);
}

#[tokio::test]
async fn a_lost_journal_costs_nothing_but_the_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let mut lost = site.journal(&folder.path().join("journal")).await.unwrap();
    killed(&site, &mut lost, Kill::After(5)).await;
    let (client, chain) = Unsteady::client(&site.chain, Kill::Never, false);
    let mut journal = site.journal(&folder.path().join("another")).await.unwrap();
    site.build(&client, &mut journal).await.unwrap();
    assert_eq!(chain.submitted(), Step::ALL.len() - 5, "what the chain shows is not sent again");
}
