//! What each message may cost, and each contract's code.

use crate::meter::Row;

/// Bytes of code that a contract may have.
pub const CODE: usize = 60 * 1024;
/// What any message may cost, in ref_time, so that it fits a block of every contracts chain. So may an epoch whose hotkeys
/// have their pools on a page of their own each (`64x256 scattered`), the worst that can be.
const ANY: u64 = 200_000_000_000;
/// Message, size of its input (every size where none is given), and what it may cost, in ref_time.
const TABLE: [(&str, Option<&str>, u64); 8] = [
    ("incentive::run_epoch", Some("64x256"), 30_000_000_000),
    ("incentive::reveal_weights", None, 2_000_000_000),
    ("incentive::set_weights", None, 2_000_000_000),
    ("incentive::commit_weights", None, 1_000_000_000),
    ("incentive::metagraph", None, 2_000_000_000),
    ("registry::register", None, 4_000_000_000),
    ("staking::stake", None, 3_000_000_000),
    ("staking::unstake", None, 3_000_000_000),
];

/// The budget of a measured message; the published token's is none. `rows` are all that was measured: a transfer may cost
/// what the published token's costs.
pub fn of(row: &Row, rows: &[Row]) -> Option<u64> {
    if row.name == "token::transfer" {
        let peer = |other: &&Row| other.name == "psp22::transfer" && other.n == row.n;
        return rows.iter().find(peer).map(|other| other.ref_time);
    }
    if row.name.starts_with("psp22::") {
        return None;
    }
    let own = |(name, n, _): &&(&str, Option<&str>, u64)| *name == row.name && n.is_none_or(|n| n == row.n);
    Some(TABLE.iter().find(own).map_or(ANY, |(_, _, budget)| *budget))
}
