//! Consensus and economics of an incentive network in exact integers.
//!
//! Everything here is a pure function of its arguments: the contracts run it on chain, the command line runs it in the
//! simulator, and both get the same bits. There are no floats, no clocks, no storage and no `ink` types.
//!
//! - [`epoch`](mod@epoch): one Yuma epoch, from weights and bonds to incentive, dividends, permits and emission.
//! - [`emission`]: how many rao the schedule has issued after a time, up to the cap of 21 million TAO.
//! - [`burn`]: the price of a registration, which decays with time and jumps with every registration.
//! - [`lock`]: the cost of opening a subnet.
//! - [`split`]: the division of a reward between miners, validators, reserve and owner.
//! - [`payout`]: the division of a pool by shares, exact to the last rao.
//! - [`root`]: the division of the issuance between subnets by root validators' weights.
//! - [`weights`]: forms of weight vectors: scaling to u16, the limit of one weight, the k highest.
//! - [`median`], [`liquid_alpha`], [`fixed`]: the arithmetic below.
//!
//! Units: amounts in rao (1 TAO = 10^9 rao), proportions stored as u16 of 65535, shares as unsigned fixed point with 32
//! fractional bits (see [`fixed`]), times in milliseconds or blocks as each item says.
//!
//! On chain the heap is small and never freed, so functions allocate what they return and little else.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]

extern crate alloc;

pub mod burn;
pub mod emission;
pub mod epoch;
pub mod fixed;
pub mod liquid_alpha;
pub mod lock;
pub mod median;
pub mod payout;
pub mod root;
pub mod split;
pub mod weights;

pub use epoch::{epoch, BondRule, ConsensusRule, Entries, EpochError, EpochInput, EpochOutcome, Parameters, Row};
