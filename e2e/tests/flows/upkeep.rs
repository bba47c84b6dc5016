//! What stops the suite for a while, and what goes back into the schedule.

use crate::{staffed, weigh};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    emission::EmissionError,
    governance::{GovernanceError, ProposalState},
    incentive::IncentiveError,
    registry::RegistryError,
    staking::StakingError,
    token::Issuance,
};

fn pause(network: &mut Network, who: u8, contract: ink::primitives::AccountId, ms: u64) -> Result<(), GovernanceError> {
    let until_ms = network.chain.now_ms() + ms;
    network.chain.call(account(who), network.governance.call_mut().pause(contract, until_ms))
}

#[test]
fn a_guardian_stops_the_suite_for_days_and_votes_go_on() {
    let mut network = staffed();
    weigh(&mut network, &[(1, 1)]);
    let owner = network.owner;
    let [registry, staking, emission, incentive] = [
        address(&network.registry),
        address(&network.staking),
        address(&network.emission),
        address(&network.incentive),
    ];
    assert_eq!(pause(&mut network, 66, staking, DAY), Err(GovernanceError::NotGuardian));
    for contract in [registry, staking, emission, incentive] {
        assert_eq!(pause(&mut network, 10, contract, 3 * DAY), Ok(()), "the deployer is the first guardian");
    }
    assert_eq!(network.stake(owner, account(20), TAO), Err(StakingError::Paused));
    assert_eq!(network.chain.call(owner, network.staking.call_mut().withdraw()), Err(StakingError::Paused));
    assert_eq!(network.open(), Err(RegistryError::Paused));
    let claim = network.emission.call_mut().claim(NETUID, account(30));
    assert_eq!(network.chain.call(owner, claim), Err(EmissionError::Paused));
    let run = network.incentive.call_mut().run_epoch(NETUID);
    assert_eq!(network.chain.call(owner, run), Err(IncentiveError::Paused));

    // A vote, which may be what repairs the fault, passes all the while: here for another guardian.
    let council = address(&network.governance);
    let name = network.governance.call_mut().set_guardian(Some(account(67)));
    assert_eq!(network.govern(account(20), council, name), Ok(()));
    let executed = network.chain.call(owner, network.governance.call().proposal(1)).unwrap();
    assert_eq!(executed.state, ProposalState::Executed);
    assert_eq!(pause(&mut network, 10, staking, DAY), Err(GovernanceError::NotGuardian));
    assert_eq!(pause(&mut network, 67, staking, DAY), Err(GovernanceError::PausedRecently));

    // It ends by itself, and what was owed before is owed still.
    network.days(3);
    assert_eq!(network.stake(owner, account(20), TAO), Ok(()));
    let owed = network.owed(account(30));
    let claim = network.emission.call_mut().claim(NETUID, account(30));
    assert_eq!(network.chain.call(owner, claim), Ok(owed));
    network.turn();
    assert_eq!(pause(&mut network, 67, staking, DAY), Err(GovernanceError::PausedRecently));
    network.days(27);
    assert_eq!(pause(&mut network, 67, staking, DAY), Ok(()));
}

#[test]
fn what_is_recycled_is_issued_again_and_what_is_burned_is_not() {
    let mut network = staffed();
    let issued = |network: &mut Network| {
        let issuance = Issuance::issuance(network.token.call());
        (network.supply(), network.chain.call(account(1), issuance))
    };
    let (supply, issuance) = issued(&mut network);
    let price = network.chain.call(account(1), network.registry.call().burn(NETUID)).unwrap();
    network.register(account(40), 0);
    assert_eq!(issued(&mut network), (supply - price, issuance - price));
    let recycle = Issuance::recycle(network.token.call_mut(), 7 * TAO);
    assert_eq!(network.chain.call(network.owner, recycle), Ok(()));
    assert_eq!(issued(&mut network), (supply - price - 7 * TAO, issuance - price - 7 * TAO));
    let burn = network.token.call_mut().burn(5 * TAO);
    assert_eq!(network.chain.call(network.owner, burn), Ok(()));
    assert_eq!(issued(&mut network), (supply - price - 12 * TAO, issuance - price - 7 * TAO), "what is burned is gone");
}
