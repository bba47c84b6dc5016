//! The manifest, and what `verify` finds.

use crate::{GENESIS_AMOUNT, Site, begun};
use inktensor_chain::{
    AccountId, DeployError, Manifest, Part, Suite,
    deploy::{Journal, verify},
};
use inktensor_primitives::token::Issuance;
use std::fs;

/// What differs, as `contract: what`.
async fn differences(site: &Site, manifest: &Manifest) -> Vec<String> {
    let found = verify(&site.client, manifest, &site.bundles).await.unwrap();
    found.into_iter().map(|difference| format!("{}: {}", difference.of, difference.what)).collect()
}

#[tokio::test]
async fn a_manifest_survives_its_file_and_names_the_contracts() {
    let (site, manifest) = Site::deployed().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deployment.json");
    manifest.write(&path).unwrap();
    let read = Manifest::read(&path).unwrap();
    assert_eq!(read, manifest);
    assert_eq!(read.deployment(), *site.blueprint().deployment());
    let suite = Suite::at(&read.deployment());
    let issuance: u128 = site.client.query(&suite.token.message(|token| token.issuance())).await.unwrap();
    assert_eq!(issuance, GENESIS_AMOUNT);

    let text = fs::read_to_string(&path).unwrap();
    for (from, to, reason) in [
        ("inktensor/deployment/1", "inktensor/deployment/9", "schema"),
        ("\"quorum_bps\"", "\"quorum\"", "quorum_bps"),
        ("\"code\"", "\"kode\"", "code"),
        ("\"address\": \"5", "\"address\": \"6", "address"),
        ("0x", "0y", "hex"),
    ] {
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let error = Manifest::read(&path).unwrap_err();
        assert!(
            matches!(&error, DeployError::Manifest { reason: told, .. } if told.contains(reason)),
            "{from}: {error}"
        );
    }
}

#[tokio::test]
async fn a_fresh_deployment_is_as_its_manifest_says() {
    let (site, manifest) = Site::deployed().await;
    assert_eq!(differences(&site, &manifest).await, Vec::<String>::new());
}

#[tokio::test]
async fn tampering_with_the_manifest_is_found() {
    let (site, manifest) = Site::deployed().await;
    let stranger = AccountId::from([9; 32]);

    let mut tampered = manifest.clone();
    tampered.contracts.of_mut(Part::Token).address = stranger;
    let found = differences(&site, &tampered).await;
    assert!(found.contains(&"token: address".to_owned()), "{found:?}");
    assert!(found.contains(&"token: code hash".to_owned()), "{found:?}");
    assert!(found.contains(&"registry: constructor".to_owned()), "its constructor has the true token: {found:?}");
    assert!(found.contains(&"registry: peer token".to_owned()), "{found:?}");

    let mut tampered = manifest.clone();
    tampered.contracts.of_mut(Part::Staking).code.hash = [1; 32];
    tampered.contracts.of_mut(Part::Staking).code.metadata_hash = [2; 32];
    tampered.contracts.of_mut(Part::Staking).code.size += 1;
    let expected = ["bundle's code hash", "bundle's metadata hash", "bundle's code size", "code hash"]
        .map(|what| format!("staking: {what}"));
    assert_eq!(differences(&site, &tampered).await, expected);

    let mut tampered = manifest.clone();
    tampered.contracts.of_mut(Part::Emission).constructor[5] ^= 1;
    assert_eq!(differences(&site, &tampered).await, ["emission: constructor"]);

    let mut tampered = manifest.clone();
    tampered.contracts.of_mut(Part::Emission).first_code = [3; 32];
    assert_eq!(differences(&site, &tampered).await, ["emission: address"]);

    let mut tampered = manifest.clone();
    tampered.config.quorum_bps += 1;
    let found = differences(&site, &tampered).await;
    assert_eq!(found, ["governance: constructor", "governance: address", "governance: quorum_bps"]);

    let mut tampered = manifest.clone();
    tampered.deployer = stranger;
    let found = differences(&site, &tampered).await;
    assert_eq!(found.len(), 7, "all addresses and the guardian: {found:?}");
    assert_eq!(found.last().map(String::as_str), Some("governance: guardian"));

    let mut tampered = manifest;
    tampered.chain.genesis = [4; 32];
    assert_eq!(differences(&site, &tampered).await, ["chain: genesis"]);
}

#[tokio::test]
async fn a_suite_that_is_not_wired_yet_differs_in_its_peers() {
    let (site, manifest) = begun(8).await;
    let expected = [
        "governance: peer token",
        "governance: peer staking",
        "registry: peer incentive",
        "staking: peer emission",
        "emission: peer incentive",
    ];
    assert_eq!(differences(&site, &manifest).await, expected);
}

#[tokio::test]
async fn a_contract_wired_to_another_is_found() {
    let (site, manifest) = begun(7).await;
    let suite = Suite::at(site.blueprint().deployment());
    let stranger = AccountId::from([9; 32]);
    site.client.submit(&site.alice, &suite.staking.message(|staking| staking.wire(stranger))).await.unwrap();
    let error = site.build(&site.client, &mut Journal::unkept()).await.unwrap_err();
    let expected = site.blueprint().deployment().emission;
    assert_eq!(error, DeployError::OtherPeer { part: Part::Staking, role: "emission", expected });
    assert!(differences(&site, &manifest).await.contains(&"staking: peer emission".to_owned()));
}
