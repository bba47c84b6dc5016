//! Stake moves, is given away, lent and taken out.

use crate::weigh;
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::staking::StakingError;

const RAO: u64 = 1_000_000_000;

#[test]
fn stake_moves_between_hotkeys_and_people_and_leaves_in_a_week() {
    let mut network = Network::new();
    let (first, second) = (account(20), account(21));
    network.register(first, 1_000 * TAO);
    network.register(second, 0);
    let (giver, friend) = (account(50), account(51));
    network.enrich(giver, 100 * TAO);
    network.stake(giver, first, 100 * TAO).unwrap();
    let total = network.total_stake();

    let moved = network.staking.call_mut().move_stake(first, second, 40 * TAO);
    assert_eq!(network.chain.call(giver, moved), Ok(40 * TAO));
    let given = network.staking.call_mut().transfer_stake(friend, first, 30 * TAO);
    assert_eq!(network.chain.call(giver, given), Ok(30 * TAO));
    let positions =
        [(first, giver), (second, giver), (first, friend)].map(|(hotkey, who)| network.position(hotkey, who));
    assert_eq!(positions, [30 * RAO, 40 * RAO, 30 * RAO]);
    assert_eq!(network.position(first, network.owner), 1_000 * RAO, "others notice nothing");
    assert_eq!(network.total_stake(), total);
    let nowhere = network.staking.call_mut().move_stake(first, first, TAO);
    assert_eq!(network.chain.call(giver, nowhere), Err(StakingError::SamePlace));

    for (who, hotkey, amount) in [(giver, first, 30), (giver, second, 40), (friend, first, 30)] {
        let leave = network.staking.call_mut().unstake_all(hotkey);
        assert_eq!(network.chain.call(who, leave), Ok(amount * TAO));
    }
    network.chain.advance(7 * DAY);
    for (who, amount) in [(giver, 70 * TAO), (friend, 30 * TAO)] {
        assert_eq!(network.chain.call(who, network.staking.call_mut().withdraw()), Ok(amount));
        assert_eq!(network.balance(who), amount);
    }
    assert_eq!(network.total_stake(), total - 100 * TAO);
    assert_eq!(network.balance(address(&network.staking)), total - 100 * TAO);
}

#[test]
fn a_parent_earns_by_what_it_lends() {
    let mut network = Network::new();
    let (child, parent, lender) = (account(20), account(21), account(50));
    network.register(child, 1_000 * TAO);
    network.register(account(30), 0);
    // The parent is registered nowhere: it needs no uid to lend.
    network.enrich(lender, 10_000 * TAO);
    network.chain.call(lender, network.registry.call_mut().associate(parent)).unwrap();
    network.stake(lender, parent, 10_000 * TAO).unwrap();
    let announce = network.staking.call_mut().set_children(NETUID, parent, vec![child], vec![u64::MAX]);
    network.chain.call(lender, announce).unwrap();
    let pending = network.chain.call(lender, network.staking.call().pending_children(NETUID, parent)).unwrap();
    assert_eq!(pending.proportions, [u64::MAX]);
    network.days(1);
    let activate = network.staking.call_mut().activate_children(NETUID, parent);
    assert_eq!(network.chain.call(account(77), activate), Ok(()));
    assert_eq!(network.chain.call(lender, network.staking.call().parents(NETUID, child)).len(), 1);

    network.turn();
    weigh(&mut network, &[(1, 1)]);
    let (own, lent) =
        (network.position(child, network.owner) - 1_000 * RAO, network.position(parent, lender) - 10_000 * RAO);
    assert!(own > RAO, "dividends came: {own}");
    assert!(lent.abs_diff(10 * own) < 1_000, "ten to one, as the stake: {lent} and {own}");
    let validator = &network.metagraph()[0];
    assert!(validator.stake > 11_000 * RAO, "the child validates with both: {}", validator.stake);

    // A take of the child's is a day ahead of the dividends it is taken from.
    let take = network.staking.call_mut().set_childkey_take(NETUID, child, 11_796);
    network.chain.call(network.owner, take).unwrap();
    network.days(1);
    let before = (network.position(child, network.owner), network.position(parent, lender));
    network.turn();
    let after = (network.position(child, network.owner), network.position(parent, lender));
    let (own, lent) = (after.0 - before.0, after.1 - before.1);
    assert!(lent * 10 < 9 * (lent + own) && lent > 7 * (own + lent) / 10, "18 % of ten elevenths: {lent} and {own}");

    // It ends as it began: announced, and a day later.
    let end = network.staking.call_mut().set_children(NETUID, parent, Vec::new(), Vec::new());
    network.chain.call(lender, end).unwrap();
    network.days(1);
    network.chain.call(account(77), network.staking.call_mut().activate_children(NETUID, parent)).unwrap();
    assert!(network.chain.call(lender, network.staking.call().children(NETUID, parent)).is_empty());
    let before = network.position(parent, lender);
    network.turn();
    assert_eq!(network.position(parent, lender), before);
}
