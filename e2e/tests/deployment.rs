//! Deployment on nodes like those of the chains that matter: what the plan says is what the deployer pays.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_chain::{
    Bundles, DeployConfig, DeployError, Keypair, Manifest, Node, NodeOptions,
    deploy::{Blueprint, ChainIdentity, Happening, Journal, Outlook, Patience, Plan, Step, build, verify},
};
use inktensor_e2e::devnode::{DevNode, Options, Profile};
use std::path::Path;

const GENESIS_AMOUNT: u128 = 1_000_000_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_is_deployed_on_a_node_with_contracts() {
    deploys(Profile::Contracts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_is_deployed_on_a_node_like_bittensor_s() {
    deploys(Profile::Bittensor).await;
}

async fn deploys(profile: Profile) {
    let server = DevNode::start(Options { profile, ..Options::default() }).unwrap_or_else(|error| panic!("{error}"));
    let client = Node::connect(&[server.url()], NodeOptions::default()).await.unwrap().client();
    let alice = Keypair::from_name("Alice");
    let bundles = Bundles::find(None).unwrap();
    let config = DeployConfig::new(alice.account(), GENESIS_AMOUNT);
    let blueprint = Blueprint::new(alice.account(), &bundles, &config);
    let folder = tempfile::tempdir().unwrap();
    let again = async |path: &Path| -> Result<Vec<(Step, Happening)>, DeployError> {
        let mut journal = Journal::open(path, client.block_hash(0).await?, &blueprint)?;
        let mut told = Vec::new();
        let mut tell = |step: Step, happening: &Happening| told.push((step, happening.clone()));
        build(&client, &alice, &blueprint, &mut journal, Patience::default(), &mut tell).await?;
        Ok(told)
    };

    let before = client.backend().native_balance(alice.account()).await.unwrap();
    let plan = Plan::of(&client, &blueprint).await.unwrap();
    plan.check_balance().unwrap();
    let path = folder.path().join("journal");
    let done = again(&path).await.unwrap();
    let receipts = done.iter().filter_map(|(step, happening)| match happening {
        Happening::Done(receipt) => Some((*step, receipt)),
        _ => None,
    });
    let mut paid = 0;
    for (planned, (step, receipt)) in plan.steps.iter().zip(receipts) {
        assert_eq!(planned.step, step);
        let fee = receipt.fee.unwrap();
        paid += fee + receipt.deposit.unsigned_abs();
        match planned.outlook {
            Outlook::Priced { fee: most, deposit, .. } => {
                assert_eq!(deposit, receipt.deposit, "{step}");
                assert!(most.unwrap() >= fee, "{step}: {most:?} planned, {fee} paid");
            }
            Outlook::Estimated { fee: estimate, .. } => assert!(estimate.unwrap() > 0, "{step}"),
            Outlook::Done => panic!("{step} was not done"),
        }
    }
    let after = client.backend().native_balance(alice.account()).await.unwrap();
    assert_eq!(before - after, paid, "the receipts name all that was paid");

    let identity = ChainIdentity { name: "Development".into(), spec: "inktensor".into(), spec_version: 1 };
    let manifest = Manifest::of(&client, &blueprint, identity).await.unwrap();
    assert_eq!(verify(&client, &manifest, &bundles).await, Ok(vec![]));
    let found = again(&path).await.unwrap();
    assert!(found.iter().all(|(_, happening)| *happening == Happening::Found), "{found:?}");
    assert_eq!(client.backend().native_balance(alice.account()).await.unwrap(), after, "nothing was sent again");
}
