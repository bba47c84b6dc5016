//! What the last epoch said of a subnet's neurons, and how people see it.

use ink::prelude::vec::Vec;
use inktensor_consensus::EpochOutcome;
use inktensor_primitives::{incentive::NeuronStanding, registry::Neuron, RegistrationId, Uid};

const PERMIT: u8 = 1;
const ACTIVE: u8 = 2;

/// What the last epoch said of a subnet's neurons. Columns are in the order of uids and may be shorter than the subnet is
/// now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Standings {
    /// Tenancy that each uid had then.
    tenants: Vec<RegistrationId>,
    /// 1 for those whose weights count in the running epoch, plus 2 for the active.
    flags: Vec<u8>,
    /// Four columns of u16 proportions, one after the other: consensus, incentive, dividends, validator trust.
    proportions: Vec<u16>,
}

impl Standings {
    /// What an epoch decided of the tenants of a subnet.
    pub fn new(tenants: Vec<RegistrationId>, outcome: &EpochOutcome) -> Self {
        let flag =
            |(permit, active): (&bool, &bool)| (if *permit { PERMIT } else { 0 }) | (if *active { ACTIVE } else { 0 });
        Self {
            flags: outcome.validator_permit.iter().zip(&outcome.active).map(flag).collect(),
            proportions: [
                &outcome.consensus[..],
                &outcome.incentive[..],
                &outcome.dividends[..],
                &outcome.validator_trust[..],
            ]
            .concat(),
            tenants,
        }
    }

    /// Whether the present tenant of a uid holds a permit.
    pub fn permit(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.flag(PERMIT, uid, registration_id)
    }

    /// Whether each of the present tenants holds a permit; the owner's hotkey always does.
    pub fn permits(&self, tenants: &[RegistrationId], owner: Option<Uid>) -> Vec<bool> {
        (0..).zip(tenants).map(|(uid, tenant)| owner == Some(uid) || self.permit(uid, *tenant)).collect()
    }

    fn flag(&self, flag: u8, uid: Uid, registration_id: RegistrationId) -> bool {
        self.knows(uid, registration_id) && self.flags.get(usize::from(uid)).is_some_and(|flags| *flags & flag != 0)
    }

    /// What was said of a former tenant is not said of this one.
    fn knows(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.tenants.get(usize::from(uid)) == Some(&registration_id)
    }

    /// What was said of a tenant in each of the four columns.
    fn proportions(&self, uid: Uid, registration_id: RegistrationId) -> [u16; 4] {
        let mut column = self.proportions.iter().skip(usize::from(uid)).step_by(self.tenants.len().max(1));
        let known = self.knows(uid, registration_id);
        [(); 4].map(|()| column.next().copied().filter(|_| known).unwrap_or(0))
    }

    /// Rows of the metagraph from uid `first` onward: neurons and their stake in rao.
    pub fn describe(&self, first: Uid, neurons: &[Neuron], stakes: &[u64]) -> Vec<NeuronStanding> {
        let mut rows = Vec::with_capacity(neurons.len());
        for (uid, (neuron, stake)) in (first..).zip(neurons.iter().zip(stakes)) {
            let registration_id = neuron.registration_id;
            let [consensus, incentive, dividends, validator_trust] = self.proportions(uid, registration_id);
            rows.push(NeuronStanding {
                uid,
                hotkey: neuron.hotkey,
                coldkey: neuron.coldkey,
                registration_id,
                stake: *stake,
                permit: self.flag(PERMIT, uid, registration_id),
                active: self.flag(ACTIVE, uid, registration_id),
                consensus,
                incentive,
                dividends,
                validator_trust,
            });
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neuron(registration_id: RegistrationId) -> Neuron {
        Neuron {
            hotkey: [1; 32].into(),
            coldkey: [2; 32].into(),
            hotkey_id: 0,
            registration_id,
            registered_block: 0,
            registered_ms: 0,
        }
    }

    #[test]
    fn nothing_is_said_of_newcomers() {
        let standings = Standings {
            tenants: vec![1, 2],
            flags: vec![PERMIT | ACTIVE, PERMIT],
            proportions: vec![1, 2, 5, 6, 7, 8, 3, 4],
        };
        let rows = standings.describe(0, &[neuron(1), neuron(9), neuron(3)], &[10, 20, 30]);
        let said = |row: &NeuronStanding| {
            ((row.permit, row.active), (row.consensus, row.validator_trust, row.incentive, row.dividends))
        };
        assert_eq!(rows.iter().map(|row| (row.uid, row.stake)).collect::<Vec<_>>(), vec![(0, 10), (1, 20), (2, 30)]);
        assert_eq!(said(&rows[0]), ((true, true), (1, 3, 5, 7)));
        assert_eq!(said(&rows[1]), ((false, false), (0, 0, 0, 0)), "the uid has another tenant");
        assert_eq!(said(&rows[2]), ((false, false), (0, 0, 0, 0)), "the uid is new");
        let second = standings.describe(1, &[neuron(2)], &[0]);
        assert_eq!((second[0].uid, said(&second[0])), (1, ((true, false), (2, 4, 6, 8))));
        assert_eq!(standings.permits(&[1, 9, 3, 4], Some(3)), vec![true, false, false, true]);
    }
}
