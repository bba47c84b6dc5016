//! A chain with a suite on it.

use inktensor_chain::{
    AccountId, Bundles, Call, Client, DeployConfig, Deployment, InProcess, Keypair, Message, Node, NodeOptions, Suite,
    deploy,
};
use inktensor_e2e::devnode::{DevNode, Options, Profile};
use inktensor_primitives::psp22::{PSP22, PSP22Error};
use scale::Encode;

/// First tokens, all Alice's.
pub const TOKENS: u128 = 1_000_000_000_000;

/// A chain with a suite that Alice deployed.
pub struct World {
    pub client: Client,
    pub suite: Suite,
    pub deployment: Deployment,
    pub config: DeployConfig,
    pub bundles: Bundles,
    pub alice: Keypair,
    /// Whether extrinsics cost fees.
    pub fees: bool,
    /// Native tokens that the first deployment took.
    pub deployed_for: u128,
    _node: Option<DevNode>,
}

impl World {
    /// On the chain in process.
    pub async fn in_process() -> Self {
        Self::on(InProcess::start().unwrap().client(), None).await
    }

    /// On a node that makes a block for each extrinsic.
    pub async fn on_node(profile: Profile) -> Self {
        let node = DevNode::start(Options { profile, ..Options::default() }).unwrap_or_else(|error| panic!("{error}"));
        let connected = Node::connect(&[node.url()], NodeOptions::default()).await;
        let connected = connected.unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        Self::on(connected.client(), Some(node)).await
    }

    async fn on(client: Client, node: Option<DevNode>) -> Self {
        let alice = Keypair::from_name("Alice");
        let bundles = Bundles::find(None).unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        let config = DeployConfig::new(alice.account(), TOKENS);
        let before = client.backend().native_balance(alice.account()).await.unwrap();
        let deployment = deploy(&client, &alice, &bundles, &config).await;
        let deployment = deployment.unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        let after = client.backend().native_balance(alice.account()).await.unwrap();
        let (suite, deployed_for) = (Suite::at(&deployment), before.saturating_sub(after));
        Self { client, suite, deployment, config, bundles, alice, fees: node.is_some(), deployed_for, _node: node }
    }

    /// Tokens of an account.
    pub async fn balance(&self, of: AccountId) -> u128 {
        self.client.query(&self.suite.token.message(|token| token.balance_of(of))).await.unwrap()
    }

    /// A transfer of tokens.
    pub fn transfer(&self, to: AccountId, value: u128) -> Message<Result<(), PSP22Error>> {
        self.message(|token| token.transfer(to, value, vec![]))
    }

    /// A message to the token.
    pub fn message<A: Encode, R>(
        &self,
        build: impl FnOnce(&mut <token::token::Token as ink::codegen::ContractCallBuilder>::Type) -> Call<A, R>,
    ) -> Message<R> {
        self.suite.token.message(build)
    }
}
