//! Child hotkeys.

use crate::told;
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, Network},
};
use inktensor_primitives::staking::StakingError;

const HALF_AN_HOUR: u64 = 1_800_000;

/// Hotkeys 20, 21 and 22 of the owner's, with stake on 20.
fn family() -> Network {
    let mut network = Network::new();
    for (hotkey, stake) in [(20, 1_000 * TAO), (21, 0), (22, 0)] {
        network.register(account(hotkey), stake);
    }
    network.chain.advance(0);
    network
}

/// Announces one child of a hotkey of the owner's, to which it lends all.
fn announce(network: &mut Network, parent: u8, child: u8) -> Result<(), StakingError> {
    let set = network.staking.call_mut().set_children(NETUID, account(parent), vec![account(child)], vec![u64::MAX]);
    network.chain.call(network.owner, set)
}

/// What the owner is told who announces this child on a subnet.
fn announced(network: &mut Network, netuid: u16, parent: u8, child: u8) -> StakingError {
    let set = network.staking.call_mut().set_children(netuid, account(parent), vec![account(child)], vec![u64::MAX]);
    told(&mut network.chain, network.owner, set)
}

/// What a stranger is told who activates the children of a hotkey.
fn activated(network: &mut Network, parent: u8) -> StakingError {
    let activate = network.staking.call_mut().activate_children(NETUID, account(parent));
    told(&mut network.chain, account(66), activate)
}

#[test]
fn children_wait_for_a_day() {
    let mut network = family();
    assert_eq!(activated(&mut network, 20), StakingError::ChildrenNotDue, "none were announced");
    announce(&mut network, 20, 21).unwrap();
    assert_eq!(activated(&mut network, 20), StakingError::ChildrenNotDue);
    network.chain.advance(DAY - 1);
    assert_eq!(activated(&mut network, 20), StakingError::ChildrenNotDue);
    network.chain.advance(1);
    let activate = network.staking.call_mut().activate_children(NETUID, account(20));
    assert_eq!(network.chain.call(account(66), activate), Ok(()));
    assert_eq!(activated(&mut network, 20), StakingError::ChildrenNotDue, "they were activated");
}

#[test]
fn children_of_a_dissolved_subnet_are_never_due() {
    let mut network = family();
    announce(&mut network, 20, 21).unwrap();
    let council = inktensor_e2e::network::address(&network.governance);
    network.chain.call(council, network.registry.call_mut().dissolve(NETUID)).unwrap();
    network.days(1);
    assert_eq!(activated(&mut network, 20), StakingError::UnknownSubnet);
    assert_eq!(network.open(), Ok(NETUID));
    assert_eq!(activated(&mut network, 20), StakingError::ChildrenNotDue, "they were another subnet's");
}

#[test]
fn children_are_announced_once_in_half_an_hour() {
    let mut network = family();
    announce(&mut network, 20, 21).unwrap();
    network.chain.advance(HALF_AN_HOUR - 1);
    assert_eq!(announced(&mut network, NETUID, 20, 22), StakingError::ChildrenRateLimited);
    network.chain.advance(1);
    assert_eq!(announce(&mut network, 20, 22), Ok(()));
}

#[test]
fn a_hotkey_that_lends_borrows_nothing() {
    let mut network = family();
    announce(&mut network, 21, 22).unwrap();
    announce(&mut network, 20, 21).unwrap();
    network.days(1);
    let activate = network.staking.call_mut().activate_children(NETUID, account(21));
    network.chain.call(account(66), activate).unwrap();
    // 21 has a child now, and cannot be one: neither as announced before, nor anew.
    assert_eq!(activated(&mut network, 20), StakingError::ParentAndChild);
    assert_eq!(announced(&mut network, NETUID, 20, 21), StakingError::ParentAndChild);
    assert_eq!(announce(&mut network, 20, 22), Ok(()));
}

#[test]
fn there_are_children_of_ones_own_hotkey_on_a_subnet_only() {
    let mut network = family();
    assert_eq!(announced(&mut network, 9, 20, 21), StakingError::UnknownSubnet);
    assert_eq!(announced(&mut network, NETUID, 20, 77), StakingError::HotkeyNotAssociated);
    let set = network.staking.call_mut().set_children(NETUID, account(20), vec![account(21)], vec![1]);
    assert_eq!(told(&mut network.chain, account(66), set), StakingError::NotHotkeyOwner);
}
