//! New code for a contract, through governance: uploaded by anybody, voted on, exchanged by whoever executes the proposal.
//!
//! Everything is read from the chain, so each step can be taken by another person on another day. A proposal is recognised
//! by what it does: set this contract's code to this hash.

use super::DeployError;
use crate::{
    AccountId, Action, Bundle, CallError, ChainError, Client, Deployment, Gas, Hash, Keypair, Limits, Message, Part,
    RawCode, Receipt, Stage, Suite,
};
use inktensor_primitives::{
    governance::{GovernanceError, Proposal, ProposalState},
    upkeep::Upgradable,
};

/// Other code for a contract.
pub struct Upgrade<'a> {
    client: &'a Client,
    suite: Suite,
    part: Part,
    address: AccountId,
    code: &'a [u8],
    code_hash: [u8; 32],
}

/// How far an upgrade has come. Times are chain time in ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpgradeState {
    /// The contract runs the code.
    Running,
    /// Nobody has proposed it, or every proposal of it has come to its end.
    Unproposed,
    /// It is voted on.
    Voting(u32, Proposal),
    /// It passed and waits for its timelock.
    Waiting(u32, Proposal),
    /// It can be executed by anyone.
    Due(u32, Proposal),
    /// Its last proposal failed: too few votes, or more against than for it.
    Rejected(u32, Proposal),
    /// Its last proposal passed and was not executed in time.
    Expired(u32, Proposal),
}

impl<'a> Upgrade<'a> {
    /// The exchange of a contract's code for that of a bundle.
    pub fn new(client: &'a Client, deployment: &Deployment, part: Part, bundle: &'a Bundle) -> Self {
        let (suite, address) = (Suite::at(deployment), deployment.address(part));
        Self { client, suite, part, address, code: &bundle.code, code_hash: bundle.code_hash }
    }

    /// Hash of the new code.
    pub fn code_hash(&self) -> [u8; 32] {
        self.code_hash
    }

    /// How far it has come.
    pub async fn state(&self) -> Result<UpgradeState, DeployError> {
        if self.client.backend().code_hash(self.address).await? == Some(self.code_hash) {
            return Ok(UpgradeState::Running);
        }
        let Some((number, proposal)) = self.proposal().await? else { return Ok(UpgradeState::Unproposed) };
        let now_ms = self.client.head().await?.timestamp_ms;
        let passed = self.suite.governance.message(|governance| governance.passed(number));
        let passed = self.client.read(&passed).await.map_err(ChainError::from)?;
        Ok(match proposal {
            proposal if now_ms < proposal.voting_ends_ms => UpgradeState::Voting(number, proposal),
            proposal if !passed => UpgradeState::Rejected(number, proposal),
            proposal if now_ms < proposal.due_ms => UpgradeState::Waiting(number, proposal),
            proposal if now_ms < proposal.expires_ms => UpgradeState::Due(number, proposal),
            proposal => UpgradeState::Expired(number, proposal),
        })
    }

    /// Puts the code on the chain, which holds a deposit of the signer's for it. Code that is there already costs the fee
    /// alone.
    pub async fn upload(&self, signer: &Keypair) -> Result<Receipt, DeployError> {
        let name = self.part.name();
        let code = RawCode { name, code: self.code.to_vec(), data: Vec::new(), salt: Vec::new() };
        let limits = Limits { gas: Gas::default(), deposit: None };
        let mut submission = self.client.backend().submit(signer, Action::Upload(code), limits).await?;
        Ok(submission.reached(Stage::Finalised).await?)
    }

    /// Proposes it with the signer's stake on `hotkey` and returns the proposal's number. `description` is the hash of a
    /// text that was published elsewhere. The code must be on the chain when the proposal is executed.
    pub async fn propose(
        &self,
        signer: &Keypair,
        hotkey: AccountId,
        description: Hash,
    ) -> Result<(u32, Receipt), DeployError> {
        let message = self.proposing(hotkey, description);
        Ok(self.client.submit(signer, &message).await.map_err(ChainError::from)?)
    }

    /// Whether `proposer` may propose it. Sends nothing. Errors: what [`Upgrade::propose`] would be refused with.
    pub async fn check_proposal(
        &self,
        proposer: AccountId,
        hotkey: AccountId,
        description: Hash,
    ) -> Result<(), DeployError> {
        let message = self.proposing(hotkey, description);
        let answer = self.client.query_as(proposer, &message).await?;
        answer.map(drop).map_err(|error| ChainError::from(CallError::refused(message.call().name, error)).into())
    }

    /// Votes for a proposal or against it with the signer's stake on `hotkey`.
    pub async fn vote(
        &self,
        signer: &Keypair,
        proposal: u32,
        hotkey: AccountId,
        aye: bool,
    ) -> Result<Receipt, DeployError> {
        let message = self.suite.governance.message(|governance| governance.vote(proposal, hotkey, aye));
        Ok(self.client.submit(signer, &message).await.map_err(ChainError::from)?.1)
    }

    /// Executes a proposal. From then on the contract runs the new code.
    pub async fn execute(&self, signer: &Keypair, proposal: u32) -> Result<Receipt, DeployError> {
        let message = self.suite.governance.message(|governance| governance.execute(proposal));
        Ok(self.client.submit(signer, &message).await.map_err(ChainError::from)?.1)
    }

    fn proposing(&self, hotkey: AccountId, description: Hash) -> Message<Result<u32, GovernanceError>> {
        let (target, input) = (self.address, self.input());
        self.suite.governance.message(|governance| governance.propose(description, target, input, hotkey))
    }

    /// The newest proposal of it that is neither executed nor cancelled.
    async fn proposal(&self) -> Result<Option<(u32, Proposal)>, DeployError> {
        let (at, governance, input) = (self.client.pin().await?, self.suite.governance, self.input());
        let last = at.query(&governance.message(|governance| governance.proposals())).await?;
        for number in (1..=last).rev() {
            let proposal = at.query(&governance.message(|governance| governance.proposal(number))).await?;
            let ours = |proposal: &Proposal| {
                proposal.state == ProposalState::Pending && proposal.target == self.address && proposal.input == input
            };
            if let Some(proposal) = proposal.filter(ours) {
                return Ok(Some((number, proposal)));
            }
        }
        Ok(None)
    }

    /// The call that a proposal makes. All contracts have this message by the same selector.
    fn input(&self) -> Vec<u8> {
        let code_hash = Hash::from(self.code_hash);
        self.suite.token.message(|token| token.set_code(code_hash)).call().data.clone()
    }
}
