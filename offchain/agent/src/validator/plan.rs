//! From findings to weights: averages move, verdicts are written, weights follow.

use blake2::Digest as _;
use scale::Encode;

use super::average::moved;
use super::cache::Blake2b256;
use super::judge::{Abstention, Finding};
use super::weights::weights;
use crate::figure::{Figure, Yardstick};
use crate::journal::{Journal, JournalError, Verdict};
use crate::subnet::{Assignment, Entrant};

/// Version of this evaluator, as the subnet's `weights_version_key` counts them.
pub const EVALUATOR_VERSION: u64 = 1;

/// Whether there is anything to judge, and this evaluator may.
pub fn may_judge(assignment: &Assignment) -> Result<(), Abstention> {
    if assignment.version_key > EVALUATOR_VERSION {
        return Err(Abstention(format!(
            "the subnet demands evaluator version {}, this one is {EVALUATOR_VERSION}. Update the agent",
            assignment.version_key
        )));
    }
    if assignment.entrants.is_empty() {
        return Err(Abstention("no miner has committed anything".to_owned()));
    }
    Ok(())
}

/// Positions of entrants in the order of their commits: by block, and in one block by uid.
pub fn commit_order(entrants: &[Entrant]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..entrants.len()).collect();
    order.sort_by_key(|&index| (entrants[index].block, entrants[index].uid));
    order
}

/// The verdicts on all entrants, in their order, with the weights that follow from their averages. A fault is a weight
/// of zero and leaves the average as it was.
pub fn verdicts(
    journal: &Journal,
    yardstick: Yardstick,
    entrants: &[Entrant],
    findings: Vec<Finding>,
    responsiveness: u16,
) -> Result<Result<Vec<Verdict>, Abstention>, JournalError> {
    let mut verdicts = Vec::with_capacity(entrants.len());
    for (entrant, finding) in entrants.iter().zip(findings) {
        let average = match finding {
            Ok(figure) => {
                let average = journal.average(&yardstick, &entrant.hotkey, entrant.registration_id)?;
                Some(moved(average, figure, responsiveness))
            }
            Err(_) => None,
        };
        verdicts.push(Verdict {
            uid: entrant.uid,
            miner: entrant.hotkey,
            registration_id: entrant.registration_id,
            yardstick,
            figure: finding.as_ref().ok().copied(),
            average,
            fault: finding.err(),
            weight: 0,
        });
    }
    let order = commit_order(entrants);
    let averages: Vec<Option<Figure>> = order.iter().map(|&index| verdicts[index].average).collect();
    for (index, weight) in order.into_iter().zip(weights(yardstick.measure, &averages)) {
        verdicts[index].weight = weight;
    }
    if verdicts.iter().all(|verdict| verdict.weight == 0) {
        return Ok(Err(Abstention("no contribution is worth anything".to_owned())));
    }
    Ok(Ok(verdicts))
}

