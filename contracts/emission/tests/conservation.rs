//! No order of events creates, loses or misdirects a rao: random histories of a network, its books checked at each step.

use emission::{
    ledger::Accounts,
    network::Network,
    payment::{settle, Purse},
};
use inktensor_primitives::emission::RewardSplit;
use proptest::prelude::*;
use std::collections::BTreeMap;

const SUBNETS: u16 = 4;
const UIDS: u16 = 5;

#[derive(Debug, Clone)]
enum Step {
    /// The token issues.
    Issue(u64),
    /// A subnet takes part, in the place of an earlier one of its netuid.
    Admit(u16),
    /// A subnet is dissolved and retired.
    Retire(u16),
    /// The root weighs the subnets.
    Turn(Vec<u64>),
    /// An epoch of a subnet with that many uids.
    Pay { netuid: u16, split: [u16; 3], shares: Vec<(u64, u64)> },
    /// A uid is another's from now on.
    Replace { netuid: u16, uid: u16 },
    /// A registration draws what it is owed, wherever it is written.
    Claim { netuid: u16, registration: u32 },
    /// A subnet's owner draws.
    ClaimOwner(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let netuid = || 1..=SUBNETS;
    let share = prop_oneof![Just(0), 0u64..10, Just(1 << 32)];
    prop_oneof![
        3 => prop_oneof![0u64..10, 0u64..10_000_000_000].prop_map(Step::Issue),
        2 => netuid().prop_map(Step::Admit),
        1 => netuid().prop_map(Step::Retire),
        1 => prop::collection::vec(prop_oneof![Just(0), 0u64..1 << 30], usize::from(SUBNETS)).prop_map(Step::Turn),
        4 => (netuid(), prop::array::uniform3(0u16..=3_333), prop::collection::vec((share.clone(), share), 0..usize::from(UIDS)))
            .prop_map(|(netuid, split, shares)| Step::Pay { netuid, split, shares }),
        2 => (netuid(), 0..UIDS).prop_map(|(netuid, uid)| Step::Replace { netuid, uid }),
        2 => (netuid(), 1u32..20).prop_map(|(netuid, registration)| Step::Claim { netuid, registration }),
        1 => netuid().prop_map(Step::ClaimOwner),
    ]
}

/// What the registry knows of one netuid.
#[derive(Debug, Clone)]
struct Seats {
    tenants: Vec<u32>,
    registrations: u32,
}

impl Default for Seats {
    fn default() -> Self {
        Self { tenants: (1..=u32::from(UIDS)).collect(), registrations: u32::from(UIDS) }
    }
}

#[derive(Debug, Default)]
struct World {
    network: Network,
    generations: u32,
    purses: BTreeMap<u16, Purse>,
    seats: BTreeMap<u16, Seats>,
    accounts: BTreeMap<u16, Accounts>,
    departed: BTreeMap<(u16, u32), u64>,
    /// What each registration earned and was paid.
    earned: BTreeMap<(u16, u32), u64>,
    drawn: BTreeMap<(u16, u32), u64>,
    /// Rao that the contract holds.
    balance: u64,
}

impl World {
    fn apply(&mut self, step: Step) {
        match step {
            Step::Issue(issued) => {
                self.network.receive(issued).unwrap();
                self.balance += issued;
            }
            Step::Admit(netuid) => {
                self.retire(netuid);
                self.generations += 1;
                self.network.admit(netuid, self.generations).unwrap();
            }
            Step::Retire(netuid) => self.retire(netuid),
            Step::Turn(shares) => self.network.weigh(&shares[..self.network.netuids.len()]),
            Step::Pay { netuid, split: [miners, validators, owner], shares } => {
                let Some(at) = self.network.place(netuid) else { return };
                let split = RewardSplit { miners, validators, reserve: 10_000 - miners - validators - owner, owner };
                let purse = self.purses.entry(netuid).or_default();
                let (miner_shares, validator_shares): (Vec<u64>, Vec<u64>) = shares.into_iter().unzip();
                let payment = settle(&mut self.network, at, purse, split, &miner_shares, &validator_shares).unwrap();
                let tenants = &self.seats.entry(netuid).or_default().tenants[..miner_shares.len()];
                let departed = &mut self.departed;
                let accounts = self.accounts.entry(netuid).or_default();
                accounts
                    .credit(tenants, &payment.miners, |tenant, owed| {
                        *departed.entry((netuid, tenant)).or_default() += owed;
                        Some(())
                    })
                    .unwrap();
                for (tenant, paid) in tenants.iter().zip(&payment.miners) {
                    *self.earned.entry((netuid, *tenant)).or_default() += paid;
                }
                self.balance -= payment.to_validators + payment.reserve;
            }
            Step::Replace { netuid, uid } => {
                let seats = self.seats.entry(netuid).or_default();
                seats.registrations += 1;
                seats.tenants[usize::from(uid)] = seats.registrations;
            }
            Step::Claim { netuid, registration } => {
                let accounts = self.accounts.entry(netuid).or_default();
                let present: u64 = (0..UIDS).map(|uid| accounts.draw(uid, registration)).sum();
                let drawn = present + self.departed.remove(&(netuid, registration)).unwrap_or(0);
                *self.drawn.entry((netuid, registration)).or_default() += drawn;
                self.balance -= drawn;
            }
            Step::ClaimOwner(netuid) => {
                self.balance -= std::mem::take(&mut self.purses.entry(netuid).or_default().owner_owed);
            }
        }
    }

    fn retire(&mut self, netuid: u16) {
        if let Some(at) = self.network.place(netuid) {
            let purse = self.purses.remove(&netuid).unwrap_or_default();
            self.network.retire(at, purse.carries().unwrap()).unwrap();
            self.balance -= purse.owner_owed;
        }
    }

    fn check(&self) {
        let waiting = self.network.carry
            + self.network.pending.iter().sum::<u64>()
            + self.purses.values().map(|purse| purse.carries().unwrap()).sum::<u64>();
        let books = &self.network.books;
        assert_eq!(
            books.issued,
            waiting + books.miners + books.validators + books.reserve + books.owners,
            "the books do not balance"
        );
        let owed = |(netuid, tenant): &(u16, u32)| {
            let accounts = &self.accounts[netuid];
            let present: u64 = (0..UIDS).map(|uid| accounts.owed(uid, *tenant)).sum();
            present + self.departed.get(&(*netuid, *tenant)).copied().unwrap_or(0)
        };
        for (registration, earned) in &self.earned {
            let drawn = self.drawn.get(registration).copied().unwrap_or(0);
            assert_eq!(*earned, drawn + owed(registration), "registration {registration:?} has not got its own");
        }
        let owed_to_owners: u64 = self.purses.values().map(|purse| purse.owner_owed).sum();
        let owed_to_miners: u64 = self.earned.keys().map(owed).sum();
        assert_eq!(self.balance, waiting + owed_to_miners + owed_to_owners, "the contract cannot pay what it owes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_issued_rao_is_paid_owed_or_waits(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::default();
        for step in steps {
            world.apply(step);
            world.check();
        }
    }
}
