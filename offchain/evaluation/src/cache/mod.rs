//! Results that need computing once: the loss of a model on a window, by an evaluator.
//!
//! A row of SQLite for each (model, evaluator, window), with a tag over all of it. What does not carry its tag is
//! dropped and computed again, and so is a whole file that is damaged: the cache may be lost at any time, and must
//! never be wrong. The tag finds damage, not forgery: keep the file where only the validator writes.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use thiserror::Error;

use crate::digest::Digest;

mod cached;
mod open;
mod row;

pub use cached::Cached;

use row::Row;

/// Rows of a cache unless told otherwise: two million, some 400 MB.
pub const DEFAULT_ROWS: u64 = 2_000_000;

/// Why a cache cannot be opened. A validator can do without.
#[derive(Debug, Error)]
pub enum CacheError {
    /// The file belongs to something else.
    #[error("{path} is an SQLite file of another program. Give the cache a path of its own")]
    NotACache {
        /// The path.
        path: PathBuf,
    },
    /// A damaged file cannot be moved out of the way.
    #[error("the damaged cache {path} cannot be moved away: {reason}. Delete it")]
    Stuck {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// SQLite failed.
    #[error("the cache cannot be used: {0}. Check the path, its permissions and the space on its disk")]
    Sqlite(#[from] rusqlite::Error),
}

/// What went wrong with a cache, and was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheEvent {
    /// A row did not carry its tag. It was dropped, and is computed again.
    RowDropped {
        /// The model's digest.
        model: Digest,
        /// The window's identity.
        window: Digest,
    },
    /// The file was damaged, or of another version. It was moved away, and a new one begun.
    Rebuilt {
        /// What was found.
        reason: String,
    },
    /// The cache could not be read or written; results were computed without it.
    Bypassed {
        /// SQLite's words.
        reason: String,
    },
}

/// Whose results: a model, on an evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Digest of the model's weights.
    pub model: Digest,
    /// Digest of all else that decides on a result.
    pub evaluator: Digest,
}

/// An open cache. Calls block for as long as the disk takes.
#[derive(Debug)]
pub struct Cache {
    path: Option<PathBuf>,
    rows: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    /// Counts the calls that looked something up: rows that were of use longest ago are evicted first.
    round: i64,
    events: Vec<CacheEvent>,
}

impl Cache {
    /// Opens a file of at most `rows` rows, or makes it. A damaged file is moved to the same name with `.damaged`.
    pub fn open(path: &Path, rows: u64) -> Result<Self, CacheError> {
        let (connection, found) = open::open(path)?;
        let cache = Self::with(Some(path.to_owned()), rows, connection)?;
        if let Some(reason) = found {
            cache.lock().tell(CacheEvent::Rebuilt { reason });
        }
        Ok(cache)
    }

    /// A cache that forgets everything when dropped.
    pub fn in_memory(rows: u64) -> Result<Self, CacheError> {
        let mut connection = Connection::open_in_memory()?;
        open::create(&mut connection)?;
        Self::with(None, rows, connection)
    }

    fn with(path: Option<PathBuf>, rows: u64, connection: Connection) -> Result<Self, CacheError> {
        let state = Mutex::new(State { round: last_round(&connection)?, connection, events: Vec::new() });
        Ok(Self { path, rows, state })
    }

    /// What went wrong since the last call.
    pub fn take_events(&self) -> Vec<CacheEvent> {
        std::mem::take(&mut self.lock().events)
    }

