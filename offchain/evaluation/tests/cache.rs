//! The cache of losses: what it spares, and that damage to it changes no result.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use inktensor_evaluation::cache::{Cache, CacheError, CacheEvent, Cached, DEFAULT_ROWS};
use inktensor_evaluation::task::{Fault, Lane, MinerFault};
use inktensor_evaluation::{Digest, Window};
use proptest::prelude::*;

mod common;

use common::Random;

/// An engine that computes a number from the window, and counts what it is asked.
struct Counting {
    model: Digest,
    asked: RefCell<Vec<Window>>,
}

impl Counting {
    fn new(model: &str) -> Self {
        Self { model: Digest::of(model.as_bytes()), asked: RefCell::default() }
    }

    fn truth(&self, window: &Window) -> i64 {
        let hash = Digest::of(&[&self.model.0[..], &window.digest().0[..]].concat()).0;
        i64::from(u32::from_le_bytes(hash[..4].try_into().unwrap())) << 8
    }

    fn asked(&self) -> usize {
        self.asked.borrow_mut().drain(..).count()
    }
}

impl Lane for &Counting {
    fn model(&self) -> Digest {
        self.model
    }

    fn evaluator(&self) -> Digest {
        Digest::of(b"counting/1")
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        if windows.iter().any(|window| window.bytes() == 0) {
            return Err(MinerFault::NonFiniteLoss { window: 0 }.into());
        }
        self.asked.borrow_mut().extend_from_slice(windows);
        Ok(windows.iter().map(|window| self.truth(window)).collect())
    }

    fn embed(&self, _: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        unimplemented!()
    }

    fn classify(&self, _: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        unimplemented!()
    }

    fn perceive(&self, _: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        unimplemented!()
    }
}

fn windows(range: std::ops::Range<u32>) -> Vec<Window> {
    range.map(|n| Window::new(vec![n, n + 1, n * 7], 1, 5).unwrap()).collect()
}

/// Evaluates through the cache, checks the results, and returns how many windows reached the engine.
fn round(cache: &Cache, engine: &Counting, windows: &[Window]) -> usize {
    let expected: Vec<i64> = windows.iter().map(|window| engine.truth(window)).collect();
    assert_eq!(Cached::new(engine, cache).nll(windows), Ok(expected));
    engine.asked()
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("cache.sqlite")
}

fn open(path: &Path) -> Cache {
    Cache::open(path, DEFAULT_ROWS).unwrap()
}

#[test]
fn a_second_round_costs_only_new_windows() {
    let folder = tempfile::tempdir().unwrap();
    let models = ["a", "b", "c"].map(Counting::new);
    {
        let cache = open(&file(&folder));
        for model in &models {
            assert_eq!(round(&cache, model, &windows(0..20)), 20);
        }
    }
    // The next epoch, after a restart: half of the windows are new, and one comes twice.
    let cache = open(&file(&folder));
    for model in &models {
        let again = [windows(10..30), windows(29..30)].concat();
        assert_eq!(round(&cache, model, &again), 10);
        assert_eq!(round(&cache, model, &again), 0);
    }
    assert_eq!(round(&cache, &Counting::new("d"), &windows(0..20)), 20);
    assert_eq!(cache.take_events(), []);
    assert_eq!(cache.len().unwrap(), 3 * 30 + 20);
}

#[test]
fn windows_that_differ_in_what_is_predicted_are_different() {
    let of = |first, bytes| Window::new(vec![1, 2, 3, 4], first, bytes).unwrap();
    let ids =
        [of(1, 9), of(2, 9), of(1, 8), Window::new(vec![1, 2, 3, 5], 1, 9).unwrap()].map(|window| window.digest());
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[..index].contains(id));
    }
    // By the book, so that another implementation finds the same name.
    let book =
        [&b"inktensor/window/1"[..], &[1, 0, 0, 0, 9, 0, 0, 0], &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]];
    assert_eq!(ids[0], Digest::of(&book.concat()));
}

#[test]
fn a_fault_is_not_kept() {
    let cache = Cache::in_memory(100).unwrap();
    let engine = Counting::new("a");
    let broken = [windows(0..3), vec![Window::new(vec![1, 2], 1, 0).unwrap()]].concat();
    assert!(matches!(Cached::new(&engine, &cache).nll(&broken), Err(Fault::Miner(_))));
    assert!(cache.is_empty().unwrap());
}

#[test]
fn rows_that_were_of_use_longest_ago_make_room() {
    let cache = Cache::in_memory(30).unwrap();
    let engine = Counting::new("a");
    round(&cache, &engine, &windows(0..10));
    round(&cache, &engine, &windows(10..20));
    round(&cache, &engine, &windows(0..10));
    round(&cache, &engine, &windows(20..35));
    assert_eq!(cache.len().unwrap(), 30);
    assert_eq!(round(&cache, &engine, &windows(0..10)), 0, "used lately");
    assert_eq!(round(&cache, &engine, &windows(10..20)), 5, "half of them had to go");
}

