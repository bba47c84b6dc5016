//! Verdicts on miners, epoch by epoch, and the moving averages that they feed.

use ink::primitives::AccountId;
use inktensor_primitives::{RegistrationId, Uid};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Journal, JournalError, account, array, bytes};
use crate::figure::{Figure, Measure, Yardstick};

/// The evaluator of records that did not say which it was: the built-in one.
const UNRECORDED: [u8; 32] = [0; 32];

/// What a validator found out about one miner in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The miner's uid.
    pub uid: Uid,
    /// Its hotkey.
    pub miner: AccountId,
    /// Its tenancy of the uid: an average does not pass to the next tenant.
    pub registration_id: RegistrationId,
    /// What the figures are, and the evaluator that made them.
    pub yardstick: Yardstick,
    /// What the contribution came to in this epoch; none with a fault.
    pub figure: Option<Figure>,
    /// Moving average of figures after this epoch; none with a fault.
    pub average: Option<Figure>,
    /// Why the contribution earned nothing, if so.
    pub fault: Option<String>,
    /// The weight that followed.
    pub weight: u16,
}

impl Verdict {
    pub(super) fn insert(&self, transaction: &Transaction<'_>, scope: i64, epoch: u64) -> Result<(), JournalError> {
        let miner = bytes(&self.miner);
        let (figure, average) = (self.figure.map(to_sql), self.average.map(to_sql));
        let Yardstick { evaluator, measure } = self.yardstick;
        transaction.execute(
            &format!("INSERT INTO verdicts (scope, epoch, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            params![
                scope,
                epoch.cast_signed(),
                self.uid,
                miner,
                self.registration_id,
                figure,
                average,
                self.fault,
                self.weight,
                evaluator,
                measure.name(),
            ],
        )?;
        if average.is_some() {
            transaction.execute(
                "INSERT OR REPLACE INTO averages (scope, miner, registration_id, figure, evaluator)
                    VALUES (?, ?, ?, ?, ?)",
                params![scope, miner, self.registration_id, average, evaluator],
            )?;
        }
        Ok(())
    }

    fn read(row: &Row<'_>) -> Result<Self, JournalError> {
        Ok(Self {
            uid: row.get(0)?,
            miner: account(row.get(1)?)?,
            registration_id: row.get(2)?,
            figure: row.get::<_, Option<i64>>(3)?.map(from_sql),
            average: row.get::<_, Option<i64>>(4)?.map(from_sql),
            fault: row.get(5)?,
            weight: row.get(6)?,
            yardstick: Yardstick {
                evaluator: array(row.get(7)?, "an evaluator is not 32 bytes")?,
                measure: measure(&row.get::<_, String>(8)?)?,
            },
        })
    }
}

/// SQLite's integers are signed: those above their bound become negative, and come back.
fn to_sql(figure: Figure) -> i64 {
    figure.0.cast_signed()
}

fn from_sql(stored: i64) -> Figure {
    Figure(stored.cast_unsigned())
}

fn measure(name: &str) -> Result<Measure, JournalError> {
    let found = [Measure::Loss, Measure::Merit].into_iter().find(|measure| measure.name() == name);
    found.ok_or(JournalError::Damaged { what: "a verdict's measure has an unknown name" })
}

const COLUMNS: &str = "uid, miner, registration_id, figure, average, fault, weight, evaluator, measure";

impl Journal {
    /// The moving average of a miner's tenancy; none before its first figure by this yardstick.
    pub fn average(
        &self,
        yardstick: &Yardstick,
        miner: &AccountId,
        registration_id: RegistrationId,
    ) -> Result<Option<Figure>, JournalError> {
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?));
        let found = self
            .lock()
            .query_row(
                "SELECT figure, evaluator FROM averages WHERE scope = ? AND miner = ? AND registration_id = ?",
                params![self.id, bytes(miner), registration_id],
                row,
            )
            .optional()?;
        let Some((figure, by)) = found else { return Ok(None) };
        let ours = by == yardstick.evaluator || by == UNRECORDED && yardstick.measure == Measure::Loss;
        Ok(ours.then(|| from_sql(figure)))
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
