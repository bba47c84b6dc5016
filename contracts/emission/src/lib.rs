//! The emission contract: it takes what the token issues, divides it between subnets and within each, and pays it out.
//!
//! Storage and messages are here; each message says who may call it, what it takes and which errors it has. What they
//! decide is decided in the modules beside: [`network`] (emission between subnets), [`root`] (whose weights divide it),
//! [`payment`] (the division within a subnet, to the last rao), [`ledger`] (what miners are owed), `claims` (how what is
//! owed is paid), [`config`] (what seldom changes, and who may call), [`peers`] (calls to the other contracts).
//!
//! The contract's TAO is the network's carry, what subnets have pending and carry, and what miners and owners are owed;
//! it is more only by what somebody sent here. While the contract is paused nothing of it moves, claims included: the
//! fault for which it is paused may lie in what it says is owed, and no pause outlasts 7 days.
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

mod claims;
pub mod config;
pub mod ledger;
pub mod network;
pub mod payment;
pub mod peers;
pub mod root;
#[cfg(test)]
mod tests;

pub use self::emission::{Emission, EmissionRef};

/// The contract.
#[ink::contract]
pub mod emission {
    use crate::{
        config::Config,
        ledger::Ledger,
        network::Network,
        payment::{self, Payment, Purse},
        peers::Peers,
        root::{self, Root},
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        answer::settled,
        emission::{
            Books, EmissionError, EpochPaid, Payroll, RewardSplit, RootJoined, RootRow, RootTurned, RootWeightsSet,
            SplitSet, SubnetAdmitted, SubnetEmission, SubnetRetired, ROOT_TEMPO_MS,
        },
        limits::MAX_UIDS,
        upkeep::{check_pause, exchange_code, Pausable, Paused, Upgradable, UpkeepError},
        HotkeyId, Netuid, RegistrationId,
    };

    type Result<T> = core::result::Result<T, EmissionError>;

    /// Storage. Every cell has a key of its own, so that code can be exchanged without moving data.
    #[ink(storage)]
    pub struct Emission {
        pub(crate) config: Lazy<Config, ManualKey<0x454d_4901>>,
        pub(crate) network: Lazy<Network, ManualKey<0x454d_4902>>,
        pub(crate) purses: Mapping<Netuid, Purse, ManualKey<0x454d_4903>>,
        pub(crate) ledger: Ledger,
        pub(crate) root: Root,
    }

