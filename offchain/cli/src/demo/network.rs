//! The network of the demo: contracts deployed, subnet open, players registered and staked.

use std::sync::Arc;

use inktensor_chain::{
    AccountId, Bundles, Client, ContractError, DeployConfig, Deployment, Keypair, Message, Suite, deploy,
};
use inktensor_primitives::psp22::PSP22;
use inktensor_primitives::registry::Evaluator;
use inktensor_primitives::{Netuid, Uid};
use scale::Decode;

use super::cast::{Nominator, Player, Role, TAO};
use super::stage::Stage;
use crate::error::CliError;

/// TAO that exists before the first epoch, in rao, to fund the players.
pub const GENESIS: u128 = 20_000 * TAO;
/// TAO that each player gets for its registration, in rao.
const ALLOWANCE: u128 = 20 * TAO;
/// Chain time of one block of setting up, in ms. What happens at the same instant has no order.
const BLOCK_MS: u64 = 12_000;

/// A running network.
pub struct Network {
    /// Where it is.
    pub stage: Arc<dyn Stage>,
    /// A client of its chain.
    pub client: Client,
    /// Block after which it began.
    pub began: u32,
    /// Addresses of the contracts.
    pub deployment: Deployment,
    /// The contracts.
    pub suite: Suite,
    /// The subnet.
    pub netuid: Netuid,
    deployer: Keypair,
    owner: Keypair,
}

impl Network {
    /// Deploys the contracts and opens the subnet, whose validators judge by `evaluator`.
    pub async fn open(stage: Arc<dyn Stage>, evaluator: &Evaluator) -> Result<Self, CliError> {
        let bundles = Bundles::find(None)?;
        let client = stage.client();
        let (deployer, owner) = (Keypair::from_name("deployer"), Keypair::from_name("owner"));
        stage.endow(deployer.account()).await?;
        stage.endow(owner.account()).await?;
        let head = client.head().await?;
        // A chain that has seen a demo before gets another suite.
        let salt = head.hash.to_vec();
        let config = DeployConfig { salt, ..DeployConfig::new(deployer.account(), GENESIS) };
        let deployment = deploy(&client, &deployer, &bundles, &config).await?;
        let suite = Suite::at(&deployment);
        let mut network = Self { stage, client, began: head.number, deployment, suite, netuid: 0, deployer, owner };
        network.netuid = network.open_subnet(evaluator).await?;
        Ok(network)
    }

    /// The owner locks TAO for a subnet and says how its validators judge.
    async fn open_subnet(&self, evaluator: &Evaluator) -> Result<Netuid, CliError> {
        let registry = self.suite.registry;
        let lock = self.client.query(&registry.message(|registry| registry.lock_cost())).await?;
        self.fund(&self.owner, lock).await?;
        self.approve(&self.owner, registry.address(), lock).await?;
        let netuid = self.submit(&self.owner, &registry.message(|registry| registry.create_subnet(lock))).await?;
        let Evaluator { kind, code_hash, uri, parameters } = evaluator.clone();
        let choice = registry.message(|registry| registry.set_evaluator(netuid, kind, code_hash, uri, parameters));
        self.submit(&self.owner, &choice).await?;
        Ok(netuid)
    }

    /// Starts the subnet's emission: epoch 0 begins.
    pub async fn start_emission(&self) -> Result<(), CliError> {
        let netuid = self.netuid;
        self.submit(&self.owner, &self.suite.registry.message(|registry| registry.start(netuid))).await?;
        self.submit(&self.deployer, &self.suite.incentive.message(|incentive| incentive.activate(netuid))).await?;
        self.stage.advance_ms(BLOCK_MS).await
    }

    /// Registers a player and stakes what it has. Returns its uid.
    pub async fn enrol(&self, player: &Player) -> Result<Uid, CliError> {
        self.stage.endow(player.coldkey.account()).await?;
        self.stage.endow(player.hotkey.account()).await?;
        let (registry, netuid) = (self.suite.registry, self.netuid);
        let burn = self.client.query(&registry.message(|registry| registry.burn(netuid))).await?;
        let burn = burn.unwrap_or(ALLOWANCE);
        let stake = match player.role {
            Role::Validator { stake } => stake,
            Role::Miner { .. } => 0,
        };
        self.fund(&player.coldkey, ALLOWANCE + stake).await?;
        self.approve(&player.coldkey, registry.address(), burn).await?;
        let hotkey = player.hotkey.account();
        let register = registry.message(|registry| registry.register(netuid, hotkey, burn));
        let uid = self.submit(&player.coldkey, &register).await?;
        if stake > 0 {
            self.stake(&player.coldkey, hotkey, stake).await?;
        }
        self.stage.advance_ms(BLOCK_MS).await?;
        Ok(uid)
    }

    /// Lets somebody stake on a player's hotkey.
    pub async fn nominate(&self, nominator: &Nominator, hotkey: AccountId) -> Result<(), CliError> {
        self.stage.endow(nominator.coldkey.account()).await?;
        self.fund(&nominator.coldkey, nominator.stake).await?;
        self.stake(&nominator.coldkey, hotkey, nominator.stake).await
    }

    /// Pays a miner what it is owed, to its coldkey. Returns the amount in rao.
    pub async fn claim(&self, hotkey: AccountId) -> Result<u128, CliError> {
        let netuid = self.netuid;
        self.submit(&self.deployer, &self.suite.emission.message(|emission| emission.claim(netuid, hotkey))).await
    }

    /// What a miner is owed and has not drawn, in rao.
    pub async fn owed(&self, hotkey: AccountId) -> Result<u128, CliError> {
        let netuid = self.netuid;
        let owed = self.client.query(&self.suite.emission.message(|emission| emission.owed(netuid, hotkey))).await?;
        owed.map_err(|error| super::outcome::refused("emission", &error))
    }

    /// TAO of an account, in rao.
    pub async fn balance(&self, account: AccountId) -> Result<u128, CliError> {
        Ok(self.client.query(&self.suite.token.message(|token| token.balance_of(account))).await?)
    }

    /// Sends a message and returns what it answered.
    pub async fn submit<T: Decode, E: ContractError>(
        &self,
        signer: &Keypair,
        message: &Message<Result<T, E>>,
    ) -> Result<T, CliError> {
        let (answer, _) = self.client.submit(signer, message).await?;
        Ok(answer)
    }

    async fn stake(&self, coldkey: &Keypair, hotkey: AccountId, amount: u128) -> Result<(), CliError> {
        self.approve(coldkey, self.suite.staking.address(), amount).await?;
        self.submit(coldkey, &self.suite.staking.message(|staking| staking.stake(hotkey, amount))).await
    }

    async fn fund(&self, coldkey: &Keypair, amount: u128) -> Result<(), CliError> {
        let to = coldkey.account();
        self.submit(&self.deployer, &self.suite.token.message(|token| token.transfer(to, amount, Vec::new()))).await
    }

    async fn approve(&self, coldkey: &Keypair, spender: AccountId, amount: u128) -> Result<(), CliError> {
        self.submit(coldkey, &self.suite.token.message(|token| token.approve(spender, amount))).await
    }
}
