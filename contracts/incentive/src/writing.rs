//! Weights are written: committed and revealed, or set in the open.

use crate::{
    incentive::Incentive,
    peers::Peers,
    weights::{self, WeightRow},
};
use ink::{
    codegen::Env,
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    commitment::Commitment,
    hyperparameters::WeightRules,
    incentive::{
        BondChanged, IncentiveError, Reveal, WeightCommit, WeightsCommitted, WeightsRevealed, WeightsSet, MAX_WRITES,
    },
    HotkeyId, Netuid, RegistrationId, Uid,
};

type Result<T> = core::result::Result<T, IncentiveError>;

/// Who writes weights, and on which terms.
struct Writer {
    hotkey: AccountId,
    hotkey_id: HotkeyId,
    uid: Uid,
    registration_id: RegistrationId,
    is_owner: bool,
    epoch: u64,
    rules: WeightRules,
    tenants: Vec<RegistrationId>,
}

/// Checks the length of a batch. Errors: `MalformedBatch`.
pub fn check_batch(length: usize) -> Result<()> {
    if length == 0 || length > MAX_WRITES {
        return Err(IncentiveError::MalformedBatch);
    }
    Ok(())
}

impl Incentive {
    /// Commits weights of the caller by hash.
    pub(crate) fn commit(&mut self, peers: &Peers, netuid: Netuid, hash: Hash) -> Result<()> {
        let writer = self.writer(peers, netuid, false)?;
        let rules = &writer.rules;
        if !rules.commit_reveal {
            return Err(IncentiveError::CommitRevealDisabled);
        }
        self.check_stake(peers, netuid, &writer)?;
        let mut commits = self.commits_of(netuid, writer.hotkey_id);
        let forfeited = commits.settle(Some(writer.registration_id), writer.epoch, rules.bond_forfeit);
        if commits.bond < rules.commit_bond {
            return Err(IncentiveError::BondTooLow);
        }
        let commit = WeightCommit {
            hash,
            hotkey: writer.hotkey,
            epoch: writer.epoch,
            reveal_epoch: writer.epoch.saturating_add(u64::from(rules.reveal_period)),
            block: self.env().block_number(),
            committed_ms: self.env().block_timestamp(),
        };
        commits.add(commit, writer.registration_id, rules.weights_set_rate_limit)?;
        self.commits.insert((netuid, writer.hotkey_id), &commits);
        self.env().emit_event(WeightsCommitted { netuid, hotkey: writer.hotkey, epoch: writer.epoch, hash });
        self.collect(peers, netuid, &writer, commits.bond, forfeited)
    }

    /// Reveals weights that the caller committed.
    pub(crate) fn reveal(&mut self, peers: &Peers, reveal: Reveal) -> Result<()> {
        let Reveal { netuid, epoch, weights, version_key, transcript, salt } = reveal;
        let writer = self.writer(peers, netuid, true)?;
        let (uids, tenancies, mut values) = weights::columns(&weights);
        self.check(peers, netuid, &writer, version_key, &uids, &values)?;
        let mut commits = self.commits_of(netuid, writer.hotkey_id);
        let (contract, hotkey) = (self.env().account_id(), writer.hotkey);
        let mut commitment = Commitment { contract, netuid, epoch, hotkey, weights, version_key, transcript, salt };
        let hash_of = |hotkey| {
            commitment.hotkey = hotkey;
            commitment.hash()
        };
        let moment = (writer.registration_id, epoch, writer.epoch);
        let (commit, forfeited) = commits.reveal(moment, writer.rules.bond_forfeit, hash_of)?;
        let dropped = weights::drop_departed(&uids, &tenancies, &mut values, &writer.tenants);
        self.commits.insert((netuid, writer.hotkey_id), &commits);
        self.store(netuid, &writer, commit.committed_ms, &uids, values);
        self.env().emit_event(WeightsRevealed { netuid, uid: writer.uid, epoch, transcript, dropped });
        self.collect(peers, netuid, &writer, commits.bond, forfeited)
    }

