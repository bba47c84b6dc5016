//! What people earned stays theirs, whatever becomes of the uid or of the subnet.

use crate::{dissolve, pay_owners, staffed, weigh};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, NO_LIMIT, Network, address},
};
use inktensor_primitives::{
    emission::{Claimed, EmissionError, SubnetRetired},
    hyperparameters::Hyperparameter,
    incentive::IncentiveError,
    registry::SubnetRegistry,
};

/// Registration of a hotkey.
fn tenancy(network: &mut Network, hotkey: u8) -> u32 {
    let seat = SubnetRegistry::seat(network.registry.call(), NETUID, account(hotkey));
    network.chain.call(account(1), seat).unwrap().neuron.registration_id
}

#[test]
fn a_miner_that_lost_its_uid_is_paid_and_so_is_its_successor() {
    let mut network = Network::new();
    network.set(Hyperparameter::MaxAllowedUids, 64);
    network.set(Hyperparameter::ImmunityPeriod, 0);
    network.register(account(20), 10_000 * TAO);
    for miner in 30..93 {
        network.chain.advance(2 * 3_600_000);
        network.register(account(miner), 0);
    }
    network.turn();
    weigh(&mut network, &[(1, 1)]);
    weigh(&mut network, &[(2, 1)]);
    // Uid 1 earned nothing of late: the next who comes takes it.
    let (departed, owed) = (tenancy(&mut network, 30), network.owed(account(30)));
    assert!(owed > 100 * TAO);
    let (newcomer, coldkey) = (account(200), account(50));
    network.enrich(coldkey, 100 * TAO);
    assert_eq!(network.register_as(coldkey, newcomer, 0), 1);
    let lost = network.chain.call(account(77), network.emission.call_mut().claim(NETUID, account(30)));
    assert_eq!(lost, Err(EmissionError::NotRegistered));
    // Weights of the moment of a registration are not yet for the newcomer.
    network.chain.advance(12_000);
    weigh(&mut network, &[(1, 1)]);
    let earned = network.owed(newcomer);
    assert!(earned > 0, "the successor earns on its own account");

    let before = network.balance(network.owner);
    let claim = network.emission.call_mut().claim_departed(NETUID, departed);
    assert_eq!(network.chain.call(account(77), claim), Ok(owed));
    assert_eq!(network.balance(network.owner), before + owed);
    let again = network.emission.call_mut().claim_departed(NETUID, departed);
    assert_eq!(network.chain.call(account(77), again), Err(EmissionError::NothingToClaim));
    let before = network.balance(coldkey);
    let claim = network.emission.call_mut().claim(NETUID, newcomer);
    assert_eq!(network.chain.call(account(77), claim), Ok(earned));
    assert_eq!(network.balance(coldkey), before + earned);
}

#[test]
fn a_dissolved_subnet_leaves_everybody_what_he_earned() {
    let mut network = staffed();
    pay_owners(&mut network);
    weigh(&mut network, &[(1, 1)]);
    network.turn();
    let (miner, registration) = (network.owed(account(30)), tenancy(&mut network, 30));
    let subnet = network.emission_of(NETUID);
    let owner_owed = u128::from(subnet.owner_owed);
    assert!(miner > 0 && owner_owed > 0);
    let before = network.balance(network.owner);
    dissolve(&mut network);
    assert_eq!(network.balance(network.owner), before + 1_000 * TAO, "the lock was a deposit");
    let run = network.incentive.call_mut().run_epoch(NETUID);
    assert_eq!(network.chain.call(account(77), run), Err(IncentiveError::UnknownSubnet));

    let carry = network.chain.call(account(1), network.emission.call().network_carry());
    let retire = network.emission.call_mut().retire(NETUID);
    let returned = network.chain.call(account(77), retire).unwrap();
    assert_eq!(returned, u128::from(subnet.pending + subnet.carry_miners + subnet.carry_validators));
    let owner = network.owner;
    assert_eq!(
        network.chain.events::<Claimed>(),
        [Claimed { netuid: NETUID, coldkey: owner, amount: subnet.owner_owed }]
    );
    assert_eq!(network.balance(owner), before + 1_000 * TAO + owner_owed);
    let later = network.chain.call(account(1), network.emission.call().network_carry());
    assert_eq!(later, carry + returned);
    let again = network.chain.call(account(77), network.emission.call_mut().retire(NETUID));
    assert_eq!(again, Err(EmissionError::NotActive));

    let claim = network.emission.call_mut().claim_departed(NETUID, registration);
    assert_eq!(network.chain.call(account(77), claim), Ok(miner));
    assert_eq!(network.balance(owner), before + 1_000 * TAO + owner_owed + miner);
    // Nobody is owed anything any more: what the contract holds is the network's.
    assert_eq!(network.balance(address(&network.emission)), later);
    assert!(network.position(account(20), owner) > 10_000 * 1_000_000_000, "stake and dividends stay");
}

#[test]
fn the_next_subnet_of_a_netuid_inherits_no_reward() {
    let mut network = staffed();
    pay_owners(&mut network);
    weigh(&mut network, &[(1, 1)]);
    let (miner, registration) = (network.owed(account(30)), tenancy(&mut network, 30));
    let former = network.emission_of(NETUID);
    let epoch = network.clock().epoch;
    let owner = network.owner;
    dissolve(&mut network);
    network.days(1);
    let successor = account(50);
    network.enrich(successor, 5_000 * TAO);
    assert_eq!(network.chain.call(successor, network.registry.call_mut().create_subnet(NO_LIMIT)), Ok(NETUID));
    network.chain.call(successor, network.registry.call_mut().start(NETUID)).unwrap();
    let before = network.balance(owner);
    assert_eq!(network.chain.call(account(77), network.incentive.call_mut().activate(NETUID)), Ok(()));
    // The owner before, whose subnet nobody retired, is paid.
    assert_eq!(network.chain.events::<SubnetRetired>().len(), 1);
    assert_eq!(network.balance(owner), before + u128::from(former.owner_owed));
    let fresh = network.emission_of(NETUID);
    assert_eq!((fresh.pending, fresh.carry_miners, fresh.carry_validators, fresh.owner_owed), (0, 0, 0, 0));
    assert_eq!((network.clock().epoch, network.clock().generation), (epoch + 1, 2), "the count goes on");

    // Its tenants begin anew, under the same uids and registration ids of their own.
    assert_eq!(network.register_as(successor, account(60), 0), 0);
    assert_eq!(network.owed(account(60)), 0);
    network.turn();
    network.turn();
    let claim = network.emission.call_mut().claim_departed(NETUID, registration);
    assert_eq!(network.chain.call(account(77), claim), Ok(miner), "and the miner of the former is still owed");
    assert_eq!(network.balance(owner), before + u128::from(former.owner_owed) + miner);
}
