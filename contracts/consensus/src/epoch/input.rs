//! What an epoch is computed from, and its checks.

use super::EpochError;
use crate::liquid_alpha::LiquidAlpha;

/// Most uids of an epoch.
pub const MAX_UIDS: usize = 4_096;
/// Most cells (rows with weights or bonds, by uids) of an epoch: 16 MiB for weights and as much for bonds.
pub const MAX_CELLS: usize = 4 << 20;
pub(super) const MILLION: u32 = 1_000_000;

/// Everything that an epoch depends on. Slices of length [`EpochInput::uids`] are indexed by uid.
#[derive(Clone, Copy, Debug)]
pub struct EpochInput<'a> {
    /// Number of uids.
    pub uids: u16,
    /// Present block. All blocks may be any one monotone count.
    pub current_block: u64,
    /// Block of the last epoch. A bond to a uid that registered in this block or later is dropped: it was bought from
    /// the uid's former holder.
    pub last_epoch_block: u64,
    /// Stake weight of each uid, in rao.
    pub stake: &'a [u64],
    /// Block at which each uid last set or committed weights.
    pub last_update: &'a [u64],
    /// Block at which each uid registered. A weight set in this block or before is ignored.
    pub registered: &'a [u64],
    /// Validator permits in force; they were granted by the epoch before.
    pub permits: &'a [bool],
    /// Uid of the subnet's owner: always has a permit, is above the stake threshold, and may weigh itself.
    pub owner: Option<u16>,
    /// Weights and bonds, in any order, at most one row a uid. A row that is missing has none.
    pub rows: &'a [Row<'a>],
    /// Rules of the subnet.
    pub parameters: Parameters,
}

/// Weights and bonds of one validator, as (uid, u16), in any order, each uid at most once.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The validator.
    pub uid: u16,
    /// Its weights; only their ratios matter.
    pub weights: &'a [(u16, u16)],
    /// Its bonds as the last epoch left them.
    pub bonds: &'a [(u16, u16)],
    /// Where the block of the commitment behind the weights is known: weights to uids registered after it are ignored,
    /// since they were meant for somebody else.
    pub committed: Option<u64>,
}

/// Rules of a subnet. Proportions are u16 of 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Stake majority that consensus needs, a proportion.
    pub kappa: u16,
    /// How much of a bond an epoch keeps, in parts per million; at most a million.
    pub bonds_moving_average: u32,
    /// How far a weight above consensus is cut back before it buys bonds, a proportion: 0 not at all, 65535 fully.
    pub bonds_penalty: u16,
    /// How bonds move.
    pub bonds: BondRule,
    /// Blocks after which a validator without new weights stops counting.
    pub activity_cutoff: u64,
    /// Least stake weight that counts, in rao.
    pub stake_threshold: u64,
    /// Permits to grant.
    pub max_validators: u16,
}

/// How bonds move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondRule {
    /// Bonds to a uid are shares bought with stake times weight, and compete.
    Classic,
    /// Every bond follows its own weight; stake counts when dividends are paid.
    Yuma3,
    /// As [`BondRule::Yuma3`], at a rate that depends on the departure from consensus.
    LiquidYuma3(LiquidAlpha),
}

impl Default for Parameters {
    /// The values with which subtensor creates a subnet.
    fn default() -> Self {
        Self {
            kappa: 32_767,
            bonds_moving_average: 900_000,
            bonds_penalty: u16::MAX,
            bonds: BondRule::Yuma3,
            activity_cutoff: 5_000,
            stake_threshold: 0,
            max_validators: 64,
        }
    }
}

impl EpochInput<'_> {
    pub(super) fn check(&self) -> Result<(), EpochError> {
        let uids = usize::from(self.uids);
        if uids > MAX_UIDS {
            return Err(EpochError::TooManyUids { uids: self.uids });
        }
        let lengths = [
            ("stake", self.stake.len()),
            ("last_update", self.last_update.len()),
            ("registered", self.registered.len()),
            ("permits", self.permits.len()),
        ];
        if let Some((field, length)) = lengths.into_iter().find(|(_, length)| *length != uids) {
            return Err(EpochError::Length { field, length, uids: self.uids });
        }
        if let Some(owner) = self.owner.filter(|owner| *owner >= self.uids) {
            return Err(EpochError::UidOutOfRange { uid: owner, uids: self.uids });
        }
        self.check_rows()?;
        if self.parameters.bonds_moving_average > MILLION {
            return Err(EpochError::BondsMovingAverage { value: self.parameters.bonds_moving_average });
        }
        match self.parameters.bonds {
            BondRule::LiquidYuma3(LiquidAlpha { low, high, .. }) if low > high => {
                Err(EpochError::LiquidAlpha { low, high })
            }
            _ => Ok(()),
        }
    }

    fn check_rows(&self) -> Result<(), EpochError> {
        let uids = usize::from(self.uids);
        let mut row_seen = alloc::vec![false; uids];
        let mut uid_seen = alloc::vec![false; uids];
        let mark = |seen: &mut [bool], uid: u16| match seen.get_mut(usize::from(uid)) {
            Some(seen) => Ok(core::mem::replace(seen, true)),
            None => Err(EpochError::UidOutOfRange { uid, uids: self.uids }),
        };
        let mut cells = 0_usize;
        for row in self.rows {
            if mark(&mut row_seen, row.uid)? {
                return Err(EpochError::DuplicateRow { uid: row.uid });
            }
            for entries in [row.weights, row.bonds] {
                uid_seen.fill(false);
                for (uid, _) in entries {
                    if mark(&mut uid_seen, *uid)? {
                        return Err(EpochError::DuplicateUid { row: row.uid, uid: *uid });
                    }
                }
            }
            if !row.is_empty() {
                cells = cells.saturating_add(uids);
            }
        }
        if cells > MAX_CELLS {
            return Err(EpochError::TooManyCells { cells });
        }
        Ok(())
    }
}

impl Row<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.weights.is_empty() && self.bonds.is_empty()
    }
}