    impl Emission {
        /// Deploys the contract beside its peers. Token and staking must then be wired to it, and it to the incentive
        /// contract, by whoever deployed them. The split is 50 % miners, 25 % validators, 25 % reserve.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId, registry: AccountId, staking: AccountId) -> Self {
            let mut config = Lazy::new();
            config.set(&Config {
                deployer: Self::env().caller(),
                peers: Peers { governance, token, registry, staking, incentive: None },
                split: RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 },
                paused_until_ms: 0,
            });
            Self {
                config,
                network: Lazy::new(),
                purses: Mapping::new(),
                ledger: Ledger::default(),
                root: Root::default(),
            }
        }

        /// Names the incentive contract. Only the deployer, once. Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        #[inline(never)]
        pub fn wire(&mut self, incentive: AccountId) -> Result<()> {
            let mut config = self.configuration()?;
            if self.env().caller() != config.deployer {
                return Err(EmissionError::NotAuthorised);
            }
            if config.peers.incentive.is_some() {
                return Err(EmissionError::AlreadyWired);
            }
            config.peers.incentive = Some(incentive);
            self.config.set(&config);
            Ok(())
        }

        /// Pays a miner's hotkey what it is owed, to its coldkey; the amount in rao. Anyone may call. A hotkey that lost
        /// its uid, or whose subnet was dissolved, is paid by `claim_departed`.
        /// Errors: `Paused`, `NotRegistered`, `NothingToClaim`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn claim(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let peers = self.unpaused()?.peers;
            let seat = peers.seat(netuid, hotkey)?;
            let amount = self.ledger.draw(netuid, seat.uid, seat.neuron.registration_id);
            settled(self.pay_claim(&peers, netuid, seat.neuron.coldkey, amount))
        }

        /// Pays what is owed to a registration, also after its uid was taken or its subnet was dissolved, to the coldkey
        /// it was for; the amount in rao. Anyone may call.
        /// Errors: `Paused`, `NothingToClaim`, `NotRegistered`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn claim_departed(&mut self, netuid: Netuid, registration_id: RegistrationId) -> Result<Balance> {
            let peers = self.unpaused()?.peers;
            let amount = self.ledger.draw_for(netuid, registration_id);
            if amount == 0 {
                return Err(EmissionError::NothingToClaim);
            }
            let coldkey = peers.registrant(netuid, registration_id)?;
            settled(self.pay_claim(&peers, netuid, coldkey, amount))
        }

        /// Pays a subnet's owner what it is owed by the split; the amount in rao. Anyone may call. What is owed when the
        /// subnet is dissolved, `retire` pays.
        /// Errors: `Paused`, `NotActive`, `NothingToClaim`, `UnknownSubnet`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn claim_owner(&mut self, netuid: Netuid) -> Result<Balance> {
            let peers = self.unpaused()?.peers;
            self.pay_owner(&peers, netuid)
        }

        /// Ends the emission of a dissolved subnet: what it had pending or carried goes back to the network, and its last
        /// owner is paid what it is owed. Returns what went back, in rao. Anyone may call; miners' claims stay.
        /// Errors: `Paused`, `NotActive`, `NotDissolved`, `Overflow`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn retire(&mut self, netuid: Netuid) -> Result<Balance> {
            let peers = self.unpaused()?.peers;
            let mut network = self.network();
            let generation = network.generation(netuid).ok_or(EmissionError::NotActive)?;
            if peers.life(netuid)?.is_some_and(|life| life.generation == generation) {
                return Err(EmissionError::NotDissolved);
            }
            let (returned, purse) = self.end(&mut network, netuid)?;
            self.network.set(&network);
            self.pay_former(&peers, netuid, &purse)?;
            Ok(Balance::from(returned))
        }

        /// Changes the split, in basis points that sum to 10,000. Only governance.
        /// Errors: `Paused`, `NotGovernance`, `InvalidSplit`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_split(&mut self, miners: u16, validators: u16, reserve: u16, owner: u16) -> Result<()> {
            let mut config = self.unpaused()?;
            if self.env().caller() != config.peers.governance {
                return Err(EmissionError::NotGovernance);
            }
            let split = RewardSplit { miners, validators, reserve, owner };
            payment::checked(split)?;
            config.split = split;
            self.config.set(&config);
            self.env().emit_event(SplitSet { split });
            Ok(())
        }

        /// Makes the calling hotkey a member of the root: it takes a free place, or that of the member with the least
        /// stake if it has more. Errors: `Paused`, `NotRegistered` where nobody owns the hotkey, `AlreadyRootMember`,
        /// `NotEnoughStake`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn join_root(&mut self) -> Result<()> {
            let peers = self.unpaused()?.peers;
            let hotkey = self.env().caller();
            let number = peers.number(hotkey)?;
            let mut members = self.root.members();
            members.check_stranger(number)?;
            let mut stakes = Vec::new();
            if members.full() {
                let mut asked = members.hotkeys.clone();
                asked.push(number);
                stakes = peers.root_stakes(asked)?;
            }
            let replaced = members.join(number, &stakes)?;
            if let Some(replaced) = replaced {
                self.root.forget(replaced);
            }
            self.root.set_members(&members);
            self.env().emit_event(RootJoined { hotkey, replaced });
            Ok(())
        }

        /// Sets the calling root member's weights of subnets: `netuids` ascending, `weights` beside them, of which only
        /// ratios matter. They replace those set before and count from the next `turn_root`; none at all abstain.
        /// Errors: `Paused`, `MalformedWeights`, `NotRegistered`, `NotRootMember`, `RootRateLimited`, `NotActive`, and
        /// those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn set_root_weights(&mut self, netuids: Vec<Netuid>, weights: Vec<u16>) -> Result<()> {
            let peers = self.unpaused()?.peers;
            root::check(&netuids, &weights)?;
            let hotkey = self.env().caller();
            let number = peers.number(hotkey)?;
            self.root.members().check_member(number)?;
            let now_ms = self.env().block_timestamp();
            root::check_rate(self.root.row(number).as_ref(), now_ms)?;
            let row = root::row(&self.network(), netuids, weights, now_ms)?;
            self.root.set_row(number, &row);
            self.env().emit_event(RootWeightsSet { hotkey, netuids: row.netuids, weights: row.weights });
            Ok(())
        }

        /// Divides emission between subnets by the root's weights from now on; what was issued up to now is divided by the
        /// weights before. Anyone may call, once a day. A subnet that no member weighs gets nothing; but while less than a
        /// tenth of all stake stands behind root weights, all subnets weigh the same.
        /// Errors: `Paused`, `RootNotDue`, `Overflow`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn turn_root(&mut self) -> Result<()> {
            let peers = self.unpaused()?.peers;
            let mut members = self.root.members();
            let now_ms = self.env().block_timestamp();
            if now_ms < members.due_ms {
                return Err(EmissionError::RootNotDue);
            }
            let mut network = self.issued(&peers)?;
            let stakes = peers.root_stakes(members.hotkeys.clone())?;
            let shares = self.root.shares(&network, &members, &stakes, peers.all_stake()?);
            network.weigh(&shares);
            self.network.set(&network);
            members.due_ms = now_ms.saturating_add(ROOT_TEMPO_MS);
            self.root.set_members(&members);
            self.env().emit_event(RootTurned { netuids: network.netuids, weights: network.weights });
            Ok(())
        }

        /// The split, in basis points.
        #[ink(message)]
        #[inline(never)]
        pub fn split(&self) -> Result<RewardSplit> {
            Ok(self.configuration()?.split)
        }

        /// Addresses of the other contracts.
        #[ink(message)]
        #[inline(never)]
        pub fn peers(&self) -> Result<Peers> {
            Ok(self.configuration()?.peers)
        }

        /// Chain time in ms until which the contract refuses what changes something; the past if it is not paused.
        #[ink(message)]
        #[inline(never)]
        pub fn paused_until(&self) -> u64 {
            self.config.get().map_or(0, |config| config.paused_until_ms)
        }

        /// Where a subnet's emission stood when the token last issued; nothing if it takes no part in it.
        #[ink(message)]
        #[inline(never)]
        pub fn emission(&self, netuid: Netuid) -> Option<SubnetEmission> {
            let network = self.network();
            let at = network.place(netuid)?;
            let purse = self.purse(netuid);
            Some(SubnetEmission {
                weight: *network.weights.get(at)?,
                pending: *network.pending.get(at)?,
                carry_miners: purse.carry_miners,
                carry_validators: purse.carry_validators,
                owner_owed: purse.owner_owed,
            })
        }

        /// What a hotkey is owed as a miner, in rao. Errors: `NotRegistered`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn owed(&self, netuid: Netuid, hotkey: AccountId) -> Result<Balance> {
            let seat = self.configuration()?.peers.seat(netuid, hotkey)?;
            Ok(Balance::from(self.ledger.accounts(netuid).owed(seat.uid, seat.neuron.registration_id)))
        }

        /// What a registration is owed, also after its uid was taken or its subnet was dissolved, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn owed_departed(&self, netuid: Netuid, registration_id: RegistrationId) -> Balance {
            Balance::from(self.ledger.owed_to(netuid, registration_id))
        }

        /// What miners are owed, in columns by uid, 64 uids from `64 * page` on: the registration that each account is
        /// for, and rao. An account of a uid without a neuron, or with a later one, is a departed miner's.
        #[ink(message)]
        #[inline(never)]
        pub fn owed_page(&self, netuid: Netuid, page: u16) -> (Vec<RegistrationId>, Vec<u64>) {
            self.ledger.accounts(netuid).page(page)
        }

        /// What became of all that was issued, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn books(&self) -> Books {
            self.network().books
        }

        /// Issued and not yet any subnet's, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn network_carry(&self) -> Balance {
            Balance::from(self.network().carry)
        }

        /// Numbers of the root members' hotkeys, at most 64.
        #[ink(message)]
        #[inline(never)]
        pub fn root(&self) -> Vec<HotkeyId> {
            self.root.members().hotkeys
        }

        /// Weights that a root member has set. Errors: `NotRegistered`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        pub fn root_weights(&self, hotkey: AccountId) -> Result<Option<RootRow>> {
            Ok(self.root.row(self.configuration()?.peers.number(hotkey)?))
        }

        /// Chain time in ms from which `turn_root` may be called.
        #[ink(message)]
        #[inline(never)]
        pub fn next_root_ms(&self) -> u64 {
            self.root.members().due_ms
        }

        /// Takes a subnet out of the network's emission; what goes back to the network, and what else it leaves.
        fn end(&mut self, network: &mut Network, netuid: Netuid) -> Result<(u64, Purse)> {
            let at = network.place(netuid).ok_or(EmissionError::NotActive)?;
            let purse = self.purse(netuid);
            self.purses.remove(netuid);
            let returned = purse.carries().and_then(|carries| network.retire(at, carries));
            let returned = returned.ok_or(EmissionError::Overflow)?;
            self.env().emit_event(SubnetRetired { netuid, returned });
            Ok((returned, purse))
        }

        /// The network, with what the token has due by now.
        fn issued(&self, peers: &Peers) -> Result<Network> {
            let mut network = self.network();
            network.receive(peers.issue()?).ok_or(EmissionError::Overflow)?;
            Ok(network)
        }

        pub(crate) fn network(&self) -> Network {
            self.network.get_or_default()
        }

        pub(crate) fn purse(&self, netuid: Netuid) -> Purse {
            self.purses.get(netuid).unwrap_or_default()
        }
    }

    impl Payroll for Emission {
        /// Lets a subnet take part in emission from now on; what an earlier subnet of its netuid left goes back to the
        /// network. Only the incentive contract.
        /// Errors: `NotWired`, `NotIncentive`, `Paused`, `TooManySubnets`, `Overflow`, and those of the token.
        #[ink(message)]
        #[inline(never)]
        fn admit(&mut self, netuid: Netuid, generation: u32) -> Result<()> {
            let peers = self.called_by_incentive()?.peers;
            let former = self.network().generation(netuid);
            if former == Some(generation) {
                return Ok(());
            }
            let mut network = self.issued(&peers)?;
            let mut purse = Purse::default();
            if former.is_some() {
                (_, purse) = self.end(&mut network, netuid)?;
            }
            let weight = network.admit(netuid, generation)?;
            self.network.set(&network);
            self.env().emit_event(SubnetAdmitted { netuid, weight });
            self.pay_former(&peers, netuid, &purse)
        }

        /// Divides what a subnet has earned up to now, at the end of its epoch `epoch`, and pays it. Columns are in the order
        /// of uids; shares are of any common unit. Returns what each uid got, in rao. Only the incentive contract.
        /// Errors: `NotWired`, `NotIncentive`, `Paused`, `NotActive`, `WrongLength`, `Overflow`, and those of the peers.
        #[ink(message)]
        #[inline(never)]
        fn pay(
            &mut self,
            netuid: Netuid,
            epoch: u64,
            registration_ids: Vec<RegistrationId>,
            hotkeys: Vec<HotkeyId>,
            miner_shares: Vec<u64>,
            validator_shares: Vec<u64>,
        ) -> Result<Vec<u64>> {
            let Config { peers, split, .. } = self.called_by_incentive()?;
            let uids = registration_ids.len();
            let lengths = [hotkeys.len(), miner_shares.len(), validator_shares.len()];
            if uids > usize::from(MAX_UIDS) || lengths.iter().any(|length| *length != uids) {
                return Err(EmissionError::WrongLength);
            }
            let mut network = self.network();
            let at = network.place(netuid).ok_or(EmissionError::NotActive)?;
            network.receive(peers.issue()?).ok_or(EmissionError::Overflow)?;
            let mut purse = self.purse(netuid);
            let payment = payment::settle(&mut network, at, &mut purse, split, &miner_shares, &validator_shares)?;
            if payment.owner > 0 {
                purse.owner = peers.life(netuid)?.map(|life| life.owner).or(purse.owner);
            }
            let paid = payment.paid();
            self.ledger.credit(netuid, &registration_ids, &payment.miners).ok_or(EmissionError::Overflow)?;
            self.network.set(&network);
            self.purses.insert(netuid, &purse);

            let Payment { emission, to_miners, to_validators, reserve, owner, validators, .. } = payment;
            peers.distribute(netuid, hotkeys, validators, to_validators)?;
            peers.send(peers.governance, reserve)?;
            self.env().emit_event(EpochPaid {
                netuid,
                epoch,
                emission,
                miners: to_miners,
                validators: to_validators,
                reserve,
                owner,
                carry: purse.carry_miners.saturating_add(purse.carry_validators),
                paid: paid.clone(),
            });
            settled(Ok(paid))
        }
    }

    impl Upgradable for Emission {
        /// Exchanges the contract's code for uploaded code with this hash; storage, balances and address stay. Only
        /// governance. Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> core::result::Result<(), UpkeepError> {
            self.called_by_governance()?;
            exchange_code(code_hash)
        }
    }

    impl Pausable for Emission {
        /// Refuses every message that changes something until `until_ms` (chain time), 7 days from now at most; a time that
        /// is not in the future ends the pause. Only governance. Errors: `NotGovernance`, `PauseTooLong`.
        #[ink(message)]
        #[inline(never)]
        fn pause(&mut self, until_ms: u64) -> core::result::Result<(), UpkeepError> {
            let mut config = self.called_by_governance()?;
            check_pause(self.env().block_timestamp(), until_ms)?;
            config.paused_until_ms = until_ms;
            self.config.set(&config);
            self.env().emit_event(Paused { until_ms });
            Ok(())
        }
    }
}
