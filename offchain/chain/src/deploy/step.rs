//! One thing that a deployer sends: a constructor, or the message that names a contract's later peers.

use super::DeployError;
use crate::{
    AccountId, Action, Backend, CallError, ChainError, Constructor, ContractError, Execution, Limits, Message, Part,
    RawCall, RawCode, Returned,
    client::{answer, limits},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A step of a deployment, as journals and people name it: `create token`, `wire token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Step {
    /// Uploads the contract's code if the chain lacks it, and runs its constructor.
    Create(Part),
    /// Tells the contract of the peers that came after it.
    Wire(Part),
}

impl Step {
    /// All steps in their order. Nobody comes after the incentive contract, so it is not wired.
    pub const ALL: [Self; 11] = [
        Self::Create(Part::Governance),
        Self::Create(Part::Token),
        Self::Create(Part::Registry),
        Self::Create(Part::Staking),
        Self::Create(Part::Emission),
        Self::Create(Part::Incentive),
        Self::Wire(Part::Token),
        Self::Wire(Part::Registry),
        Self::Wire(Part::Staking),
        Self::Wire(Part::Emission),
        Self::Wire(Part::Governance),
    ];

    /// The contract that it is about.
    pub fn part(self) -> Part {
        match self {
            Self::Create(part) | Self::Wire(part) => part,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&match self {
            Self::Create(part) => format!("create {part}"),
            Self::Wire(part) => format!("wire {part}"),
        })
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.to_string()
    }
}

impl TryFrom<String> for Step {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::ALL.into_iter().find(|step| step.to_string() == name).ok_or(format!("no step is called {name}"))
    }
}

type Check = fn(&'static str, &Returned) -> Result<(), ChainError>;

/// A constructor's input, and how to tell whether the contract accepted it.
pub(crate) struct Input {
    pub(crate) data: Vec<u8>,
    accepted: Check,
}

impl Input {
    pub(crate) fn of<E: ContractError>(constructor: Constructor<E>) -> Self {
        Self { data: constructor.data, accepted: accepted::<E> }
    }
}

/// A step made ready to be sent.
pub(crate) struct Ready {
    /// Which.
    pub(crate) step: Step,
    deed: Deed,
    accepted: Check,
}

enum Deed {
    /// A constructor, and the address that the contract must get.
    Create(RawCode, AccountId),
    Call(RawCall),
}

impl Ready {
    pub(crate) fn create(part: Part, code: RawCode, address: AccountId, input: &Input) -> Self {
        Self { step: Step::Create(part), deed: Deed::Create(code, address), accepted: input.accepted }
    }

    pub(crate) fn wire<E: ContractError>(part: Part, message: Message<Result<(), E>>) -> Self {
        Self { step: Step::Wire(part), deed: Deed::Call(message.call), accepted: accepted::<E> }
    }

    /// What is sent.
    pub(crate) fn action(&self) -> Action {
        match &self.deed {
            Deed::Create(code, _) => Action::Instantiate(code.clone()),
            Deed::Call(call) => Action::Call(call.clone()),
        }
    }

    /// Executes it on the newest state and forgets it: what it would take, with the margin for the way there. Errors: the
    /// contract's refusal, `AddressRule`.
    pub(crate) async fn dry_run(
        &self,
        backend: &dyn Backend,
        origin: AccountId,
    ) -> Result<(Execution, Limits), DeployError> {
        let name = self.step.part().name();
        let execution = match &self.deed {
            Deed::Create(code, expected) => {
                let (address, execution) = backend.dry_instantiate(origin, code.clone()).await?;
                (self.accepted)(name, &execution.returned)?;
                if address != *expected {
                    let (part, computed) = (self.step.part(), *expected);
                    return Err(DeployError::AddressRule { part, computed, told: address });
                }
                execution
            }
            Deed::Call(call) => {
                let execution = backend.dry_run(origin, call.clone()).await?;
                (self.accepted)(name, &execution.returned)?;
                execution
            }
        };
        let limits = limits(&execution, 1);
        Ok((execution, limits))
    }
}

fn accepted<E: ContractError>(name: &'static str, returned: &Returned) -> Result<(), ChainError> {
    answer::<Result<(), E>>(name, returned)?.map_err(|error| CallError::refused(name, error).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn a_step_is_read_by_the_name_that_it_is_written_by() {
        for step in Step::ALL {
            assert_eq!(Step::try_from(String::from(step)), Ok(step));
        }
        assert!(Step::try_from("wire incentive".to_owned()).is_err(), "nobody comes after it");
    }
}
