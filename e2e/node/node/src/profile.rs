//! The chains that this node stands in for.

use clap::ValueEnum;
use sc_chain_spec::{ChainType, GenericChainSpec, NoExtension};
use serde_json::json;

/// Which chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// As contracts-node: balances of 128 bits, wide limits.
    Contracts,
    /// As Bittensor's own chain: balances of 64 bits, narrow limits.
    Bittensor,
}

/// The file of a runtime, in the folder where scripts/node puts them.
macro_rules! runtime {
    ($file:literal) => {
        include_bytes!(concat!(env!("INKTENSOR_NODE_RUNTIMES", "build with scripts/node"), $file))
    };
}

impl Profile {
    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::Bittensor => "bittensor",
        }
    }

    /// Its runtime.
    pub fn runtime(self) -> &'static [u8] {
        match self {
            Self::Contracts => runtime!("/contracts.wasm"),
            Self::Bittensor => runtime!("/bittensor.wasm"),
        }
    }

    /// What clients are told of it. The first state is not in it: [`crate::genesis`] makes that.
    pub fn chain_spec(self) -> GenericChainSpec {
        let (name, symbol, decimals) = match self {
            Self::Contracts => ("Inktensor development (contracts)", "UNIT", 12),
            Self::Bittensor => ("Inktensor development (bittensor)", "TAO", 9),
        };
        let properties =
            [("tokenSymbol", json!(symbol)), ("tokenDecimals", json!(decimals)), ("ss58Format", json!(42))];
        GenericChainSpec::builder(&[], NoExtension::None)
            .with_name(name)
            .with_id(self.id())
            .with_chain_type(ChainType::Development)
            .with_protocol_id("inktensor")
            .with_properties(properties.into_iter().map(|(key, value)| (key.into(), value)).collect())
            .build()
    }
}
