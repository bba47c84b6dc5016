//! What a deployment is going to do and cost, before anything is sent.

use super::{Blueprint, DeployError, Step, standing::is_done, step::Ready};
use crate::{AccountId, Client, Deployment, Gas, InProcess, Keypair, Limits};
use std::collections::BTreeMap;

/// The steps of a deployment with their costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Who deploys.
    pub deployer: AccountId,
    /// Native tokens that the deployer can spend.
    pub balance: u128,
    /// Where the contracts are going to be, or are.
    pub deployment: Deployment,
    /// All steps in their order.
    pub steps: Vec<Planned>,
}

/// One step of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub step: Step,
    /// What is known of it.
    pub outlook: Outlook,
}

/// What is known of a step before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The chain shows that it was done.
    Done,
    /// It was executed on the newest state and forgotten.
    Priced {
        /// Work that it takes.
        gas: Gas,
        /// Fee in native tokens for its limits, a tenth above that work; `None` on a chain that charges none.
        fee: Option<u128>,
        /// Native tokens put down for storage.
        deposit: i128,
    },
    /// Its contract does not exist yet, so the chain cannot execute it. The work is that of the same step on a chain in
    /// this process, the fee what this chain takes for that work. Nobody knows the deposit before the contract exists.
    Estimated {
        /// Work that it takes on a chain in this process.
        gas: Gas,
        /// Fee in native tokens for a tenth above that work; `None` on a chain that charges none.
        fee: Option<u128>,
        /// The step after which the chain can tell.
        after: Step,
    },
}

impl Plan {
    /// Asks the chain for every step of a blueprint. Sends nothing. Errors: what a step would be refused with, `OtherCode`,
    /// `OtherPeer`, `AddressRule`.
    pub async fn of(client: &Client, blueprint: &Blueprint<'_>) -> Result<Self, DeployError> {
        let deployer = blueprint.deployer();
        let mut planner = Planner { client, blueprint, rehearsed: None };
        let mut steps = Vec::new();
        for ready in blueprint.steps() {
            steps.push(Planned { step: ready.step, outlook: planner.outlook(&ready).await? });
        }
        let balance = client.backend().native_balance(deployer).await?;
        Ok(Self { deployer, balance, deployment: *blueprint.deployment(), steps })
    }

    /// Fees of all steps to come, in native tokens, those that are estimates included.
    pub fn fees(&self) -> u128 {
        let fee = |planned: &Planned| match planned.outlook {
            Outlook::Priced { fee, .. } | Outlook::Estimated { fee, .. } => fee.unwrap_or(0),
            Outlook::Done => 0,
        };
        self.steps.iter().map(fee).sum()
    }

    /// Deposits of all steps to come whose deposit is known, in native tokens.
    pub fn deposits(&self) -> u128 {
        let deposit = |planned: &Planned| match planned.outlook {
            Outlook::Priced { deposit, .. } => deposit.max(0).unsigned_abs(),
            Outlook::Estimated { .. } | Outlook::Done => 0,
        };
        self.steps.iter().map(deposit).sum()
    }

    /// Whether nothing is left to be done.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|planned| planned.outlook == Outlook::Done)
    }

    /// Whether the deployer can pay what is known. Errors: `TooPoor`.
    pub fn check_balance(&self) -> Result<(), DeployError> {
        let needed = self.fees().saturating_add(self.deposits());
        if self.balance < needed {
            return Err(DeployError::TooPoor { balance: self.balance, needed });
        }
        Ok(())
    }
}

struct Planner<'a> {
    client: &'a Client,
    blueprint: &'a Blueprint<'a>,
    /// Limits of all steps on a chain in this process, once one was needed.
    rehearsed: Option<BTreeMap<Step, Rehearsed>>,
}

#[derive(Clone, Copy)]
struct Rehearsed {
    gas: Gas,
    limits: Limits,
}

impl Planner<'_> {
    async fn outlook(&mut self, ready: &Ready) -> Result<Outlook, DeployError> {
        let backend = self.client.backend();
        if is_done(self.client, self.blueprint, ready.step).await? {
            return Ok(Outlook::Done);
        }
        if let Step::Wire(part) = ready.step
            && !is_done(self.client, self.blueprint, Step::Create(part)).await?
        {
            let Rehearsed { gas, limits } = self.rehearsal(ready.step).await?;
            let fee = backend.fee(ready.action(), limits).await?;
            return Ok(Outlook::Estimated { gas, fee, after: Step::Create(part) });
        }
        let (execution, limits) = ready.dry_run(backend, self.blueprint.deployer()).await?;
        let fee = backend.fee(ready.action(), limits).await?;
        Ok(Outlook::Priced { gas: execution.gas, fee, deposit: execution.deposit })
    }

    async fn rehearsal(&mut self, step: Step) -> Result<Rehearsed, DeployError> {
        let rehearsed = match self.rehearsed.take() {
            Some(rehearsed) => rehearsed,
            None => rehearse(self.blueprint).await?,
        };
        let found = rehearsed.get(&step).copied();
        self.rehearsed = Some(rehearsed);
        found.ok_or(DeployError::WithoutEffect(step))
    }
}

/// Does all steps on a chain in this process.
async fn rehearse(blueprint: &Blueprint<'_>) -> Result<BTreeMap<Step, Rehearsed>, DeployError> {
    let chain = InProcess::start()?;
    let backend = chain.client();
    // Anybody can deploy there, and it is not the deployer's key that is needed for a rehearsal.
    let deployer = Keypair::from_name("Alice");
    let stage = Blueprint::new(deployer.account(), blueprint.bundles(), blueprint.config());
    let mut rehearsed = BTreeMap::new();
    for ready in stage.steps() {
        let (execution, limits) = ready.dry_run(backend.backend(), deployer.account()).await?;
        backend.backend().submit(&deployer, ready.action(), limits).await?;
        rehearsed.insert(ready.step, Rehearsed { gas: execution.gas, limits });
    }
    Ok(rehearsed)
}
