//! Whether the chain still is what a manifest says.

use super::{
    CodeRecord, DeployError, Manifest,
    blueprint::{constructor, contract_address},
    peers::peers,
};
use crate::{AccountId, Bundles, ChainError, Client, Part, Pinned, Suite, ss58};
use inktensor_primitives::governance::GovernanceTerms;
use serde::Serialize;
use std::fmt::{self, Display};

/// Something that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of what: `chain`, or a contract's name.
    pub of: String,
    /// What differs: `code hash`, `peer issuer`, `quorum_bps` and so on.
    pub what: String,
    /// What the manifest says, or what follows from it.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

impl Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, what, expected, found } = self;
        write!(formatter, "{of}: {what}: expected {expected}, found {found}")
    }
}

/// Compares the chain with a manifest: the chain itself, each contract's address, code and peers, the terms of governance
/// and the guardian. Compares the manifest with local bundles too: code, size and interface. All contracts' answers are
/// of one block. An empty list: all is as the manifest says. Errors: those of a chain that does not answer.
pub async fn verify(client: &Client, manifest: &Manifest, bundles: &Bundles) -> Result<Vec<Difference>, DeployError> {
    let mut found = Differences::default();
    let genesis = client.block_hash(0).await?;
    found.compare("chain", "genesis", &hex_text(&manifest.chain.genesis), &hex_text(&genesis));
    for part in Part::ALL {
        found.check_address(manifest, part);
        found.check_bundle(manifest, bundles, part);
    }
    // On another chain there is nothing to compare.
    if genesis == manifest.chain.genesis {
        let at = client.pin().await?;
        for part in Part::ALL {
            let expected = manifest.contracts.of(part);
            let code = client.backend().code_hash(expected.address).await?;
            let present = code.map_or_else(|| "no contract".to_owned(), |code| hex_text(&code));
            found.compare(part, "code hash", &hex_text(&expected.code.hash), &present);
            if code.is_some() {
                found.check_peers(&at, manifest, part).await?;
            }
        }
        found.check_governance(&at, manifest).await?;
    }
    Ok(found.0)
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn compare(&mut self, of: impl Display, what: &str, expected: &str, found: &str) {
        if expected != found {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            self.0.push(Difference { of: of.to_string(), what: what.to_owned(), expected, found });
        }
    }

    /// The address binds deployer, first code, constructor and salt; the constructor binds configuration and peers.
    fn check_address(&mut self, manifest: &Manifest, part: Part) {
        let contract = manifest.contracts.of(part);
        let input = constructor(part, &manifest.config, &manifest.deployment()).data;
        let derived = contract_address(&manifest.deployer, &contract.first_code, &input, &manifest.config.salt);
        self.compare(part, "constructor", &hex_text(&input), &hex_text(&contract.constructor));
        self.compare(part, "address", &ss58(&derived), &ss58(&contract.address));
    }

    fn check_bundle(&mut self, manifest: &Manifest, bundles: &Bundles, part: Part) {
        let (expected, local) = (manifest.contracts.of(part).code, CodeRecord::from(bundles.of(part)));
        self.compare(part, "bundle's code hash", &hex_text(&expected.hash), &hex_text(&local.hash));
        self.compare(
            part,
            "bundle's metadata hash",
            &hex_text(&expected.metadata_hash),
            &hex_text(&local.metadata_hash),
        );
        self.compare(part, "bundle's code size", &expected.size.to_string(), &local.size.to_string());
    }

    async fn check_peers(&mut self, at: &Pinned, manifest: &Manifest, part: Part) -> Result<(), ChainError> {
        let peers = match peers(at, &manifest.deployment(), part).await {
            Ok(peers) => peers,
            Err(error) => return self.unanswered(part, "peers", error),
        };
        for peer in peers {
            let found = peer.found.map_or_else(|| "nobody".to_owned(), |account| ss58(&account));
            self.compare(part, &format!("peer {}", peer.role), &ss58(&peer.expected), &found);
        }
        Ok(())
    }

    async fn check_governance(&mut self, at: &Pinned, manifest: &Manifest) -> Result<(), ChainError> {
        let governance = Suite::at(&manifest.deployment()).governance;
        match at.query(&governance.message(|governance| governance.terms())).await {
            Ok(terms) => self.check_terms(manifest, terms),
            Err(error) => self.unanswered(Part::Governance, "terms", error)?,
        }
        match at.query(&governance.message(|governance| governance.guardian())).await {
            Ok(guardian) => self.compare(Part::Governance, "guardian", &ss58(&manifest.deployer), &name(guardian)),
            Err(error) => self.unanswered(Part::Governance, "guardian", error)?,
        }
        Ok(())
    }

    fn check_terms(&mut self, manifest: &Manifest, terms: Option<GovernanceTerms>) {
        let config = &manifest.config;
        let told = |of: fn(&GovernanceTerms) -> String| terms.as_ref().map_or_else(|| "nothing".to_owned(), of);
        for (what, expected, found) in [
            ("voting_period_ms", config.voting_period_ms.to_string(), told(|terms| terms.voting_period_ms.to_string())),
            ("timelock_ms", config.timelock_ms.to_string(), told(|terms| terms.timelock_ms.to_string())),
            ("quorum_bps", config.quorum_bps.to_string(), told(|terms| terms.quorum_bps.to_string())),
            ("threshold_rao", config.threshold.to_string(), told(|terms| terms.threshold.to_string())),
        ] {
            self.compare(Part::Governance, what, &expected, &found);
        }
    }

    /// A contract that does not answer as its interface says differs; a chain that does not answer is an error.
    fn unanswered(&mut self, part: Part, what: &str, error: ChainError) -> Result<(), ChainError> {
        match error {
            ChainError::Refused { .. }
            | ChainError::Failed { .. }
            | ChainError::UnknownMessage { .. }
            | ChainError::Undecodable { .. } => {
                self.compare(part, what, "an answer", &error.to_string());
                Ok(())
            }
            error => Err(error),
        }
    }
}

fn name(account: Option<AccountId>) -> String {
    account.map_or_else(|| "nobody".to_owned(), |account| ss58(&account))
}

fn hex_text(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
