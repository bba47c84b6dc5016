//! The full life of a subnet: created, staffed, weighed, paid, governed, upgraded, dissolved; then the books are right.

use crate::network::{Network, account, psp22};
use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, call::FromAccountId},
    primitives::AccountId,
};
use ink_e2e::{ContractsBackend, Keypair};
use inktensor_e2e::{
    TAO,
    network::{NETUID, address},
};
use inktensor_primitives::{
    emission::Claimed,
    hyperparameters::Hyperparameter,
    psp22::PSP22,
    registry::{RegistryError, SubnetDissolved},
    staking::StakeLedger,
    upkeep::{CodeChanged, Upgradable},
};
use registry_migration::registry_migration::RegistryMigrationRef;

/// Who lives on the subnet, beside its owner.
struct People {
    validator: Keypair,
    miner: Keypair,
    stranger: Keypair,
}

fn upgradable(contract: AccountId) -> contract_ref!(Upgradable, DefaultEnvironment) {
    contract.into()
}

#[tokio::test]
async fn a_subnet_lives_from_its_opening_to_its_end() {
    let mut network = Network::new().await;
    let people = staff(&mut network).await;
    earn(&mut network, &people).await;
    govern(&mut network, &people).await;
    upgrade(&mut network, &people).await;
    dissolve(&mut network, &people).await;
    reconcile(&mut network, &people).await;
}

/// A validator with stake and a miner register; after an epoch the validator has its permit.
async fn staff(network: &mut Network) -> People {
    let people =
        People { validator: network.person().await, miner: network.person().await, stranger: network.person().await };
    assert_eq!(network.register(&people.validator).await, 0);
    assert_eq!(network.register(&people.miner).await, 1);
    let owner = network.owner.clone();
    network.stake(&owner, &people.validator, 10_000 * TAO).await;
    network.turn(&people.stranger).await;
    people
}

/// The validator commits and reveals, and the miner's coldkey is paid what the weights earned it.
async fn earn(network: &mut Network, people: &People) {
    let (epoch, weights) = (network.epoch().await, network.weights(1).await);
    network.commit(&people.validator, &weights).await;
    network.turn(&people.stranger).await;
    network.reveal(&people.validator, epoch, &weights).await;
    network.turn(&people.stranger).await;

    let owner = account(&network.owner);
    let (owed, before) = (owed(network, &people.miner).await, network.balance(owner).await);
    assert!(owed > 0);
    let claim = network.emission.call_mut().claim(NETUID, account(&people.miner));
    assert_eq!(network.submit(&people.stranger, claim).await, Ok(owed));
    let amount = u64::try_from(owed).unwrap();
    assert_eq!(network.events::<Claimed>(), [Claimed { netuid: NETUID, coldkey: owner, amount }]);
    assert_eq!(network.balance(owner).await, before + owed);
    assert_eq!(self::owed(network, &people.miner).await, 0);
}

/// A vote of stake changes a hyperparameter that the owner may not set.
async fn govern(network: &mut Network, people: &People) {
    let target = address(&network.registry);
    let set = |network: &mut Network| {
        network.registry.call_mut().set_hyperparameter(NETUID, Hyperparameter::StakeThreshold, 7)
    };
    let owner = network.owner.clone();
    let message = set(network);
    assert_eq!(network.ask(&owner, message).await, Err(RegistryError::GovernanceOnly));
    let message = set(network);
    let proposal = network.pass(&people.validator, target, message).await;
    execute(network, people, proposal).await;
    let parameters = network.registry.call().hyperparameters(NETUID);
    assert_eq!(network.read(parameters).await.unwrap().stake_threshold, 7);
}

