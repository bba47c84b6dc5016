//! The incentive contract: it takes the weights of validators and turns epochs.
//!
//! Storage and messages are here; each message says who may call it, what it takes and which errors it has. What they
//! decide is decided in the modules beside: [`writing`] (weights are committed, revealed or set), [`commits`] (what waits
//! for its reveal, and the bond that stands for it), [`bonding`] (how a bond comes and goes), [`weights`] (what a row must
//! satisfy), [`entries`] (how it is stored), [`turn`] (one epoch of Yuma), [`memory`] (what one epoch leaves to the next),
//! [`standings`] (what it said of each neuron), [`peers`] (calls to the other contracts).
//!
//! The money is elsewhere: an epoch ends with shares, which the emission contract pays by. Here are bonds only.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]
// a test fails by panicking
// a test fails by panicking
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects))]

pub mod bonding;
pub mod commits;
pub mod entries;
pub mod memory;
pub mod peers;
pub mod standings;
pub mod turn;
pub mod weights;
pub mod writing;

#[cfg(test)]
mod tests;

/// The contract.
#[ink::contract]
pub mod incentive {
    use crate::{
        commits::Commits,
        memory::Memory,
        peers::Peers,
        standings::Standings,
        turn::{self, Turn},
        writing::check_batch,
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Mapping},
    };
    use inktensor_primitives::{
        answer::settled,
        commitment::{Salt, WeightEntries},
        incentive::{Clock, IncentiveError, NeuronStanding, Reveal, SubnetActivated, WeightCommit},
        limits::PAGE,
        upkeep::{check_pause, exchange_code, Pausable, Paused, Upgradable, UpkeepError},
        HotkeyId, Netuid, Uid,
    };

    type Result<T> = core::result::Result<T, IncentiveError>;

    /// What seldom changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Config {
        /// The other contracts.
        pub peers: Peers,
        /// Chain time in ms until which messages that change something refuse.
        pub paused_until: u64,
    }

    /// Storage. What every message reads lies in the root cell, which is read anyway; everything else has a cell and a key
    /// of its own, so that code can be exchanged without moving data.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Incentive {
        pub(crate) config: Option<Config>,
        pub(crate) clocks: Mapping<Netuid, Clock, ManualKey<0x494e_430a>>,
        pub(crate) commits: Mapping<(Netuid, HotkeyId), Commits, ManualKey<0x494e_430b>>,
        pub(crate) memory: Memory,
    }

    impl Incentive {
        /// Deploys the contract beside its peers. The registry and the emission contract must then be wired to it by
        /// whoever deployed them.
        #[ink(constructor)]
        pub fn new(
            governance: AccountId,
            token: AccountId,
            registry: AccountId,
            staking: AccountId,
            emission: AccountId,
        ) -> Self {
            let mut incentive = Self::default();
            let peers = Peers { governance, token, registry, staking, emission };
            incentive.config = Some(Config { peers, paused_until: 0 });
            incentive
        }

        /// Lets a subnet take part in emission and begins its epochs, once its owner has started it. Anyone may call.
        /// The number of the epoch goes on where the netuid was another subnet's.
        /// Errors: `Paused`, `UnknownSubnet`, `NotStarted`, `AlreadyActive`, `Emission`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn activate(&mut self, netuid: Netuid) -> Result<()> {
            let peers = self.unpaused()?;
            let terms = peers.epoch_terms(netuid)?;
            if !terms.started {
                return Err(IncentiveError::NotStarted);
            }
            let epoch = match self.clocks.get(netuid) {
                Some(clock) if clock.generation == terms.generation => return Err(IncentiveError::AlreadyActive),
                Some(clock) => clock.epoch.saturating_add(1),
                None => 0,
            };
            self.begin(netuid, epoch, terms.generation);
            self.env().emit_event(SubnetActivated { netuid, epoch });
            peers.admit(netuid, terms.generation)
        }

        /// Commits weights by the hash of a commitment, to be revealed `reveal_period` epochs later. Called by a
        /// registered hotkey, whose standing bond must be at least `commit_bond`; whether it has a permit is asked at the
        /// reveal. A commit that is not revealed in its epoch, or that the reveal of a later one supersedes, forfeits
        /// `bond_forfeit` of the bond.
        /// Errors: `Paused`, `NotActive`, `UnknownSubnet`, `NotRegistered`, `CommitRevealDisabled`, `NotEnoughStake`,
        /// `BondTooLow`, `CommitRateLimited`, `TooManyCommits`, `Token`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn commit_weights(&mut self, netuid: Netuid, hash: Hash) -> Result<()> {
            let peers = self.unpaused()?;
            settled(self.commit(&peers, netuid, hash))
        }

        /// Commits weights on up to ten subnets, (netuid, hash) each: on all or on none.
        /// Errors: `MalformedBatch`, and those of `commit_weights`.
        #[ink(message)]
        #[inline(never)]
        pub fn commit_weights_batch(&mut self, commits: Vec<(Netuid, Hash)>) -> Result<()> {
            let peers = self.unpaused()?;
            check_batch(commits.len())?;
            settled(commits.into_iter().try_for_each(|(netuid, hash)| self.commit(&peers, netuid, hash)))
        }

        /// Reveals weights that the caller committed in `epoch`: (uid, registration id, weight) each, uids ascending.
        /// They count from the next turn of the epoch. A weight whose uid has another tenant by now is dropped. What was
        /// committed before a hotkey was swapped, its new account reveals. `salt` and `transcript` as in the commitment.
        /// Also where weights are set in the open by now.
        /// Errors: `Paused`, `NotActive`, `UnknownSubnet`, `NotRegistered`, `VersionTooOld`, `TooManyWeights`,
        /// `TooFewWeights`, `UidsNotAscending`, `UidOutOfRange`, `MaxWeightExceeded`, `NotEnoughStake`, `NoPermit`,
        /// `RevealMismatch`, `RevealTooEarly`, `RevealExpired`, `Token`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn reveal_weights(
            &mut self,
            netuid: Netuid,
            epoch: u64,
            weights: WeightEntries,
            version_key: u64,
            transcript: Hash,
            salt: Salt,
        ) -> Result<()> {
            let peers = self.unpaused()?;
            settled(self.reveal(&peers, Reveal { netuid, epoch, weights, version_key, transcript, salt }))
        }

        /// Reveals weights on up to ten subnets: on all or on none. All together may take 16 KiB.
        /// Errors: `MalformedBatch`, and those of `reveal_weights`.
        #[ink(message)]
        #[inline(never)]
        pub fn reveal_weights_batch(&mut self, reveals: Vec<Reveal>) -> Result<()> {
            let peers = self.unpaused()?;
            check_batch(reveals.len())?;
            settled(reveals.into_iter().try_for_each(|reveal| self.reveal(&peers, reveal)))
        }

        /// Sets weights in the open, where the subnet does not ask for commits: `uids` ascending and a weight for each,
        /// of which only ratios matter. They are for those who hold the uids now, and count from the next turn of the
        /// epoch. Called by a registered hotkey with a permit.
        /// Errors: `Paused`, `NotActive`, `UnknownSubnet`, `NotRegistered`, `CommitRevealEnabled`, `VersionTooOld`,
        /// `MalformedBatch`, `TooManyWeights`, `TooFewWeights`, `UidsNotAscending`, `UidOutOfRange`, `MaxWeightExceeded`,
        /// `NotEnoughStake`, `NoPermit`, `CommitRateLimited`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_weights(
            &mut self,
            netuid: Netuid,
            uids: Vec<Uid>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> Result<()> {
            let peers = self.unpaused()?;
            settled(self.set(&peers, netuid, &uids, weights, version_key))
        }

        /// Sets weights on up to ten subnets, (netuid, uids, weights, version) each: on all or on none.
        /// Errors: `MalformedBatch`, and those of `set_weights`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_weights_batch(&mut self, rows: Vec<(Netuid, Vec<Uid>, Vec<u16>, u64)>) -> Result<()> {
            let peers = self.unpaused()?;
            check_batch(rows.len())?;
            settled(rows.into_iter().try_for_each(|(netuid, uids, weights, version_key)| {
                self.set(&peers, netuid, &uids, weights, version_key)
            }))
        }

        /// Ends the running epoch when its time is over: runs Yuma on the weights that stand and has the emission contract
        /// pay by the outcome, which tells of it by its event `EpochPaid`. Anyone may call.
        /// Errors: `Paused`, `NotActive`, `UnknownSubnet`, `EpochNotDue`, `InconsistentRegistry`, `Emission`, `Registry`,
        /// `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn run_epoch(&mut self, netuid: Netuid) -> Result<()> {
            let peers = self.unpaused()?;
            let Clock { epoch, began_ms, generation, .. } = self.clock_of(netuid)?;
            let terms = peers.epoch_terms(netuid)?;
            if terms.generation != generation {
                return Err(IncentiveError::NotActive);
            }
            let now_ms = self.env().block_timestamp();
            if now_ms < began_ms.saturating_add(terms.rules.tempo) {
                return Err(IncentiveError::EpochNotDue);
            }
            if terms.hotkeys.len() != terms.registration_ids.len() {
                return Err(IncentiveError::InconsistentRegistry);
            }
            self.begin(netuid, epoch.saturating_add(1), generation);

            let stakes = peers.stakes(netuid, terms.hotkeys.clone())?;
            let permits = self.memory.standings(netuid).permits(&terms.registration_ids, terms.owner_uid);
            let weights = self.memory.permitted(netuid, &terms.registration_ids, &permits);
            let bonds = self.memory.bonds(netuid);
            let turn = Turn {
                terms: &terms,
                stakes: &stakes,
                permits: &permits,
                weights: &weights,
                bonds: &bonds,
                began_ms,
                now_ms,
            };
            let outcome = turn.run()?;
            let bonds = turn::bonds(&outcome, &terms.registration_ids);
            let standings = Standings::new(terms.registration_ids.clone(), &outcome);
            self.memory.keep(netuid, &standings, bonds);
            let shares = (outcome.incentive_share, outcome.validator_share);

            let paid = peers.pay(netuid, epoch, (terms.registration_ids, terms.hotkeys), shares)?;
            peers.record_epoch(netuid, paid)
        }

        /// Adds `amount` rao of the caller's to a hotkey's standing bond on a subnet. Anyone may call; approve this
        /// contract for the amount first.
        /// Errors: `Paused`, `AmountTooLarge`, `NotRegistered` if nobody owns the hotkey, `UnknownSubnet`, `NoBond` for an
        /// amount of zero, `Overflow`, `Transfer`, `Token`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn deposit_bond(&mut self, netuid: Netuid, hotkey: AccountId, amount: u128) -> Result<()> {
            let peers = self.unpaused()?;
            self.deposit(&peers, netuid, hotkey, amount)
        }

        /// Pays a hotkey's whole standing bond on a subnet, less what it has forfeited, to the coldkey that owns the hotkey;
        /// the amount in rao. Only the two of them, while no commit waits for its reveal. Also after the hotkey lost its uid,
        /// or the subnet was dissolved: then its commits are void and forfeit nothing.
        /// Errors: `Paused`, `NotRegistered` if nobody owns the hotkey, `NotHotkeyOwner`, `CommitsWaiting`, `NoBond`,
        /// `Transfer`, `Token`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn withdraw_bond(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let peers = self.unpaused()?;
            self.withdraw(&peers, netuid, hotkey).map(Balance::from)
        }

        /// Takes from a hotkey's bond what its missed reveals have forfeited by now, and recycles it; the amount in rao.
        /// Every other message that touches the bond does it too. Anyone may call.
        /// Errors: `Paused`, `NotRegistered` if nobody owns the hotkey, `NothingForfeited`, `Token`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn forfeit_bond(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let peers = self.unpaused()?;
            self.take_forfeited(&peers, netuid, hotkey).map(Balance::from)
        }

        /// Addresses of the other contracts. Errors: `NotWired`.
        #[ink(message)]
        #[inline(never)]
        pub fn peers(&self) -> Result<Peers> {
            Ok(self.configuration()?.peers)
        }

        /// Chain time in ms until which messages that change something refuse; in the past if they do not.
        #[ink(message)]
        #[inline(never)]
        pub fn paused_until(&self) -> u64 {
            self.config.as_ref().map_or(0, |config| config.paused_until)
        }

        /// The epochs of a subnet; nothing if it was never active. Of an earlier subnet of the netuid if the generation
        /// differs from the registry's.
        #[ink(message)]
        #[inline(never)]
        pub fn clock(&self, netuid: Netuid) -> Option<Clock> {
            self.clocks.get(netuid)
        }

        /// Chain time in ms from which `run_epoch` may be called.
        /// Errors: `NotWired`, `NotActive`, `UnknownSubnet`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn next_epoch_ms(&self, netuid: Netuid) -> Result<u64> {
            let clock = self.clock_of(netuid)?;
            let terms = self.configuration()?.peers.epoch_terms(netuid)?;
            if terms.generation != clock.generation {
                return Err(IncentiveError::NotActive);
            }
            Ok(clock.began_ms.saturating_add(terms.rules.tempo))
        }

        /// Commits of a hotkey that wait for their reveal, oldest first; with those that missed it since the bond was last
        /// settled.
        #[ink(message)]
        #[inline(never)]
        pub fn commits(&self, netuid: Netuid, hotkey: AccountId) -> Vec<WeightCommit> {
            self.record(netuid, hotkey).waiting
        }

        /// A hotkey's standing bond on a subnet in rao, before missed reveals that are not settled yet.
        #[ink(message)]
        #[inline(never)]
        pub fn bond(&self, netuid: Netuid, hotkey: AccountId) -> Balance {
            Balance::from(self.record(netuid, hotkey).bond)
        }

        /// Weights that stand for a uid: toward which uids, and how much in the same order, the highest 65,535.
        #[ink(message)]
        #[inline(never)]
        pub fn weights(&self, netuid: Netuid, uid: Uid) -> (Vec<Uid>, Vec<u16>) {
            self.memory.weights(netuid, uid).map(|row| row.weights.into_columns()).unwrap_or_default()
        }

        /// Bonds that stand for a uid: toward which uids, and how much in the same order. These are Yuma's, which earn
        /// dividends.
        #[ink(message)]
        #[inline(never)]
        pub fn bonds(&self, netuid: Netuid, uid: Uid) -> (Vec<Uid>, Vec<u16>) {
            let row = self.memory.bonds(netuid).into_iter().find(|row| row.uid == uid);
            row.map(|row| row.bonds.into_columns()).unwrap_or_default()
        }

        /// Up to 64 neurons with what the last epoch said of them: those of uids `64 * page` onward.
        /// Errors: `NotWired`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn metagraph(&self, netuid: Netuid, page: u16) -> Result<Vec<NeuronStanding>> {
            let peers = self.configuration()?.peers;
            let neurons = peers.neurons(netuid, page)?;
            let stakes = peers.stakes(netuid, neurons.iter().map(|neuron| neuron.hotkey_id).collect())?;
            Ok(self.memory.standings(netuid).describe(page.saturating_mul(PAGE), &neurons, &stakes))
        }

        fn begin(&mut self, netuid: Netuid, epoch: u64, generation: u32) {
            let (began_ms, began_block) = (self.env().block_timestamp(), self.env().block_number());
            self.clocks.insert(netuid, &Clock { epoch, began_ms, began_block, generation });
        }

        fn clock_of(&self, netuid: Netuid) -> Result<Clock> {
            self.clocks.get(netuid).ok_or(IncentiveError::NotActive)
        }

        fn record(&self, netuid: Netuid, hotkey: AccountId) -> Commits {
            let known = self.configuration().and_then(|config| config.peers.hotkey(hotkey));
            known.map(|known| self.commits_of(netuid, known.id)).unwrap_or_default()
        }

        fn configuration(&self) -> Result<Config> {
            self.config.clone().ok_or(IncentiveError::NotWired)
        }

        /// The peers, unless the contract is paused: what every message that changes something begins with.
        fn unpaused(&self) -> Result<Peers> {
            let config = self.configuration()?;
            if self.env().block_timestamp() < config.paused_until {
                return Err(IncentiveError::Paused);
            }
            Ok(config.peers)
        }

        /// The configuration, if governance calls.
        fn governed(&self) -> core::result::Result<Config, UpkeepError> {
            self.config
                .clone()
                .filter(|config| self.env().caller() == config.peers.governance)
                .ok_or(UpkeepError::NotGovernance)
        }
    }

    impl Upgradable for Incentive {
        /// Exchanges the contract's code for uploaded code with this hash; storage, balances and address stay. Only
        /// governance. Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> core::result::Result<(), UpkeepError> {
            self.governed()?;
            exchange_code(code_hash)
        }
    }

    impl Pausable for Incentive {
        /// Refuses every message that changes something until `until_ms` (chain time), 7 days from now at most; a time that
        /// is not in the future ends the pause. Only governance. Errors: `NotGovernance`, `PauseTooLong`.
        #[ink(message)]
        #[inline(never)]
        fn pause(&mut self, until_ms: u64) -> core::result::Result<(), UpkeepError> {
            let mut config = self.governed()?;
            check_pause(self.env().block_timestamp(), until_ms)?;
            config.paused_until = until_ms;
            self.config = Some(config);
            self.env().emit_event(Paused { until_ms });
            Ok(())
        }
    }
}
