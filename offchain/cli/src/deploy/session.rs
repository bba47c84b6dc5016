//! The chain that a command works on.

use inktensor_chain::deploy::ChainIdentity;
use inktensor_chain::{ChainError, Client, Node, NodeOptions};
use serde_json::Value;

use super::units;
use crate::error::CliError;

/// Where `--chain dev` is: a node on this machine with its usual port.
const DEV: &str = "ws://127.0.0.1:9944";

/// A chain, connected.
pub struct Session {
    /// Its client.
    pub client: Client,
    /// What it calls itself.
    pub identity: ChainIdentity,
    native: Native,
}

/// The chain's own tokens.
struct Native {
    decimals: usize,
    symbol: String,
}

impl Session {
    /// Connects to the chain of these endpoints: urls with commas between them, or `dev`.
    ///
    /// # Errors
    /// `Chain` where none answers, they serve different chains, or what they say of it makes no sense.
    pub async fn open(chain: &str) -> Result<Self, CliError> {
        let chain = if chain == "dev" { DEV } else { chain };
        let endpoints: Vec<String> = chain.split(',').map(|url| url.trim().to_owned()).collect();
        let node = Node::connect(&endpoints, NodeOptions::default()).await?;
        let name = node.rpc("system_chain", vec![]).await?;
        let runtime = node.rpc("state_getRuntimeVersion", vec![]).await?;
        let properties = node.rpc("system_properties", vec![]).await?;
        let identity = identity(&name, &runtime).ok_or_else(|| {
            let reason = format!("{name} with the runtime {runtime}");
            ChainError::Undecodable { what: "what the node says of its chain".into(), reason }
        })?;
        Ok(Self { client: node.client(), identity, native: Native::of(&properties) })
    }

    /// An amount of the chain's own tokens for people.
    pub fn native(&self, amount: u128) -> String {
        units::native(amount, self.native.decimals, &self.native.symbol)
    }
}

impl Native {
    /// What a node says of its tokens: one value, or a list with the chain's own first. Without that: the smallest units.
    fn of(properties: &Value) -> Self {
        let first = |value: &Value| value.as_array().and_then(|list| list.first()).unwrap_or(value).clone();
        let (decimals, symbol) = (first(&properties["tokenDecimals"]), first(&properties["tokenSymbol"]));
        match (decimals.as_u64().filter(|decimals| *decimals <= 38), symbol.as_str()) {
            (Some(decimals), Some(symbol)) => Self { decimals: decimals as usize, symbol: symbol.to_owned() },
            _ => Self { decimals: 0, symbol: "units".into() },
        }
    }
}

fn identity(name: &Value, runtime: &Value) -> Option<ChainIdentity> {
    let spec_version = u32::try_from(runtime["specVersion"].as_u64()?).ok()?;
    Some(ChainIdentity {
        name: name.as_str()?.to_owned(),
        spec: runtime["specName"].as_str()?.to_owned(),
        spec_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_named_as_the_node_names_them() {
        let told = |properties| {
            let Native { decimals, symbol } = Native::of(&properties);
            (decimals, symbol)
        };
        assert_eq!(told(json!({"tokenDecimals": 12, "tokenSymbol": "UNIT"})), (12, "UNIT".into()));
        assert_eq!(told(json!({"tokenDecimals": [9], "tokenSymbol": ["TAO"]})), (9, "TAO".into()));
        for silent in
            [json!({}), json!(null), json!({"tokenDecimals": 12}), json!({"tokenDecimals": 99, "tokenSymbol": "X"})]
        {
            assert_eq!(told(silent), (0, "units".into()));
        }
    }
}
