//! Commits: what was promised to the chain, and how far the promise got.

use ink::primitives::Hash;
use inktensor_primitives::{
    WeightEntry,
    commitment::{Commitment, Salt},
};
use rusqlite::{OptionalExtension, Row, params};
use scale::{Decode, Encode};

use super::{Journal, JournalError, Scope, Verdict, array};

/// How far a commit got. `Submitted` and `Revealing` stand for "sent, answer not seen".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitState {
    /// Decided, nothing sent.
    Planned,
    /// The commit was sent, or is about to be.
    Submitted,
    /// The commit stands on chain.
    Committed,
    /// The reveal was sent, or is about to be.
    Revealing,
    /// The reveal was accepted.
    Revealed,
    /// The time of the commit or of its reveal passed.
    Expired,
}

impl CommitState {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Planned, "planned"),
        (Self::Submitted, "submitted"),
        (Self::Committed, "committed"),
        (Self::Revealing, "revealing"),
        (Self::Revealed, "revealed"),
        (Self::Expired, "expired"),
    ];

    /// The name as it is stored.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Result<Self, JournalError> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(state, _)| *state).ok_or(JournalError::Damaged { what: "a commit's state has an unknown name" })
    }

    /// Whether nothing is left to do.
    pub fn settled(self) -> bool {
        matches!(self, Self::Revealed | Self::Expired)
    }
}

/// One commit with all that its reveal needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRecord {
    /// Epoch in which it was made.
    pub epoch: u64,
    /// The weights, in order of uid.
    pub weights: Vec<WeightEntry>,
    /// Version of the evaluator that made them.
    pub version_key: u64,
    /// Root of the evaluation transcript; zeros where there is none.
    pub transcript: Hash,
    /// Salt.
    pub salt: Salt,
    /// What the chain is told.
    pub hash: Hash,
    /// How far it got.
    pub state: CommitState,
}

impl CommitRecord {
    /// A commit as it is planned.
    pub fn plan(
        scope: &Scope,
        epoch: u64,
        weights: Vec<WeightEntry>,
        version_key: u64,
        transcript: Hash,
        salt: Salt,
    ) -> Self {
        let hash = Commitment {
            contract: scope.contract,
            netuid: scope.netuid,
            epoch,
            hotkey: scope.hotkey,
            weights: weights.clone().into(),
            version_key,
            transcript,
            salt,
        }
        .hash();
        Self { epoch, weights, version_key, transcript, salt, hash, state: CommitState::Planned }
    }
}

const COLUMNS: &str = "epoch, weights, version_key, transcript, salt, hash, state";

impl Journal {
    /// Writes the verdicts of an epoch, the averages after it and the commit that follows from them: all or nothing, so
    /// that an epoch enters the averages once, whenever the process dies.
    pub fn plan(&self, commit: &CommitRecord, verdicts: &[Verdict]) -> Result<(), JournalError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        for verdict in verdicts {
            verdict.insert(&transaction, self.id, commit.epoch)?;
        }
        transaction.execute(
            &format!("INSERT INTO commits (scope, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
            params![
                self.id,
                commit.epoch.cast_signed(),
                commit.weights.encode(),
                commit.version_key.cast_signed(),
                commit.transcript.as_ref(),
                commit.salt,
                commit.hash.as_ref(),
                commit.state.name(),
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The commit of an epoch.
    pub fn commit_of(&self, epoch: u64) -> Result<Option<CommitRecord>, JournalError> {
        let query = format!("SELECT {COLUMNS} FROM commits WHERE scope = ? AND epoch = ?");
        let key = params![self.id, epoch.cast_signed()];
        self.lock().query_row(&query, key, |row| Ok(read(row))).optional()?.transpose()
    }

    /// Commits with something left to do, the oldest first.
    pub fn open_commits(&self) -> Result<Vec<CommitRecord>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!(
            "SELECT {COLUMNS} FROM commits WHERE scope = ? AND state NOT IN ('revealed', 'expired') ORDER BY epoch"
        ))?;
        let rows = statement.query_map([self.id], |row| Ok(read(row)))?;
        rows.map(|row| row?).collect()
    }

    /// Records how far the commit of an epoch got.
    pub fn mark(&self, epoch: u64, state: CommitState) -> Result<(), JournalError> {
        let changed = self.lock().execute(
            "UPDATE commits SET state = ? WHERE scope = ? AND epoch = ?",
            params![state.name(), self.id, epoch.cast_signed()],
        )?;
        if changed == 1 { Ok(()) } else { Err(JournalError::NoCommit { epoch }) }
    }
}

fn read(row: &Row<'_>) -> Result<CommitRecord, JournalError> {
    let weights: Vec<u8> = row.get(1)?;
    let state: String = row.get(6)?;
    Ok(CommitRecord {
        epoch: row.get::<_, i64>(0)?.cast_unsigned(),
        weights: Vec::decode(&mut weights.as_slice())
            .map_err(|_| JournalError::Damaged { what: "a commit's weights cannot be decoded" })?,
        version_key: row.get::<_, i64>(2)?.cast_unsigned(),
        transcript: Hash::from(array(row.get(3)?, "a transcript is not 32 bytes")?),
        salt: array(row.get(4)?, "a salt is not 32 bytes")?,
        hash: Hash::from(array(row.get(5)?, "a commit's hash is not 32 bytes")?),
        state: CommitState::parse(&state)?,
    })
}
