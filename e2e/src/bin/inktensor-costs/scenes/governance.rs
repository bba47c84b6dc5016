//! Governance: proposals from their making to what they do.

use super::{VALIDATOR, meter};
use crate::meter::{Meter, Row};
use contract_metadata::ContractMetadata;
use governance::GovernanceRef;
use ink::{codegen::TraitCallBuilder, env::call::FromAccountId, primitives::Hash};
use inktensor_e2e::{
    DAY, Message, TAO, account,
    chain::{bundle, input},
    network::{HOUR, Network, address},
};
use inktensor_primitives::{psp22::PSP22, upkeep::Upgradable};
use scale::{Decode, Encode};

/// Measures every message.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let (owner, council, hotkey) = (net.owner, address(&net.governance), account(VALIDATOR));
    net.register(hotkey, 30_000 * TAO);

    let fresh = net.chain.deploy(owner, "governance", (HOUR, HOUR, 1_000_u16, 100 * TAO));
    meter.know("governance", fresh);
    let (token, staking) = (address(&net.token), address(&net.staking));
    let mut fresh = GovernanceRef::from_account_id(fresh);
    meter.call(&mut net.chain, owner, "1", fresh.call_mut().wire(token, staking)).unwrap();

    // One proposal that is voted on and executed, one that is taken back.
    let registry = address(&net.registry);
    let change = input(net.registry.call_mut().set_network(100 * TAO, DAY, 120 * DAY, 128, 14 * DAY));
    let propose =
        |net: &mut Network| net.governance.call_mut().propose(Hash::default(), registry, change.clone(), hotkey);
    let message = propose(&mut net);
    let proposal = meter.call(&mut net.chain, owner, "1", message).unwrap();
    meter.call(&mut net.chain, owner, "1", net.governance.call_mut().vote(proposal, hotkey, true)).unwrap();
    net.chain.advance(2 * HOUR);
    meter.call(&mut net.chain, owner, "registry::set_network", net.governance.call_mut().execute(proposal)).unwrap();
    let message = propose(&mut net);
    let second = net.chain.call(owner, message).unwrap();
    meter.call(&mut net.chain, owner, "1", net.governance.call_mut().cancel(second)).unwrap();

    // What it does to itself.
    net.chain.call(owner, PSP22::transfer(net.token.call_mut(), council, TAO, Vec::new())).unwrap();
    let message = net.governance.call_mut().pay(owner, TAO);
    execute(&mut net, &mut meter, "pay", message);
    let message = net.governance.call_mut().set_terms(HOUR, HOUR, 1_000, 100 * TAO);
    execute(&mut net, &mut meter, "set_terms", message);
    let message = net.governance.call_mut().set_guardian(Some(owner));
    execute(&mut net, &mut meter, "set_guardian", message);
    let code = ContractMetadata::load(bundle("governance")).unwrap().source.hash.0;
    let message = Upgradable::set_code(net.governance.call_mut(), code.into());
    execute(&mut net, &mut meter, "set_code", message);

    let until_ms = net.chain.now_ms() + HOUR;
    meter.call(&mut net.chain, owner, "1", net.governance.call_mut().pause(registry, until_ms)).unwrap();
    meter.call(&mut net.chain, owner, "1", net.governance.call().proposal(proposal));
    meter.call(&mut net.chain, owner, "1", net.governance.call().passed(proposal)).unwrap();
    meter.rows
}

/// Passes a proposal about governance itself and measures its execution.
fn execute<A: Encode, R: Decode>(net: &mut Network, meter: &mut Meter, n: &str, message: Message<A, R>) {
    let proposal = net.pass(account(VALIDATOR), address(&net.governance), message);
    meter.call(&mut net.chain, net.owner, n, net.governance.call_mut().execute(proposal)).unwrap();
}
