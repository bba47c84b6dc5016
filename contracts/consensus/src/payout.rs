//! Division of a pool of rao by shares.

use crate::fixed::product;
use alloc::vec::Vec;

/// What [`pay`] gives to whom. The amounts and the remainder sum to the pool exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Rao for each share, in the order of the shares.
    pub paid: Vec<u64>,
    /// Rao that no share gets: what rounding leaves (less than one rao a share), or the whole pool when all shares are
    /// zero. The caller carries it to the next payout.
    pub remainder: u64,
}

/// Divides `pool` rao in proportion to `shares`, each amount rounded down.
///
/// Shares have any common unit; their sum need not be one, so rounding inside an epoch costs nobody a rao.
#[must_use]
pub fn pay(pool: u64, shares: &[u64]) -> Payout {
    let total = shares.iter().fold(0_u128, |total, share| total.saturating_add(u128::from(*share)));
    let mut remainder = pool;
    let paid = shares
        .iter()
        .map(|share| {
            let exact = product(pool, *share).checked_div(total).unwrap_or(0);
            // A share is at most the total, so the amount is at most the pool.
            let amount = u64::try_from(exact).unwrap_or(0);
            remainder = remainder.saturating_sub(amount);
            amount
        })
        .collect();
    Payout { paid, remainder }
}
