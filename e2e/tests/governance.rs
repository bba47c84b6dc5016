//! Governance with the contracts that it governs: stake decides, what passed is done, and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use governance::GovernanceRef;
use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, call::FromAccountId},
    primitives::AccountId,
};
use inktensor_e2e::{BUDGET, Chain, TAO, account, input};
use inktensor_primitives::{
    governance::{GovernanceError, ProposalState},
    psp22::{PSP22, PSP22Error},
    staking::{StakeLedger, StakingError},
};
use registry::RegistryRef;
use staking::StakingRef;

const VOTING: u64 = 1_000_000;
const TIMELOCK: u64 = 500_000;
const THRESHOLD: u128 = 100 * TAO;

/// Governance, token, registry and staking, wired as they are on a chain. Stakers 5, 6 and 7 have staked 600, 300 and
/// 99 TAO on their hotkeys 15, 16 and 17; staker 5 holds the rest of the TAO.
struct Network {
    chain: Chain,
    token: AccountId,
    governance: GovernanceRef,
    address: AccountId,
    registry: RegistryRef,
    registry_address: AccountId,
    staking: StakingRef,
    staking_address: AccountId,
}

impl Network {
    fn new() -> Self {
        let mut chain = Chain::new();
        let (deployer, incentive) = (account(1), account(3));
        let address = chain.deploy(deployer, "governance", (VOTING, TIMELOCK, 2_000_u16, THRESHOLD));
        let token = chain.deploy(deployer, "token", (address, account(5), 1_000_000 * TAO));
        let registry_address = chain.deploy(deployer, "registry", (address, token));
        let staking_address = chain.deploy(deployer, "staking", (address, token, registry_address));
        let mut network = Self {
            chain,
            token,
            governance: GovernanceRef::from_account_id(address),
            address,
            registry: RegistryRef::from_account_id(registry_address),
            registry_address,
            staking: StakingRef::from_account_id(staking_address),
            staking_address,
        };
        network.chain.call(deployer, network.staking.call_mut().wire(incentive)).unwrap();
        network.chain.call(deployer, network.governance.call_mut().wire(token, staking_address)).unwrap();
        for (staker, amount) in [(5, 600 * TAO), (6, 300 * TAO), (7, 99 * TAO)] {
            network.stake(staker, amount);
        }
        network
    }

    fn psp22(&self) -> contract_ref!(PSP22, DefaultEnvironment) {
        self.token.into()
    }

    fn stake(&mut self, staker: u8, amount: u128) {
        let (coldkey, hotkey) = (account(staker), account(staker + 10));
        self.send(coldkey, amount);
        let approve = self.psp22().call_mut().approve(self.staking_address, amount);
        self.chain.call(coldkey, approve).unwrap();
        self.chain.call(coldkey, self.registry.call_mut().associate(hotkey)).unwrap();
        self.chain.call(coldkey, self.staking.call_mut().stake(hotkey, amount)).unwrap();
    }

    /// Sends TAO of staker 5.
    fn send(&mut self, to: AccountId, amount: u128) {
        let transfer = self.psp22().call_mut().transfer(to, amount, vec![]);
        self.chain.call(account(5), transfer).unwrap();
    }

    fn balance(&mut self, who: AccountId) -> u128 {
        let balance = self.psp22().call().balance_of(who);
        self.chain.call(account(1), balance)
    }

    fn propose(&mut self, staker: u8, target: AccountId, input: Vec<u8>) -> Result<u32, GovernanceError> {
        let propose = self.governance.call_mut().propose([8; 32].into(), target, input, account(staker + 10));
        self.chain.call(account(staker), propose)
    }

    /// Staker 5 proposes that the least lock of a subnet be `lock`.
    fn propose_lock(&mut self, lock: u128) -> u32 {
        let input = input(self.registry.call_mut().set_network(lock, 0, 0, 128, 0));
        self.propose(5, self.registry_address, input).unwrap()
    }

    fn vote(&mut self, staker: u8, proposal: u32, aye: bool) -> Result<(), GovernanceError> {
        let vote = self.governance.call_mut().vote(proposal, account(staker + 10), aye);
        self.chain.call(account(staker), vote)
    }

    /// A stranger executes: anyone may.
    fn execute(&mut self, proposal: u32) -> Result<(), GovernanceError> {
        self.chain.call(account(99), self.governance.call_mut().execute(proposal))
    }

