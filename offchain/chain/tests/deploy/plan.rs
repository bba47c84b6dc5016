//! What the plan says is what happens.

use crate::Site;
use inktensor_chain::{
    ChainError, DeployError, Part, RawCode,
    deploy::{Happening, Journal, Outlook, Plan, Planned, Step},
};

#[tokio::test]
async fn addresses_and_deposits_are_those_of_the_plan() {
    let site = Site::new();
    let plan = Plan::of(&site.client, &site.blueprint()).await.unwrap();
    assert_eq!(site.client.head().await.unwrap().number, 1, "planning sends nothing");
    let mut done = Vec::new();
    for (step, happening) in site.build(&site.client, &mut Journal::unkept()).await.unwrap() {
        if let Happening::Done(receipt) = happening {
            done.push((step, receipt));
        }
    }
    assert_eq!(done.len(), Step::ALL.len(), "each step once");
    for (planned, (step, receipt)) in plan.steps.iter().zip(&done) {
        assert_eq!(planned.step, *step);
        match planned.outlook {
            Outlook::Priced { deposit, gas, .. } => {
                assert!(matches!(step, Step::Create(_)));
                assert_eq!(deposit, receipt.deposit, "{step}");
                assert!(gas.ref_time >= receipt.gas.ref_time, "{step}");
            }
            // On this chain the rehearsal is the performance.
            Outlook::Estimated { gas, after, .. } => {
                assert_eq!(after, Step::Create(step.part()));
                assert!(gas.ref_time >= receipt.gas.ref_time && receipt.gas.ref_time > 0, "{step}");
            }
            Outlook::Done => panic!("{step} was not done"),
        }
    }
    for part in Part::ALL {
        let code = site.client.backend().code_hash(plan.deployment.address(part)).await.unwrap();
        assert_eq!(code, Some(site.bundles.of(part).code_hash), "{part} is where the plan says");
    }
    let after = Plan::of(&site.client, &site.blueprint()).await.unwrap();
    assert!(after.is_done(), "{after:?}");
    assert_eq!((after.fees(), after.deposits()), (0, 0));
}

#[tokio::test]
async fn the_chain_agrees_on_each_address_before_anything_is_there() {
    let site = Site::new();
    let blueprint = site.blueprint();
    for part in Part::ALL {
        let (code, data) = (site.bundles.of(part).code.clone(), blueprint.input(part));
        let code = RawCode { name: part.name(), code, data, salt: site.config.salt.clone() };
        let told = site.client.backend().dry_instantiate(site.alice.account(), code).await.unwrap().0;
        assert_eq!(told, blueprint.deployment().address(part), "{part}");
    }
}

#[tokio::test]
async fn once_a_contract_exists_its_wire_is_priced_by_the_chain() {
    let (site, _) = crate::begun(8).await;
    let plan = Plan::of(&site.client, &site.blueprint()).await.unwrap();
    let outlooks = plan.steps.iter().map(|planned| planned.outlook);
    assert_eq!(outlooks.filter(|outlook| *outlook == Outlook::Done).count(), 7);
    let priced = |planned: &&Planned| matches!(planned.outlook, Outlook::Priced { deposit, .. } if deposit > 0);
    assert_eq!(plan.steps.iter().filter(priced).count(), 4, "{plan:?}");
}

#[tokio::test]
async fn a_deployer_that_cannot_pay_is_told_what_is_missing() {
    let site = Site::new();
    let mut plan = Plan::of(&site.client, &site.blueprint()).await.unwrap();
    let needed = plan.fees() + plan.deposits();
    plan.balance = needed;
    assert_eq!(plan.check_balance(), Ok(()));
    plan.balance = needed - 1;
    assert_eq!(plan.check_balance(), Err(DeployError::TooPoor { balance: needed - 1, needed }));
}

#[tokio::test]
async fn what_a_contract_would_refuse_is_refused_before_anything_is_sent() {
    let mut site = Site::new();
    site.config.genesis_amount = u128::from(u64::MAX);
    let error = Plan::of(&site.client, &site.blueprint()).await.unwrap_err();
    let DeployError::Chain(ChainError::Refused { contract, error, .. }) = error else { panic!("{error}") };
    assert_eq!((contract, error.as_str()), ("token", "CapExceeded"));
    assert_eq!(site.client.head().await.unwrap().number, 1);
}
