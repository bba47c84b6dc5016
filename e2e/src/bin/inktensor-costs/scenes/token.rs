//! The token, beside the published one.

use super::{BOB, exchange, meter};
use crate::meter::Row;
use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, env::call::FromAccountId};
use inktensor_e2e::{
    TAO, account,
    network::{GENESIS, Network, TEMPO, address},
};
use inktensor_primitives::{
    psp22::{PSP22, PSP22Permit, Permit},
    token::Issuance,
};
use scale::Encode;
use schnorrkel::{ExpansionMode, MiniSecretKey};
use token::TokenRef;

/// Measures every message.
pub fn play() -> Vec<Row> {
    let mut net = Network::new();
    let mut meter = meter(&net);
    let owner = net.owner;

    // The same steps on both tokens. Who has some gives some, to one who has none and to one who has some.
    let peer = net.chain.deploy(owner, "psp22_peer", (GENESIS, None::<String>, None::<String>, 9_u8));
    meter.know("psp22_peer", peer);
    for contract in [address(&net.token), peer] {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = contract.into();
        let (bob, carol) = (account(BOB), account(42));
        for n in ["to a new account", "1"] {
            meter.call(&mut net.chain, owner, n, token.call_mut().transfer(bob, TAO, Vec::new())).unwrap();
        }
        meter.call(&mut net.chain, owner, "1", token.call_mut().approve(carol, 5 * TAO)).unwrap();
        meter.call(&mut net.chain, owner, "1", token.call_mut().increase_allowance(carol, TAO)).unwrap();
        meter.call(&mut net.chain, owner, "1", token.call_mut().decrease_allowance(carol, TAO)).unwrap();
        let message = token.call_mut().transfer_from(owner, bob, TAO, Vec::new());
        meter.call(&mut net.chain, carol, "1", message).unwrap();
        meter.call(&mut net.chain, bob, "1", token.call().balance_of(bob));
        meter.call(&mut net.chain, bob, "1", token.call().allowance(owner, carol));
        meter.call(&mut net.chain, bob, "1", token.call().total_supply());
    }

    let key = MiniSecretKey::from_bytes(&[7; 32]).unwrap().expand_to_keypair(ExpansionMode::Ed25519);
    let (holder, spender, deadline) = (key.public.to_bytes().into(), account(BOB), u64::MAX);
    let domain = net.chain.call(owner, net.token.call().domain_separator());
    let signed = Permit { domain, owner: holder, spender, value: TAO, deadline, nonce: 0 }.encode();
    let signature = key.sign_simple(b"substrate", &signed).to_bytes();
    let message = net.token.call_mut().permit(holder, spender, TAO, deadline, signature);
    meter.call(&mut net.chain, owner, "1", message).unwrap();

    meter.call(&mut net.chain, owner, "1", net.token.call_mut().burn(TAO)).unwrap();
    meter.call(&mut net.chain, owner, "1", Issuance::recycle(net.token.call_mut(), TAO)).unwrap();
    let recycle_from = Issuance::recycle_from(net.token.call_mut(), owner, TAO);
    meter.call(&mut net.chain, address(&net.registry), "1", recycle_from).unwrap();
    net.chain.advance(TEMPO);
    let emission = address(&net.emission);
    meter.call(&mut net.chain, emission, "1", Issuance::issue(net.token.call_mut())).unwrap();
    meter.call(&mut net.chain, owner, "1", net.token.call().schedule());

    let council = address(&net.governance);
    meter.call(&mut net.chain, council, "1", net.token.call_mut().set_issuer(emission)).unwrap();
    let token = address(&net.token);
    exchange(&mut net, &mut meter, "token", token);
    let fresh = net.chain.deploy(owner, "token", (council, owner, GENESIS));
    meter.know("token", fresh);
    meter.call(&mut net.chain, owner, "1", TokenRef::from_account_id(fresh).call_mut().wire(emission)).unwrap();
    meter.rows
}