    fn lock_cost(&mut self) -> u128 {
        self.chain.call(account(99), self.registry.call().lock_cost())
    }

    fn state(&mut self, proposal: u32) -> Option<ProposalState> {
        self.chain.call(account(99), self.governance.call().proposal(proposal)).map(|proposal| proposal.state)
    }

    fn passed(&mut self, proposal: u32) -> Result<bool, GovernanceError> {
        self.chain.call(account(99), self.governance.call().passed(proposal))
    }
}

#[test]
fn what_the_stake_wants_is_done_after_the_timelock() {
    let mut network = Network::new();
    let proposal = network.propose_lock(5 * TAO);
    assert_eq!(network.vote(5, proposal, true), Ok(()));
    assert_eq!(network.vote(6, proposal, false), Ok(()));
    assert_eq!(network.passed(proposal), Ok(true));
    assert_eq!(network.execute(proposal), Err(GovernanceError::VotingOpen));
    network.chain.advance(VOTING);
    assert_eq!(network.execute(proposal), Err(GovernanceError::Timelocked));
    network.chain.advance(TIMELOCK);
    assert_eq!(network.lock_cost(), 1_000 * TAO);
    assert_eq!(network.execute(proposal), Ok(()));
    assert!(network.chain.consumed() < BUDGET, "execute: {}", network.chain.consumed());
    assert_eq!(network.lock_cost(), 5 * TAO);
    assert_eq!(network.state(proposal), Some(ProposalState::Executed));
    assert_eq!(network.execute(proposal), Err(GovernanceError::Settled));
}

#[test]
fn a_proposal_needs_stake_behind_it() {
    let mut network = Network::new();
    let input = input(network.registry.call_mut().set_network(0, 0, 0, 128, 0));
    let target = network.registry_address;
    // Staker 7 is one TAO short; 8 has no stake at all; the hotkey of another is of no use to 7.
    assert_eq!(network.propose(7, target, input.clone()), Err(GovernanceError::NotEnoughStake));
    let nobody = Err(GovernanceError::Staking(StakingError::HotkeyNotAssociated));
    assert_eq!(network.propose(8, target, input.clone()), nobody);
    let foreign = network.governance.call_mut().propose([8; 32].into(), target, input, account(15));
    assert_eq!(network.chain.call(account(7), foreign), Err(GovernanceError::NotEnoughStake));
    // The refusal did not lock the stake.
    let unstake = network.staking.call_mut().unstake(account(17), 50 * TAO);
    assert_eq!(network.chain.call(account(7), unstake), Ok(50 * TAO));
    assert_eq!(network.chain.call(account(7), network.governance.call().proposals()), 0);
}

#[test]
fn stake_votes_once_and_stays_until_voting_ends() {
    let mut network = Network::new();
    let proposal = network.propose_lock(0);
    let nobody = GovernanceError::Staking(StakingError::HotkeyNotAssociated);
    assert_eq!(network.vote(8, proposal, true), Err(nobody));
    assert_eq!(network.vote(6, proposal + 1, true), Err(GovernanceError::UnknownProposal));
    assert_eq!(network.vote(6, proposal, true), Ok(()));
    assert_eq!(network.vote(6, proposal, false), Err(GovernanceError::AlreadyVoted));
    let votes = network.chain.call(account(9), network.governance.call().proposal(proposal)).unwrap();
    assert_eq!((u128::from(votes.ayes), votes.nays), (300 * TAO, 0));
    // Neither the voter's stake nor the proposer's can leave and come back under another name.
    for staker in [5, 6] {
        let unstake = network.staking.call_mut().unstake(account(staker + 10), TAO);
        assert_eq!(network.chain.call(account(staker), unstake), Err(StakingError::StakeLocked));
    }
    network.chain.advance(VOTING);
    assert_eq!(network.vote(5, proposal, true), Err(GovernanceError::VotingClosed));
    let unstake = network.staking.call_mut().unstake(account(16), TAO);
    assert_eq!(network.chain.call(account(6), unstake), Ok(TAO));
}

