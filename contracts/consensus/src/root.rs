//! How root validators divide the issuance between subnets: each weighs subnets, stake weighs validators.
//!
//! Source: subtensor before dynamic TAO. The rank of a subnet is the stake behind its weights, its trust the share of
//! stake that weighs it at all; `rank / (1 + e^(-rho * (trust - kappa)))` is its part. So a subnet that few validators
//! favour gets far less than their stake would buy it.

use crate::epoch::Entries;
use crate::fixed::{div, from_proportion, mul, share, shares_of, sum};
use crate::liquid_alpha::logistic;
use alloc::vec::Vec;
use core::num::NonZeroU64;

/// How much agreement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootRule {
    /// Steepness of the sigmoid, in hundredths.
    pub rho_hundredths: u16,
    /// Trust at which a subnet gets half of what its rank would, a proportion of 65535.
    pub kappa: u16,
}

impl Default for RootRule {
    /// Subtensor's: steepness 10 about one half.
    fn default() -> Self {
        Self { rho_hundredths: 1_000, kappa: 32_767 }
    }
}

/// Share of each of `width` subnets, in fixed point with 32 fractional bits.
///
/// `stakes` in rao and `rows` are by validator, each row (netuid, weight) with every netuid at most once; only the ratios
/// of its weights matter, and entries for netuids of `width` and more are as if they were not there. A validator without
/// weights counts in the stake that trust is measured by. Shares sum to one but for rounding, less than one unit for each
/// subnet; they are all zero where there is no stake behind any weight.
#[must_use]
pub fn shares(stakes: &[u64], rows: &[Entries<'_>], width: u16, rule: RootRule) -> Vec<u64> {
    let width = usize::from(width);
    // Rank and trust of each subnet. The stakes sum to at most one, so nothing wraps.
    let mut subnets = alloc::vec![(0_u64, 0_u64); width];
    for (stake, row) in shares_of(stakes).into_iter().zip(rows) {
        let counted = || row.iter().filter(|(netuid, weight)| usize::from(*netuid) < width && *weight > 0);
        let Some(total) = NonZeroU64::new(sum(counted().map(|(_, weight)| u64::from(weight)))) else {
            continue;
        };
        for (netuid, weight) in counted() {
            if let Some((rank, trust)) = subnets.get_mut(usize::from(netuid)) {
                *rank = rank.wrapping_add(share(stake, (u64::from(weight) << 32) / total));
                *trust = trust.wrapping_add(stake);
            }
        }
    }
    let rho = (u64::from(rule.rho_hundredths) << 32) / 100;
    let kappa = from_proportion(rule.kappa);
    // Ranks sum to at most one and every sigmoid is below it, so the exact products, and their sum, fit in 64 bits.
    let scores: Vec<u64> = subnets
        .into_iter()
        .map(|(rank, trust)| {
            let distance = i64::try_from(mul(rho, trust.abs_diff(kappa))).unwrap_or(i64::MAX);
            rank.wrapping_mul(logistic(if trust > kappa { distance.saturating_neg() } else { distance }))
        })
        .collect();
    let total = sum(scores.iter().copied());
    scores.into_iter().map(|score| div(score, total)).collect()
}
