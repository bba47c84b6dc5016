//! The six contracts together: where they are and how they are deployed.

use crate::{
    AccountId, Bundles, CallError, ChainError, Client, Constructor, Contract, ContractError, Keypair, Message, ss58,
};
use emission::emission::{Emission, EmissionRef};
use governance::governance::{Governance, GovernanceRef};
use incentive::incentive::{Incentive, IncentiveRef};
use registry::registry::{Registry, RegistryRef};
use serde::{Deserialize, Serialize};
use staking::staking::{Staking, StakingRef};
use token::token::{Token, TokenRef};

const DAY_MS: u64 = 86_400_000;
const TAO: u128 = 1_000_000_000;

/// Addresses of a deployed suite. As JSON: one SS58 address for each name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// TAO.
    #[serde(with = "ss58::text")]
    pub token: AccountId,
    /// Subnets and neurons.
    #[serde(with = "ss58::text")]
    pub registry: AccountId,
    /// Stake and nominations.
    #[serde(with = "ss58::text")]
    pub staking: AccountId,
    /// The reward split and payouts.
    #[serde(with = "ss58::text")]
    pub emission: AccountId,
    /// Weights and epochs.
    #[serde(with = "ss58::text")]
    pub incentive: AccountId,
    /// Proposals and the reserve.
    #[serde(with = "ss58::text")]
    pub governance: AccountId,
}

/// Typed handles to the contracts of a deployment.
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    /// TAO.
    pub token: Contract<Token>,
    /// Subnets and neurons.
    pub registry: Contract<Registry>,
    /// Stake and nominations.
    pub staking: Contract<Staking>,
    /// The reward split and payouts.
    pub emission: Contract<Emission>,
    /// Weights and epochs.
    pub incentive: Contract<Incentive>,
    /// Proposals and the reserve.
    pub governance: Contract<Governance>,
}

impl Suite {
    /// The contracts of a deployment.
    pub fn at(deployment: &Deployment) -> Self {
        Self {
            token: Contract::at("token", deployment.token),
            registry: Contract::at("registry", deployment.registry),
            staking: Contract::at("staking", deployment.staking),
            emission: Contract::at("emission", deployment.emission),
            incentive: Contract::at("incentive", deployment.incentive),
            governance: Contract::at("governance", deployment.governance),
        }
    }
}

/// What a new suite starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployConfig {
    /// Who holds the first tokens.
    pub genesis_holder: AccountId,
    /// How many, in rao. They count as issued.
    pub genesis_amount: u128,
    /// How long a proposal is voted on, in ms.
    pub voting_period_ms: u64,
    /// How long a passed proposal waits, in ms.
    pub timelock_ms: u64,
    /// Part of all stake that must vote, in basis points.
    pub quorum_bps: u16,
    /// Stake that a proposer needs, in rao.
    pub threshold: u128,
    /// Makes the addresses differ from those of an equal suite by the same deployer.
    pub salt: Vec<u8>,
}

impl DeployConfig {
    /// First tokens as given; proposals are voted on for three days and wait one, a tenth of all stake is a quorum, and
    /// a proposer needs 100 TAO of stake.
    pub fn new(genesis_holder: AccountId, genesis_amount: u128) -> Self {
        Self {
            genesis_holder,
            genesis_amount,
            voting_period_ms: 3 * DAY_MS,
            timelock_ms: DAY_MS,
            quorum_bps: 1_000,
            threshold: 100 * TAO,
            salt: Vec::new(),
        }
    }
}

/// Deploys the suite and wires its contracts to each other. Until the last wire the contracts refuse to work, and only
/// the deployer can wire: a deployment that was cut off is not used, but begun again with another salt.
pub async fn deploy(
    client: &Client,
    deployer: &Keypair,
    bundles: &Bundles,
    config: &DeployConfig,
) -> Result<Deployment, ChainError> {
    let deployment = instantiate(client, deployer, bundles, config).await?;
    wire(client, deployer, &Suite::at(&deployment)).await?;
    tracing::info!(?deployment, "suite deployed");
    Ok(deployment)
}

/// Runs the constructors, each with the addresses of those before it.
async fn instantiate(
    client: &Client,
    deployer: &Keypair,
    bundles: &Bundles,
    config: &DeployConfig,
) -> Result<Deployment, ChainError> {
    let deployer = Deployer { client, key: deployer, salt: &config.salt };
    let DeployConfig { voting_period_ms, timelock_ms, quorum_bps, threshold, .. } = *config;
    let new = GovernanceRef::new(voting_period_ms, timelock_ms, quorum_bps, threshold);
    let governance = deployer.deploy(&bundles.governance, Constructor::of("governance", new)).await?;
    let new = TokenRef::new(governance, config.genesis_holder, config.genesis_amount);
    let token = deployer.deploy(&bundles.token, Constructor::of("token", new)).await?;
    let new = RegistryRef::new(governance, token);
    let registry = deployer.deploy(&bundles.registry, Constructor::of("registry", new)).await?;
    let new = StakingRef::new(governance, token, registry);
    let staking = deployer.deploy(&bundles.staking, Constructor::of("staking", new)).await?;
    let new = EmissionRef::new(governance, token, registry, staking);
    let emission = deployer.deploy(&bundles.emission, Constructor::of("emission", new)).await?;
    let new = IncentiveRef::new(governance, token, registry, staking, emission);
    let incentive = deployer.deploy(&bundles.incentive, Constructor::of("incentive", new)).await?;
    Ok(Deployment { token, registry, staking, emission, incentive, governance })
}

/// Tells the contracts of the peers that came after them.
async fn wire(client: &Client, deployer: &Keypair, suite: &Suite) -> Result<(), ChainError> {
    let (token, staking) = (suite.token.address(), suite.staking.address());
    let (emission, incentive) = (suite.emission.address(), suite.incentive.address());
    send(client, deployer, suite.token.message(|token| token.wire(emission))).await?;
    send(client, deployer, suite.registry.message(|registry| registry.wire(incentive))).await?;
    send(client, deployer, suite.staking.message(|staking| staking.wire(emission))).await?;
    send(client, deployer, suite.emission.message(|emission| emission.wire(incentive))).await?;
    send(client, deployer, suite.governance.message(|governance| governance.wire(token, staking))).await
}

async fn send<E: ContractError>(
    client: &Client,
    signer: &Keypair,
    message: Message<Result<(), E>>,
) -> Result<(), ChainError> {
    client.submit(signer, &message).await?;
    Ok(())
}

struct Deployer<'a> {
    client: &'a Client,
    key: &'a Keypair,
    salt: &'a [u8],
}

impl Deployer<'_> {
    async fn deploy<E: ContractError>(
        &self,
        code: &[u8],
        constructor: Constructor<E>,
    ) -> Result<AccountId, CallError<E>> {
        let salt = self.salt.to_vec();
        let (address, _) = self.client.instantiate(self.key, code.to_vec(), &constructor, salt).await?;
        Ok(address)
    }
}
