//! Staking: stake's way in, around and out.

use super::{BOB, VALIDATOR, exchange, meter, pause};
use crate::meter::Row;
use ink::{codegen::TraitCallBuilder, env::call::FromAccountId};
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{registry::coldkey_hash, staking::StakeLedger};
use staking::StakingRef;

/// Measures every message.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let (owner, council, bob, heir) = (net.owner, address(&net.governance), account(BOB), account(43));
    let (first, others) = (account(VALIDATOR), [21, 22, 23, 24, 25].map(account));

    let fresh = net.chain.deploy(owner, "staking", (council, address(&net.token), address(&net.registry)));
    meter.know("staking", fresh);
    let emission = address(&net.emission);
    meter.call(&mut net.chain, owner, "1", StakingRef::from_account_id(fresh).call_mut().wire(emission)).unwrap();

    for hotkey in others.iter().chain([&first]) {
        net.register(*hotkey, 0);
    }
    for n in ["a new pool", "1"] {
        meter.call(&mut net.chain, owner, n, net.staking.call_mut().stake(first, 10_000 * TAO)).unwrap();
    }
    meter.call(&mut net.chain, council, "1", net.staking.call_mut().set_unbonding(DAY)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().unstake(first, 100 * TAO)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().move_stake(first, others[0], 100 * TAO)).unwrap();
    let message = net.staking.call_mut().transfer_stake(bob, first, 1_000 * TAO);
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().unstake_all(others[0])).unwrap();
    net.days(2);
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().withdraw()).unwrap();

    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().set_take(first, 5_000)).unwrap();
    let message = net.staking.call_mut().set_children(NETUID, first, others.to_vec(), vec![u64::MAX / 10; 5]);
    meter.call(&mut net.chain, owner, "5", message).unwrap();
    net.days(2);
    meter.call(&mut net.chain, owner, "5", net.staking.call_mut().activate_children(NETUID, first)).unwrap();
    let message = net.staking.call_mut().set_childkey_take(NETUID, others[0], 5_000);
    meter.call(&mut net.chain, owner, "1", message).unwrap();

    // Bob becomes another, with stake and with something that unbonds.
    net.chain.call(bob, net.staking.call_mut().unstake(first, 10 * TAO)).unwrap();
    net.chain.call(bob, net.registry.call_mut().announce_coldkey_swap(coldkey_hash(heir))).unwrap();
    net.days(6);
    net.chain.call(bob, net.registry.call_mut().swap_coldkey(heir)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().inherit_position(first, bob)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call_mut().inherit_unbonding(bob)).unwrap();

    let until_ms = net.chain.now_ms() + DAY;
    let message = StakeLedger::lock_votes(net.staking.call_mut(), owner, first, until_ms);
    meter.call(&mut net.chain, council, "1", message).unwrap();
    meter.call(&mut net.chain, owner, "1", net.staking.call().position(first, owner));
    meter.call(&mut net.chain, owner, "1", net.staking.call().pool(first));
    meter.call(&mut net.chain, owner, "5", net.staking.call().children(NETUID, first));
    let staking = address(&net.staking);
    exchange(&mut net, &mut meter, "staking", staking);
    pause(&mut net, &mut meter, staking);
    meter.rows
}
