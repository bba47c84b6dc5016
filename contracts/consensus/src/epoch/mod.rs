//! One Yuma epoch.
//!
//! Source of every formula: subtensor's sparse epoch, the one in production, reproduced to the bit. Validators with a
//! permit weigh uids; a weight counts up to the median weight that the stake majority gives that uid (consensus). Uids
//! earn incentive by the stake behind their clipped weights. Validators earn dividends through bonds to the uids they
//! weighed, which follow their weights with a lag, so that finding a good miner early pays and copying does not.
//!
//! Three passes over columns suffice: the first finds consensus (`consensus.rs`), the second clips weights to it, ranks
//! uids and moves bonds, the third adds up dividends (`bonds.rs`). Weights and bonds come as u16 and are widened in place
//! (`rows.rs`): eight bytes for each uid and each validator with weights or bonds, never for each pair of uids.
//!
//! Null consensus (`null.rs`) is the cheap alternative, one pass; liquid alpha, which exponentiates for each cell, the dear
//! one.

mod bonds;
mod consensus;
mod error;
mod input;
mod null;
mod outcome;
mod rows;

pub use bonds::follow;
pub use error::EpochError;
pub use input::{BondRule, ConsensusRule, Entries, EpochInput, Parameters, Row, MAX_CELLS, MAX_UIDS};
pub use outcome::{BondRow, Bonds, Emission, EpochOutcome};

use crate::fixed::{self, from_proportion, ONE};
use crate::weights::top_k_nonzero;
use alloc::vec::Vec;
use bonds::Movement;
use input::MILLION;
use outcome::proportions;
use rows::Rows;

/// Runs one epoch. Deterministic, without side effects, and total: any input gives an outcome or a named error.
///
/// # Errors
/// [`EpochError`] for input that cannot mean anything: lengths that differ, uids out of range or not ascending, parameters
/// out of range, more than [`MAX_UIDS`] uids or [`MAX_CELLS`] cells.
pub fn epoch(input: &EpochInput<'_>) -> Result<EpochOutcome, EpochError> {
    input.check()?;
    let parameters = &input.parameters;
    let is_owner = |uid: usize| input.owner.is_some_and(|owner| usize::from(owner) == uid);

    let stake = stake_shares(input, is_owner);
    let mut new_permit = top_k_nonzero(&stake, usize::from(parameters.max_validators));
    if let Some(permit) = input.owner.and_then(|owner| new_permit.get_mut(usize::from(owner))) {
        *permit = true;
    }
    let permit: Vec<bool> = (0..).zip(input.permits).map(|(uid, permit)| *permit || is_owner(uid)).collect();
    let active: Vec<bool> = input
        .last_update
        .iter()
        .map(|update| update.saturating_add(parameters.activity_cutoff) >= input.current_block)
        .collect();
    let mut active_stake: Vec<u64> = stake
        .iter()
        .zip(active.iter().zip(&permit))
        .map(|(share, (active, permit))| if *active && *permit { *share } else { 0 })
        .collect();
    fixed::normalize(&mut active_stake);

    let mut rows = Rows::load(input, &permit, &active_stake)?;
    let Verdict { consensus, incentive, trust, dividends } = match parameters.consensus {
        ConsensusRule::Yuma => yuma(&mut rows, &active_stake, parameters),
        ConsensusRule::Null => null::verdict(&mut rows, &active_stake),
    };

    let stake_weight = proportions(&stake);
    let fallback = if active_stake.iter().any(|share| *share > 0) { active_stake } else { stake };
    // Dividends are parts of incentive: where there is none, there are none either.
    let earned = incentive.iter().any(|share| *share > 0);
    Ok(EpochOutcome {
        consensus: proportions(&consensus),
        validator_trust: proportions(&trust),
        incentive: proportions(&incentive),
        dividends: proportions(&dividends),
        stake_weight,
        incentive_share: incentive,
        validator_share: if earned { dividends } else { fallback },
        bonds: Bonds::new(rows, &new_permit),
        validator_permit: new_permit,
        active,
    })
}

/// Share of every uid in the stake that counts: what reaches the threshold, and the owner's in any case.
fn stake_shares(input: &EpochInput<'_>, is_owner: impl Fn(usize) -> bool) -> Vec<u64> {
    let counts = |uid: usize, stake: u64| stake >= input.parameters.stake_threshold || is_owner(uid);
    let counted: Vec<u64> =
        (0..).zip(input.stake).map(|(uid, stake)| if counts(uid, *stake) { *stake } else { 0 }).collect();
    fixed::shares_of(&counted)
}

/// What validators decide, by either rule. Fractions by uid.
struct Verdict {
    /// Highest weight that a stake majority supports.
    consensus: Vec<u64>,
    /// Share in the reward of miners; sums to one or is all zero.
    incentive: Vec<u64>,
    /// How much of its weights consensus leaves to a validator.
    trust: Vec<u64>,
    /// Share in the reward of validators; sums to one or is all zero.
    dividends: Vec<u64>,
}

/// Yuma: leaves the new bonds in the cells.
fn yuma(rows: &mut Rows, active_stake: &[u64], parameters: &Parameters) -> Verdict {
    let kept = fixed::div(u64::from(parameters.bonds_moving_average), u64::from(MILLION));
    let movement = Movement {
        rule: parameters.bonds,
        penalty: from_proportion(parameters.bonds_penalty),
        alpha: ONE.saturating_sub(kept),
    };
    let consensus = consensus::reach(rows, active_stake, from_proportion(parameters.kappa));
    let (incentive, totals) = bonds::turn(rows, &consensus, &movement);
    let trust = rows.take_tallies(consensus.len());
    let dividends = bonds::dividends(rows, &incentive, &totals, parameters.bonds);
    Verdict { consensus, incentive, trust, dividends }
}