/// blake2b-256 of what the weights rest on: the seed, the evaluator and, for each entrant in order of uid, uid,
/// registration, digest, figure and fault, in SCALE. Who has the journal can show what was evaluated.
pub fn transcript(seed: &[u8; 32], yardstick: &Yardstick, entrants: &[Entrant], verdicts: &[Verdict]) -> [u8; 32] {
    let entries: Vec<_> = verdicts
        .iter()
        .map(|verdict| {
            let digest = entrants.iter().find(|entrant| entrant.uid == verdict.uid).map(|entrant| entrant.digest);
            (verdict.uid, verdict.registration_id, digest, verdict.figure.map(|figure| figure.0), verdict.fault.clone())
        })
        .collect();
    Blake2b256::digest((seed, yardstick.evaluator, entries).encode()).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use ink::primitives::AccountId;
    use inktensor_primitives::registry::{Evaluator, EvaluatorKind, ModelFamily};

    use super::*;
    use crate::figure::Measure;
    use crate::journal::{CommitRecord, Scope};

    const HALF: u16 = 32_768;

    fn scope() -> Scope {
        Scope { contract: AccountId::from([9; 32]), netuid: 1, hotkey: AccountId::from([8; 32]) }
    }

    fn entrant(uid: u16, block: u32) -> Entrant {
        Entrant {
            uid,
            hotkey: AccountId::from([uid as u8; 32]),
            registration_id: 1,
            digest: [uid as u8; 32],
            size: 1,
            family: ModelFamily::Llama,
            uri: String::new(),
            block,
        }
    }

    const LOSSES: Yardstick = Yardstick { evaluator: [1; 32], measure: Measure::Loss };
    const MERITS: Yardstick = Yardstick { evaluator: [2; 32], measure: Measure::Merit };

    fn bits(value: u64) -> Finding {
        Ok(Figure(value << 32))
    }

    fn weights(verdicts: &[Verdict]) -> Vec<u16> {
        verdicts.iter().map(|verdict| verdict.weight).collect()
    }

    /// Writes verdicts down as those of an epoch.
    fn plan(journal: &Journal, epoch: u64, verdicts: &[Verdict]) {
        let zero = ink::primitives::Hash::from([0; 32]);
        journal.plan(&CommitRecord::plan(&scope(), epoch, Vec::new(), 0, zero, [0; 32]), verdicts).unwrap();
    }

    fn fault() -> Finding {
        Err("broken".to_owned())
    }

    #[test]
    fn averages_decide_and_faults_get_nothing() {
        let journal = Journal::in_memory(scope()).unwrap();
        let entrants = [entrant(0, 1), entrant(1, 2), entrant(2, 3)];
        let first = verdicts(&journal, LOSSES, &entrants, vec![bits(2), bits(4), fault()], HALF).unwrap().unwrap();
        assert_eq!(weights(&first)[..2], [65_535, 127]);
        assert_eq!((first[2].weight, first[2].fault.as_deref()), (0, Some("broken")));
        plan(&journal, 1, &first);

        // One bad epoch of the first and one good one of the second do not turn the order yet.
        let second = verdicts(&journal, LOSSES, &entrants, vec![bits(3), bits(2), bits(5)], HALF).unwrap().unwrap();
        assert!(second[0].average < second[1].average);
        assert_eq!(second[0].weight, 65_535);
        assert_eq!(second[2].average, Some(Figure(5 << 32)), "a fault left no average behind");
    }

    #[test]
    fn merits_are_averaged_and_paid_in_proportion_and_begin_anew_with_an_evaluator() {
        let journal = Journal::in_memory(scope()).unwrap();
        let entrants = [entrant(0, 1), entrant(1, 2), entrant(2, 3)];
        let of = |yardstick, merits: [u64; 2]| {
            let findings = vec![Ok(Figure(merits[0])), Ok(Figure(merits[1])), fault()];
            verdicts(&journal, yardstick, &entrants, findings, HALF).unwrap().unwrap()
        };
        plan(
            &journal,
            1,
            &verdicts(&journal, LOSSES, &entrants, vec![bits(2), bits(4), fault()], HALF).unwrap().unwrap(),
        );
        let first = of(MERITS, [4_000, 1_000]);
        assert_eq!(weights(&first), [65_535, 16_384, 0], "losses are forgotten");
        plan(&journal, 2, &first);
        let second = of(MERITS, [0, 1_000]);
        assert_eq!(second[0].average, Some(Figure(1_999)));
        plan(&journal, 3, &second);
        let changed = of(Yardstick { evaluator: [3; 32], ..MERITS }, [0, 1_000]);
        assert_eq!(weights(&changed), [0, 65_535, 0], "another evaluator knows nothing of the first one's merits");
    }

    #[test]
    fn of_equal_models_the_earlier_commitment_wins() {
        let journal = Journal::in_memory(scope()).unwrap();
        let entrants = [entrant(0, 9), entrant(1, 2)];
        let verdicts = verdicts(&journal, LOSSES, &entrants, vec![bits(2), bits(2)], HALF).unwrap().unwrap();
        assert_eq!((verdicts[0].weight, verdicts[1].weight), (32_767, 65_535));
    }

    #[test]
    fn nothing_to_say_is_an_abstention() {
        let journal = Journal::in_memory(scope()).unwrap();
        assert!(verdicts(&journal, LOSSES, &[entrant(0, 1)], vec![fault()], HALF).unwrap().is_err());
        let evaluator = Evaluator {
            kind: EvaluatorKind::Component,
            code_hash: [0; 32].into(),
            uri: String::new(),
            parameters: String::new(),
        };
        let assignment = |version_key, entrants| Assignment {
            netuid: 1,
            epoch: 7,
            began_hash: [0; 32],
            evaluator: evaluator.clone(),
            version_key,
            entrants,
        };
        assert!(may_judge(&assignment(0, vec![entrant(0, 1)])).is_ok());
        assert!(may_judge(&assignment(0, Vec::new())).is_err());
        assert!(may_judge(&assignment(EVALUATOR_VERSION + 1, vec![entrant(0, 1)])).is_err());
    }

    #[test]
    fn a_transcript_binds_all_that_was_found() {
        let journal = Journal::in_memory(scope()).unwrap();
        let entrants = [entrant(0, 1), entrant(1, 2)];
        let by = |yardstick, seed: u8, findings| {
            let verdicts = verdicts(&journal, yardstick, &entrants, findings, HALF).unwrap().unwrap();
            transcript(&[seed; 32], &yardstick, &entrants, &verdicts)
        };
        let of = |seed, findings| by(LOSSES, seed, findings);
        let base = of(1, vec![bits(2), fault()]);
        assert_eq!(base, of(1, vec![bits(2), fault()]));
        assert_ne!(base, of(2, vec![bits(2), fault()]));
        assert_ne!(base, by(Yardstick { evaluator: [3; 32], ..LOSSES }, 1, vec![bits(2), fault()]));
        assert_ne!(base, of(1, vec![bits(3), fault()]));
        assert_ne!(base, of(1, vec![bits(2), Err("other".to_owned())]));
    }
}
