//! Getting hold of the files that entrants have committed.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use inktensor_primitives::Uid;
use tokio::time::{Instant, timeout_at};

use super::cache::Cache;
use super::fetch::{FetchError, FetchFault, Fetcher, Wanted};
use super::judge::{Abstention, Finding};
use super::plan::commit_order;
use crate::subnet::Entrant;

/// The entrants of an epoch, sorted into those whose file is in the cache and those who are at fault.
pub struct Collection {
    /// What is known of each entrant by now, in their order.
    findings: Vec<Option<Finding>>,
    /// Places of the entrants whose file is in the cache, in the order of their commits.
    ready: Vec<usize>,
    /// Who committed a file first.
    holders: HashMap<[u8; 32], Uid>,
}

impl Collection {
    /// Downloads what is missing. Copies of a file are known by their commitment and need no download, nor does a file of
    /// a family that the evaluator does not take: `refusal` says why.
    pub async fn gather(
        fetcher: &Fetcher,
        entrants: &[Entrant],
        refusal: impl Fn(&Entrant) -> Option<String>,
    ) -> Result<Self, Abstention> {
        let mut holders: HashMap<[u8; 32], Uid> = HashMap::new();
        let mut findings: Vec<Option<Finding>> = vec![None; entrants.len()];
        let mut originals = Vec::with_capacity(entrants.len());
        for index in commit_order(entrants) {
            let entrant = &entrants[index];
            if let Some(uid) = holders.get(&entrant.digest) {
                findings[index] = Some(Err(copy_of(*uid)));
                continue;
            }
            holders.insert(entrant.digest, entrant.uid);
            match refusal(entrant) {
                Some(reason) => findings[index] = Some(Err(reason)),
                None => originals.push(index),
            }
        }
        let wanted = originals.iter().map(|&index| Wanted::from(&entrants[index])).collect();
        let mut ready = Vec::with_capacity(originals.len());
        for (index, fault) in originals.into_iter().zip(fetch(fetcher, wanted).await?) {
            match fault {
                None => ready.push(index),
                Some(fault) => findings[index] = Some(Err(fault.to_string())),
            }
        }
        Ok(Self { findings, ready, holders })
    }

    /// Places of the entrants whose file is in the cache, in the order of their commits.
    pub fn ready(&self) -> &[usize] {
        &self.ready
    }

    /// What to say of a copy of the file `of`, if an entrant committed that.
    pub fn copy(&self, of: &[u8; 32]) -> Option<String> {
        self.holders.get(of).map(|uid| copy_of(*uid))
    }

    /// One finding for each entrant, with those on the files that were ready.
    pub fn settle(mut self, found: Vec<Finding>) -> Result<Vec<Finding>, Abstention> {
        for (index, finding) in self.ready.into_iter().zip(found) {
            self.findings[index] = Some(finding);
        }
        let forgotten = || Abstention("a contribution was forgotten. This is a bug of the agent; report it".to_owned());
        self.findings.into_iter().map(|finding| finding.ok_or_else(forgotten)).collect()
    }
}

/// The bytes of a file that was fetched.
pub fn read(cache: &Cache, digest: &[u8; 32]) -> Result<Vec<u8>, Abstention> {
    match cache.read(digest) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Abstention("a downloaded file was damaged on disk; it is fetched again".to_owned())),
        Err(failure) => Err(Abstention(failure.to_string())),
    }
}

/// Downloads the files that are missing. None where the file is here, the fault where it is not.
async fn fetch(fetcher: &Fetcher, wanted: Vec<Wanted>) -> Result<Vec<Option<FetchFault>>, Abstention> {
    let limits = *fetcher.limits();
    let deadline = Instant::now() + limits.budget;
    let downloads = stream::iter(wanted).map(|wanted| async move {
        if fetcher.holds(wanted.digest).await? {
            return Ok(());
        }
        timeout_at(deadline, fetcher.fetch(&wanted)).await.unwrap_or_else(|_| Err(out_of_time()))
    });
    let outcomes: Vec<_> = downloads.buffered(limits.parallel.max(1)).collect().await;
    let mut faults = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        faults.push(match outcome {
            Ok(()) => None,
            Err(FetchError::Fault(fault)) => Some(fault),
            Err(FetchError::Cache(failure)) => return Err(Abstention(failure.to_string())),
        });
    }
    // One silent miner is the miner's fault; all of them at once are more likely our own network.
    let all_silent = faults.iter().all(|fault| fault.as_ref().is_some_and(FetchFault::may_be_ours));
    if faults.len() > 1 && all_silent {
        return Err(Abstention("no miner can be reached; is this machine's network down?".to_owned()));
    }
    // All at private addresses are a network within our own, for which the validator is not set up.
    let private = |fault: &Option<FetchFault>| matches!(fault, Some(FetchFault::NotPublic { .. }));
    if let Some(Some(first)) = faults.first()
        && faults.iter().all(private)
    {
        return Err(Abstention(format!("no miner can be asked: {first}")));
    }
    Ok(faults)
}

fn out_of_time() -> FetchError {
    FetchFault::Unreachable { reason: "no time was left in this epoch".to_owned() }.into()
}

fn copy_of(uid: Uid) -> String {
    format!("copy of uid {uid}")
}

/// Does what blocks away from the async threads.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Abstention> + Send + 'static,
) -> Result<T, Abstention> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|failure| Err(Abstention(format!("the evaluation broke: {failure}"))))
}