    /// Number of rows.
    pub fn len(&self) -> Result<u64, CacheError> {
        Ok(self.lock().count()?.cast_unsigned())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> Result<bool, CacheError> {
        Ok(self.len()? == 0)
    }

    /// The known results for windows, in order.
    fn look_up(&self, subject: &Subject, windows: &[Digest]) -> Vec<Option<i64>> {
        let mut state = self.lock();
        state.look_up(subject, windows).unwrap_or_else(|error| {
            self.mend(&mut state, &error);
            vec![None; windows.len()]
        })
    }

    /// Keeps results, all or none, and drops the oldest rows that are too many.
    fn keep(&self, subject: &Subject, results: &[(Digest, i64)]) {
        let mut state = self.lock();
        if let Err(error) = state.keep(subject, results, self.rows) {
            self.mend(&mut state, &error);
        }
    }

    /// Begins a new file where the present one is damaged; otherwise goes on without the cache this time.
    fn mend(&self, state: &mut State, error: &rusqlite::Error) {
        let reason = error.to_string();
        if !open::is_damage(error) {
            return state.tell(CacheEvent::Bypassed { reason });
        }
        match self.rebuild(state) {
            Ok(()) => state.tell(CacheEvent::Rebuilt { reason }),
            Err(failure) => state.tell(CacheEvent::Bypassed { reason: failure.to_string() }),
        }
    }

    fn rebuild(&self, state: &mut State) -> Result<(), CacheError> {
        // The old connection has to let go of the file before another takes its place.
        state.connection = Connection::open_in_memory()?;
        open::create(&mut state.connection)?;
        if let Some(path) = &self.path {
            open::move_away(path)?;
            state.connection = open::open(path)?.0;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, event: CacheEvent) {
        tracing::warn!(?event, "the evaluation cache was mended");
        self.events.push(event);
    }

    fn look_up(&mut self, subject: &Subject, windows: &[Digest]) -> Result<Vec<Option<i64>>, rusqlite::Error> {
        self.round = self.round.saturating_add(1);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut results, mut broken) = (Vec::with_capacity(windows.len()), Vec::new());
        {
            let mut find = transaction
                .prepare_cached("SELECT nll, tag FROM results WHERE model = ? AND evaluator = ? AND window = ?")?;
            let mut touch = transaction
                .prepare_cached("UPDATE results SET round = ? WHERE model = ? AND evaluator = ? AND window = ?")?;
            let mut remove =
                transaction.prepare_cached("DELETE FROM results WHERE model = ? AND evaluator = ? AND window = ?")?;
            for &window in windows {
                let key = params![subject.model.0, subject.evaluator.0, window.0];
                let found = find.query_row(key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
                let sound = found.optional()?.map(|(nll, tag)| {
                    let row = Row { subject, window, nll };
                    (row.tag().as_slice() == tag.as_slice()).then_some(nll)
                });
                match sound {
                    Some(Some(_)) => {
                        let key = (subject.model.0, subject.evaluator.0, window.0);
                        touch.execute(params![self.round, key.0, key.1, key.2])?;
                    }
                    Some(None) => {
                        remove.execute(key)?;
                        broken.push(CacheEvent::RowDropped { model: subject.model, window });
                    }
                    None => {}
                }
                results.push(sound.flatten());
            }
        }
        transaction.commit()?;
        broken.into_iter().for_each(|event| self.tell(event));
        Ok(results)
    }

    fn keep(&mut self, subject: &Subject, results: &[(Digest, i64)], most: u64) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT OR REPLACE INTO results (model, evaluator, window, nll, round, tag) VALUES (?, ?, ?, ?, ?, ?)",
            )?;
            for &(window, nll) in results {
                let tag = Row { subject, window, nll }.tag();
                let key = (subject.model.0, subject.evaluator.0, window.0);
                insert.execute(params![key.0, key.1, key.2, nll, self.round, tag])?;
            }
        }
        transaction.commit()?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let surplus = self.count()?.saturating_sub(most);
        if surplus > 0 {
            self.connection.execute(
                "DELETE FROM results WHERE (model, evaluator, window) IN
                     (SELECT model, evaluator, window FROM results ORDER BY round LIMIT ?)",
                [surplus],
            )?;
        }
        Ok(())
    }

    fn count(&self) -> Result<i64, rusqlite::Error> {
        self.connection.query_row("SELECT count(*) FROM results", [], |row| row.get(0))
    }
}

fn last_round(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("SELECT coalesce(max(round), 0) FROM results", [], |row| row.get(0))
}
