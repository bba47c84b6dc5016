//! Incentive: how weights come in, and the bonds behind commits.

use super::{MINERS, VALIDATOR, exchange, meter, pause, staff};
use crate::meter::Row;
use ink::{codegen::TraitCallBuilder, primitives::Hash};
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, NO_LIMIT, Network, TEMPO, address},
};
use inktensor_primitives::{WeightEntry, commitment::Commitment, hyperparameters::Hyperparameter, incentive::Reveal};

/// Measures every message. How dear a message with a full row is, the scenes of epochs measure.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let (owner, council, validator) = (net.owner, address(&net.governance), account(VALIDATOR));

    // Two subnets with the same people.
    staff(&mut net);
    net.days(30);
    let second = net.open().unwrap();
    net.chain.call(owner, net.registry.call_mut().start(second)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.incentive.call_mut().activate(second)).unwrap();
    for hotkey in [VALIDATOR, MINERS[0], MINERS[1]] {
        net.chain.call(owner, net.registry.call_mut().register(second, account(hotkey), NO_LIMIT)).unwrap();
    }
    let both = [NETUID, second];
    let turn = |net: &mut Network| {
        net.chain.advance(TEMPO);
        for netuid in both {
            net.chain.call(owner, net.incentive.call_mut().run_epoch(netuid)).unwrap();
        }
    };
    turn(&mut net);

    let message = net.incentive.call_mut().deposit_bond(NETUID, validator, TAO);
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    let weights: Vec<WeightEntry> = vec![(1, 2, 1), (2, 3, 2)];
    let epochs = both.map(|netuid| net.chain.call(owner, net.incentive.call().clock(netuid)).unwrap().epoch);
    let contract = address(&net.incentive);
    let commitments = [0, 1].map(|which| Commitment {
        contract,
        netuid: both[which],
        epoch: epochs[which],
        hotkey: validator,
        weights: weights.clone().into(),
        version_key: 0,
        transcript: Hash::default(),
        salt: [7; 32],
    });
    let hashes = commitments.iter().map(|commitment| (commitment.netuid, commitment.hash())).collect();
    let message = net.incentive.call_mut().commit_weights_batch(hashes);
    meter.call(&mut net.chain, validator, "2", message).unwrap();
    turn(&mut net);
    let reveals = commitments.into_iter().map(|commitment| {
        let Commitment { netuid, epoch, weights, version_key, transcript, salt, .. } = commitment;
        Reveal { netuid, epoch, weights, version_key, transcript, salt }
    });
    let message = net.incentive.call_mut().reveal_weights_batch(reveals.collect());
    meter.call(&mut net.chain, validator, "2x2", message).unwrap();

    // A commit that is not revealed.
    net.chain.call(validator, net.incentive.call_mut().commit_weights(NETUID, Hash::from([9; 32]))).unwrap();
    for _ in 0..3 {
        turn(&mut net);
    }
    let message = net.incentive.call_mut().forfeit_bond(NETUID, validator);
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    let message = net.incentive.call_mut().withdraw_bond(NETUID, validator);
    meter.call(&mut net.chain, owner, "1", message).unwrap();

    for netuid in both {
        let message = net.registry.call_mut().set_hyperparameter(netuid, Hyperparameter::CommitReveal, 0);
        net.chain.call(council, message).unwrap();
    }
    let rows = both.map(|netuid| (netuid, vec![1, 2], vec![1, 2], 0)).to_vec();
    let message = net.incentive.call_mut().set_weights_batch(rows);
    meter.call(&mut net.chain, validator, "2x2", message).unwrap();

    meter.call(&mut net.chain, owner, "1", net.incentive.call().clock(NETUID)).unwrap();
    meter.call(&mut net.chain, owner, "0", net.incentive.call().commits(NETUID, validator));
    exchange(&mut net, &mut meter, "incentive", contract);
    pause(&mut net, &mut meter, contract);
    meter.rows
}
