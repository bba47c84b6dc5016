//! What an epoch is computed from, and its checks.

use super::EpochError;
use crate::liquid_alpha::LiquidAlpha;

/// Most uids of an epoch.
pub const MAX_UIDS: usize = 4_096;
/// Most cells (rows with weights or bonds, by uids) of an epoch: 32 MiB.
pub const MAX_CELLS: usize = 4 << 20;
pub(super) const MILLION: u32 = 1_000_000;

/// Everything that an epoch depends on. Slices of length [`EpochInput::uids`] are indexed by uid.
#[derive(Clone, Copy, Debug)]
pub struct EpochInput<'a> {
    /// Number of uids.
    pub uids: u16,
    /// Present block. All blocks may be any one monotone count.
    pub current_block: u64,
    /// Block of the last epoch; see [`EpochInput::bonds_from`].
    pub last_epoch_block: u64,
    /// Stake weight of each uid, in rao.
    pub stake: &'a [u64],
    /// Block at which each uid last set or committed weights.
    pub last_update: &'a [u64],
    /// Block at which each uid registered. A weight set in this block or before is ignored.
    pub registered: &'a [u64],
    /// Block from which bonds toward each uid count: where it registered, or later where its bonds are to start anew. A
    /// bond is dropped where this is not before [`EpochInput::last_epoch_block`], since it was bought before.
    pub bonds_from: &'a [u64],
    /// Validator permits in force; they were granted by the epoch before.
    pub permits: &'a [bool],
    /// Uid of the subnet's owner: always has a permit, is above the stake threshold, and may weigh itself.
    pub owner: Option<u16>,
    /// Weights and bonds, in any order, at most one row a uid. A row that is missing has none.
    pub rows: &'a [Row<'a>],
    /// Rules of the subnet.
    pub parameters: Parameters,
}

/// Weights and bonds of one validator.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The validator.
    pub uid: u16,
    /// Its weights; only their ratios matter.
    pub weights: Entries<'a>,
    /// Its bonds as the last epoch left them.
    pub bonds: Entries<'a>,
    /// Where the block of the commitment behind the weights is known: weights to uids registered after it are ignored,
    /// since they were meant for somebody else.
    pub committed: Option<u64>,
}

/// Part of a row, in two columns of equal length: uids, strictly ascending, and the value of each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries<'a> {
    /// The uids.
    pub uids: &'a [u16],
    /// A value for each.
    pub values: &'a [u16],
}

impl<'a> Entries<'a> {
    /// Columns of equal length, uids strictly ascending; [`epoch`](super::epoch()) checks both.
    #[must_use]
    pub const fn new(uids: &'a [u16], values: &'a [u16]) -> Self {
        Self { uids, values }
    }

    /// Pairs of uid and value, as many as the shorter column has.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u16)> + 'a {
        self.uids.iter().copied().zip(self.values.iter().copied())
    }

    /// Whether both columns are empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.uids.is_empty() && self.values.is_empty()
    }

    /// Passes every entry to `visitor`, with what `by_uid` holds of its uid, and checks the columns on the way.
    #[inline(always)]
    pub(super) fn visit(
        &self,
        row: u16,
        by_uid: &[u64],
        mut visitor: impl FnMut(u16, u16, u64),
    ) -> Result<(), EpochError> {
        if self.uids.len() != self.values.len() {
            return Err(EpochError::Columns { row, uids: self.uids.len(), values: self.values.len() });
        }
        let mut least = 0_u32;
        for (uid, value) in self.uids.iter().zip(self.values) {
            let Some(held) = by_uid.get(usize::from(*uid)) else {
                return Err(EpochError::UidOutOfRange {
                    uid: *uid,
                    uids: u16::try_from(by_uid.len()).unwrap_or(u16::MAX),
                });
            };
            if u32::from(*uid) < least {
                return Err(EpochError::UidsNotAscending { row, uid: *uid });
            }
            least = u32::from(*uid).wrapping_add(1);
            visitor(*uid, *value, *held);
        }
        Ok(())
    }
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
    /// How incentive and dividends come about.
    pub consensus: ConsensusRule,
    /// How bonds move.
    pub bonds: BondRule,
    /// Blocks after which a validator without new weights stops counting.
    pub activity_cutoff: u64,
    /// Least stake weight that counts, in rao.
    pub stake_threshold: u64,
    /// Permits to grant.
    pub max_validators: u16,
}

/// How incentive and dividends come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsensusRule {
    /// Yuma: weights are clipped to the stake majority's, and bonds earn dividends.
    #[default]
    Yuma,
    /// The cheap one, for subnets that trust their validators: nothing is clipped, incentive is the mean of normalised
    /// rows by active stake, and active stake earns the dividends. All bonds are dropped. `consensus` of the outcome is
    /// the incentive, `validator_trust` is full for whoever's weights counted.
    Null,
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
            consensus: ConsensusRule::Yuma,
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
            ("bonds_from", self.bonds_from.len()),
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
        let mut seen = alloc::vec![false; usize::from(self.uids)];
        let mut cells = 0_usize;
        for row in self.rows {
            match seen.get_mut(usize::from(row.uid)) {
                None => return Err(EpochError::UidOutOfRange { uid: row.uid, uids: self.uids }),
                Some(true) => return Err(EpochError::DuplicateRow { uid: row.uid }),
                Some(seen) => *seen = true,
            }
            if !row.is_empty() {
                cells = cells.saturating_add(usize::from(self.uids));
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
