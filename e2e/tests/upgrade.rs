//! Code of every contract is exchanged by a vote and by nothing else, and state survives it: also through another layout.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::{codegen::TraitCallBuilder, env::DefaultEnvironment, env::call::FromAccountId, primitives::AccountId};
use inktensor_e2e::{
    TAO, account,
    chain::code,
    input,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    governance::GovernanceError,
    staking::StakingError,
    upkeep::{CodeChanged, Upgradable, UpkeepError},
};
use registry::RegistryRef;
use registry_migration::registry_migration::RegistryMigrationRef;

/// A network whose owner has the stake to govern, on hotkey 20.
fn governed() -> Network {
    let mut network = Network::new();
    network.register(account(20), 1_000 * TAO);
    network
}

fn upgradable(contract: AccountId) -> ink::contract_ref!(Upgradable, DefaultEnvironment) {
    contract.into()
}

#[test]
fn every_contract_changes_its_code_by_a_vote_and_keeps_its_state() {
    let mut network = governed();
    network.register(account(30), 0);
    let supply = network.supply();
    let contracts = [
        ("token", address(&network.token)),
        ("registry", address(&network.registry)),
        ("staking", address(&network.staking)),
        ("emission", address(&network.emission)),
        ("incentive", address(&network.incentive)),
        ("governance", address(&network.governance)),
    ];
    for (name, contract) in contracts {
        let code_hash = network.chain.upload(network.owner, code(name));
        let stranger = network.chain.call(account(66), upgradable(contract).call_mut().set_code(code_hash));
        assert_eq!(stranger, Err(UpkeepError::NotGovernance), "{name}");
        let set_code = upgradable(contract).call_mut().set_code(code_hash);
        assert_eq!(network.govern(account(20), contract, set_code), Ok(()), "{name}");
        assert_eq!(network.chain.events::<CodeChanged>(), [CodeChanged { code_hash }], "{name}");
        let unknown = upgradable(contract).call_mut().set_code([9; 32].into());
        let refused = network.govern(account(20), contract, unknown);
        assert!(
            matches!(refused, Err(GovernanceError::CallFailed | GovernanceError::UnknownCode)),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(network.supply(), supply);
    assert_eq!(network.position(account(20), network.owner), u64::try_from(1_000 * TAO).unwrap());
    assert_eq!(network.register(account(31), 0), 2, "life goes on");
    network.turn();
}

#[test]
fn a_migration_moves_state_into_another_layout_and_back() {
    let mut network = governed();
    let registry = address(&network.registry);
    let lock = network.chain.call(account(1), network.registry.call().lock_cost());
    let (old, new) = (code("registry"), code("registry-migration"));
    let (old, new) = (network.chain.upload(network.owner, old), network.chain.upload(network.owner, new));

    // Votes need the registry, so the way back is voted on before the way there is gone.
    let there = upgradable(registry).call_mut().set_code(new);
    let there = network.pass(account(20), registry, there);
    let back = upgradable(registry).call_mut().set_code(old);
    let back = network.pass(account(20), registry, back);
    let execute = |network: &mut Network, proposal| {
        network.chain.call(account(77), network.governance.call_mut().execute(proposal))
    };
    assert_eq!(execute(&mut network, there), Ok(()));
    let mut migration = RegistryMigrationRef::from_account_id(registry);
    let owner = network.chain.call(account(1), migration.call().owner_of(NETUID));
    assert_eq!(owner, Some(network.owner), "data that the old code wrote is read where it lies");
    assert!(network.chain.call(account(77), migration.call_mut().migrate()));
    assert!(!network.chain.call(account(77), migration.call_mut().migrate()), "once");
    let next = network.chain.call(account(1), migration.call().next_network()).unwrap();
    assert_eq!((next.fee_bps, next.numbers.contains(&1_000_000_000_000)), (0, true), "the lock of the only subnet");
    let known =
        network.chain.send(account(1), registry, input(RegistryRef::from_account_id(registry).call().lock_cost()));
    assert!(known.is_err() || network.chain.refused(), "the old messages are gone for as long");
    let stake = network.stake(network.owner, account(20), 10 * TAO);
    assert_eq!(stake, Err(StakingError::PeerUnreachable), "and whoever needs them is told");

    assert!(network.chain.call(account(77), migration.call_mut().restore()));
    assert_eq!(execute(&mut network, back), Ok(()));
    assert!(network.chain.call(account(1), network.registry.call().lock_cost()) <= lock);
    assert_eq!(network.register(account(31), 0), 1, "the registry is what it was");
}
