//! The whole suite deployed and wired on a node, driven by `ink_e2e`.

use emission::emission::EmissionRef;
use governance::GovernanceRef;
use incentive::incentive::IncentiveRef;
use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::{
        DefaultEnvironment, Event,
        call::{
            ExecutionInput, FromAccountId, LimitParamsV2,
            state::Salt,
            utils::{ReturnType, Set, Unset},
        },
    },
    primitives::{AccountId, Hash},
};
use ink_e2e::{
    ChainBackend, ContractsBackend, Keypair, PolkadotConfig, RpcClient, alice,
    events::{ContractEmitted, EventWithTopics},
};
use inktensor_e2e::{
    Message, TAO,
    chain::bundle,
    devnode::{Clock, DevNode, Options},
    input,
    network::{GENESIS, HOUR, NETUID, NO_LIMIT, SALT, TEMPO, address},
};
use inktensor_primitives::{WeightEntry, commitment::Commitment, psp22::PSP22, registry::SubnetRegistry};
use registry::RegistryRef;
use scale::{Decode, DecodeAll, Encode};
use staking::StakingRef;
use token::TokenRef;

/// What a person gets of the chain's own tokens, for fees and deposits.
const ENDOWMENT: u128 = 10_000_000_000_000_000;
/// The contracts, and the code of another registry.
const CODES: [&str; 7] = ["governance", "token", "registry", "staking", "emission", "incentive", "registry_migration"];

/// `ink_e2e`'s client of a node.
pub type Client = ink_e2e::Client<PolkadotConfig, DefaultEnvironment>;

/// The suite on a node of its own. `owner`, who deployed it, is //Alice and holds the first TAO.
pub struct Network {
    pub node: DevNode,
    pub client: Client,
    pub token: TokenRef,
    pub registry: RegistryRef,
    pub staking: StakingRef,
    pub emission: EmissionRef,
    pub incentive: IncentiveRef,
    pub governance: GovernanceRef,
    pub owner: Keypair,
    /// Events of the last transaction.
    last: Vec<EventWithTopics<ContractEmitted<DefaultEnvironment>>>,
}

/// A client of a node that knows the bundles.
pub async fn connect(node: &DevNode) -> Client {
    let rpc = RpcClient::from_url(node.url()).await.expect("the node answers");
    let codes = CODES.map(|name| bundle(name).with_extension("wasm"));
    Client::new(rpc, codes).await.expect("the node has metadata")
}

/// The account of a key.
pub fn account(key: &Keypair) -> AccountId {
    key.public_key().0.into()
}

/// A message to the token.
pub fn psp22(token: &TokenRef) -> contract_ref!(PSP22, DefaultEnvironment) {
    address(token).into()
}

/// A constructor with its arguments.
type Constructor<C, A, R> = ink::env::call::CreateBuilder<
    DefaultEnvironment,
    C,
    Unset<Hash>,
    Set<LimitParamsV2<DefaultEnvironment>>,
    Unset<u128>,
    Set<ExecutionInput<A>>,
    Unset<Salt>,
    Set<ReturnType<R>>,
>;

/// Uploads a contract and runs its constructor: its address.
async fn deploy<C, A, R>(client: &mut Client, name: &str, mut constructor: Constructor<C, A, R>) -> AccountId
where
    C: Clone,
    A: Encode + Clone + Send + Sync,
{
    let deployed = client.instantiate(name, &alice(), &mut constructor).submit().await;
    deployed.unwrap_or_else(|error| panic!("{name} is not deployed: {error}")).account_id
}

