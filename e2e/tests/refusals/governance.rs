//! The guardian, and exchange of code.

use crate::{NOBODY, told};
use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment};
use inktensor_e2e::{
    DAY, TAO, account,
    network::{HOUR, Network, address},
};
use inktensor_primitives::{
    governance::GovernanceError,
    upkeep::{Upgradable, UpkeepError},
};

#[test]
fn no_guardian_pauses_for_more_than_a_week_or_what_is_not_governed() {
    let mut network = Network::new();
    let owner = network.owner;
    let others = network.chain.deploy(owner, "governance", (HOUR, HOUR, 1_000_u16, 100 * TAO));
    let foreign = network.chain.deploy(owner, "registry", (others, address(&network.token)));
    network.chain.advance(0);
    let (now_ms, staking) = (network.chain.now_ms(), address(&network.staking));
    let pause = network.governance.call_mut().pause(staking, now_ms + 7 * DAY + 1);
    let refusal = told(&mut network.chain, owner, pause);
    assert_eq!(refusal, GovernanceError::Upkeep(UpkeepError::PauseTooLong));
    for (target, refusal) in [
        (foreign, GovernanceError::Upkeep(UpkeepError::NotGovernance)),
        (account(NOBODY), GovernanceError::PeerUnreachable),
        // The token has no pause: nobody keeps people from their money.
        (address(&network.token), GovernanceError::PeerUnreachable),
    ] {
        let pause = network.governance.call_mut().pause(target, now_ms + 1);
        assert_eq!(told(&mut network.chain, owner, pause), refusal);
    }
    // A refused pause is no pause: the guardian need not rest.
    let pause = network.governance.call_mut().pause(staking, now_ms + 7 * DAY);
    assert_eq!(network.chain.call(owner, pause), Ok(()));
}

#[test]
fn no_contract_runs_code_that_is_not_there() {
    let mut network = Network::new();
    let council = address(&network.governance);
    for contract in [
        address(&network.token),
        address(&network.registry),
        address(&network.staking),
        address(&network.emission),
        address(&network.incentive),
    ] {
        let mut contract: contract_ref!(Upgradable, DefaultEnvironment) = contract.into();
        let set = contract.call_mut().set_code([9; 32].into());
        assert_eq!(told(&mut network.chain, council, set), UpkeepError::UnknownCode);
        let set = contract.call_mut().set_code([9; 32].into());
        assert_eq!(told(&mut network.chain, network.owner, set), UpkeepError::NotGovernance);
    }
}
