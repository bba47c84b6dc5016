//! The cache's file: its table, its version, and what is done with a file that is damaged.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::CacheError;

/// SQLite's `application_id` of caches: "ink$".
const APPLICATION: i64 = 0x696e_6b24;
/// Version of the table, in `user_version`.
const VERSION: i64 = 1;

const TABLE: &str = "
    CREATE TABLE results (
        model     BLOB    NOT NULL,
        evaluator BLOB    NOT NULL,
        window    BLOB    NOT NULL,
        nll       INTEGER NOT NULL, -- nats, Q32.32
        round     INTEGER NOT NULL, -- when it was last of use
        tag       BLOB    NOT NULL, -- over all but the round
        PRIMARY KEY (model, evaluator, window)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX results_by_round ON results (round);
";

/// Opens a cache. With it, what was wrong with the file that was there, if anything; that file was moved away.
pub fn open(path: &Path) -> Result<(Connection, Option<String>), CacheError> {
    match attempt(path) {
        Ok(Ok(connection)) => Ok((connection, None)),
        Ok(Err(reason)) => again(path, reason),
        Err(CacheError::Sqlite(error)) if is_damage(&error) => again(path, error.to_string()),
        Err(error) => Err(error),
    }
}

fn again(path: &Path, reason: String) -> Result<(Connection, Option<String>), CacheError> {
    move_away(path)?;
    let mut connection = Connection::open(path)?;
    create(&mut connection)?;
    Ok((connection, Some(reason)))
}

/// The file as it is; the inner error says why it is of no use.
fn attempt(path: &Path) -> Result<Result<Connection, String>, CacheError> {
    let mut connection = Connection::open(path)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    // A process that died while it made the file leaves it without tables.
    if tables == 0 && application == 0 {
        create(&mut connection)?;
        return Ok(Ok(connection));
    }
    if application != APPLICATION {
        return Err(CacheError::NotACache { path: path.to_owned() });
    }
    if version != VERSION {
        return Ok(Err(format!("the cache has version {version}, not {VERSION}")));
    }
    set_up(&connection)?;
    // Walks over every page: a second or two for a cache that is full.
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(Ok(connection)) } else { Ok(Err(verdict)) }
}

/// Makes the table of a new cache.
pub fn create(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    set_up(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been here first.
    if transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == 0 {
        transaction.execute_batch(TABLE)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

fn set_up(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What a loss of power takes is computed again; what it leaves is whole.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.busy_timeout(std::time::Duration::from_secs(10))
}

/// Whether the file itself is at fault.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    let shape = matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
    );
    shape || matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Renames the file to `NAME.damaged`, in the place of an earlier one, and drops its logs.
pub fn move_away(path: &Path) -> Result<(), CacheError> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let stuck = |error: std::io::Error| CacheError::Stuck { path: path.to_owned(), reason: error.to_string() };
    std::fs::rename(path, beside(".damaged")).map_err(stuck)?;
    for log in [beside("-wal"), beside("-shm")] {
        match std::fs::remove_file(log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(stuck(error)),
            _ => {}
        }
    }
    Ok(())
}
