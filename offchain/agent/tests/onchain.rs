//! What the contracts tell validators of a subnet's evaluator. `scripts/build` makes the bundles.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_agent::onchain::OnChain;
use inktensor_agent::subnet::{Assignment, ValidatorSubnet};
use inktensor_chain::{Bundles, Client, ContractError, DeployConfig, InProcess, Keypair, Message, Suite, deploy};
use inktensor_primitives::Netuid;
use inktensor_primitives::psp22::PSP22;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use scale::Decode;

const TAO: u128 = 1_000_000_000;
const BLOCK_MS: u64 = 12_000;

/// A subnet in its first epoch, whose owner chose the component 1.
struct Subnet {
    chain: InProcess,
    client: Client,
    suite: Suite,
    netuid: Netuid,
    owner: Keypair,
    validator: OnChain,
}

impl Subnet {
    async fn open() -> Self {
        let chain = InProcess::start().unwrap();
        let (client, owner) = (chain.client(), Keypair::from_name("owner"));
        let config = DeployConfig::new(owner.account(), 20_000 * TAO);
        let suite = Suite::at(&deploy(&client, &owner, &Bundles::find(None).unwrap(), &config).await.unwrap());
        let validator = OnChain::new(client.clone(), suite, 0, owner.clone());
        let mut subnet = Self { chain, client, suite, netuid: 0, owner, validator };
        let registry = subnet.suite.registry;
        let lock = subnet.client.query(&registry.message(|registry| registry.lock_cost())).await.unwrap();
        let spender = registry.address();
        subnet.submit(&subnet.suite.token.message(|token| token.approve(spender, lock))).await;
        subnet.netuid = subnet.submit(&registry.message(|registry| registry.create_subnet(lock))).await;
        subnet.validator = OnChain::new(subnet.client.clone(), subnet.suite, subnet.netuid, subnet.owner.clone());
        let netuid = subnet.netuid;
        subnet.choose(1).await;
        subnet.chain.advance_ms(BLOCK_MS).await.unwrap();
        subnet.submit(&registry.message(|registry| registry.start(netuid))).await;
        subnet.submit(&subnet.suite.incentive.message(|incentive| incentive.activate(netuid))).await;
        subnet.chain.advance_ms(BLOCK_MS).await.unwrap();
        subnet
    }

    async fn submit<T: Decode, E: ContractError>(&self, message: &Message<Result<T, E>>) -> T {
        self.client.submit(&self.owner, message).await.unwrap().0
    }

    /// The owner chooses a component.
    async fn choose(&self, code: u8) {
        let (netuid, kind) = (self.netuid, EvaluatorKind::Component);
        let message = self.suite.registry.message(|registry| {
            registry.set_evaluator(netuid, kind, [code; 32].into(), "http://owner".to_owned(), "p".repeat(512))
        });
        self.submit(&message).await;
    }

    /// Time passes until the epoch is due.
    async fn wait(&self) {
        let position = self.validator.position().await.unwrap();
        self.chain.advance_ms(position.next_epoch_ms - position.now_ms + BLOCK_MS).await.unwrap();
    }

    /// Which component the running epoch has and which is announced, by their codes.
    async fn evaluators(&self, epoch: u64) -> (u8, Option<u8>) {
        let Assignment { netuid, evaluator, .. } = self.validator.assignment(epoch).await.unwrap().expect("it runs");
        let next = self.validator.announced().await.unwrap().map(|next| next.evaluator);
        assert_eq!((netuid, evaluator.kind), (self.netuid, EvaluatorKind::Component));
        let code = |evaluator: Evaluator| {
            assert_eq!((evaluator.uri.as_str(), evaluator.parameters.len()), ("http://owner", 512));
            let code: &[u8] = evaluator.code_hash.as_ref();
            code[0]
        };
        (code(evaluator), next.map(code))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluator_changes_between_epochs_only_and_is_known_before() {
    let subnet = Subnet::open().await;
    assert_eq!(subnet.evaluators(0).await, (1, None));
    // In the first epoch.
    subnet.choose(2).await;
    assert_eq!(subnet.evaluators(0).await, (1, Some(2)));
    subnet.wait().await;
    assert_eq!(subnet.evaluators(0).await, (1, Some(2)), "the epoch is overdue");
    subnet.validator.turn().await.unwrap();
    assert_eq!(subnet.evaluators(1).await, (2, None));
    assert!(subnet.validator.assignment(0).await.unwrap().is_none());

    // In one that is overdue.
    subnet.wait().await;
    subnet.choose(3).await;
    assert_eq!(subnet.evaluators(1).await, (2, Some(3)));
    // It is for epochs that begin in a later block.
    subnet.chain.advance_ms(BLOCK_MS).await.unwrap();
    subnet.validator.turn().await.unwrap();
    assert_eq!(subnet.evaluators(2).await, (3, None));
}