    /// Sets weights of the caller in the open, toward those who hold the uids now.
    pub(crate) fn set(
        &mut self,
        peers: &Peers,
        netuid: Netuid,
        uids: &[Uid],
        values: Vec<u16>,
        version_key: u64,
    ) -> Result<()> {
        let writer = self.writer(peers, netuid, true)?;
        if writer.rules.commit_reveal {
            return Err(IncentiveError::CommitRevealEnabled);
        }
        self.check(peers, netuid, &writer, version_key, uids, &values)?;
        let now_ms = self.env().block_timestamp();
        let last = self.memory.weights(netuid, writer.uid);
        let last = last.filter(|row| row.registration_id == writer.registration_id);
        if last.is_some_and(|row| now_ms < row.committed_ms.saturating_add(writer.rules.weights_set_rate_limit)) {
            return Err(IncentiveError::CommitRateLimited);
        }
        self.store(netuid, &writer, now_ms, uids, values);
        self.env().emit_event(WeightsSet { netuid, uid: writer.uid });
        Ok(())
    }

    /// The caller as one who writes weights, with the tenancy of each uid if asked for.
    /// Errors: `NotActive`, `UnknownSubnet`, `NotRegistered`.
    fn writer(&self, peers: &Peers, netuid: Netuid, tenants: bool) -> Result<Writer> {
        let hotkey = self.env().caller();
        let clock = self.clocks.get(netuid).ok_or(IncentiveError::NotActive)?;
        let terms = peers.weight_terms(netuid, hotkey, tenants)?.ok_or(IncentiveError::UnknownSubnet)?;
        if terms.generation != clock.generation {
            return Err(IncentiveError::NotActive);
        }
        let (uid, registration_id, hotkey_id) = terms.seat.ok_or(IncentiveError::NotRegistered)?;
        Ok(Writer {
            hotkey,
            hotkey_id,
            uid,
            registration_id,
            is_owner: terms.is_owner,
            epoch: clock.epoch,
            rules: terms.rules,
            tenants: terms.tenants,
        })
    }

    /// Checks all that a row must satisfy before it is stored, and its writer.
    /// Errors: `VersionTooOld`, those of [`weights::check`], `NotEnoughStake`, `NoPermit`.
    fn check(
        &self,
        peers: &Peers,
        netuid: Netuid,
        writer: &Writer,
        version_key: u64,
        uids: &[Uid],
        values: &[u16],
    ) -> Result<()> {
        if version_key < writer.rules.weights_version_key {
            return Err(IncentiveError::VersionTooOld);
        }
        weights::check(uids, values, writer.tenants.len(), &writer.rules)?;
        self.check_stake(peers, netuid, writer)?;
        if !writer.is_owner && !self.memory.standings(netuid).permit(writer.uid, writer.registration_id) {
            return Err(IncentiveError::NoPermit);
        }
        Ok(())
    }

    fn check_stake(&self, peers: &Peers, netuid: Netuid, writer: &Writer) -> Result<()> {
        let threshold = writer.rules.stake_threshold;
        if threshold > 0 {
            let stakes = peers.stakes(netuid, ink::prelude::vec![writer.hotkey_id])?;
            if stakes.first().is_none_or(|stake| *stake < threshold) {
                return Err(IncentiveError::NotEnoughStake);
            }
        }
        Ok(())
    }

    /// Destroys what a record that is stored already has forfeited.
    fn collect(&mut self, peers: &Peers, netuid: Netuid, writer: &Writer, bond: u64, forfeited: u64) -> Result<()> {
        if forfeited > 0 {
            self.env().emit_event(BondChanged { netuid, hotkey: writer.hotkey, bond, forfeited });
        }
        peers.recycle(forfeited)
    }

    fn store(&mut self, netuid: Netuid, writer: &Writer, committed_ms: u64, uids: &[Uid], values: Vec<u16>) {
        let weights = weights::settle(uids, values);
        let row = WeightRow { registration_id: writer.registration_id, committed_ms, weights };
        self.memory.keep_weights(netuid, writer.uid, &row);
    }
}
