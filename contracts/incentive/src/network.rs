//! The network's emission: one index that grows by what each unit of subnet weight earns.
//!
//! A subnet's part is its weight times the growth of the index since it last looked, so booking costs the same for one
//! subnet as for 128. The index is in whole rao per unit of weight; what does not divide waits in the carry.

use inktensor_primitives::incentive::{Books, SubnetEmission};

/// Emission of the whole network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Network {
    /// Rao that one unit of weight has earned since the beginning.
    pub index: u128,
    /// Sum of the weights of all active subnets.
    pub weight: u32,
    /// Issued and not yet in the index, in rao.
    pub carry: u64,
    /// What became of all that was issued.
    pub books: Books,
}

impl Network {
    /// Takes newly issued rao in. `None` if a sum leaves its range.
    pub fn receive(&mut self, issued: u64) -> Option<()> {
        self.books.issued = self.books.issued.checked_add(issued)?;
        let waiting = self.carry.checked_add(issued)?;
        let weight = u64::from(self.weight);
        let each = waiting.checked_div(weight).unwrap_or(0);
        self.carry = waiting.checked_sub(each.checked_mul(weight)?)?;
        self.index = self.index.checked_add(u128::from(each))?;
        Some(())
    }

    /// Books a subnet's part as pending. `None` if a sum leaves its range.
    pub fn book(&self, subnet: &mut SubnetEmission) -> Option<()> {
        let growth = self.index.checked_sub(subnet.index)?;
        let part = growth.checked_mul(u128::from(subnet.weight))?;
        subnet.pending = subnet.pending.checked_add(u64::try_from(part).ok()?)?;
        subnet.index = self.index;
        Some(())
    }

    /// Lets a subnet take part from now on. `None` if a sum leaves its range.
    pub fn admit(&mut self, weight: u16) -> Option<()> {
        self.weight = self.weight.checked_add(u32::from(weight))?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Issue(u64),
        Admit(u16),
        Book(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u64..10_000_000_000).prop_map(Step::Issue),
            (1u16..=u16::MAX).prop_map(Step::Admit),
            (0usize..8).prop_map(Step::Book),
        ]
    }

    proptest! {
        #[test]
        fn every_issued_rao_is_pending_or_carried(steps in prop::collection::vec(step(), 1..60)) {
            let mut network = Network::default();
            let mut subnets: Vec<SubnetEmission> = Vec::new();
            for step in steps {
                match step {
                    Step::Issue(issued) => network.receive(issued).unwrap(),
                    Step::Admit(weight) if subnets.len() < 8 => {
                        network.admit(weight).unwrap();
                        subnets.push(SubnetEmission { weight, index: network.index, ..Default::default() });
                    }
                    Step::Admit(_) => {}
                    Step::Book(at) => {
                        if let Some(subnet) = subnets.get_mut(at) {
                            network.book(subnet).unwrap();
                        }
                    }
                }
            }
            for subnet in &mut subnets {
                network.book(subnet).unwrap();
            }
            let pending: u64 = subnets.iter().map(|subnet| subnet.pending).sum();
            prop_assert_eq!(pending + network.carry, network.books.issued);
        }

        #[test]
        fn parts_are_in_proportion_to_weights(issued in 0u64..1_000_000_000_000, a in 1u16..1000, b in 1u16..1000) {
            let mut network = Network::default();
            network.admit(a).unwrap();
            network.admit(b).unwrap();
            network.receive(issued).unwrap();
            let (mut one, mut two) = (
                SubnetEmission { weight: a, ..Default::default() },
                SubnetEmission { weight: b, ..Default::default() },
            );
            network.book(&mut one).unwrap();
            network.book(&mut two).unwrap();
            prop_assert_eq!(one.pending * u64::from(b), two.pending * u64::from(a));
            prop_assert!(network.carry < u64::from(a) + u64::from(b));
        }
    }
}
