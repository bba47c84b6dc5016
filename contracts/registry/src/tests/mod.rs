//! What each message does and refuses, short of calls to the token, which `e2e` tests on a chain.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)] // a test fails by panicking

mod keys;
mod neurons;
mod subnets;
mod upkeep;

use crate::{refusal::Refusal, registry::Registry, subnets::Opened};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    registry::{RegistryError, SubnetRegistry},
    Netuid, Uid,
};

const TAO: u128 = 1_000_000_000;
const DAY: u64 = 24 * 3_600 * 1_000;
const NO_LIMIT: u128 = u128::MAX;

const DEPLOYER: u8 = 1;
const GOVERNANCE: u8 = 2;
const INCENTIVE: u8 = 4;
const OWNER: u8 = 10;
const STRANGER: u8 = 11;

fn account(number: u8) -> AccountId {
    [number; 32].into()
}

fn hotkey(number: u16) -> AccountId {
    let mut bytes = [0xAA; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn act_as(who: AccountId) {
    test::set_caller::<DefaultEnvironment>(who);
}

fn at(time_ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time_ms);
}

/// A registry that is not wired to the incentive contract yet.
fn deployed() -> Registry {
    at(DAY);
    act_as(account(DEPLOYER));
    Registry::new(account(GOVERNANCE), account(3))
}

/// A registry with subnet 1, which belongs to `OWNER`. The caller is `OWNER`.
fn with_subnet() -> Registry {
    let mut registry = deployed();
    assert_eq!(registry.wire(account(INCENTIVE)), Ok(()));
    act_as(account(OWNER));
    assert_eq!(open(&mut registry, NO_LIMIT).map(|opened| opened.netuid), Ok(1));
    registry
}

/// Opens a subnet of `OWNER`'s, short of its payment.
fn open(registry: &mut Registry, max_lock: u128) -> Result<Opened, RegistryError> {
    registry.open(account(OWNER), max_lock).map_err(Refusal::told)
}

/// Registers a hotkey, short of its payment.
fn enrol(
    registry: &mut Registry,
    netuid: Netuid,
    hotkey: AccountId,
    coldkey: AccountId,
    max_burn: u128,
) -> Result<(Uid, u64), RegistryError> {
    registry.enrol(netuid, hotkey, coldkey, max_burn).map_err(Refusal::told)
}

/// Gives the hotkeys of these numbers uids of subnet 1; each has `OWNER` for a coldkey.
fn fill(registry: &mut Registry, numbers: impl IntoIterator<Item = u16>) {
    for number in numbers {
        enrol(registry, 1, hotkey(number), account(OWNER), NO_LIMIT).unwrap();
    }
}

/// Records an epoch of subnet 1 as the incentive contract does.
fn record(registry: &mut Registry, emissions: Vec<u64>) {
    act_as(account(INCENTIVE));
    assert_eq!(registry.record_epoch(1, emissions), Ok(()));
    act_as(account(OWNER));
}