#[test]
fn a_row_that_was_changed_is_dropped_and_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Counting::new("a");
    for change in ["nll = nll + 1", "tag = zeroblob(16)", "tag = x''", "window = evaluator"] {
        let cache = open(&file(&folder));
        round(&cache, &engine, &windows(0..5));
        let sqlite = rusqlite::Connection::open(file(&folder)).unwrap();
        let touched = windows(3..4).iter().map(|window| window.digest().0).next().unwrap();
        let changed = sqlite.execute(&format!("UPDATE results SET {change} WHERE window = ?"), [touched]).unwrap();
        assert_eq!(changed, 1, "{change}");
        assert_eq!(round(&cache, &engine, &windows(0..5)), 1, "{change}");
        let event = CacheEvent::RowDropped { model: engine.model, window: Digest(touched) };
        // A row filed under another window's name is not found at all, and stands for no window.
        assert_eq!(cache.take_events(), if change.starts_with("window") { vec![] } else { vec![event] }, "{change}");
        assert_eq!(round(&cache, &engine, &windows(0..5)), 0, "{change}");
    }
}

#[test]
fn files_of_another_version_and_ruins_make_way_and_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let engine = Counting::new("a");
    round(&open(&path), &engine, &windows(0..5));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let spoil: [(&str, &dyn Fn()); 3] = [
        ("version", &|| {}),
        ("truncated", &|| std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap()),
        ("no database", &|| std::fs::write(&path, b"something else entirely, and long enough to be read").unwrap()),
    ];
    for (what, spoil) in spoil {
        spoil();
        let before = std::fs::read(&path).unwrap();
        let cache = open(&path);
        assert!(matches!(cache.take_events().as_slice(), [CacheEvent::Rebuilt { .. }]), "{what}");
        assert_eq!(round(&cache, &engine, &windows(0..5)), 5, "{what}");
        assert_eq!(round(&cache, &engine, &windows(0..5)), 0, "{what}");
        if what != "truncated" {
            assert_eq!(std::fs::read(folder.path().join("cache.sqlite.damaged")).unwrap(), before, "{what}");
        }
    }
}

#[test]
fn another_programs_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE journal (salt BLOB)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Cache::open(&path, 10), Err(CacheError::NotACache { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// A copy of the files at any moment, as a crash leaves them, opens and holds whole rounds only.
#[test]
fn a_crash_leaves_whole_rounds() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let engine = Counting::new("a");
    let cache = open(&path);
    for n in 0..10 {
        round(&cache, &engine, &windows(n * 10..n * 10 + 10));
        let after = tempfile::tempdir().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("cache.sqlite{suffix}");
            std::fs::copy(folder.path().join(&name), after.path().join(&name)).unwrap();
        }
        let survivor = open(&file(&after));
        assert_eq!(survivor.take_events(), []);
        assert_eq!(survivor.len().unwrap(), u64::from(n + 1) * 10);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    /// Flipped bits anywhere in the file: at worst everything is computed again; never a wrong result.
    #[test]
    fn flipped_bits_never_change_a_result(seed: u64, flips in 1usize..30) {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        let engine = Counting::new("a");
        round(&open(&path), &engine, &windows(0..50));
        let mut random = Random(seed);
        let mut bytes = std::fs::read(&path).unwrap();
        for _ in 0..flips {
            let at = random.next() as usize % bytes.len();
            bytes[at] ^= 1 << (random.next() % 8);
        }
        std::fs::write(&path, &bytes).unwrap();
        match Cache::open(&path, DEFAULT_ROWS) {
            Ok(cache) => {
                round(&cache, &engine, &windows(0..60));
                round(&cache, &engine, &windows(0..60));
            }
            // The bits that say whose file it is.
            Err(error) => prop_assert!(matches!(error, CacheError::NotACache { .. }), "{error}"),
        }
    }

    /// Bits flipped below an open cache.
    #[test]
    fn damage_below_an_open_cache_never_changes_a_result(seed: u64, flips in 1usize..200) {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        let engine = Counting::new("a");
        round(&open(&path), &engine, &windows(0..400));
        let cache = open(&path);
        let mut random = Random(seed);
        let mut bytes = std::fs::read(&path).unwrap();
        for _ in 0..flips {
            let at = 100 + random.next() as usize % (bytes.len() - 100);
            bytes[at] ^= 1 << (random.next() % 8);
        }
        std::fs::write(&path, &bytes).unwrap();
        round(&cache, &engine, &windows(0..450));
        round(&cache, &engine, &windows(0..450));
    }
}
