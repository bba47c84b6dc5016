//! A token on a node of a test's own, people who pay each other, and books that are held against the chain.

use inktensor_chain::{
    AccountId, ChainError, Client, Constructor, Contract, Keypair, Message, Node, NodeOptions, Progress, Submission,
};
use inktensor_e2e::{
    chain::code,
    devnode::{Clock, DevNode, Options, Seal},
    proxy::Faults,
};
use inktensor_primitives::psp22::{PSP22, PSP22Error, Transfer};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tempfile::TempDir;
use token::token::{Token, TokenRef};
use tokio::time::{sleep, timeout};

/// Who pays. The dev chain gives them native tokens.
const PEOPLE: [&str; 6] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];
/// What each of them has at first, in rao.
pub const PURSE: u128 = 1_000_000;
/// Of the dice of bad lines.
pub const SEED: u64 = 7;
/// How long something may take that must come, on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(20);
/// A line on which a connection lives for some sixty requests. A frame that comes twice costs it, too: the client does not
/// go on with a peer that answers what nobody asked.
pub const NOISE: Faults = Faults { lose: 3, delay: 60, delay_ms: 100, repeat: 3, cut: 3, silent: false, down: false };

pub struct Stage {
    pub node: DevNode,
    pub token: Contract<Token>,
    pub people: Vec<Keypair>,
    /// The block before anything that a test does.
    start: u32,
    folder: TempDir,
}

pub type Payment = Message<Result<(), PSP22Error>>;

impl Stage {
    /// A chain whose people have their purses, on a node with these options.
    pub async fn set(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { base_path: Some(folder.path().into()), ..options };
        // Setting up takes no longer than the transactions do; the node for the test takes the chain over.
        let mut node = DevNode::start(Options { seal: Seal::Instant, finalise_after: 0, ..options.clone() }).unwrap();
        let client = connect(&[node.url()], patience()).await.client();
        let people: Vec<_> = PEOPLE.iter().map(|name| Keypair::from_name(name)).collect();
        let alice = &people[0];
        let new = TokenRef::new(alice.account(), alice.account(), PURSE * people.len() as u128);
        let (token, _) =
            client.instantiate(alice, code("token"), &Constructor::of("token", new), vec![]).await.unwrap();
        let token = Contract::<Token>::at("token", token);
        for person in &people[1..] {
            let to = person.account();
            client.submit(alice, &token.message(|token| token.transfer(to, PURSE, vec![]))).await.unwrap();
        }
        let start = client.head().await.unwrap().number;
        node.kill();
        let node = DevNode::start(options).unwrap();
        Self { node, token, people, start, folder }
    }

    /// The same on a chain that goes on by hand alone, and whose blocks are the same wherever the same is done.
    pub async fn by_hand() -> Self {
        Self::set(Options { seal: Seal::Manual, clock: Clock::Manual, ..Options::default() }).await
    }

    /// A second node, with the chain as it is now. The two know nothing of each other.
    pub fn twin(&mut self, folder: &TempDir) -> DevNode {
        self.node.kill();
        copy(self.folder.path(), folder.path());
        self.node.restart().unwrap();
        let base_path = Some(folder.path().into());
        DevNode::start(Options { seal: Seal::Manual, clock: Clock::Manual, base_path, ..Options::default() }).unwrap()
    }

    /// A client with a good line of its own.
    pub async fn clean(&self) -> Client {
        connect(&[self.node.url()], patience()).await.client()
    }

    /// The message by which one of the people pays another.
    pub fn pay(&self, to: usize, value: u128) -> Payment {
        let to = self.account(to);
        self.token.message(|token| token.transfer(to, value, vec![]))
    }

    pub fn account(&self, person: usize) -> AccountId {
        self.people[person].account()
    }

    /// The event of such a payment.
    pub fn paid(&self, from: usize, to: usize, value: u128) -> Transfer {
        Transfer { from: Some(self.account(from)), to: Some(self.account(to)), value }
    }

    pub async fn balance(&self, client: &Client, person: usize) -> u128 {
        let account = self.account(person);
        client.query(&self.token.message(|token| token.balance_of(account))).await.unwrap()
    }

    /// All payments of the test on the best chain, by amount.
    pub async fn payments(&self, client: &Client) -> Vec<Transfer> {
        let events = client.events_since(self.start + 1).await.unwrap();
        let mut payments = events.from(self.token.address()).of::<Transfer>().unwrap();
        payments.sort_by_key(|payment| payment.value);
        payments
    }

    /// The chain has these payments once each and no other, and the balances that follow from them.
    pub async fn reconcile(&self, mut paid: Vec<Transfer>) {
        let clean = self.clean().await;
        paid.sort_by_key(|payment| payment.value);
        assert_eq!(self.payments(&clean).await, paid);
        for (person, name) in PEOPLE.iter().enumerate() {
            let who = Some(self.account(person));
            let sum = |ours: &dyn Fn(&Transfer) -> bool| -> u128 {
                paid.iter().filter(|payment| ours(payment)).map(|payment| payment.value).sum()
            };
            let expected = PURSE + sum(&|payment| payment.to == who) - sum(&|payment| payment.from == who);
            assert_eq!(self.balance(&clean, person).await, expected, "purse of {name}");
        }
    }
}

/// Times that suit a test: trouble shows soon, and whatever must come has time to come.
pub fn patience() -> NodeOptions {
    NodeOptions {
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(2),
        patience: DEADLINE,
        poll: Duration::from_millis(200),
        resend: Duration::from_millis(500),
        settle: Duration::from_secs(1),
        ..NodeOptions::default()
    }
}

pub async fn connect(endpoints: &[String], options: NodeOptions) -> Node {
    Node::connect(endpoints, options).await.unwrap()
}

/// Waits until something holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let held = async {
        while !holds().await {
            sleep(PAUSE).await;
        }
    };
    timeout(DEADLINE, held).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Waits until a submission is told to stand so.
pub async fn stands(submission: &Submission, what: &str, wanted: impl Fn(&Progress) -> bool) -> Progress {
    until(what, || std::future::ready(wanted(&submission.progress()))).await;
    submission.progress()
}

/// What must come, in time.
pub async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(DEADLINE, coming).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// Makes a block on a parent, with what the node's pool holds; on the best block without one.
pub fn seal(node: &DevNode, parent: Option<&str>) -> String {
    let made = node.rpc("engine_createBlock", json!([true, false, parent])).unwrap();
    made["hash"].as_str().unwrap().to_owned()
}

pub fn finalise(node: &DevNode, block: &str) {
    assert_eq!(node.rpc("engine_finalizeBlock", json!([block])).unwrap(), Value::Bool(true));
}

/// Hash of the best block, as the node writes it.
pub fn best(node: &DevNode) -> String {
    node.rpc("chain_getBlockHash", json!([])).unwrap().as_str().unwrap().to_owned()
}

/// Waits until a node's pool holds so many extrinsics.
pub async fn pooled(node: &DevNode, count: usize) {
    let pool = || node.rpc("author_pendingExtrinsics", json!([])).unwrap().as_array().unwrap().len();
    until("the pool is filled", || std::future::ready(pool() == count)).await;
}

pub fn text(hash: [u8; 32]) -> String {
    hash.iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// Whether an error says that an endpoint did not answer, or not as it should.
pub fn typed(error: &ChainError) -> bool {
    matches!(error, ChainError::Unreachable(_) | ChainError::Undecodable { .. } | ChainError::RequestRefused { .. })
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
