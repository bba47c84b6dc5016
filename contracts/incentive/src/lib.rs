//! The incentive contract: it takes the weights of validators, turns epochs and divides the emission.
//!
//! Storage and messages are here; each message says who may call it, what it takes and which errors it has. What they
//! decide is decided in the modules beside: [`commits`] (commit and reveal), [`weights`] (what a row must satisfy),
//! [`entries`] (how it is stored), [`turn`] (one epoch of Yuma), [`payment`] (the division, to the last rao), [`network`]
//! (emission between subnets), [`ledger`] (what miners are owed), [`memory`] (what one epoch leaves to the next),
//! [`standings`] (what it said of each neuron), [`peers`] (calls to the other contracts).
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects))]

pub mod commits;
pub mod entries;
pub mod ledger;
pub mod memory;
pub mod network;
pub mod payment;
pub mod peers;
pub mod standings;
pub mod turn;
pub mod weights;

/// The incentive contract.
#[ink::contract]
pub mod incentive {
    use crate::{
        commits::Commits,
        ledger::Ledger,
        memory::Memory,
        network::Network,
        payment,
        peers::Peers,
        turn::{self, Turn},
        weights::{self, WeightRow},
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        commitment::{Commitment, Salt},
        incentive::{
            Books, Claimed, EpochTurned, IncentiveError, NeuronStanding, RewardSplit, SplitSet, SubnetActivated,
            SubnetEmission, WeightCommit, WeightsCommitted, WeightsRevealed,
        },
        limits::PAGE,
        registry::Neuron,
        Netuid, RegistrationId, Uid, WeightEntry,
    };

    type Result<T> = core::result::Result<T, IncentiveError>;

    /// Part of emission of a subnet until root weights divide it: every active subnet gets as much.
    const EQUAL_WEIGHT: u16 = 1;

