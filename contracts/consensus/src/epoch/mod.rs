//! One Yuma epoch.
//!
//! Source of every formula: subtensor's sparse epoch, the one in production, reproduced to the bit. Validators with a
//! permit weigh uids; a weight counts up to the median weight that the stake majority gives that uid (consensus). Uids
//! earn incentive by the stake behind their clipped weights. Validators earn dividends through bonds to the uids they
//! weighed, which follow their weights with a lag, so that finding a good miner early pays and copying does not.
//!
//! Two passes over columns suffice: the first finds consensus and incentive (`consensus.rs`), the second moves bonds and
//! adds up dividends (`bonds.rs`). So weights and bonds stay u16, and a matrix has as many rows as there are validators
//! with weights or bonds, never one for each uid.

mod bonds;
mod consensus;
mod error;
mod input;
mod outcome;
mod rows;

pub use bonds::follow;
pub use error::EpochError;
pub use input::{BondRule, EpochInput, Parameters, Row, MAX_CELLS, MAX_UIDS};
pub use outcome::{Bonds, Emission, EpochOutcome};

use crate::fixed::{self, from_proportion, ONE};
use crate::weights::top_k_nonzero;
use alloc::vec::Vec;
use input::MILLION;
use outcome::proportions;
use rows::Rows;

/// Runs one epoch. Deterministic, without side effects, and total: any input gives an outcome or a named error.
///
/// # Errors
/// [`EpochError`] for input that cannot mean anything: lengths that differ, uids out of range or given twice, parameters
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

    let mut rows = Rows::load(input, &permit, &active_stake);
    let agreed = consensus::reach(&rows, &active_stake, from_proportion(parameters.kappa));
    let penalty = from_proportion(parameters.bonds_penalty);
    let dividends = bonds::turn(&mut rows, &agreed, penalty, alpha(parameters), parameters.bonds);

    let stake_weight = proportions(&stake);
    let fallback = if active_stake.iter().any(|share| *share > 0) { active_stake } else { stake };
    // Dividends are parts of incentive: where there is none, there are none either.
    let earned = agreed.incentive.iter().any(|share| *share > 0);
    Ok(EpochOutcome {
        consensus: proportions(&agreed.consensus),
        validator_trust: proportions(&agreed.trust),
        incentive: proportions(&agreed.incentive),
        dividends: proportions(&dividends),
        stake_weight,
        incentive_share: agreed.incentive,
        validator_share: if earned { dividends } else { fallback },
        bonds: rows.into_bonds(&new_permit),
        validator_permit: new_permit,
        active,
    })
}

/// Share of every uid in the stake that counts: what reaches the threshold, and the owner's in any case.
fn stake_shares(input: &EpochInput<'_>, is_owner: impl Fn(usize) -> bool) -> Vec<u64> {
    let counted = |uid: usize, stake: u64| {
        if stake >= input.parameters.stake_threshold || is_owner(uid) {
            stake
        } else {
            0
        }
    };
    let total =
        (0..).zip(input.stake).fold(0, |total: u128, (uid, stake)| total.saturating_add(counted(uid, *stake).into()));
    (0..)
        .zip(input.stake)
        .map(|(uid, stake)| {
            let share = (u128::from(counted(uid, *stake)) << 32).checked_div(total).unwrap_or(0);
            u64::try_from(share).unwrap_or(ONE)
        })
        .collect()
}

/// The fixed rate at which bonds follow weights: what the moving average does not keep.
fn alpha(parameters: &Parameters) -> u64 {
    ONE.saturating_sub(fixed::div(u64::from(parameters.bonds_moving_average), u64::from(MILLION)))
}
