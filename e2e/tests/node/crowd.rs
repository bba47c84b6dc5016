//! People with accounts of their own act at the same time, each through a connection of its own.

use crate::network::{Network, account, connect, psp22};
use futures_util::future::join_all;
use ink::codegen::TraitCallBuilder;
use ink_e2e::{ContractsBackend, Keypair};
use inktensor_e2e::{
    TAO,
    network::{NETUID, address},
};
use inktensor_primitives::{psp22::PSP22, staking::StakeLedger};

const PEOPLE: usize = 8;
const GIFT: u128 = 100 * TAO;

#[tokio::test]
async fn what_a_crowd_does_at_once_is_all_done() {
    let mut network = Network::new().await;
    let owner = network.owner.clone();
    let hotkey = network.person().await;
    network.register(&hotkey).await;
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let person = network.person().await;
        let give = psp22(&network.token).call_mut().transfer(account(&person), GIFT, Vec::new());
        network.submit(&owner, give).await.unwrap();
        people.push(person);
    }

    // Odd amounts, so that one person's stake cannot stand for another's.
    let amounts: Vec<u128> = (1..).map(|n| n * 7 * TAO + n).take(PEOPLE).collect();
    join_all(people.iter().zip(&amounts).map(|(person, amount)| stake(&network, person, &hotkey, *amount))).await;

    for (person, amount) in people.iter().zip(&amounts) {
        assert_eq!(network.balance(account(person)).await, GIFT - amount);
        let position = network.staking.call().position(account(&hotkey), account(person));
        assert_eq!(u128::from(network.read(position).await.value), *amount);
    }
    let all = StakeLedger::total_stake(network.staking.call());
    assert_eq!(u128::from(network.read(all).await), amounts.iter().sum::<u128>());
    let subnet = network.registry.call().subnet(NETUID);
    assert_eq!(network.read(subnet).await.unwrap().neurons, 1);
}

/// Approves and stakes, by a client that knows nothing of the others'.
async fn stake(network: &Network, person: &Keypair, hotkey: &Keypair, amount: u128) {
    let mut client = connect(&network.node).await;
    let approve = psp22(&network.token).call_mut().approve(address(&network.staking), amount);
    client.call(person, &approve).submit().await.expect("approved");
    let stake = network.staking.clone().call_mut().stake(account(hotkey), amount);
    // What others do meanwhile may make it dearer than the dry run found.
    client.call(person, &stake).extra_gas_portion(20).submit().await.expect("staked");
}
