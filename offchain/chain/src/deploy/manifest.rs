//! What was deployed, in a file: the only thing that others need to work with a suite.

use super::{
    Blueprint, DeployConfig, DeployError,
    file::{of_file, replace},
};
use crate::{AccountId, Bundle, ChainError, Client, Deployment, Each, Part, hexadecimal, ss58};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

const SCHEMA: &str = "inktensor/deployment/1";

/// A deployed suite. As JSON: accounts in SS58, hashes and bytes as hex behind `0x`, rao as decimal strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `inktensor/deployment/1`.
    schema: String,
    /// The chain.
    pub chain: ChainRecord,
    /// Who deployed: also the first guardian.
    #[serde(with = "ss58::text")]
    pub deployer: AccountId,
    /// What the suite started with.
    pub config: DeployConfig,
    /// The contracts.
    pub contracts: Each<ContractRecord>,
}

/// The chain of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainRecord {
    /// Hash of block 0, by which the chain is recognised.
    #[serde(with = "hexadecimal")]
    pub genesis: [u8; 32],
    /// What it calls itself and its runtime.
    pub identity: ChainIdentity,
    /// A block in which the suite is complete.
    pub block: u32,
    /// Hash of that block.
    #[serde(with = "hexadecimal")]
    pub block_hash: [u8; 32],
}

/// What a chain calls itself. For people: nothing depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainIdentity {
    /// Name of the chain.
    pub name: String,
    /// Name of its runtime.
    pub spec: String,
    /// Version of its runtime.
    pub spec_version: u32,
}

/// One deployed contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractRecord {
    /// Where it is.
    #[serde(with = "ss58::text")]
    pub address: AccountId,
    /// The code that it runs.
    pub code: CodeRecord,
    /// Hash of the code that it was deployed with. Its address follows from it.
    #[serde(with = "hexadecimal")]
    pub first_code: [u8; 32],
    /// Selector and arguments of its constructor.
    #[serde(with = "hexadecimal")]
    pub constructor: Vec<u8>,
}

/// The code of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRecord {
    /// blake2b-256 of the Wasm.
    #[serde(with = "hexadecimal")]
    pub hash: [u8; 32],
    /// blake2b-256 of the interface, as [`Bundle::metadata_hash`] defines it.
    #[serde(with = "hexadecimal")]
    pub metadata_hash: [u8; 32],
    /// Bytes of the Wasm.
    pub size: usize,
}

impl From<&Bundle> for CodeRecord {
    fn from(bundle: &Bundle) -> Self {
        Self { hash: bundle.code_hash, metadata_hash: bundle.metadata_hash, size: bundle.code.len() }
    }
}

impl Manifest {
    /// The manifest of a blueprint that was built, as of the newest block.
    pub async fn of(client: &Client, blueprint: &Blueprint<'_>, identity: ChainIdentity) -> Result<Self, ChainError> {
        let (genesis, head) = (client.block_hash(0).await?, client.head().await?);
        let contract = |part| {
            let code = CodeRecord::from(blueprint.bundles().of(part));
            let address = blueprint.deployment().address(part);
            Ok(ContractRecord { address, code, first_code: code.hash, constructor: blueprint.input(part) })
        };
        Ok(Self {
            schema: SCHEMA.into(),
            chain: ChainRecord { genesis, identity, block: head.number, block_hash: head.hash },
            deployer: blueprint.deployer(),
            config: blueprint.config().clone(),
            contracts: Each::try_of::<ChainError>(contract)?,
        })
    }

    /// Reads a manifest. Errors: `File`, `Manifest`.
    pub fn read(path: &Path) -> Result<Self, DeployError> {
        let text = fs::read_to_string(path).map_err(|error| of_file(path, &error))?;
        let broken = |reason: String| DeployError::Manifest { path: path.to_owned(), reason };
        let manifest: Self = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if manifest.schema != SCHEMA {
            return Err(broken(format!("its schema is {}, this release reads {SCHEMA}", manifest.schema)));
        }
        Ok(manifest)
    }

    /// Writes the manifest, whole or not at all. Errors: `File`.
    pub fn write(&self, path: &Path) -> Result<(), DeployError> {
        let broken =
            |error: serde_json::Error| DeployError::Manifest { path: path.to_owned(), reason: error.to_string() };
        replace(path, &(serde_json::to_string_pretty(self).map_err(broken)? + "\n"))
    }

    /// Where the contracts are.
    pub fn deployment(&self) -> Deployment {
        Deployment::of(|part| self.contracts.of(part).address)
    }

    /// Notes that a contract runs other code since.
    pub fn upgraded(&mut self, part: Part, bundle: &Bundle) {
        self.contracts.of_mut(part).code = bundle.into();
    }
}
