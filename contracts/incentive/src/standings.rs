//! What the last epoch said of a subnet's neurons, and how people see it.

use crate::ledger::{place, Page};
use ink::prelude::vec::Vec;
use inktensor_primitives::{incentive::NeuronStanding, registry::Neuron, RegistrationId, Uid};

/// What the last epoch said of a subnet's neurons. Vectors are indexed by uid and may be shorter than the subnet is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Standings {
    /// Tenancy that each uid had then.
    pub tenants: Vec<RegistrationId>,
    /// u16 proportions.
    pub consensus: Vec<u16>,
    /// u16 proportions.
    pub validator_trust: Vec<u16>,
    /// u16 proportions.
    pub incentive: Vec<u16>,
    /// u16 proportions.
    pub dividends: Vec<u16>,
    /// Validators whose weights count in the running epoch.
    pub permits: Vec<Uid>,
}

impl Standings {
    /// Whether the present tenant of a uid holds a permit.
    pub fn permit(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.permits.contains(&uid) && self.knows(uid, registration_id)
    }

    /// The present tenant's part in one of the vectors: what was said of a former tenant is not said of this one.
    fn of(&self, values: &[u16], uid: Uid, registration_id: RegistrationId) -> u16 {
        values.get(usize::from(uid)).copied().filter(|_| self.knows(uid, registration_id)).unwrap_or(0)
    }

    fn knows(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.tenants.get(usize::from(uid)) == Some(&registration_id)
    }

    /// Rows of the metagraph from uid `first` onward: neurons, their stake in rao and what they are owed.
    pub fn describe(&self, first: Uid, neurons: &[Neuron], stakes: &[u64], accounts: &Page) -> Vec<NeuronStanding> {
        let mut rows = Vec::with_capacity(neurons.len());
        for (uid, (neuron, stake)) in (first..).zip(neurons.iter().zip(stakes)) {
            let registration_id = neuron.registration_id;
            let of = |values: &[u16]| self.of(values, uid, registration_id);
            rows.push(NeuronStanding {
                uid,
                stake: *stake,
                permit: self.permit(uid, registration_id),
                consensus: of(&self.consensus),
                incentive: of(&self.incentive),
                dividends: of(&self.dividends),
                validator_trust: of(&self.validator_trust),
                owed: accounts.owed(place(uid).1, registration_id),
                hotkey: neuron.hotkey,
                coldkey: neuron.coldkey,
                registration_id,
            });
        }
        rows
    }
}
