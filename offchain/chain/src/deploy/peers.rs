//! Whom each contract works with, as it tells itself.

use crate::{AccountId, ChainError, Deployment, Part, Pinned, Suite};
use inktensor_primitives::staking::{StakeLedger, StakingError};

/// A contract's peer: who it should be and who it is.
pub(crate) struct Peer {
    /// What the contract calls it.
    pub(crate) role: &'static str,
    pub(crate) expected: AccountId,
    pub(crate) found: Found,
}

/// Who a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The contract is not wired yet.
    Nobody,
    Account(AccountId),
    /// The contract gives no address; this is what it lets see.
    Untold(&'static str),
}

impl From<Option<AccountId>> for Found {
    fn from(account: Option<AccountId>) -> Self {
        account.map_or(Self::Nobody, Self::Account)
    }
}

impl Peer {
    pub(crate) fn is_right(&self) -> bool {
        self.found == Found::Account(self.expected)
    }
}

/// Reads the peers of a contract. Errors: those of a contract that does not answer.
pub(crate) async fn peers(at: &Pinned, deployment: &Deployment, part: Part) -> Result<Vec<Peer>, ChainError> {
    let suite = Suite::at(deployment);
    let Deployment { governance, token, registry, staking, emission, incentive } = *deployment;
    let peer = |role, expected, found: Option<AccountId>| Peer { role, expected, found: found.into() };
    Ok(match part {
        Part::Token => vec![
            peer("governance", governance, at.query(&suite.token.message(|token| token.governance())).await?),
            peer("issuer", emission, at.query(&suite.token.message(|token| token.issuer())).await?),
        ],
        Part::Registry => {
            let told = at.query(&suite.registry.message(|registry| registry.peers())).await?;
            vec![
                peer("governance", governance, told.as_ref().map(|peers| peers.governance)),
                peer("token", token, told.as_ref().map(|peers| peers.token)),
                peer("incentive", incentive, told.and_then(|peers| peers.incentive)),
            ]
        }
        Part::Staking => {
            vec![Peer { role: "emission", expected: emission, found: distributor(at, &suite, emission).await? }]
        }
        Part::Emission => {
            let told = at.read(&suite.emission.message(|emission| emission.peers())).await?;
            vec![
                peer("governance", governance, Some(told.governance)),
                peer("token", token, Some(told.token)),
                peer("registry", registry, Some(told.registry)),
                peer("staking", staking, Some(told.staking)),
                peer("incentive", incentive, told.incentive),
            ]
        }
        Part::Incentive => {
            let told = at.read(&suite.incentive.message(|incentive| incentive.peers())).await?;
            vec![
                peer("governance", governance, Some(told.governance)),
                peer("token", token, Some(told.token)),
                peer("registry", registry, Some(told.registry)),
                peer("staking", staking, Some(told.staking)),
                peer("emission", emission, Some(told.emission)),
            ]
        }
        Part::Governance => {
            let told = at.query(&suite.governance.message(|governance| governance.peers())).await?;
            vec![
                peer("token", token, told.as_ref().map(|peers| peers.token)),
                peer("staking", staking, told.map(|peers| peers.staking)),
            ]
        }
    })
}

/// Who may distribute dividends. Staking has no message that tells, but it refuses everybody else: so `emission` is
/// asked for, with dividends for nobody.
async fn distributor(at: &Pinned, suite: &Suite, emission: AccountId) -> Result<Found, ChainError> {
    let nothing = suite.staking.message(|staking| staking.distribute(0, Vec::new(), Vec::new()));
    Ok(match at.query_as(emission, &nothing).await? {
        Ok(()) => Found::Account(emission),
        Err(StakingError::NotWired) => Found::Nobody,
        Err(StakingError::Paused) => Found::Untold("paused, so it does not tell"),
        Err(_) => Found::Untold("another contract"),
    })
}
