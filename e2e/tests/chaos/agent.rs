//! A validator of the agent on a bad line to a node that dies: it commits once to each epoch and loses no reveal.

use crate::stage::{NOISE, SEED, connect, patience, soon, until};
use async_trait::async_trait;
use futures_util::future::join;
use inktensor_agent::{
    config::EvaluationConfig,
    figure::Figure,
    journal::{CommitState, Journal, Scope},
    onchain::OnChain,
    subnet::{Assignment, ValidatorSubnet},
    validator::{Abstention, Finding, Judge, Validator},
};
use inktensor_chain::{Bundles, Client, ContractError, DeployConfig, Hash, Keypair, Message, Suite, deploy};
use inktensor_e2e::{
    TAO,
    devnode::{Clock, DevNode, Options},
    network::{NO_LIMIT, TEMPO},
    proxy::Proxy,
};
use inktensor_primitives::{
    Netuid,
    incentive::{WeightsCommitted, WeightsRevealed},
    psp22::PSP22,
    registry::{Evaluator, ModelFamily},
};
use scale::{Decode, DecodeAll};
use std::{path::PathBuf, time::Duration};

const EPOCHS: u64 = 4;
/// The epoch in which the node is killed.
const FATAL: u64 = 2;

/// A subnet with one miner and one validator, on a chain that knows no trouble yet.
struct Network {
    client: Client,
    suite: Suite,
    netuid: Netuid,
}

impl Network {
    async fn open(client: Client) -> Self {
        let [alice, owner, coldkey, hotkey, miner_coldkey, miner] =
            ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"].map(Keypair::from_name);
        let config = DeployConfig::new(alice.account(), 20_000 * TAO);
        let bundles = Bundles::find(None).unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        let suite = Suite::at(&deploy(&client, &alice, &bundles, &config).await.unwrap());
        let mut network = Self { client, suite, netuid: 0 };
        let (registry, staking) = (suite.registry, suite.staking);
        for who in [&owner, &coldkey, &miner_coldkey] {
            let to = who.account();
            network.send(&alice, &suite.token.message(|token| token.transfer(to, 5_000 * TAO, vec![]))).await;
            for spender in [registry.address(), staking.address()] {
                network.send(who, &suite.token.message(|token| token.approve(spender, NO_LIMIT))).await;
            }
        }
        network.netuid = network.send(&owner, &registry.message(|registry| registry.create_subnet(NO_LIMIT))).await;
        let netuid = network.netuid;
        for (owner, key) in [(&coldkey, hotkey.account()), (&miner_coldkey, miner.account())] {
            network.send(owner, &registry.message(|registry| registry.register(netuid, key, NO_LIMIT))).await;
        }
        let judge = hotkey.account();
        network.send(&coldkey, &staking.message(|staking| staking.stake(judge, 1_000 * TAO))).await;
        let digest = Hash::from([7; 32]);
        let uri = "http://127.0.0.1/".to_owned();
        let model = registry.message(|registry| registry.commit_model(netuid, digest, 1, ModelFamily::Llama, uri));
        network.send(&miner, &model).await;
        network.send(&owner, &registry.message(|registry| registry.start(netuid))).await;
        network.send(&alice, &suite.incentive.message(|incentive| incentive.activate(netuid))).await;
        network
    }

    async fn send<T: Decode, E: ContractError>(&self, signer: &Keypair, message: &Message<Result<T, E>>) -> T {
        self.client.submit(signer, message).await.unwrap().0
    }

    /// Commits that the chain took: epoch and hash.
    async fn commits(&self) -> Vec<(u64, Hash)> {
        let events = self.client.events_since(0).await.unwrap().from(self.suite.incentive.address());
        // They have no topics, and nothing else of the contract has none.
        let commits = events.0.iter().filter(|event| event.topics.is_empty());
        let commits = commits.map(|event| WeightsCommitted::decode_all(&mut event.data.as_slice()).unwrap());
        commits.map(|commit| (commit.epoch, commit.hash)).collect()
    }

    /// Epochs whose commits were revealed.
    async fn reveals(&self) -> Vec<u64> {
        let events = self.client.events_since(0).await.unwrap().from(self.suite.incentive.address());
        events.of::<WeightsRevealed>().unwrap().iter().map(|reveal| reveal.epoch).collect()
    }