impl Network {
    /// Starts a node and deploys the suite on it, not wired yet.
    pub async fn unwired() -> Self {
        let node = DevNode::start(Options { clock: Clock::Manual, ..Options::default() });
        let node = node.unwrap_or_else(|error| panic!("{error}"));
        let (mut client, owner) = (connect(&node).await, alice());
        let new = GovernanceRef::new(HOUR, HOUR, 1_000, 100 * TAO);
        let governance = deploy(&mut client, "governance", new).await;
        let new = TokenRef::new(governance, account(&owner), GENESIS);
        let token = deploy(&mut client, "token", new).await;
        let registry = deploy(&mut client, "registry", RegistryRef::new(governance, token)).await;
        let staking = deploy(&mut client, "staking", StakingRef::new(governance, token, registry)).await;
        let new = EmissionRef::new(governance, token, registry, staking);
        let emission = deploy(&mut client, "emission", new).await;
        let new = IncentiveRef::new(governance, token, registry, staking, emission);
        let incentive = deploy(&mut client, "incentive", new).await;
        Self {
            node,
            client,
            token: TokenRef::from_account_id(token),
            registry: RegistryRef::from_account_id(registry),
            staking: StakingRef::from_account_id(staking),
            emission: EmissionRef::from_account_id(emission),
            incentive: IncentiveRef::from_account_id(incentive),
            governance: GovernanceRef::from_account_id(governance),
            owner,
            last: Vec::new(),
        }
    }

    /// The suite wired, with one subnet of the owner's, whose epochs run.
    pub async fn new() -> Self {
        let mut network = Self::unwired().await;
        network.wire().await;
        let owner = network.owner.clone();
        network.allow(&owner).await;
        let create = network.registry.call_mut().create_subnet(NO_LIMIT);
        assert_eq!(network.submit(&owner, create).await, Ok(NETUID));
        let start = network.registry.call_mut().start(NETUID);
        network.submit(&owner, start).await.unwrap();
        let activate = network.incentive.call_mut().activate(NETUID);
        network.submit(&owner, activate).await.unwrap();
        network
    }

    /// Names each contract's peers to it.
    pub async fn wire(&mut self) {
        let owner = self.owner.clone();
        let (token, staking) = (address(&self.token), address(&self.staking));
        let (emission, incentive) = (address(&self.emission), address(&self.incentive));
        let wire = self.token.call_mut().wire(emission);
        self.submit(&owner, wire).await.unwrap();
        let wire = self.registry.call_mut().wire(incentive);
        self.submit(&owner, wire).await.unwrap();
        let wire = self.staking.call_mut().wire(emission);
        self.submit(&owner, wire).await.unwrap();
        let wire = self.emission.call_mut().wire(incentive);
        self.submit(&owner, wire).await.unwrap();
        let wire = self.governance.call_mut().wire(token, staking);
        self.submit(&owner, wire).await.unwrap();
    }

    /// A new person with funds for fees.
    pub async fn person(&mut self) -> Keypair {
        self.client.create_and_fund_account(&self.owner, ENDOWMENT).await
    }

    /// Lets registry, staking and incentive take what they ask of somebody's TAO.
    pub async fn allow(&mut self, who: &Keypair) {
        for spender in [address(&self.registry), address(&self.staking), address(&self.incentive)] {
            let approve = psp22(&self.token).call_mut().approve(spender, NO_LIMIT);
            self.submit(who, approve).await.unwrap();
        }
    }

    /// Sends a message and waits for its block: what it answers, which is no refusal.
    pub async fn submit<A, R>(&mut self, who: &Keypair, message: Message<A, R>) -> R
    where
        A: Encode + Clone + Send + Sync,
        R: Decode + Send,
    {
        let sent = self.client.call(who, &message).submit().await;
        let sent = sent.unwrap_or_else(|error| panic!("the message was not run: {error}"));
        self.last = sent.contract_emitted_events().expect("events decode");
        sent.return_value()
    }

    /// What a message would answer somebody now.
    pub async fn ask<A, R>(&mut self, who: &Keypair, message: Message<A, R>) -> R
    where
        A: Encode + Clone + Send + Sync,
        R: Decode + Send,
    {
        let asked = self.client.call(who, &message).dry_run().await;
        asked.unwrap_or_else(|error| panic!("the message was not run: {error}")).return_value()
    }

    /// What a message answers anybody.
    pub async fn read<A, R>(&mut self, message: Message<A, R>) -> R
    where
        A: Encode + Clone + Send + Sync,
        R: Decode + Send,
    {
        let anybody = ink_e2e::ferdie();
        self.ask(&anybody, message).await
    }

