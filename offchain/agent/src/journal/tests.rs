#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::primitives::Hash;

use super::*;
use crate::figure::{Figure, Measure, Yardstick};

fn scope(hotkey: u8) -> Scope {
    Scope { contract: AccountId::from([9; 32]), netuid: 1, hotkey: AccountId::from([hotkey; 32]) }
}

fn commit(scope: &Scope, epoch: u64) -> CommitRecord {
    CommitRecord::plan(scope, epoch, vec![(0, 1, 65_535), (3, 9, 7)], u64::MAX, Hash::from([0; 32]), [5; 32])
}

const BUILT_IN: Yardstick = Yardstick { evaluator: [1; 32], measure: Measure::Loss };
const COMPONENT: Yardstick = Yardstick { evaluator: [2; 32], measure: Measure::Merit };

/// The average of the first tenant of a uid.
fn average(journal: &Journal, yardstick: &Yardstick, uid: u8) -> Option<Figure> {
    journal.average(yardstick, &AccountId::from([uid; 32]), 4).unwrap()
}

fn verdict(uid: u16, average: Option<u64>) -> Verdict {
    Verdict {
        uid,
        miner: AccountId::from([uid as u8; 32]),
        registration_id: 4,
        yardstick: BUILT_IN,
        figure: average.map(|average| Figure(average + 1)),
        average: average.map(Figure),
        fault: average.is_none().then(|| "no model".to_owned()),
        weight: 3,
    }
}

#[test]
fn a_plan_survives_reopening_and_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let scope = scope(1);
    let written = commit(&scope, 7);
    let verdicts = vec![verdict(0, Some(2_000_000)), verdict(3, None)];
    Journal::open(&path, scope).unwrap().plan(&written, &verdicts).unwrap();

    let journal = Journal::open(&path, scope).unwrap();
    assert_eq!(journal.commit_of(7).unwrap(), Some(written));
    assert_eq!(journal.verdicts(7).unwrap(), verdicts);
    assert_eq!(average(&journal, &BUILT_IN, 0), Some(Figure(2_000_000)));
    let later = journal.average(&BUILT_IN, &AccountId::from([0; 32]), 5).unwrap();
    assert_eq!(later, None, "a later tenancy starts anew");
    assert_eq!(journal.last_epoch().unwrap(), Some(7));
}

#[test]
fn an_epoch_is_planned_once() {
    let journal = Journal::in_memory(scope(1)).unwrap();
    let first = commit(journal.scope(), 7);
    journal.plan(&first, &[verdict(0, Some(1))]).unwrap();
    let second = CommitRecord { salt: [6; 32], ..first.clone() };
    assert!(journal.plan(&second, &[verdict(1, Some(9))]).is_err());
    assert_eq!(journal.commit_of(7).unwrap(), Some(first));
    assert_eq!(average(&journal, &BUILT_IN, 1), None, "the refused plan left no average");
}

#[test]
fn settled_commits_are_not_open() {
    let journal = Journal::in_memory(scope(1)).unwrap();
    for epoch in [3, 1, 2] {
        journal.plan(&commit(journal.scope(), epoch), &[]).unwrap();
    }
    journal.mark(2, CommitState::Revealed).unwrap();
    let open: Vec<u64> = journal.open_commits().unwrap().iter().map(|commit| commit.epoch).collect();
    assert_eq!(open, [1, 3]);
    assert!(matches!(journal.mark(9, CommitState::Revealed), Err(JournalError::NoCommit { epoch: 9 })));
}

#[test]
fn scopes_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let one = Journal::open(&path, scope(1)).unwrap();
    let two = Journal::open(&path, scope(2)).unwrap();
    one.plan(&commit(one.scope(), 1), &[verdict(0, Some(5))]).unwrap();
    assert_eq!(two.commit_of(1).unwrap(), None);
    assert_eq!(average(&two, &BUILT_IN, 0), None);
    assert!(two.open_commits().unwrap().is_empty());
}

#[test]
fn a_newer_journal_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    drop(Journal::open(&path, scope(1)).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refusal = Journal::open(&path, scope(1)).unwrap_err();
    assert!(matches!(refusal, JournalError::Newer { found: 99, known: schema::VERSION }), "{refusal}");
}

#[test]
fn salts_are_on_the_disk_before_the_call_returns() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.sqlite"), scope(1)).unwrap();
    let connection = journal.lock();
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!((synchronous, mode.as_str()), (2, "wal"));
}

#[test]
fn averages_do_not_outlive_their_evaluator() {
    let journal = Journal::in_memory(scope(1)).unwrap();
    journal.plan(&commit(journal.scope(), 1), &[verdict(0, Some(5))]).unwrap();
    let other = Yardstick { evaluator: [3; 32], ..BUILT_IN };
    assert_eq!([BUILT_IN, other, COMPONENT].map(|by| average(&journal, &by, 0)), [Some(Figure(5)), None, None]);

    let merit = Verdict { yardstick: COMPONENT, ..verdict(0, Some(u64::MAX - 1)) };
    journal.plan(&commit(journal.scope(), 2), std::slice::from_ref(&merit)).unwrap();
    assert_eq!([BUILT_IN, COMPONENT].map(|by| average(&journal, &by, 0)), [None, Some(Figure(u64::MAX - 1))]);
    assert_eq!(journal.verdicts(2).unwrap(), [merit], "figures are whole up to the largest");
}

#[test]
fn a_journal_of_version_1_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    Connection::open(&path).unwrap().execute_batch(include_str!("version-1.sql")).unwrap();

    let journal = Journal::open(&path, scope(1)).unwrap();
    let unrecorded = Yardstick { evaluator: [0; 32], measure: Measure::Loss };
    let old = Verdict { yardstick: unrecorded, ..verdict(0, Some(2_000_000)) };
    assert_eq!(journal.verdicts(7).unwrap(), [old, Verdict { yardstick: unrecorded, ..verdict(3, None) }]);
    assert_eq!(journal.commit_of(7).unwrap(), Some(commit(&scope(1), 7)));
    assert_eq!(average(&journal, &BUILT_IN, 0), Some(Figure(2_000_000)), "the built-in evaluator made it");
    assert_eq!(average(&journal, &COMPONENT, 0), None);

    journal.plan(&commit(journal.scope(), 8), &[verdict(0, Some(3))]).unwrap();
    let other = Yardstick { evaluator: [3; 32], ..BUILT_IN };
    assert_eq!([BUILT_IN, other].map(|by| average(&journal, &by, 0)), [Some(Figure(3)), None]);
    drop(journal);
    assert_eq!(Journal::open(&path, scope(1)).unwrap().last_epoch().unwrap(), Some(8), "it is migrated once");
}
