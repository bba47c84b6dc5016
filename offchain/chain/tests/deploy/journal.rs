//! The journal's file.

use crate::Site;
use inktensor_chain::{
    DeployConfig, DeployError, Keypair,
    deploy::{Blueprint, Happening, Journal, Step},
};
use std::fs;

#[tokio::test]
async fn each_step_is_written_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let site = Site::new();
    let mut journal = site.journal(&path).await.unwrap();
    site.build(&site.client, &mut journal).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let kinds: Vec<&str> = text.lines().map(|line| line.split('"').nth(1).unwrap()).collect();
    let expected: Vec<&str> =
        ["begun"].into_iter().chain(Step::ALL.iter().flat_map(|_| ["sending", "sent", "done"])).collect();
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_line_cut_off_anywhere_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let site = Site::new();
    drop(site.journal(&path).await.unwrap());
    let begun = fs::read(&path).unwrap();
    site.build(&site.client, &mut site.journal(&path).await.unwrap()).await.unwrap();
    let whole = fs::read(&path).unwrap();
    for length in (0..begun.len()).step_by(7).chain(begun.len()..begun.len() + 200).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        let mut journal = site.journal(&path).await.unwrap_or_else(|error| panic!("{length}: {error}"));
        let told = site.build(&site.client, &mut journal).await.unwrap();
        assert!(told.iter().all(|(_, happening)| *happening == Happening::Found), "{length}");
        drop(journal);
        assert!(fs::read(&path).unwrap().starts_with(&begun), "{length}");
    }
}

#[tokio::test]
async fn the_journal_of_another_deployment_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let site = Site::new();
    drop(site.journal(&path).await.unwrap());
    let genesis = site.client.block_hash(0).await.unwrap();
    let what = |genesis, blueprint: &Blueprint<'_>| match Journal::open(&path, genesis, blueprint) {
        Err(DeployError::JournalOfAnother { what, .. }) => what,
        Err(error) => panic!("{error}"),
        Ok(_) => "nothing",
    };
    let (alice, bob) = (site.alice.account(), Keypair::from_name("Bob").account());
    let other = DeployConfig { salt: b"other".to_vec(), ..site.config.clone() };
    assert_eq!(what(genesis, &Blueprint::new(alice, &site.bundles, &site.config)), "nothing");
    assert_eq!(what([7; 32], &Blueprint::new(alice, &site.bundles, &site.config)), "chain");
    assert_eq!(what(genesis, &Blueprint::new(bob, &site.bundles, &site.config)), "deployer");
    assert_eq!(what(genesis, &Blueprint::new(alice, &site.bundles, &other)), "configuration");
}

#[tokio::test]
async fn a_journal_is_written_by_one_at_a_time_and_no_other_file_is_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let site = Site::new();
    let held = site.journal(&path).await.unwrap();
    let error = site.journal(&path).await.err().unwrap();
    assert_eq!(error, DeployError::JournalInUse(path.clone()));
    drop(held);

    let begun = fs::read_to_string(&path).unwrap();
    for (text, line) in
        [("notes of mine\n".to_owned(), 1), (format!("{begun}{{\"sending\":{{}}}}\n"), 2), ("{}\n".into(), 1)]
    {
        fs::write(&path, &text).unwrap();
        let error = site.journal(&path).await.err().unwrap();
        assert!(matches!(error, DeployError::JournalDamaged { line: at, .. } if at == line), "{text}: {error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "left as it was");
    }
}
