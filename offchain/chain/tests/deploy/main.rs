//! Deploying, resuming, verifying and upgrading on the chain in process.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod journal;
mod manifest;
mod plan;
mod resume;
mod unsteady;
mod upgrade;

use inktensor_chain::{
    Bundles, Client, DeployConfig, DeployError, InProcess, Keypair,
    deploy::{Blueprint, ChainIdentity, Happening, Journal, Manifest, Patience, Step, build},
};
use std::{path::Path, time::Duration};
use unsteady::{Kill, Unsteady};

const GENESIS_AMOUNT: u128 = 1_000_000_000_000;

/// A chain, somebody who deploys and what.
struct Site {
    chain: InProcess,
    client: Client,
    alice: Keypair,
    bundles: Bundles,
    config: DeployConfig,
    patience: Patience,
}

impl Site {
    fn new() -> Self {
        let chain = InProcess::start().unwrap();
        let alice = Keypair::from_name("Alice");
        let bundles = Bundles::find(None).unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        let config = DeployConfig::new(alice.account(), GENESIS_AMOUNT);
        Self { client: chain.client(), chain, alice, bundles, config, patience: brisk() }
    }

    fn blueprint(&self) -> Blueprint<'_> {
        Blueprint::new(self.alice.account(), &self.bundles, &self.config)
    }

    async fn journal(&self, path: &Path) -> Result<Journal, DeployError> {
        Journal::open(path, self.client.block_hash(0).await.unwrap(), &self.blueprint())
    }

    /// Builds and tells what happened.
    async fn build(&self, client: &Client, journal: &mut Journal) -> Result<Vec<(Step, Happening)>, DeployError> {
        let mut told = Vec::new();
        build(client, &self.alice, &self.blueprint(), journal, self.patience, &mut |step, happening| {
            told.push((step, happening.clone()));
        })
        .await?;
        Ok(told)
    }

    async fn deployed() -> (Self, Manifest) {
        let site = Self::new();
        site.build(&site.client, &mut Journal::unkept()).await.unwrap();
        let manifest = Manifest::of(&site.client, &site.blueprint(), identity()).await.unwrap();
        (site, manifest)
    }
}

/// Looks often, and waits long.
fn brisk() -> Patience {
    Patience { poll: Duration::from_millis(1), standstill: Duration::from_secs(600), resend: false }
}

fn identity() -> ChainIdentity {
    ChainIdentity { name: "in process".into(), spec: "sandbox".into(), spec_version: 1 }
}

/// Builds until the chain falls silent, and ends there as if killed. Says how many submissions had reached the chain.
async fn killed(site: &Site, journal: &mut Journal, kill: Kill) -> usize {
    let (client, chain) = Unsteady::client(&site.chain, kill, false);
    tokio::select! {
        outcome = site.build(&client, journal) => panic!("{kill:?} comes before the end: {outcome:?}"),
        () = chain.silent() => chain.submitted(),
    }
}

/// A deployment that ended before this submission.
async fn begun(before: usize) -> (Site, Manifest) {
    let site = Site::new();
    killed(&site, &mut Journal::unkept(), Kill::Before(before)).await;
    let manifest = Manifest::of(&site.client, &site.blueprint(), identity()).await.unwrap();
    (site, manifest)
}
