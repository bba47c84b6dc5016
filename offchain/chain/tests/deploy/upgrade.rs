//! New code for a contract, through governance, each step by somebody else.

use crate::Site;
use blake2::{Blake2b, Digest, digest::consts::U32};
use inktensor_chain::{
    AccountId, Bundles, ChainError, ContractError, DeployError, Hash, Keypair, Manifest, Message, Part, Suite,
    deploy::{Journal, Upgrade, UpgradeState, verify},
};
use inktensor_primitives::psp22::PSP22;
use scale::Decode;
use std::fs;

const TAO: u128 = 1_000_000_000;
const DAY_MS: u64 = 86_400_000;

/// The same contracts, each with a custom section that says `new`: other code that does the same.
fn newer(bundles: &Bundles) -> Bundles {
    let folder = tempfile::tempdir().unwrap();
    for part in Part::ALL {
        let code = [&bundles.of(part).code[..], &[0, 4, 3, b'n', b'e', b'w']].concat();
        let (wasm, hash) = (hex::encode(&code), hex::encode(Blake2b::<U32>::digest(&code)));
        let members = r#""spec":{},"storage":{},"types":[],"version":5"#;
        let text = format!(r#"{{"source":{{"hash":"0x{hash}","wasm":"0x{wasm}"}},{members}}}"#);
        fs::write(folder.path().join(format!("{part}.contract")), text).unwrap();
    }
    Bundles::load(folder.path()).unwrap()
}

/// A deployed suite in which Alice has the stake to govern, on a hotkey of hers.
struct Governed {
    site: Site,
    manifest: Manifest,
    suite: Suite,
    newer: Bundles,
    hotkey: AccountId,
}

impl Governed {
    async fn new() -> Self {
        let (site, manifest) = Site::deployed().await;
        let suite = Suite::at(&manifest.deployment());
        let hotkey = Keypair::from_name("Alice//hotkey").account();
        let governed = Self { newer: newer(&site.bundles), site, manifest, suite, hotkey };
        let staking = suite.staking.address();
        governed.send(&suite.registry.message(|registry| registry.associate(hotkey))).await;
        governed.send(&suite.token.message(|token| token.approve(staking, 200 * TAO))).await;
        governed.send(&suite.staking.message(|staking| staking.stake(hotkey, 200 * TAO))).await;
        governed
    }

    async fn send<T: Decode, E: ContractError>(&self, message: &Message<Result<T, E>>) {
        self.site.client.submit(&self.site.alice, message).await.unwrap();
    }

    fn upgrade(&self, part: Part) -> Upgrade<'_> {
        Upgrade::new(&self.site.client, &self.manifest.deployment(), part, self.newer.of(part))
    }

    async fn propose(&self, part: Part) -> u32 {
        let description = Hash::from([5; 32]);
        self.upgrade(part).propose(&self.site.alice, self.hotkey, description).await.unwrap().0
    }
}