    /// Events of one type of the last transaction, wherever in the suite.
    pub fn events<T: Event + Decode>(&self) -> Vec<T> {
        let signed = |topics: &[ink_e2e::H256]| topics.first().map(|topic| topic.0) == T::SIGNATURE_TOPIC;
        let events = self.last.iter().filter(|emitted| signed(&emitted.topics));
        events.map(|emitted| T::decode_all(&mut &emitted.event.data[..]).expect("the event has its type")).collect()
    }

    /// Moves chain time by so many ms.
    pub fn advance(&self, ms: u64) {
        self.node.advance_time(ms).unwrap_or_else(|error| panic!("{error}"));
    }

    /// TAO of an account, in rao.
    pub async fn balance(&mut self, who: AccountId) -> u128 {
        let balance = psp22(&self.token).call().balance_of(who);
        self.read(balance).await
    }

    /// Registers a hotkey of the owner's: its uid.
    pub async fn register(&mut self, hotkey: &Keypair) -> u16 {
        let owner = self.owner.clone();
        let register = self.registry.call_mut().register(NETUID, account(hotkey), NO_LIMIT);
        self.submit(&owner, register).await.unwrap()
    }

    /// Stakes TAO of somebody's.
    pub async fn stake(&mut self, who: &Keypair, hotkey: &Keypair, amount: u128) {
        let stake = self.staking.call_mut().stake(account(hotkey), amount);
        self.submit(who, stake).await.unwrap();
    }

    /// Lets the epoch's time pass and has `who` turn it.
    pub async fn turn(&mut self, who: &Keypair) {
        self.advance(TEMPO);
        let run = self.incentive.call_mut().run_epoch(NETUID);
        self.submit(who, run).await.unwrap();
    }

    /// The number of the running epoch.
    pub async fn epoch(&mut self) -> u64 {
        let clock = self.incentive.call().clock(NETUID);
        self.read(clock).await.unwrap().epoch
    }

    /// All weight on one uid, with the registration that holds it now.
    pub async fn weights(&mut self, uid: u16) -> Vec<WeightEntry> {
        let neurons = SubnetRegistry::neurons(self.registry.call(), NETUID, 0);
        let neurons = self.read(neurons).await;
        vec![(uid, neurons[usize::from(uid)].registration_id, u16::MAX)]
    }

    /// Has a hotkey commit weights of the running epoch.
    pub async fn commit(&mut self, hotkey: &Keypair, weights: &[WeightEntry]) {
        let commitment = Commitment {
            contract: address(&self.incentive),
            netuid: NETUID,
            epoch: self.epoch().await,
            hotkey: account(hotkey),
            weights: weights.to_vec().into(),
            version_key: 0,
            transcript: Hash::default(),
            salt: SALT,
        };
        let commit = self.incentive.call_mut().commit_weights(NETUID, commitment.hash());
        self.submit(hotkey, commit).await.unwrap();
    }

    /// Has a hotkey reveal what it committed in an epoch.
    pub async fn reveal(&mut self, hotkey: &Keypair, epoch: u64, weights: &[WeightEntry]) {
        let weights = weights.to_vec().into();
        let reveal = self.incentive.call_mut().reveal_weights(NETUID, epoch, weights, 0, Hash::default(), SALT);
        self.submit(hotkey, reveal).await.unwrap();
    }

    /// Has a call pass its vote and its timelock by the owner's stake on `hotkey`: the proposal's number.
    pub async fn pass<A: Encode, R>(&mut self, hotkey: &Keypair, target: AccountId, message: Message<A, R>) -> u32 {
        let owner = self.owner.clone();
        let propose = self.governance.call_mut().propose(Hash::default(), target, input(message), account(hotkey));
        let proposal = self.submit(&owner, propose).await.unwrap();
        let vote = self.governance.call_mut().vote(proposal, account(hotkey), true);
        self.submit(&owner, vote).await.unwrap();
        self.advance(2 * HOUR);
        proposal
    }
}
