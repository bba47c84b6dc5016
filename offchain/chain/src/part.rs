//! The contracts of a suite by name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One contract of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Proposals and the reserve.
    Governance,
    /// TAO.
    Token,
    /// Subnets and neurons.
    Registry,
    /// Stake and nominations.
    Staking,
    /// The reward split and payouts.
    Emission,
    /// Weights and epochs.
    Incentive,
}

impl Part {
    /// All, in the order in which they are deployed: each constructor takes the addresses of those before it.
    pub const ALL: [Self; 6] =
        [Self::Governance, Self::Token, Self::Registry, Self::Staking, Self::Emission, Self::Incentive];

    /// Its name: that of its crate and of its bundle.
    pub fn name(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Token => "token",
            Self::Registry => "registry",
            Self::Staking => "staking",
            Self::Emission => "emission",
            Self::Incentive => "incentive",
        }
    }

    /// The part of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Something for each contract of the suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each<T> {
    governance: T,
    token: T,
    registry: T,
    staking: T,
    emission: T,
    incentive: T,
}

impl<T> Each<T> {
    /// What `make` gives for each contract, in the order of [`Part::ALL`]. Errors: the first of `make`'s.
    pub fn try_of<E>(mut make: impl FnMut(Part) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            governance: make(Part::Governance)?,
            token: make(Part::Token)?,
            registry: make(Part::Registry)?,
            staking: make(Part::Staking)?,
            emission: make(Part::Emission)?,
            incentive: make(Part::Incentive)?,
        })
    }

    /// That of one contract.
    pub fn of(&self, part: Part) -> &T {
        match part {
            Part::Governance => &self.governance,
            Part::Token => &self.token,
            Part::Registry => &self.registry,
            Part::Staking => &self.staking,
            Part::Emission => &self.emission,
            Part::Incentive => &self.incentive,
        }
    }

    /// That of one contract, to be changed.
    pub fn of_mut(&mut self, part: Part) -> &mut T {
        match part {
            Part::Governance => &mut self.governance,
            Part::Token => &mut self.token,
            Part::Registry => &mut self.registry,
            Part::Staking => &mut self.staking,
            Part::Emission => &mut self.emission,
            Part::Incentive => &mut self.incentive,
        }
    }
}
