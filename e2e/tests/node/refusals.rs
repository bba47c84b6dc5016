//! What may not be done is refused by an error of the contract's own type, and changes nothing.

use crate::network::{Network, account, psp22};
use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment};
use ink_e2e::ContractsBackend;
use inktensor_e2e::{
    TAO,
    network::{NETUID, NO_LIMIT, address},
};
use inktensor_primitives::{
    emission::{EmissionError, Payroll},
    governance::GovernanceError,
    incentive::IncentiveError,
    psp22::{PSP22, PSP22Error, TransferError},
    registry::{RegistryError, SubnetRegistry},
    staking::{StakeLedger, StakingError},
    token::{Issuance, TokenError},
    upkeep::{Pausable, Upgradable, UpkeepError},
};

#[tokio::test]
async fn a_dry_run_says_by_type_what_is_missing() {
    let mut network = Network::new().await;
    let (owner, newcomer) = (network.owner.clone(), network.person().await);
    let hotkey = account(&newcomer);
    let register = network.registry.call_mut().register(NETUID, hotkey, NO_LIMIT);
    let unpaid = Err(RegistryError::Transfer(TransferError::InsufficientAllowance));
    assert_eq!(network.ask(&newcomer, register).await, unpaid);
    let register = network.registry.call_mut().register(NETUID, hotkey, 1);
    assert_eq!(network.ask(&owner, register).await, Err(RegistryError::PriceAboveLimit));
    let stake = network.staking.call_mut().stake(hotkey, 1);
    assert_eq!(network.ask(&owner, stake).await, Err(StakingError::AmountTooLow));
    let stake = network.staking.call_mut().stake(hotkey, TAO);
    assert_eq!(network.ask(&owner, stake).await, Err(StakingError::HotkeyNotAssociated));
    let run = network.incentive.call_mut().run_epoch(NETUID);
    assert_eq!(network.ask(&newcomer, run).await, Err(IncentiveError::EpochNotDue));
    let execute = network.governance.call_mut().execute(1);
    assert_eq!(network.ask(&newcomer, execute).await, Err(GovernanceError::UnknownProposal));
    let claim = network.emission.call_mut().claim(NETUID, hotkey);
    assert_eq!(network.ask(&newcomer, claim).await, Err(EmissionError::NotRegistered));
    let transfer = psp22(&network.token).call_mut().transfer(account(&owner), 1, Vec::new());
    assert_eq!(network.ask(&newcomer, transfer).await, Err(PSP22Error::InsufficientBalance));
}

#[tokio::test]
async fn what_is_sent_though_it_is_refused_changes_nothing() {
    let mut network = Network::new().await;
    let (owner, stranger) = (network.owner.clone(), network.person().await);
    let before = network.balance(account(&owner)).await;
    let loot = psp22(&network.token).call_mut().transfer_from(account(&owner), account(&stranger), TAO, Vec::new());
    let sent = network.client.call(&stranger, &loot).submit().await;
    assert!(format!("{:?}", sent.err().unwrap()).contains("CallExtrinsic"), "the chain reverts it");
    let end = network.registry.call_mut().dissolve(NETUID);
    assert!(network.client.call(&stranger, &end).submit().await.is_err());
    assert_eq!(network.balance(account(&owner)).await, before);
    assert_eq!(network.balance(account(&stranger)).await, 0);
    let subnets = network.registry.call().subnets();
    assert_eq!(network.read(subnets).await, [NETUID]);
}

#[tokio::test]
async fn a_stranger_has_no_right() {
    let mut network = Network::new().await;
    let stranger = network.person().await;
    let himself = account(&stranger);
    let contracts = [
        address(&network.token),
        address(&network.registry),
        address(&network.staking),
        address(&network.emission),
        address(&network.incentive),
        address(&network.governance),
    ];
    for contract in contracts {
        let mut contract: contract_ref!(Upgradable, DefaultEnvironment) = contract.into();
        let set_code = contract.call_mut().set_code([1; 32].into());
        assert_eq!(network.ask(&stranger, set_code).await, Err(UpkeepError::NotGovernance));
    }
    for contract in &contracts[1..5] {
        let mut contract: contract_ref!(Pausable, DefaultEnvironment) = (*contract).into();
        let pause = contract.call_mut().pause(u64::MAX);
        assert_eq!(network.ask(&stranger, pause).await, Err(UpkeepError::NotGovernance));
    }
    let issue = Issuance::issue(network.token.call_mut());
    assert_eq!(network.ask(&stranger, issue).await, Err(TokenError::NotIssuer));
    let start = network.registry.call_mut().start(NETUID);
    assert_eq!(network.ask(&stranger, start).await, Err(RegistryError::NotSubnetOwner));
    let record = SubnetRegistry::record_epoch(network.registry.call_mut(), NETUID, vec![u64::MAX]);
    assert_eq!(network.ask(&stranger, record).await, Err(RegistryError::NotIncentive));
    let distribute = StakeLedger::distribute(network.staking.call_mut(), NETUID, vec![0], vec![1]);
    assert_eq!(network.ask(&stranger, distribute).await, Err(StakingError::NotEmission));
    let admit = Payroll::admit(network.emission.call_mut(), NETUID, 1);
    assert_eq!(network.ask(&stranger, admit).await, Err(EmissionError::NotIncentive));
    let commit = network.incentive.call_mut().commit_weights(NETUID, [1; 32].into());
    assert_eq!(network.ask(&stranger, commit).await, Err(IncentiveError::NotRegistered));
    let pay = network.governance.call_mut().pay(himself, 1);
    assert_eq!(network.ask(&stranger, pay).await, Err(GovernanceError::NotAuthorised));
    let pause = network.governance.call_mut().pause(address(&network.registry), u64::MAX);
    assert_eq!(network.ask(&stranger, pause).await, Err(GovernanceError::NotGuardian));
}
