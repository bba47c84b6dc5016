//! The registry: subnets, neurons, keys and what they serve.

use super::{BOB, MINERS, VALIDATOR, exchange, meter, pause, staff};
use crate::meter::Row;
use ink::{codegen::TraitCallBuilder, env::call::FromAccountId, primitives::Hash};
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, NO_LIMIT, Network, address},
};
use inktensor_primitives::{
    hyperparameters::Hyperparameter,
    registry::{EvaluatorKind, ModelFamily, SubnetRegistry, coldkey_hash},
};
use registry::RegistryRef;

/// Measures every message.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let (owner, council, bob, heir) = (net.owner, address(&net.governance), account(BOB), account(43));
    net.enrich(bob, 10_000 * TAO);

    let fresh = net.chain.deploy(owner, "registry", (council, address(&net.token)));
    meter.know("registry", fresh);
    let incentive = address(&net.incentive);
    meter.call(&mut net.chain, owner, "1", RegistryRef::from_account_id(fresh).call_mut().wire(incentive)).unwrap();

    // Subnets. The second goes from its owner to Bob.
    let terms = net.registry.call_mut().set_network(100 * TAO, DAY, 120 * DAY, 128, 14 * DAY);
    meter.call(&mut net.chain, council, "1", terms).unwrap();
    net.days(2);
    let second = meter.call(&mut net.chain, owner, "1", net.registry.call_mut().create_subnet(NO_LIMIT)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().start(second)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().offer_subnet(second, bob)).unwrap();
    meter.call(&mut net.chain, bob, "1", net.registry.call_mut().accept_subnet(second)).unwrap();
    staff(&mut net);
    net.turn();
    let message = net.registry.call_mut().set_hyperparameter(NETUID, Hyperparameter::RevealPeriod, 2);
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    let (uri, digest) = ("u".repeat(128), Hash::from([1; 32]));
    let message =
        net.registry.call_mut().set_evaluator(NETUID, EvaluatorKind::Component, digest, uri.clone(), uri.clone());
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    let message = net.registry.call_mut().set_identity(NETUID, "n".repeat(32), uri.clone());
    meter.call(&mut net.chain, owner, "1", message).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().set_owner_hotkey(NETUID, account(50))).unwrap();

    // Keys. A hotkey that the owner took without asking chooses Bob.
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().associate(account(61))).unwrap();
    meter.call(&mut net.chain, account(61), "1", net.registry.call_mut().consent(bob)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().register(NETUID, account(62), NO_LIMIT)).unwrap();
    let message = net.registry.call_mut().swap_hotkey(account(VALIDATOR), account(70));
    meter.call(&mut net.chain, owner, "1", message).unwrap();

    // What miners show.
    let miner = account(MINERS[0]);
    let message = net.registry.call_mut().commit_model(NETUID, digest, 1 << 30, ModelFamily::Llama, uri);
    meter.call(&mut net.chain, miner, "1", message).unwrap();
    net.days(1);
    meter.call(&mut net.chain, miner, "1", net.registry.call_mut().serve_axon(NETUID, vec![3; 128])).unwrap();

    // Bob becomes another, after a dispute.
    let announce = |net: &mut Network| net.registry.call_mut().announce_coldkey_swap(coldkey_hash(heir));
    let message = announce(&mut net);
    meter.call(&mut net.chain, bob, "1", message).unwrap();
    meter.call(&mut net.chain, bob, "1", net.registry.call_mut().dispute_coldkey_swap()).unwrap();
    meter.call(&mut net.chain, council, "1", net.registry.call_mut().reset_coldkey_swap(bob)).unwrap();
    net.days(2);
    let message = announce(&mut net);
    net.chain.call(bob, message).unwrap();
    net.days(6);
    meter.call(&mut net.chain, bob, "1", net.registry.call_mut().swap_coldkey(heir)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().inherit_hotkey(account(61))).unwrap();
    meter.call(&mut net.chain, owner, "1", net.registry.call_mut().inherit_subnet(second)).unwrap();

    meter.call(&mut net.chain, owner, "1", net.registry.call().subnet(NETUID));
    meter.call(&mut net.chain, owner, "2", net.registry.call().roster());
    meter.call(&mut net.chain, owner, "1", net.registry.call().hyperparameters(NETUID));
    meter.call(&mut net.chain, owner, "1", SubnetRegistry::seat(net.registry.call(), NETUID, miner));
    meter.call(&mut net.chain, council, "1", net.registry.call_mut().dissolve(second)).unwrap();
    let registry = address(&net.registry);
    exchange(&mut net, &mut meter, "registry", registry);
    pause(&mut net, &mut meter, registry);
    meter.rows
}
