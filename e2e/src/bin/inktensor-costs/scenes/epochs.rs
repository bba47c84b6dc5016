//! Subnets of several sizes, all at work: what grows with them.

use super::meter;
use crate::meter::{Meter, Row};
use ink::{codegen::TraitCallBuilder, primitives::Hash};
use inktensor_e2e::{
    TAO, account,
    crowd::{Crowd, hotkey},
    network::{NETUID, NO_LIMIT, SALT, TEMPO, address},
};
use inktensor_primitives::{
    hyperparameters::Hyperparameter, psp22::PSP22, registry::SubnetRegistry, staking::StakeLedger,
};

/// 8 validators, 32 neurons.
pub fn small() -> Vec<Row> {
    epoch(8, 32, 1, "8x32")
}

/// 16 validators, 64 neurons.
pub fn medium() -> Vec<Row> {
    epoch(16, 64, 1, "16x64")
}

/// 32 validators, 128 neurons.
pub fn large() -> Vec<Row> {
    epoch(32, 128, 1, "32x128")
}

/// 64 validators, 256 neurons: as many as a subnet can have.
pub fn full() -> Vec<Row> {
    epoch(64, 256, 1, "64x256")
}

/// As many, their hotkeys filed far apart.
pub fn scattered() -> Vec<Row> {
    epoch(64, 256, 16, "64x256 scattered")
}

fn epoch(validators: u16, uids: u16, apart: u16, n: &str) -> Vec<Row> {
    let mut crowd = Crowd::new(validators, uids, apart);
    crowd.work();
    let mut meter = meter(&crowd.network);
    turn(&mut crowd, &mut meter, n);
    meter.rows
}

fn turn(crowd: &mut Crowd, meter: &mut Meter, n: &str) {
    let message = crowd.network.incentive.call_mut().run_epoch(NETUID);
    meter.call(&mut crowd.network.chain, account(99), n, message).unwrap();
}

/// What else a full subnet makes dear.
pub fn full_subnet() -> Vec<Row> {
    let mut crowd = Crowd::new(64, 256, 1);
    crowd.work();
    let mut meter = meter(&crowd.network);
    let (validator, row, (uids, weights)) = (crowd.hotkeys[0], crowd.row(0), crowd.columns(0));
    let net = &mut crowd.network;
    let owner = net.owner;

    // Full rows, revealed while a row and bonds stand already.
    let (epoch, hash) = (net.clock().epoch, net.hash(validator, &row));
    meter.call(&mut net.chain, validator, "256", net.incentive.call_mut().commit_weights(NETUID, hash)).unwrap();
    net.turn();
    let message = net.incentive.call_mut().reveal_weights(NETUID, epoch, row.into(), 0, Hash::default(), SALT);
    meter.call(&mut net.chain, validator, "256", message).unwrap();
    net.set(Hyperparameter::CommitReveal, 0);
    net.chain.advance(TEMPO);
    let message = net.incentive.call_mut().set_weights(NETUID, uids, weights, 0);
    meter.call(&mut net.chain, validator, "256", message).unwrap();

    // What the contracts ask of each other.
    let neurons: Vec<_> = (0..4)
        .flat_map(|page| net.chain.call(owner, SubnetRegistry::neurons(net.registry.call(), NETUID, page)))
        .collect();
    let ids: Vec<_> = neurons.iter().map(|neuron| neuron.hotkey_id).collect();
    meter.call(&mut net.chain, owner, "256", SubnetRegistry::epoch_terms(net.registry.call(), NETUID)).unwrap();
    let message = SubnetRegistry::weight_terms(net.registry.call(), NETUID, validator, true);
    meter.call(&mut net.chain, owner, "256", message).unwrap();
    meter.call(&mut net.chain, owner, "256", StakeLedger::stakes_of(net.staking.call(), NETUID, ids.clone()));
    let (incentive, emission, staking) = (address(&net.incentive), address(&net.emission), address(&net.staking));
    let message = SubnetRegistry::record_epoch(net.registry.call_mut(), NETUID, vec![TAO as u64; 256]);
    meter.call(&mut net.chain, incentive, "256", message).unwrap();
    net.chain.call(owner, PSP22::transfer(net.token.call_mut(), staking, 256 * TAO, Vec::new())).unwrap();
    // To those who have pools, and to everybody, most of whom get one.
    for (n, hotkeys) in [("64", &ids[..64]), ("256, 192 new pools", &ids[..])] {
        let amounts = vec![TAO as u64 / 2; hotkeys.len()];
        let message = StakeLedger::distribute(net.staking.call_mut(), NETUID, hotkeys.to_vec(), amounts);
        meter.call(&mut net.chain, emission, n, message).unwrap();
    }

    // What clients read.
    meter.call(&mut net.chain, owner, "64", net.incentive.call().metagraph(NETUID, 0)).unwrap();
    meter.call(&mut net.chain, owner, "64", SubnetRegistry::neurons(net.registry.call(), NETUID, 0));
    meter.call(&mut net.chain, owner, "64", net.staking.call().delegates(0));
    meter.call(&mut net.chain, owner, "64", net.emission.call().owed_page(NETUID, 0));
    meter.call(&mut net.chain, owner, "256", net.incentive.call().weights(NETUID, 0));
    meter.call(&mut net.chain, owner, "256", net.incentive.call().bonds(NETUID, 0));

    // A newcomer takes the uid of another.
    net.days(1);
    let message = net.registry.call_mut().register(NETUID, hotkey(256), NO_LIMIT);
    meter.call(&mut net.chain, owner, "256", message).unwrap();
    meter.rows
}
