//! From settings to the subnet: key, addresses, connection.

use std::path::Path;
use std::time::Duration;

use inktensor_agent::onchain::OnChain;
use inktensor_chain::{ChainError, Deployment, Keypair, Node, NodeOptions, Suite, ss58};
use serde_json::{Map, Value};
use tracing::{info, warn};

use super::settings::Chain;
use crate::error::CliError;

/// Pause between two attempts to connect, beside the client's own patience.
const PAUSE: Duration = Duration::from_secs(5);

/// The subnet of the settings. While no endpoint answers it goes on trying and says so.
///
/// # Errors
/// Those of the files that the settings name; `Chain` for endpoints of another chain; `NoContract` where the addresses are
/// not the suite's.
pub async fn subnet(settings: &Chain) -> Result<OnChain, CliError> {
    let (deployment, genesis) = deployment(&settings.deployment)?;
    let hotkey = Keypair::from_argument(&settings.hotkey)?;
    let options = NodeOptions { genesis, ..NodeOptions::default() };
    let client = loop {
        match Node::connect(&settings.endpoints, options.clone()).await {
            Ok(node) => break node.client(),
            Err(failure @ ChainError::Unreachable(_)) => {
                warn!(error = %failure, endpoints = settings.endpoints.join(", "), "trying again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(failure) => return Err(failure.into()),
        }
    };
    let incentive = deployment.incentive;
    if client.backend().code_hash(incentive).await?.is_none() {
        return Err(CliError::NoContract { address: ss58(&incentive), deployment: settings.deployment.clone() });
    }
    info!(netuid = settings.netuid, hotkey = ss58(&hotkey.account()), "connected");
    Ok(OnChain::new(client, Suite::at(&deployment), settings.netuid, hotkey))
}

/// The addresses in a file, and the genesis hash of their chain where the file tells it: a deployment's manifest, or the
/// addresses alone.
fn deployment(path: &Path) -> Result<(Deployment, Option<[u8; 32]>), CliError> {
    let refuse = |reason: String| CliError::Settings { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Io { path: path.to_owned(), source })?;
    let file: Value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let Some(contracts) = file["contracts"].as_object() else {
        let addresses = serde_json::from_value(file).map_err(|error| refuse(error.to_string()))?;
        return Ok((addresses, None));
    };
    let addresses = contracts.iter().map(|(name, contract)| (name.clone(), contract["address"].clone()));
    let addresses = Value::Object(addresses.collect::<Map<_, _>>());
    let addresses = serde_json::from_value(addresses).map_err(|error| refuse(error.to_string()))?;
    let genesis = file["chain"]["genesis"].as_str().and_then(|hash| hex::decode(hash.strip_prefix("0x")?).ok());
    let genesis = genesis.and_then(|hash| hash.try_into().ok());
    Ok((addresses, Some(genesis.ok_or_else(|| refuse("chain.genesis is not 32 bytes in hex behind 0x".to_owned()))?)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
    use serde_json::json;

    use super::*;

    fn addresses() -> Value {
        let address = |n: u8| ss58(&[n; 32].into());
        json!({
            "token": address(1), "registry": address(2), "staking": address(3),
            "emission": address(4), "incentive": address(5), "governance": address(6),
        })
    }

    #[test]
    fn addresses_are_read_from_a_manifest_or_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deployment.json");
        std::fs::write(&path, addresses().to_string()).unwrap();
        let (alone, genesis) = deployment(&path).unwrap();
        assert_eq!((alone.incentive, genesis), ([5; 32].into(), None));

        let plain = addresses();
        let contract = |(name, address): (&String, &Value)| (name.clone(), json!({ "address": address, "size": 1 }));
        let contracts: Map<_, _> = plain.as_object().unwrap().iter().map(contract).collect();
        let genesis = format!("0x{}", "07".repeat(32));
        std::fs::write(&path, json!({ "contracts": contracts, "chain": { "genesis": genesis } }).to_string()).unwrap();
        assert_eq!(deployment(&path).unwrap(), (alone, Some([7; 32])));

        std::fs::write(&path, json!({ "contracts": contracts, "chain": {} }).to_string()).unwrap();
        assert!(deployment(&path).unwrap_err().to_string().contains("genesis"));
        std::fs::write(&path, "{}").unwrap();
        assert!(deployment(&path).unwrap_err().to_string().contains("token"));
    }
}
