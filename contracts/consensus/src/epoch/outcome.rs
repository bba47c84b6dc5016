//! What an epoch decides.

use super::rows::{Cell, Rows};
use crate::fixed::{div, mul, sum, to_proportion, ONE};
use alloc::vec::Vec;

/// Decisions of an epoch, by uid. Proportions are u16 of 65535, shares fixed point with 32 fractional bits (see
/// [`crate::fixed`]), emissions rao.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochOutcome {
    /// Consensus weight, a proportion.
    pub consensus: Vec<u16>,
    /// Sum of a validator's clipped weights, a proportion.
    pub validator_trust: Vec<u16>,
    /// Incentive, a proportion.
    pub incentive: Vec<u16>,
    /// Dividends, a proportion.
    pub dividends: Vec<u16>,
    /// Share in the stake that counts, a proportion.
    pub stake_weight: Vec<u16>,
    /// Incentive by which to pay miners; sums to one, or is all zero where nobody earned any.
    pub incentive_share: Vec<u64>,
    /// Shares by which to pay validators; sums to one: dividends, or stake where neither incentive nor dividends were
    /// earned. All zero where there is no stake either, or where incentive was earned and no dividends.
    pub validator_share: Vec<u64>,
    /// Permits for the next epoch.
    pub validator_permit: Vec<bool>,
    /// Who has updated weights within the activity cutoff.
    pub active: Vec<bool>,
    /// New bonds, to be stored in place of the old ones.
    pub bonds: Bonds,
}

/// Division of the emission in rao, by uid: equal weight to incentive and dividends, every amount rounded down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emission {
    /// To incentive.
    pub server: Vec<u64>,
    /// To dividends, or to stake where neither incentive nor dividends were earned.
    pub validator: Vec<u64>,
    /// To both together, rounded by itself. Sums to at most the emission.
    pub combined: Vec<u64>,
}

impl EpochOutcome {
    /// Divides `emission` rao by the epoch's shares.
    #[must_use]
    pub fn divide(&self, emission: u64) -> Emission {
        let (incentive, dividends) = (&self.incentive_share, &self.validator_share);
        let earned = incentive.iter().zip(dividends).map(|(server, validator)| server.saturating_add(*validator));
        // Without incentive there are no dividends: the shares are stake's, and one already.
        let total = if incentive.iter().all(|share| *share == 0) { ONE } else { sum(earned.clone()) };
        let part = |share: u64| mul(div(share, total), emission);
        Emission {
            server: incentive.iter().map(|share| part(*share)).collect(),
            validator: dividends.iter().map(|share| part(*share)).collect(),
            combined: earned.map(part).collect(),
        }
    }
}

pub(super) fn proportions(fractions: &[u64]) -> Vec<u16> {
    fractions.iter().map(|fraction| to_proportion(*fraction)).collect()
}

/// Bonds of all validators that keep a permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bonds {
    /// Validator of each row, and whether it keeps its bonds.
    validators: Vec<(u16, bool)>,
    /// As in [`Rows`]: bonds in fixed point, column by column.
    cells: Vec<Cell>,
}

/// New bonds of one validator, in two columns of equal length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BondRow {
    /// The validator.
    pub validator: u16,
    /// To whom it has bonds, ascending.
    pub uids: Vec<u16>,
    /// How much, a proportion each.
    pub values: Vec<u16>,
}

impl Bonds {
    pub(super) fn new(rows: Rows, permit: &[bool]) -> Self {
        let keeps = |uid: u16| permit.get(usize::from(uid)).copied().unwrap_or(false);
        Self { validators: rows.voters.iter().map(|voter| (voter.uid, keeps(voter.uid))).collect(), cells: rows.cells }
    }

    /// Validators that had weights or bonds in the input, in its order, each with its new bonds. Validators without a
    /// new permit come with none, so that storing what comes clears theirs.
    pub fn rows(&self) -> impl Iterator<Item = BondRow> + '_ {
        self.validators.iter().enumerate().map(|(index, (validator, keeps))| {
            let (uids, values) = if *keeps { self.row(index) } else { Default::default() };
            BondRow { validator: *validator, uids, values }
        })
    }

    /// The entries of a row.
    fn row(&self, index: usize) -> (Vec<u16>, Vec<u16>) {
        let height = self.validators.len().max(1);
        let width = self.cells.len().checked_div(height).unwrap_or(0);
        // Room for all, cut in the end: writing into it is cheaper than growing.
        let (mut uids, mut values) = (alloc::vec![0; width], alloc::vec![0; width]);
        let mut room = uids.iter_mut().zip(&mut values);
        let mut length = 0_usize;
        let mut rest = self.cells.get(index..).unwrap_or_default();
        for uid in 0.. {
            let Some(bond) = rest.first() else {
                break;
            };
            rest = rest.get(height..).unwrap_or_default();
            if *bond > 0 {
                if let Some((to_uid, to_value)) = room.next() {
                    (*to_uid, *to_value) = (uid, to_proportion(*bond));
                    length = length.wrapping_add(1);
                }
            }
        }
        uids.truncate(length);
        values.truncate(length);
        (uids, values)
    }
}
