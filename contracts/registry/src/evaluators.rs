//! How the validators of each subnet evaluate, and how that changes: announced, with the turn of an epoch and never during
//! one, so that all validators change together.

use crate::{refusal::Refusal, store::Cells};
use ink::{
    prelude::{boxed::Box, string::String},
    primitives::Hash,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{
    limits::{MAX_PARAMETERS, MAX_URI},
    registry::{Evaluator, EvaluatorKind, EvaluatorTerms, RegistryError},
    Netuid,
};

/// Evaluators by subnet.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Evaluators {
    evaluators: Mapping<Netuid, EvaluatorTerms, ManualKey<0x5245_5641>>,
}

impl Evaluators {
    /// The evaluator of the epoch that began at `began_ms`, 0 before the first turn of one, and the next evaluator. A subnet
    /// begins with the built-in one for language models.
    pub fn terms(&self, netuid: Netuid, began_ms: u64) -> Box<EvaluatorTerms> {
        let mut terms = Box::new(self.evaluators.load(netuid).unwrap_or_else(|| EvaluatorTerms {
            current: Evaluator {
                kind: EvaluatorKind::LanguageModel,
                code_hash: Hash::default(),
                uri: String::new(),
                parameters: String::new(),
            },
            next: None,
            activates_ms: 0,
        }));
        if terms.activates_ms <= began_ms {
            if let Some(next) = terms.next.take() {
                terms.current = next;
            }
        }
        terms
    }

    /// Announces the evaluator of epochs that begin at `activates_ms` or later; another one that was announced is forgotten.
    /// `began_ms` as for `terms`. Errors: `TooLong`.
    pub fn announce(
        &mut self,
        netuid: Netuid,
        next: Evaluator,
        activates_ms: u64,
        began_ms: u64,
    ) -> Result<(), Refusal> {
        if next.uri.len() > MAX_URI || next.parameters.len() > MAX_PARAMETERS {
            return Err(RegistryError::TooLong.into());
        }
        let mut terms = self.terms(netuid, began_ms);
        terms.next = Some(next);
        terms.activates_ms = activates_ms;
        self.evaluators.save(netuid, &terms);
        Ok(())
    }

    /// Forgets the evaluator of a subnet.
    pub fn clear(&mut self, netuid: Netuid) {
        self.evaluators.clear(netuid);
    }
}