#[test]
fn a_minority_or_a_missed_quorum_does_nothing() {
    let mut network = Network::new();
    let (few, against) = (network.propose_lock(1), network.propose_lock(2));
    network.vote(7, few, true).unwrap();
    network.vote(5, against, false).unwrap();
    network.vote(6, against, true).unwrap();
    network.chain.advance(VOTING + TIMELOCK);
    for proposal in [few, against] {
        assert_eq!(network.passed(proposal), Ok(false));
        assert_eq!(network.execute(proposal), Err(GovernanceError::NotPassed));
    }
    assert_eq!(network.lock_cost(), 1_000 * TAO);
}

#[test]
fn the_treasury_pays_what_was_voted_and_no_more() {
    let mut network = Network::new();
    network.send(network.address, 50 * TAO);
    let treasury = |network: &mut Network| network.chain.call(account(9), network.governance.call().treasury());
    assert_eq!(treasury(&mut network), Ok(50 * TAO));
    let mut pay = |amount| {
        let input = input(network.governance.call_mut().pay(account(20), amount));
        let proposal = network.propose(5, network.address, input).unwrap();
        network.vote(5, proposal, true).unwrap();
        proposal
    };
    let (some, too_much) = (pay(20 * TAO), pay(40 * TAO));
    network.chain.advance(VOTING + TIMELOCK);
    assert_eq!(network.execute(some), Ok(()));
    assert_eq!((treasury(&mut network), network.balance(account(20))), (Ok(30 * TAO), 20 * TAO));
    let refusal = GovernanceError::Transfer(PSP22Error::InsufficientBalance);
    assert_eq!(network.execute(too_much), Err(refusal));
    assert_eq!(network.state(too_much), Some(ProposalState::Pending));
    // It waits for the reserve to grow.
    network.send(network.address, 10 * TAO);
    assert_eq!(network.execute(too_much), Ok(()));
    assert_eq!((treasury(&mut network), network.balance(account(20))), (Ok(0), 60 * TAO));
}

#[test]
fn nobody_takes_from_the_treasury_without_a_vote() {
    let mut network = Network::new();
    network.send(network.address, 50 * TAO);
    for caller in [1, 5, 99] {
        let pay = network.governance.call_mut().pay(account(caller), 1);
        assert_eq!(network.chain.call(account(caller), pay), Err(GovernanceError::NotAuthorised));
    }
    assert_eq!(network.balance(network.address), 50 * TAO);
}

#[test]
fn a_call_that_fails_leaves_the_proposal_to_be_tried_again() {
    let mut network = Network::new();
    // The registry refuses an amount beyond 64 bits; the token has no such message; nobody is no contract.
    let refused = network.propose_lock(u128::MAX);
    let unknown = network.propose(5, network.token, vec![0; 4]).unwrap();
    let nobody = network.propose(5, account(99), vec![0; 4]).unwrap();
    for proposal in [refused, unknown, nobody] {
        network.vote(5, proposal, true).unwrap();
    }
    network.chain.advance(VOTING + TIMELOCK);
    for proposal in [refused, unknown, nobody] {
        assert_eq!(network.execute(proposal), Err(GovernanceError::CallFailed));
        assert_eq!(network.state(proposal), Some(ProposalState::Pending));
    }
}

#[test]
fn a_call_of_itself_other_than_a_payment_is_refused_at_once() {
    let mut network = Network::new();
    let wire = input(network.governance.call_mut().wire(account(1), account(1)));
    assert_eq!(network.propose(5, network.address, wire), Err(GovernanceError::CallMalformed));
}

#[test]
fn staking_obeys_its_own_governance_only() {
    let mut network = Network::new();
    let lock = {
        let mut staking: contract_ref!(StakeLedger, DefaultEnvironment) = network.staking_address.into();
        staking.call_mut().lock_votes(account(5), account(15), u64::MAX)
    };
    assert_eq!(network.chain.call(account(99), lock), Err(StakingError::NotGovernance));

    let deployer = account(1);
    for (staking, refusal) in [
        (network.staking_address, GovernanceError::Staking(StakingError::NotGovernance)),
        (account(98), GovernanceError::PeerUnreachable),
    ] {
        let other = network.chain.deploy(deployer, "governance", (VOTING, TIMELOCK, 2_000_u16, 0_u128));
        let mut other = GovernanceRef::from_account_id(other);
        network.chain.call(deployer, other.call_mut().wire(network.token, staking)).unwrap();
        let propose = other.call_mut().propose([8; 32].into(), network.token, vec![0; 4], account(15));
        assert_eq!(network.chain.call(account(5), propose), Err(refusal));
    }
}
