//! Subnets are named, handed over, changed and replaced.

use crate::staffed;
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, NO_LIMIT, Network, TEMPO, address},
};
use inktensor_primitives::{
    incentive::IncentiveError,
    registry::{Evaluator, EvaluatorKind, RegistryError, Subnet, SubnetDissolved},
};

fn subnet(network: &mut Network) -> Subnet {
    network.chain.call(account(1), network.registry.call().subnet(NETUID)).unwrap()
}

#[test]
fn a_subnet_has_a_name_and_is_handed_over_with_its_lock() {
    let mut network = staffed();
    let (owner, heir) = (network.owner, account(50));
    let name = network.registry.call_mut().set_identity(NETUID, "letters".into(), "https://letters.example".into());
    assert_eq!(network.chain.call(owner, name), Ok(()));
    assert_eq!(subnet(&mut network).identity.unwrap().name, "letters");
    network.chain.call(owner, network.registry.call_mut().set_owner_hotkey(NETUID, account(20))).unwrap();

    let unasked = network.registry.call_mut().accept_subnet(NETUID);
    assert_eq!(network.chain.call(heir, unasked), Err(RegistryError::NotOffered));
    network.chain.call(owner, network.registry.call_mut().offer_subnet(NETUID, heir)).unwrap();
    assert_eq!(subnet(&mut network).offered_to, Some(heir));
    // An offer to oneself takes it back.
    network.chain.call(owner, network.registry.call_mut().offer_subnet(NETUID, owner)).unwrap();
    let late = network.registry.call_mut().accept_subnet(NETUID);
    assert_eq!(network.chain.call(heir, late), Err(RegistryError::NotOffered));
    network.chain.call(owner, network.registry.call_mut().offer_subnet(NETUID, heir)).unwrap();
    assert_eq!(network.chain.call(heir, network.registry.call_mut().accept_subnet(NETUID)), Ok(()));

    let handed = subnet(&mut network);
    assert_eq!((handed.owner, handed.owner_hotkey, handed.offered_to), (heir, None, None));
    assert_eq!(u128::from(handed.locked), 1_000 * TAO);
    let rename = network.registry.call_mut().set_identity(NETUID, "words".into(), String::new());
    assert_eq!(network.chain.call(owner, rename), Err(RegistryError::NotSubnetOwner));
    network.turn();
    crate::dissolve(&mut network);
    assert_eq!(network.balance(heir), 1_000 * TAO, "the lock is the new owner's");
}

#[test]
fn a_full_network_makes_room_for_the_next_subnet() {
    let mut network = staffed();
    let (owner, newcomer) = (network.owner, account(50));
    network.enrich(newcomer, 5_000 * TAO);
    let council = address(&network.governance);
    let terms = |network: &mut Network, immunity_ms| {
        let set = network.registry.call_mut().set_network(1_000 * TAO, 0, immunity_ms, 1, 0);
        network.chain.call(council, set).unwrap();
    };
    let create =
        |network: &mut Network| network.chain.call(newcomer, network.registry.call_mut().create_subnet(NO_LIMIT));
    terms(&mut network, 30 * inktensor_e2e::DAY);
    assert_eq!(create(&mut network), Err(RegistryError::NoFreeNetuid), "the only subnet is immune");
    terms(&mut network, 0);
    let before = network.balance(owner);
    assert_eq!(create(&mut network), Ok(NETUID));
    let refunded = u64::try_from(1_000 * TAO).unwrap();
    assert_eq!(
        network.chain.events::<SubnetDissolved>(),
        [SubnetDissolved { netuid: NETUID, generation: 1, refunded }]
    );
    assert_eq!(network.balance(owner), before + 1_000 * TAO);

    let next = subnet(&mut network);
    assert_eq!((next.owner, next.generation, next.neurons, next.identity), (newcomer, 2, 0, None));
    assert_eq!(network.balance(address(&network.registry)), u128::from(next.locked));
    network.chain.advance(TEMPO);
    let run = network.incentive.call_mut().run_epoch(NETUID);
    assert_eq!(network.chain.call(account(77), run), Err(IncentiveError::NotActive), "its epochs do not run yet");
    let weights = [0; 32].into();
    let commit = network.incentive.call_mut().commit_weights(NETUID, weights);
    assert_eq!(network.chain.call(account(20), commit), Err(IncentiveError::NotActive));
    network.chain.call(newcomer, network.registry.call_mut().start(NETUID)).unwrap();
    assert_eq!(network.chain.call(account(77), network.incentive.call_mut().activate(NETUID)), Ok(()));
    assert_eq!(network.register(account(20), 0), 0, "who was there before registers anew");
    network.turn();
}

#[test]
fn an_evaluator_takes_over_with_the_next_epoch() {
    let mut network = staffed();
    let owner = network.owner;
    let next = Evaluator {
        kind: EvaluatorKind::Component,
        code_hash: [5; 32].into(),
        uri: "https://new.example".into(),
        parameters: "p".repeat(512),
    };
    let before = subnet(&mut network).evaluator;
    network.chain.advance(TEMPO / 2);
    let set = network.registry.call_mut().set_evaluator(
        NETUID,
        EvaluatorKind::Component,
        next.code_hash,
        next.uri.clone(),
        next.parameters.clone(),
    );
    assert_eq!(network.chain.call(owner, set), Ok(()));
    let announced = subnet(&mut network);
    assert_eq!((&announced.evaluator, announced.next_evaluator.as_ref()), (&before, Some(&next)));
    network.chain.advance(TEMPO);
    assert_eq!(subnet(&mut network).evaluator, before, "the epoch is overdue");
    network.turn();
    let changed = subnet(&mut network);
    assert_eq!((changed.evaluator, changed.next_evaluator), (next, None));
}