    async fn epoch(&self) -> u64 {
        let netuid = self.netuid;
        let clock = self.client.query(&self.suite.incentive.message(|incentive| incentive.clock(netuid))).await;
        clock.unwrap().unwrap().epoch
    }
}

struct Constant;

#[async_trait]
impl Judge for Constant {
    async fn prepare(&self, _: &Evaluator) -> Result<(), Abstention> {
        Ok(())
    }

    async fn judge(&self, assignment: &Assignment, _seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        Ok(assignment.entrants.iter().map(|_| Ok(Figure(2 << 32))).collect())
    }
}

/// The validator's journal, as anybody may open it.
#[derive(Clone)]
struct Memory {
    path: PathBuf,
    scope: Scope,
}

impl Memory {
    fn open(&self) -> Journal {
        Journal::open(&self.path, self.scope).unwrap()
    }

    fn state(&self, epoch: u64) -> Option<CommitState> {
        self.open().commit_of(epoch).unwrap().map(|commit| commit.state)
    }
}

/// The validator's process: what it knows beside the journal is gone when it ends.
struct Process {
    subnet: OnChain,
    memory: Memory,
    validator: Option<Validator<OnChain, Constant>>,
}

impl Process {
    /// One step. A failure ends the process, and the next step starts it again, as an operator's service manager does.
    async fn step(&mut self) {
        let validator = self.validator.get_or_insert_with(|| {
            let (subnet, journal) = (self.subnet.clone(), self.memory.open());
            Validator::new(subnet, Constant, journal, EvaluationConfig::default(), Duration::from_millis(1))
        });
        if validator.step().await.is_err() {
            self.validator = None;
        }
    }

    /// What the journal holds of an epoch is on the chain, and the reveal of the one before.
    fn done(&self, epoch: u64) -> bool {
        let before = epoch.checked_sub(1).map(|before| self.memory.state(before));
        self.memory.state(epoch) == Some(CommitState::Committed)
            && before.is_none_or(|state| state == Some(CommitState::Revealed))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_on_a_bad_line_commits_once_and_loses_no_reveal() {
    let folder = tempfile::tempdir().unwrap();
    let base_path = Some(folder.path().join("chain"));
    let mut node = DevNode::start(Options { clock: Clock::Manual, base_path, ..Options::default() }).unwrap();
    let network = Network::open(connect(&[node.url()], patience()).await.client()).await;
    let proxy = Proxy::start(node.port(), SEED).await.unwrap();
    let client = connect(&[proxy.url()], patience()).await.client();
    let subnet = OnChain::new(client, network.suite, network.netuid, Keypair::from_name("Dave"));
    let memory = Memory { path: folder.path().join("journal.sqlite"), scope: subnet.scope() };
    let mut process = Process { subnet, memory, validator: None };
    proxy.set(NOISE);

    for epoch in 0..EPOCHS {
        let memory = process.memory.clone();
        let work = async {
            while !process.done(epoch) {
                process.step().await;
            }
        };
        let sabotage = async {
            if epoch == FATAL {
                let sent = || memory.state(epoch).is_some_and(|state| state != CommitState::Planned);
                until("the commit is under way", || std::future::ready(sent())).await;
                node.kill();
                node.restart().unwrap();
            }
        };
        soon("the epoch's commit", join(work, sabotage)).await;
        node.advance_time(TEMPO).unwrap();
        soon("the epoch's end", async {
            while network.epoch().await == epoch {
                process.step().await;
            }
        })
        .await;
    }

    let journal = process.memory.open();
    let planned = (0..EPOCHS).map(|epoch| (epoch, journal.commit_of(epoch).unwrap().unwrap().hash));
    assert_eq!(network.commits().await, planned.collect::<Vec<_>>());
    assert_eq!(network.reveals().await, (0..EPOCHS - 1).collect::<Vec<_>>());
    let tally = proxy.tally();
    assert!(tally.delayed() > 0 && tally.lost() + tally.repeated() + tally.cut() > 0, "{tally:?}");
}