/// The registry's code is exchanged for one with another layout, which moves the state, and back.
async fn upgrade(network: &mut Network, people: &People) {
    let (registry, owner) = (address(&network.registry), network.owner.clone());
    let old = network.client.upload("registry", &owner).submit().await.unwrap().code_hash;
    let new = network.client.upload("registry_migration", &owner).submit().await.unwrap().code_hash;
    // Votes need the registry, so the way back is voted on before the way there is gone.
    let there = network.pass(&people.validator, registry, upgradable(registry).call_mut().set_code(new)).await;
    let back = network.pass(&people.validator, registry, upgradable(registry).call_mut().set_code(old)).await;
    execute(network, people, there).await;
    assert_eq!(network.events::<CodeChanged>(), [CodeChanged { code_hash: new }]);

    let mut migration = RegistryMigrationRef::from_account_id(registry);
    assert_eq!(network.read(migration.call().owner_of(NETUID)).await, Some(account(&owner)));
    assert!(network.submit(&people.stranger, migration.call_mut().migrate()).await);
    assert!(network.submit(&people.stranger, migration.call_mut().restore()).await);
    execute(network, people, back).await;
    let subnet = network.registry.call().subnet(NETUID);
    assert_eq!(network.read(subnet).await.unwrap().neurons, 2, "the registry is what it was");
}

/// A vote dissolves the subnet: its owner has the lock back, and what it had pending is the network's again.
async fn dissolve(network: &mut Network, people: &People) {
    let (target, owner) = (address(&network.registry), account(&network.owner));
    let subnet = network.registry.call().subnet(NETUID);
    let subnet = network.read(subnet).await.unwrap();
    let message = network.registry.call_mut().dissolve(NETUID);
    let proposal = network.pass(&people.validator, target, message).await;
    let before = network.balance(owner).await;
    execute(network, people, proposal).await;
    let (generation, refunded) = (subnet.generation, subnet.locked);
    assert_eq!(network.events::<SubnetDissolved>(), [SubnetDissolved { netuid: NETUID, generation, refunded }]);
    assert_eq!(network.balance(owner).await, before + u128::from(refunded));
    let subnet = network.registry.call().subnet(NETUID);
    assert_eq!(network.read(subnet).await, None);
    let retire = network.emission.call_mut().retire(NETUID);
    network.submit(&people.stranger, retire).await.unwrap();
}

/// All TAO is somebody's, and the contracts hold what their books say, to the rao.
async fn reconcile(network: &mut Network, people: &People) {
    let contracts = [
        address(&network.token),
        address(&network.registry),
        address(&network.staking),
        address(&network.emission),
        address(&network.incentive),
        address(&network.governance),
    ];
    let people = [&network.owner, &people.validator, &people.miner, &people.stranger].map(account);
    let mut balances = Vec::new();
    for holder in people.into_iter().chain(contracts) {
        balances.push(network.balance(holder).await);
    }
    let supply = psp22(&network.token).call().total_supply();
    assert_eq!(network.read(supply).await, balances.iter().sum::<u128>(), "supply = sum of all balances");
    let [.., staking, emission, _, treasury] = balances[..] else { unreachable!("ten holders") };

    let (books, carry) = (network.emission.call().books(), network.emission.call().network_carry());
    let (books, carry) = (network.read(books).await, network.read(carry).await);
    let paid = u128::from(books.miners + books.validators + books.reserve + books.owners);
    assert_eq!(u128::from(books.issued), paid + carry, "issued = paid + carried");
    assert_eq!((emission, treasury), (carry, u128::from(books.reserve)));
    let staked = StakeLedger::total_stake(network.staking.call());
    assert_eq!(staking, u128::from(network.read(staked).await), "staking holds what its pools are worth");
}

async fn owed(network: &mut Network, miner: &Keypair) -> u128 {
    let owed = network.emission.call().owed(NETUID, account(miner));
    network.read(owed).await.unwrap()
}

/// A stranger executes what passed: anyone may.
async fn execute(network: &mut Network, people: &People, proposal: u32) {
    let execute = network.governance.call_mut().execute(proposal);
    network.submit(&people.stranger, execute).await.unwrap();
}
