//! The validator's journal: what it must not forget, written before anything is sent.
//!
//! A commit that cannot be revealed is lost, and with it an epoch's rewards. So weights, salt and hash are on the disk
//! before the commit leaves the machine; a restart compares the journal with the chain and goes on from there. SQLite
//! in WAL mode with full synchronisation; other processes may read it while the validator writes.
//!
//! Calls block for as long as the disk takes, a few milliseconds, a handful of times in an epoch.

mod commits;
mod schema;
mod verdicts;

pub use commits::{CommitRecord, CommitState};
pub use verdicts::Verdict;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ink::primitives::AccountId;
use inktensor_primitives::Netuid;
use rusqlite::{Connection, params};
use thiserror::Error;

/// Why the journal could not be read or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file was written by a newer agent.
    #[error("the journal has version {found}, this agent knows {known}. Run the newer agent that wrote it")]
    Newer {
        /// Version of the file.
        found: i64,
        /// Version of this agent.
        known: i64,
    },
    /// The file has a version that no agent wrote.
    #[error("the journal has version {found}, which no agent writes. Is the path that of another SQLite file?")]
    Unknown {
        /// Version of the file.
        found: i64,
    },
    /// A row does not hold what the agent writes.
    #[error("the journal is damaged: {what}. Restore it from a backup, or move it away and start a new one")]
    Damaged {
        /// Which field, and of what.
        what: &'static str,
    },
    /// No commit of this epoch is in the journal.
    #[error("the journal holds no commit of epoch {epoch}")]
    NoCommit {
        /// Which epoch.
        epoch: u64,
    },
    /// SQLite failed.
    #[error("the journal cannot be used: {0}. Check the path, its permissions and the space on its disk")]
    Sqlite(#[from] rusqlite::Error),
}

/// Whose records: one journal file may hold those of several validators and subnets, without mixing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Address of the incentive contract.
    pub contract: AccountId,
    /// Subnet.
    pub netuid: Netuid,
    /// The validator's hotkey.
    pub hotkey: AccountId,
}

/// An open journal, limited to one scope.
#[derive(Debug)]
pub struct Journal {
    connection: Mutex<Connection>,
    scope: Scope,
    /// The scope's row.
    id: i64,
}

impl Journal {
    /// Opens the file, or makes it.
    pub fn open(path: &Path, scope: Scope) -> Result<Self, JournalError> {
        Self::prepare(Connection::open(path)?, scope)
    }

    /// A journal that forgets everything when dropped, for tests.
    pub fn in_memory(scope: Scope) -> Result<Self, JournalError> {
        Self::prepare(Connection::open_in_memory()?, scope)
    }

    fn prepare(mut connection: Connection, scope: Scope) -> Result<Self, JournalError> {
        schema::prepare(&mut connection)?;
        connection.execute(
            "INSERT OR IGNORE INTO scopes (contract, netuid, hotkey) VALUES (?, ?, ?)",
            params![bytes(&scope.contract), scope.netuid, bytes(&scope.hotkey)],
        )?;
        let id = connection.query_row(
            "SELECT id FROM scopes WHERE contract = ? AND netuid = ? AND hotkey = ?",
            params![bytes(&scope.contract), scope.netuid, bytes(&scope.hotkey)],
            |row| row.get(0),
        )?;
        Ok(Self { connection: Mutex::new(connection), scope, id })
    }

    /// Whose records these are.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A thread that panicked in the middle of a transaction left it rolled back, so the connection is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(account: &AccountId) -> &[u8] {
    account.as_ref()
}

fn account(bytes: Vec<u8>) -> Result<AccountId, JournalError> {
    Ok(AccountId::from(array(bytes, "an account is not 32 bytes")?))
}

fn array(bytes: Vec<u8>, what: &'static str) -> Result<[u8; 32], JournalError> {
    bytes.try_into().map_err(|_| JournalError::Damaged { what })
}

#[cfg(test)]
mod tests;
