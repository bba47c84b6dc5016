//! What of a deployment the chain shows already.

use super::{Blueprint, DeployError, Step, peers::peers};
use crate::{Client, Part};

/// Whether a step has been done. Errors: `OtherCode`, `OtherPeer`.
pub(crate) async fn is_done(client: &Client, blueprint: &Blueprint<'_>, step: Step) -> Result<bool, DeployError> {
    let part = step.part();
    if !exists(client, blueprint, part).await? {
        return Ok(false);
    }
    match step {
        Step::Create(_) => Ok(true),
        Step::Wire(_) => is_wired(client, blueprint, part).await,
    }
}

async fn exists(client: &Client, blueprint: &Blueprint<'_>, part: Part) -> Result<bool, DeployError> {
    let (address, expected) = (blueprint.deployment().address(part), blueprint.bundles().of(part).code_hash);
    match client.backend().code_hash(address).await? {
        None => Ok(false),
        Some(found) if found == expected => Ok(true),
        Some(found) => Err(DeployError::OtherCode { part, address, found, expected }),
    }
}

async fn is_wired(client: &Client, blueprint: &Blueprint<'_>, part: Part) -> Result<bool, DeployError> {
    let peers = peers(&client.pin().await?, blueprint.deployment(), part).await?;
    if let Some(other) = peers.iter().find(|peer| peer.found.is_some() && !peer.is_right()) {
        return Err(DeployError::OtherPeer { part, role: other.role, expected: other.expected });
    }
    Ok(peers.iter().all(|peer| peer.found.is_some()))
}
