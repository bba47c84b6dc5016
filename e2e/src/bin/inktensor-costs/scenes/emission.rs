//! Emission: how it is divided, between subnets and within one, and how it is drawn.

use super::{MINERS, VALIDATOR, exchange, meter, pause, staff};
use crate::meter::Row;
use emission::emission::EmissionRef;
use ink::{codegen::TraitCallBuilder, env::call::FromAccountId};
use inktensor_e2e::{
    account,
    network::{NETUID, Network, TEMPO, address},
};
use inktensor_primitives::{emission::Payroll, registry::SubnetRegistry};

/// Measures every message.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let (owner, council, incentive) = (net.owner, address(&net.governance), address(&net.incentive));

    let peers = (council, address(&net.token), address(&net.registry), address(&net.staking));
    let fresh = net.chain.deploy(owner, "emission", peers);
    meter.know("emission", fresh);
    meter.call(&mut net.chain, owner, "1", EmissionRef::from_account_id(fresh).call_mut().wire(incentive)).unwrap();

    // One epoch of the first subnet, paid to its three neurons.
    staff(&mut net);
    meter.call(&mut net.chain, council, "1", net.emission.call_mut().set_split(4_000, 4_000, 1_000, 1_000)).unwrap();
    net.chain.advance(TEMPO);
    let neurons = net.chain.call(owner, SubnetRegistry::neurons(net.registry.call(), NETUID, 0));
    let (ids, hotkeys): (Vec<_>, _) = neurons.iter().map(|neuron| (neuron.registration_id, neuron.hotkey_id)).unzip();
    let (one, two) = (1 << 32, 1 << 31);
    let (miners, validators) = (vec![0, two, two], vec![one, 0, 0]);
    let message = Payroll::pay(net.emission.call_mut(), NETUID, 1, ids.clone(), hotkeys, miners, validators);
    meter.call(&mut net.chain, incentive, "3", message).unwrap();
    let [miner, other] = MINERS.map(account);
    meter.call(&mut net.chain, owner, "1", net.emission.call().owed(NETUID, other)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.emission.call().emission(NETUID));
    meter.call(&mut net.chain, owner, "1", net.emission.call_mut().claim(NETUID, miner)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.emission.call_mut().claim_departed(NETUID, ids[2])).unwrap();
    meter.call(&mut net.chain, owner, "1", net.emission.call_mut().claim_owner(NETUID)).unwrap();

    // A second subnet comes, is weighed, and goes.
    net.days(30);
    let second = net.open().unwrap();
    net.chain.call(owner, net.registry.call_mut().start(second)).unwrap();
    let life = net.chain.call(owner, SubnetRegistry::life(net.registry.call(), second)).unwrap();
    let message = Payroll::admit(net.emission.call_mut(), second, life.generation);
    meter.call(&mut net.chain, incentive, "1", message).unwrap();
    let validator = account(VALIDATOR);
    meter.call(&mut net.chain, validator, "1", net.emission.call_mut().join_root()).unwrap();
    let message = net.emission.call_mut().set_root_weights(vec![NETUID, second], vec![2, 1]);
    meter.call(&mut net.chain, validator, "2", message).unwrap();
    net.days(2);
    meter.call(&mut net.chain, owner, "1x2", net.emission.call_mut().turn_root()).unwrap();
    net.chain.call(council, net.registry.call_mut().dissolve(second)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.emission.call_mut().retire(second)).unwrap();

    let emission = address(&net.emission);
    exchange(&mut net, &mut meter, "emission", emission);
    pause(&mut net, &mut meter, emission);
    meter.rows
}