    /// What seldom changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Config {
        /// The other contracts.
        pub peers: Peers,
        /// Division of emission.
        pub split: RewardSplit,
    }

    /// Storage. Every cell has a key of its own, so that code can be exchanged without moving data.
    #[ink(storage)]
    pub struct Incentive {
        config: Lazy<Config, ManualKey<0x494e_4301>>,
        network: Lazy<Network, ManualKey<0x494e_4302>>,
        subnets: Mapping<Netuid, SubnetEmission, ManualKey<0x494e_4303>>,
        commits: Mapping<(Netuid, AccountId), Commits, ManualKey<0x494e_4304>>,
        memory: Memory,
        ledger: Ledger,
    }

    impl Incentive {
        /// Deploys the contract beside its peers. The token, the registry and the staking contract must then be wired
        /// to it by whoever deployed them. The split is 50 % miners, 25 % validators, 25 % reserve.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId, registry: AccountId, staking: AccountId) -> Self {
            let mut config = Lazy::new();
            config.set(&Config {
                peers: Peers { token, registry, staking, governance },
                split: RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 },
            });
            let mut network = Lazy::new();
            network.set(&Network::default());
            Self {
                config,
                network,
                subnets: Mapping::new(),
                commits: Mapping::new(),
                memory: Memory::default(),
                ledger: Ledger::default(),
            }
        }

        /// Lets a subnet take part in emission once its owner has started it. Anyone may call.
        /// Errors: `UnknownSubnet`, `NotStarted`, `AlreadyActive`.
        #[ink(message)]
        pub fn activate(&mut self, netuid: Netuid) -> Result<()> {
            let config = self.configuration()?;
            if self.subnets.contains(netuid) {
                return Err(IncentiveError::AlreadyActive);
            }
            config.peers.terms(netuid)?.started_ms.ok_or(IncentiveError::NotStarted)?;
            let mut network = self.issued(&config.peers)?;
            network.admit(EQUAL_WEIGHT).ok_or(IncentiveError::Overflow)?;
            self.subnets.insert(
                netuid,
                &SubnetEmission {
                    epoch_began_ms: self.env().block_timestamp(),
                    epoch_began_block: self.env().block_number(),
                    weight: EQUAL_WEIGHT,
                    index: network.index,
                    ..Default::default()
                },
            );
            self.network.set(&network);
            self.env().emit_event(SubnetActivated { netuid, weight: EQUAL_WEIGHT });
            Ok(())
        }

        /// Commits weights by hash, to be revealed `reveal_period` epochs later. Called by a registered hotkey; whether
        /// it has a permit is asked at the reveal.
        /// Errors: `NotActive`, `UnknownSubnet`, `NotRegistered`, `NotEnoughStake`, `CommitRateLimited`,
        /// `TooManyCommits`.
        #[ink(message)]
        pub fn commit_weights(&mut self, netuid: Netuid, hash: Hash) -> Result<()> {
            let peers = self.configuration()?.peers;
            let hotkey = self.env().caller();
            let epoch = self.subnet(netuid)?.epoch;
            let rules = peers.terms(netuid)?.hyperparameters;
            peers.seat(netuid, hotkey)?;
            self.check_stake(&peers, hotkey, rules.stake_threshold)?;
            let mut commits = self.commits_of(netuid, hotkey);
            let commit = WeightCommit {
                hash,
                epoch,
                block: self.env().block_number(),
                committed_ms: self.env().block_timestamp(),
            };
            commits.add(commit, u64::from(rules.reveal_period), rules.weights_set_rate_limit)?;
            self.commits.insert((netuid, hotkey), &commits);
            self.env().emit_event(WeightsCommitted { netuid, hotkey, epoch, hash });
            Ok(())
        }

        /// Reveals weights that the caller committed in `epoch`: (uid, registration id, weight) each, uids ascending.
        /// They count from the next turn of the epoch. A weight whose uid has another tenant by now is dropped.
        /// Errors: `NotActive`, `UnknownSubnet`, `NotRegistered`, `NotEnoughStake`, `NoPermit`, `RevealMismatch`,
        /// `RevealTooEarly`, `RevealExpired`, `VersionTooOld`, `TooManyWeights`, `TooFewWeights`, `UidOutOfRange`,
        /// `UidsNotAscending`, `MaxWeightExceeded`.
        #[ink(message)]
        pub fn reveal_weights(
            &mut self,
            netuid: Netuid,
            epoch: u64,
            weights: Vec<WeightEntry>,
            version_key: u64,
            transcript: Hash,
            salt: Salt,
        ) -> Result<()> {
            let peers = self.configuration()?.peers;
            let hotkey = self.env().caller();
            let subnet = self.subnet(netuid)?;
            let terms = peers.terms(netuid)?;
            let rules = &terms.hyperparameters;
            let seat = peers.seat(netuid, hotkey)?;
            let registration_id = seat.neuron.registration_id;
            if version_key < rules.weights_version_key {
                return Err(IncentiveError::VersionTooOld);
            }
            weights::check(&weights, terms.neurons, rules)?;
            self.check_stake(&peers, hotkey, rules.stake_threshold)?;
            let standings = self.memory.standings(netuid);
            if !standings.permit(seat.uid, registration_id) && terms.owner_hotkey != Some(hotkey) {
                return Err(IncentiveError::NoPermit);
            }
            let commitment = Commitment {
                contract: self.env().account_id(),
                netuid,
                epoch,
                hotkey,
                weights,
                version_key,
                transcript,
                salt,
            };
            let mut commits = self.commits_of(netuid, hotkey);
            let commit = commits.reveal(commitment.hash(), subnet.epoch, u64::from(rules.reveal_period))?;
            let neurons = peers.neurons(netuid, terms.neurons)?;
            let (settled, dropped) = weights::settle(&commitment.weights, &neurons);
            self.commits.insert((netuid, hotkey), &commits);
            self.memory.keep_weights(
                netuid,
                seat.uid,
                &WeightRow { registration_id, committed_ms: commit.committed_ms, weights: settled },
            );
            self.env().emit_event(WeightsRevealed { netuid, uid: seat.uid, epoch, transcript, dropped });
            Ok(())
        }

        /// Ends the running epoch when its time is over: runs Yuma on the revealed weights and divides the emission.
        /// Anyone may call. Miners are credited and draw with `claim`; validators' dividends go to their pools.
        /// Errors: `NotActive`, `UnknownSubnet`, `EpochNotDue`, `InconsistentRegistry`, `Overflow`, and those of the peers.
        #[ink(message)]
        pub fn run_epoch(&mut self, netuid: Netuid) -> Result<()> {
            let config = self.configuration()?;
            let peers = &config.peers;
            let mut subnet = self.subnet(netuid)?;
            let terms = peers.terms(netuid)?;
            let now_ms = self.env().block_timestamp();
            if now_ms < subnet.epoch_began_ms.saturating_add(terms.hyperparameters.tempo) {
                return Err(IncentiveError::EpochNotDue);
            }
            let network = self.issued(peers)?;
            network.book(&mut subnet).ok_or(IncentiveError::Overflow)?;

            let neurons = peers.neurons(netuid, terms.neurons)?;
            let stakes = peers.stakes(neurons.iter().map(|neuron| neuron.hotkey).collect())?;
            let standings = self.memory.standings(netuid);
            let permits: Vec<bool> = (0..)
                .zip(&neurons)
                .map(|(uid, neuron)| {
                    standings.permit(uid, neuron.registration_id) || terms.owner_hotkey == Some(neuron.hotkey)
                })
                .collect();
            let weights = self.memory.permitted(netuid, &neurons, &permits);
            let bonds = self.memory.bonds(netuid);
            let mut outcome = Turn {
                terms: &terms,
                neurons: &neurons,
                stakes: &stakes,
                permits: &permits,
                weights: &weights,
                bonds: &bonds,
                began_ms: subnet.epoch_began_ms,
                now_ms,
            }
            .run()?;

            // Dividends are for those whose weights count, also where stake stands in for weights that no one set.
            for (share, permit) in outcome.validator_share.iter_mut().zip(&permits) {
                if !permit {
                    *share = 0;
                }
            }
            let payment = payment::divide(&subnet, config.split, &outcome.incentive_share, &outcome.validator_share)?;
            let (standings, bonds) = turn::settle(outcome, &neurons);
            self.memory.keep(netuid, &standings, bonds);
            self.close(netuid, config.peers, network, subnet, &neurons, payment)
        }

        /// Pays a miner's hotkey what it is owed, to its coldkey; the amount in rao. Anyone may call.
        /// Errors: `NotRegistered`, `NothingToClaim`, and those of the peers.
        #[ink(message)]
        pub fn claim(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let peers = self.configuration()?.peers;
            let seat = peers.seat(netuid, hotkey)?;
            let amount = self.ledger.draw(netuid, seat.uid, seat.neuron.registration_id);
            self.pay(&peers, netuid, seat.neuron.coldkey, amount)
        }

        /// Pays what was owed to a registration whose uid was taken since, to the coldkey it was for; the amount in rao.
        /// Anyone may call. Errors: `NothingToClaim`, `NotRegistered`, and those of the peers.
        #[ink(message)]
        pub fn claim_departed(&mut self, netuid: Netuid, registration_id: RegistrationId) -> Result<Balance> {
            let peers = self.configuration()?.peers;
            let amount = self.ledger.draw_departed(netuid, registration_id);
            let coldkey = peers.registrant(netuid, registration_id)?;
            self.pay(&peers, netuid, coldkey, amount)
        }

        /// Pays the subnet's owner what it is owed by the split; the amount in rao. Anyone may call.
        /// Errors: `NotActive`, `UnknownSubnet`, `NothingToClaim`, and those of the peers.
        #[ink(message)]
        pub fn claim_owner(&mut self, netuid: Netuid) -> Result<Balance> {
            let peers = self.configuration()?.peers;
            let mut subnet = self.subnet(netuid)?;
            let amount = core::mem::take(&mut subnet.owner_owed);
            self.subnets.insert(netuid, &subnet);
            let owner = peers.terms(netuid)?.owner;
            self.pay(&peers, netuid, owner, amount)
        }

        /// Changes the split, in basis points that sum to 10,000. Only governance.
        /// Errors: `NotGovernance`, `InvalidSplit`.
        #[ink(message)]
        pub fn set_split(&mut self, miners: u16, validators: u16, reserve: u16, owner: u16) -> Result<()> {
            let mut config = self.configuration()?;
            if self.env().caller() != config.peers.governance {
                return Err(IncentiveError::NotGovernance);
            }
            let split = RewardSplit { miners, validators, reserve, owner };
            payment::checked(split)?;
            config.split = split;
            self.config.set(&config);
            self.env().emit_event(SplitSet { split });
            Ok(())
        }

        /// The split, in basis points.
        #[ink(message)]
        pub fn split(&self) -> Result<RewardSplit> {
            Ok(self.configuration()?.split)
        }

        /// Addresses of the other contracts.
        #[ink(message)]
        pub fn peers(&self) -> Result<Peers> {
            Ok(self.configuration()?.peers)
        }

        /// Where a subnet's emission stands; nothing if it takes no part in it.
        #[ink(message)]
        pub fn emission(&self, netuid: Netuid) -> Option<SubnetEmission> {
            self.subnets.get(netuid)
        }

        /// Chain time in ms from which `run_epoch` may be called. Errors: `NotActive`, `UnknownSubnet`.
        #[ink(message)]
        pub fn next_epoch_ms(&self, netuid: Netuid) -> Result<u64> {
            let tempo = self.configuration()?.peers.terms(netuid)?.hyperparameters.tempo;
            Ok(self.subnet(netuid)?.epoch_began_ms.saturating_add(tempo))
        }

        /// Commits of a hotkey that wait for their reveal, oldest first.
        #[ink(message)]
        pub fn commits(&self, netuid: Netuid, hotkey: AccountId) -> Vec<WeightCommit> {
            self.commits_of(netuid, hotkey).waiting
        }

        /// Weights that stand for a uid: (uid, weight) each, the highest 65,535.
        #[ink(message)]
        pub fn weights(&self, netuid: Netuid, uid: Uid) -> Vec<(Uid, u16)> {
            self.memory.weights(netuid, uid).map(|row| row.weights.pairs()).unwrap_or_default()
        }

        /// Bonds that stand for a uid: (uid, bond) each.
        #[ink(message)]
        pub fn bonds(&self, netuid: Netuid, uid: Uid) -> Vec<(Uid, u16)> {
            self.memory
                .bonds(netuid)
                .into_iter()
                .find(|row| row.uid == uid)
                .map(|row| row.bonds.pairs())
                .unwrap_or_default()
        }

        /// Up to 64 neurons with what the last epoch said of them: those of uids `64 * page` onward.
        /// Errors: those of the peers.
        #[ink(message)]
        pub fn metagraph(&self, netuid: Netuid, page: u16) -> Result<Vec<NeuronStanding>> {
            let peers = self.configuration()?.peers;
            let neurons = peers.page(netuid, page)?;
            let stakes = peers.stakes(neurons.iter().map(|neuron| neuron.hotkey).collect())?;
            let accounts = self.ledger.page(netuid, page);
            Ok(self.memory.standings(netuid).describe(page.saturating_mul(PAGE), &neurons, &stakes, &accounts))
        }

        /// What a hotkey is owed as a miner, in rao. Errors: `NotRegistered`, and those of the peers.
        #[ink(message)]
        pub fn owed(&self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let seat = self.configuration()?.peers.seat(netuid, hotkey)?;
            Ok(Balance::from(self.ledger.owed(netuid, seat.uid, seat.neuron.registration_id)))
        }

        /// What became of all that was issued, in rao.
        #[ink(message)]
        pub fn books(&self) -> Books {
            self.network.get_or_default().books
        }

        /// Issued and not yet booked to any subnet, in rao.
        #[ink(message)]
        pub fn network_carry(&self) -> Balance {
            Balance::from(self.network.get_or_default().carry)
        }

        /// Stores an epoch's division and pays it out.
        fn close(
            &mut self,
            netuid: Netuid,
            peers: Peers,
            mut network: Network,
            mut subnet: SubnetEmission,
            neurons: &[Neuron],
            payment: payment::Payment,
        ) -> Result<()> {
            let ended = subnet.epoch;
            let (miners, validators) = (payment::total(&payment.miners), payment::total(&payment.validators));
            self.ledger.credit(netuid, neurons, &payment.miners).ok_or(IncentiveError::Overflow)?;

            // No sum of parts can pass the sum of all that was issued, which is checked.
            subnet.epoch = subnet.epoch.saturating_add(1);
            subnet.epoch_began_ms = self.env().block_timestamp();
            subnet.epoch_began_block = self.env().block_number();
            subnet.pending = 0;
            subnet.carry_miners = payment.carry_miners;
            subnet.carry_validators = payment.carry_validators;
            subnet.owner_owed = subnet.owner_owed.saturating_add(payment.owner);
            self.subnets.insert(netuid, &subnet);

            let books = &mut network.books;
            books.miners = books.miners.saturating_add(miners);
            books.validators = books.validators.saturating_add(validators);
            books.reserve = books.reserve.saturating_add(payment.reserve);
            books.owners = books.owners.saturating_add(payment.owner);
            self.network.set(&network);

            let paid: Vec<u64> = payment
                .miners
                .iter()
                .zip(&payment.validators)
                .map(|(miner, validator)| miner.saturating_add(*validator))
                .collect();
            let mut dividends = Vec::new();
            for (neuron, amount) in neurons.iter().zip(&payment.validators) {
                if *amount > 0 {
                    dividends.push((neuron.hotkey, *amount));
                }
            }
            peers.distribute(dividends, validators)?;
            peers.send(peers.governance, payment.reserve)?;
            peers.record(netuid, paid.clone())?;
            self.env().emit_event(EpochTurned {
                netuid,
                epoch: ended,
                emission: payment.emission,
                miners,
                validators,
                reserve: payment.reserve,
                owner: payment.owner,
                carry: payment.carry_miners.saturating_add(payment.carry_validators),
                paid,
            });
            Ok(())
        }

        /// Pays out what was owed and has been taken off the books already.
        fn pay(&mut self, peers: &Peers, netuid: Netuid, coldkey: AccountId, amount: u64) -> Result<Balance> {
            if amount == 0 {
                return Err(IncentiveError::NothingToClaim);
            }
            peers.send(coldkey, amount)?;
            self.env().emit_event(Claimed { netuid, coldkey, amount });
            Ok(Balance::from(amount))
        }

        fn check_stake(&self, peers: &Peers, hotkey: AccountId, threshold: u64) -> Result<()> {
            if threshold > 0 {
                let stakes = peers.stakes(ink::prelude::vec![hotkey])?;
                if stakes.first().copied().unwrap_or(0) < threshold {
                    return Err(IncentiveError::NotEnoughStake);
                }
            }
            Ok(())
        }

        /// The network, with what the token has due by now.
        fn issued(&self, peers: &Peers) -> Result<Network> {
            let mut network = self.network.get_or_default();
            network.receive(peers.issue()?).ok_or(IncentiveError::Overflow)?;
            Ok(network)
        }

        fn commits_of(&self, netuid: Netuid, hotkey: AccountId) -> Commits {
            self.commits.get((netuid, hotkey)).unwrap_or_default()
        }

        fn configuration(&self) -> Result<Config> {
            self.config.get().ok_or(IncentiveError::NotActive)
        }

        fn subnet(&self, netuid: Netuid) -> Result<SubnetEmission> {
            self.subnets.get(netuid).ok_or(IncentiveError::NotActive)
        }
    }
}