#[tokio::test]
async fn every_contract_is_upgraded_step_by_step_and_verify_follows() {
    let mut governed = Governed::new().await;
    let bob = Keypair::from_name("Bob");
    for part in Part::ALL {
        assert_eq!(governed.upgrade(part).state().await, Ok(UpgradeState::Unproposed), "{part}");
        let receipt = governed.upgrade(part).upload(&bob).await.unwrap();
        assert!(receipt.deposit > 0, "{part}: whoever uploads puts down a deposit");
        let number = governed.propose(part).await;
        let state = governed.upgrade(part).state().await.unwrap();
        assert!(matches!(state, UpgradeState::Voting(at, _) if at == number), "{part}: {state:?}");
        governed.upgrade(part).vote(&governed.site.alice, number, governed.hotkey, true).await.unwrap();
        governed.site.chain.advance_ms(3 * DAY_MS).await.unwrap();
        let state = governed.upgrade(part).state().await.unwrap();
        assert!(matches!(state, UpgradeState::Waiting(..)), "{part}: {state:?}");
        governed.site.chain.advance_ms(DAY_MS).await.unwrap();
        let state = governed.upgrade(part).state().await.unwrap();
        assert!(matches!(state, UpgradeState::Due(..)), "{part}: {state:?}");
        governed.upgrade(part).execute(&bob, number).await.unwrap();
        assert_eq!(governed.upgrade(part).state().await, Ok(UpgradeState::Running), "{part}");
    }
    let supply = governed.site.client.query(&governed.suite.token.message(|token| token.total_supply())).await.unwrap();
    assert_eq!(supply, crate::GENESIS_AMOUNT, "state stays");

    // Whoever has the old manifest is told; whoever noted the upgrades finds no difference.
    let old = verify(&governed.site.client, &governed.manifest, &governed.site.bundles).await.unwrap();
    let told: Vec<String> = old.iter().map(|difference| format!("{}: {}", difference.of, difference.what)).collect();
    assert_eq!(told, Part::ALL.map(|part| format!("{part}: code hash")));
    for part in Part::ALL {
        governed.manifest.upgraded(part, governed.newer.of(part));
    }
    assert_eq!(verify(&governed.site.client, &governed.manifest, &governed.newer).await, Ok(vec![]));

    // What was deployed is not deployed again on top of it.
    let error = governed.site.build(&governed.site.client, &mut Journal::unkept()).await.unwrap_err();
    assert!(matches!(error, DeployError::OtherCode { part: Part::Governance, .. }), "{error}");
}

#[tokio::test]
async fn a_proposal_without_votes_is_told_to_have_failed_and_can_be_made_again() {
    let governed = Governed::new().await;
    let first = governed.propose(Part::Token).await;
    governed.site.chain.advance_ms(3 * DAY_MS).await.unwrap();
    let state = governed.upgrade(Part::Token).state().await.unwrap();
    assert!(matches!(state, UpgradeState::Rejected(number, _) if number == first), "{state:?}");
    let second = governed.propose(Part::Token).await;
    let state = governed.upgrade(Part::Token).state().await.unwrap();
    assert!(matches!(state, UpgradeState::Voting(number, _) if number == second && second > first), "{state:?}");

    governed.upgrade(Part::Token).vote(&governed.site.alice, second, governed.hotkey, true).await.unwrap();
    governed.site.chain.advance_ms(30 * DAY_MS).await.unwrap();
    let state = governed.upgrade(Part::Token).state().await.unwrap();
    assert!(matches!(state, UpgradeState::Expired(..)), "{state:?}");
}

#[tokio::test]
async fn an_upgrade_is_refused_by_name() {
    let governed = Governed::new().await;
    let (alice, hotkey) = (&governed.site.alice, governed.hotkey);
    let bob = Keypair::from_name("Bob");
    let refused = |error: DeployError| match error {
        DeployError::Chain(ChainError::Refused { error, .. }) => error,
        error => panic!("{error}"),
    };
    let upgrade = governed.upgrade(Part::Registry);
    let stranger = upgrade.propose(&bob, hotkey, Hash::from([5; 32])).await.unwrap_err();
    assert_eq!(refused(stranger), "NotEnoughStake");
    let number = governed.propose(Part::Registry).await;
    assert_eq!(refused(upgrade.execute(alice, number).await.unwrap_err()), "VotingOpen");
    upgrade.vote(alice, number, hotkey, true).await.unwrap();
    assert_eq!(refused(upgrade.vote(alice, number, hotkey, false).await.unwrap_err()), "AlreadyVoted");
    governed.site.chain.advance_ms(4 * DAY_MS).await.unwrap();
    assert_eq!(refused(upgrade.execute(alice, number).await.unwrap_err()), "CallFailed", "the code is not uploaded");
    upgrade.upload(alice).await.unwrap();
    assert_eq!(upgrade.upload(alice).await.unwrap().deposit, 0, "once is enough");
    upgrade.execute(&bob, number).await.unwrap();
}
