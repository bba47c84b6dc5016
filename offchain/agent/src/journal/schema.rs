//! The journal's tables, and the check that a file is a journal of this version.

use rusqlite::Connection;

use super::JournalError;

/// Version of the tables below; stored in SQLite's `user_version`, where 0 means an empty file.
pub const VERSION: i64 = 1;

const TABLES: &str = "
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

/// Sets up the connection, creates the tables of an empty file, refuses a file of another version.
pub fn prepare(connection: &mut Connection) -> Result<(), JournalError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A salt must be on the disk before the commit that needs it leaves the machine.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        newer if newer > VERSION => return Err(JournalError::Newer { found: newer, known: VERSION }),
        other => return Err(JournalError::Unknown { found: other }),
    }
    transaction.commit()?;
    Ok(())
}
