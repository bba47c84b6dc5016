//! Verdicts on miners, epoch by epoch, and the moving averages that they feed.

use ink::primitives::AccountId;
use inktensor_evaluation::score::Loss;
use inktensor_primitives::{RegistrationId, Uid};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Journal, JournalError, account, bytes};

/// What a validator found out about one miner in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The miner's uid.
    pub uid: Uid,
    /// Its hotkey.
    pub miner: AccountId,
    /// Its tenancy of the uid: an average does not pass to the next tenant.
    pub registration_id: RegistrationId,
    /// Loss on this epoch's windows; none with a fault.
    pub loss: Option<Loss>,
    /// Moving average of losses after this epoch; none with a fault.
    pub average: Option<Loss>,
    /// Why the model earned nothing, if so.
    pub fault: Option<String>,
    /// The weight that followed.
    pub weight: u16,
}

impl Verdict {
    pub(super) fn insert(&self, transaction: &Transaction<'_>, scope: i64, epoch: u64) -> Result<(), JournalError> {
        let miner = bytes(&self.miner);
        let (loss, average) = (self.loss.map(to_sql), self.average.map(to_sql));
        transaction.execute(
            &format!("INSERT INTO verdicts (scope, epoch, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            params![
                scope,
                epoch.cast_signed(),
                self.uid,
                miner,
                self.registration_id,
                loss,
                average,
                self.fault,
                self.weight,
            ],
        )?;
        if average.is_some() {
            transaction.execute(
                "INSERT OR REPLACE INTO averages (scope, miner, registration_id, loss) VALUES (?, ?, ?, ?)",
                params![scope, miner, self.registration_id, average],
            )?;
        }
        Ok(())
    }

    fn read(row: &Row<'_>) -> Result<Self, JournalError> {
        Ok(Self {
            uid: row.get(0)?,
            miner: account(row.get(1)?)?,
            registration_id: row.get(2)?,
            loss: row.get::<_, Option<i64>>(3)?.map(from_sql),
            average: row.get::<_, Option<i64>>(4)?.map(from_sql),
            fault: row.get(5)?,
            weight: row.get(6)?,
        })
    }
}

/// SQLite's integers are signed; a loss is far below that bound.
fn to_sql(loss: Loss) -> i64 {
    loss.0.cast_signed()
}

fn from_sql(stored: i64) -> Loss {
    Loss(stored.cast_unsigned())
}

const COLUMNS: &str = "uid, miner, registration_id, loss, average, fault, weight";

impl Journal {
    /// The moving average of a miner's tenancy; none before its first score.
    pub fn average(&self, miner: &AccountId, registration_id: RegistrationId) -> Result<Option<Loss>, JournalError> {
        let found: Option<i64> = self
            .lock()
            .query_row(
                "SELECT loss FROM averages WHERE scope = ? AND miner = ? AND registration_id = ?",
                params![self.id, bytes(miner), registration_id],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found.map(from_sql))
    }

    /// The verdicts of an epoch, in order of uid.
    pub fn verdicts(&self, epoch: u64) -> Result<Vec<Verdict>, JournalError> {
        let connection = self.lock();
        let query = format!("SELECT {COLUMNS} FROM verdicts WHERE scope = ? AND epoch = ? ORDER BY uid");
        let mut statement = connection.prepare(&query)?;
        let rows = statement.query_map(params![self.id, epoch.cast_signed()], |row| Ok(Verdict::read(row)))?;
        rows.map(|row| row?).collect()
    }

    /// The latest epoch with verdicts.
    pub fn last_epoch(&self) -> Result<Option<u64>, JournalError> {
        let query = "SELECT max(epoch) FROM verdicts WHERE scope = ?";
        let epoch: Option<i64> = self.lock().query_row(query, [self.id], |row| row.get(0))?;
        Ok(epoch.map(i64::cast_unsigned))
    }
}
