//! Whom each contract works with, as it tells itself.

use crate::{AccountId, ChainError, Deployment, Part, Pinned, Suite};

/// A contract's peer: who it should be and who it is.
pub(crate) struct Peer {
    /// What the contract calls it.
    pub(crate) role: &'static str,
    pub(crate) expected: AccountId,
    /// Nobody if the contract is not wired yet.
    pub(crate) found: Option<AccountId>,
}

impl Peer {
    pub(crate) fn is_right(&self) -> bool {
        self.found == Some(self.expected)
    }
}

/// Reads the peers of a contract. Errors: those of a contract that does not answer.
pub(crate) async fn peers(at: &Pinned, deployment: &Deployment, part: Part) -> Result<Vec<Peer>, ChainError> {
    let suite = Suite::at(deployment);
    let Deployment { governance, token, registry, staking, emission, incentive } = *deployment;
    let peer = |role, expected, found: Option<AccountId>| Peer { role, expected, found };
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
            let told = at.query(&suite.staking.message(|staking| staking.peers())).await?;
            vec![
                peer("governance", governance, told.as_ref().map(|peers| peers.governance)),
                peer("token", token, told.as_ref().map(|peers| peers.token)),
                peer("registry", registry, told.as_ref().map(|peers| peers.registry)),
                peer("emission", emission, told.and_then(|peers| peers.emission)),
            ]
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
