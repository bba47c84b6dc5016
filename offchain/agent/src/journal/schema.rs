//! The journal's tables, and how a file of an older version comes to them.

use rusqlite::Connection;

use super::JournalError;

/// Version of the tables that the steps below lead to; stored in SQLite's `user_version`, where 0 means an empty file.
pub const VERSION: i64 = STEPS.len() as i64;

/// From each version to the next. Files in use were made by these, so a step never changes; another one follows it.
const STEPS: [&str; 2] = [BEGINNING, FIGURES];

const BEGINNING: &str = "
    CREATE TABLE scopes (
        id       INTEGER PRIMARY KEY,
        contract BLOB    NOT NULL,
        netuid   INTEGER NOT NULL,
        hotkey   BLOB    NOT NULL, -- the validator's
        UNIQUE (contract, netuid, hotkey)
    ) STRICT;
    CREATE TABLE commits (
        scope       INTEGER NOT NULL REFERENCES scopes,
        epoch       INTEGER NOT NULL,
        weights     BLOB    NOT NULL, -- SCALE: Vec<(uid, registration id, weight)>
        version_key INTEGER NOT NULL,
        transcript  BLOB    NOT NULL,
        salt        BLOB    NOT NULL,
        hash        BLOB    NOT NULL,
        state       TEXT    NOT NULL,
        PRIMARY KEY (scope, epoch)
    ) STRICT;
    CREATE TABLE averages (
        scope           INTEGER NOT NULL REFERENCES scopes,
        miner           BLOB    NOT NULL,
        registration_id INTEGER NOT NULL,
        loss            INTEGER NOT NULL,
        PRIMARY KEY (scope, miner, registration_id)
    ) STRICT;
    CREATE TABLE verdicts (
        scope           INTEGER NOT NULL REFERENCES scopes,
        epoch           INTEGER NOT NULL,
        uid             INTEGER NOT NULL,
        miner           BLOB    NOT NULL,
        registration_id INTEGER NOT NULL,
        loss            INTEGER,          -- Q32.32 bits per byte on this epoch's windows; null with a fault
        average         INTEGER,          -- moving average after this epoch; null with a fault
        fault           TEXT,
        weight          INTEGER NOT NULL,
        PRIMARY KEY (scope, epoch, uid)
    ) STRICT;
";

/// Losses become figures, which evaluators of more than one kind make. 32 zeros stand for the evaluator of older records,
/// which did not say which it was: the built-in one.
const FIGURES: &str = "
    ALTER TABLE averages RENAME COLUMN loss TO figure;
    ALTER TABLE averages ADD COLUMN evaluator BLOB NOT NULL
        DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
    ALTER TABLE verdicts RENAME COLUMN loss TO figure; -- in the unit of its measure; null with a fault
    ALTER TABLE verdicts ADD COLUMN evaluator BLOB NOT NULL
        DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
    ALTER TABLE verdicts ADD COLUMN measure TEXT NOT NULL DEFAULT 'loss';
";

/// Sets up the connection and takes the file to this version; refuses one of another.
pub fn prepare(connection: &mut Connection) -> Result<(), JournalError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A salt must be on the disk before the commit that needs it leaves the machine.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        return Err(JournalError::Newer { found: version, known: VERSION });
    }
    let done = usize::try_from(version).map_err(|_| JournalError::Unknown { found: version })?;
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}
