//! The checks that the machine makes, and the fee that it foretells.

use super::*;
use crate::{TAO, account, chain::code};
use ink::selector_bytes;

fn dry(answer: Result<(Vec<u8>, bool), String>) -> DryRun {
    let gas = Gas { ref_time: 0, proof_size: 0 };
    DryRun { consumed: gas, required: gas, deposit: 0, answer, deployed: None, events: Vec::new() }
}

fn sealed(result: Result<(), &str>) -> Sealed {
    Sealed { result: result.map_err(Into::into), events: Vec::new() }
}

#[test]
fn a_refusal_and_an_error_are_what_blocks_say_of_them() {
    agree(&dry(Ok((Vec::new(), false))), &sealed(Ok(())));
    agree(&dry(Ok((Vec::new(), true))), &sealed(Err("ContractReverted")));
    agree(&dry(Err("ContractTrapped".into())), &sealed(Err("ContractTrapped")));
}

#[test]
#[should_panic = "a block does what the dry run foretold"]
fn a_block_that_does_otherwise_is_noticed() {
    agree(&dry(Ok((Vec::new(), true))), &sealed(Ok(())));
}

#[test]
fn bytes_are_what_they_were_before_json() {
    assert_eq!(hex(&[0, 0x1f, 0xff]), "0x001fff");
    assert_eq!(unhex("0x001fff"), [0, 0x1f, 0xff]);
}

#[test]
fn the_fee_is_what_a_signed_transaction_pays() {
    for profile in [Profile::Contracts, Profile::Bittensor] {
        let mut machine = NodeMachine::start(profile);
        let alice = machine.alice.account();
        let constructor = [&selector_bytes!("new")[..], &(account(1), alice, TAO).encode()].concat();
        let token = machine.deploy(alice, code("token"), constructor, Vec::new()).unwrap();
        let burn = [&selector_bytes!("burn")[..], &1_u128.encode()].concat();
        let (foretold, before) = machine.dry_run(alice, token, &burn);
        let called = machine.call(alice, token, burn.clone());
        let fee = machine.fee(token, &burn, &called).unwrap();

        machine.seal(&machine.message(token, foretold.required, &burn));
        let (_, after) = machine.events_and_coins(alice);
        let paid = before - after;
        // A byte costs one, and the gas that a transaction names may be some bytes longer than the gas that it consumes.
        assert!(paid >= fee && paid - fee < 10, "{paid} is paid, {fee} was foretold");
        assert!(fee > 100_000, "the price of computing is in it");
    }
}
