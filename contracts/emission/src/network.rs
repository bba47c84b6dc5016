//! Emission between subnets: a column each of weight and of what waits for the subnet's next epoch, in one storage cell.
//!
//! Whatever the token issues is divided at once between all subnets, in whole rao for each unit of weight; what does not
//! divide waits in the carry and is divided with the next issue. Weights sum to 65,536 at most, so the carry is never
//! more than that many rao: less than one slot's issue until the fourteenth halving, and nothing is lost after it either,
//! it only waits some slots longer.

use ink::prelude::vec::Vec;
use inktensor_primitives::{
    emission::{Books, EmissionError},
    limits::MAX_SUBNETS,
    Netuid,
};

/// Weight of every subnet while no root weights divide emission.
const EQUAL: u32 = 1;
/// Root shares have 32 fractional bits; weights keep 16 of them.
const DROPPED_BITS: u32 = 16;

/// Emission of the whole network. The columns hold the subnets that take part, by ascending netuid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Network {
    /// What became of all that was issued.
    pub books: Books,
    /// Issued and no subnet's yet, in rao.
    pub carry: u64,
    /// Whether the weights are the root's. If not, all are equal.
    pub rooted: bool,
    /// Subnets.
    pub netuids: Vec<Netuid>,
    /// Which life of each, as the registry counts them.
    pub generations: Vec<u32>,
    /// Part of each: its weight out of the sum of all.
    pub weights: Vec<u32>,
    /// Earned by each and not yet divided, in rao.
    pub pending: Vec<u64>,
}

impl Network {
    /// Divides newly issued rao. While no subnet has weight, they wait. `None` if a sum leaves its range.
    pub fn receive(&mut self, issued: u64) -> Option<()> {
        self.books.issued = self.books.issued.checked_add(issued)?;
        let waiting = self.carry.checked_add(issued)?;
        let total: u64 = self.weights.iter().fold(0, |total, weight| total.saturating_add(u64::from(*weight)));
        let each = waiting.checked_div(total).unwrap_or(0);
        for (pending, weight) in self.pending.iter_mut().zip(&self.weights) {
            *pending = pending.checked_add(each.checked_mul(u64::from(*weight))?)?;
        }
        self.carry = waiting.checked_sub(each.checked_mul(total)?)?;
        Some(())
    }

    /// Place of a subnet in the columns; nothing if it takes no part.
    pub fn place(&self, netuid: Netuid) -> Option<usize> {
        self.netuids.binary_search(&netuid).ok()
    }

    /// Life of the subnet that takes part under a netuid.
    pub fn generation(&self, netuid: Netuid) -> Option<u32> {
        self.generations.get(self.place(netuid)?).copied()
    }

    /// Lets a subnet take part from now on, where no other of its netuid does; its weight. Under root weights it has none
    /// until the root's next turn. Errors: `TooManySubnets`.
    pub fn admit(&mut self, netuid: Netuid, generation: u32) -> Result<u32, EmissionError> {
        let at = self.netuids.partition_point(|other| *other < netuid);
        if self.netuids.len() >= usize::from(MAX_SUBNETS) {
            return Err(EmissionError::TooManySubnets);
        }
        let weight = if self.rooted { 0 } else { EQUAL };
        self.netuids.insert(at, netuid);
        self.generations.insert(at, generation);
        self.weights.insert(at, weight);
        self.pending.insert(at, 0);
        Ok(weight)
    }

    /// Takes a subnet out and gives its pending emission, with `carries` of it, back to the network; how much that is.
    /// `None` if there is none at this place, or a sum leaves its range.
    pub fn retire(&mut self, at: usize, carries: u64) -> Option<u64> {
        let returned = self.draw(at)?.checked_add(carries)?;
        self.netuids.remove(at);
        self.generations.remove(at);
        self.weights.remove(at);
        self.pending.remove(at);
        self.carry = self.carry.checked_add(returned)?;
        Some(returned)
    }

    /// Takes what a subnet has pending.
    pub fn draw(&mut self, at: usize) -> Option<u64> {
        self.pending.get_mut(at).map(core::mem::take)
    }

    /// Weighs subnets by the root's shares (Q32.32, in the order of the columns) from now on; equally if none has any.
    pub fn weigh(&mut self, shares: &[u64]) {
        let weight = |share: &u64| u32::try_from(*share >> DROPPED_BITS).unwrap_or(0);
        self.rooted = shares.iter().any(|share| weight(share) > 0);
        self.weights.fill(EQUAL);
        if self.rooted {
            for (kept, share) in self.weights.iter_mut().zip(shares) {
                *kept = weight(share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A network of subnets 1 to `shares.len()` with these root shares.
    fn weighed(shares: &[u64]) -> Network {
        let mut network = Network::default();
        for netuid in (1..).take(shares.len()) {
            network.admit(netuid, 1).unwrap();
        }
        network.weigh(shares);
        network
    }

    fn shares() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(prop_oneof![1 => Just(0), 4 => 0u64..1 << 25], 1..129)
    }

    proptest! {
        #[test]
        fn nothing_waits_longer_than_until_a_rao_for_each_unit_of_weight_is_there(
            shares in shares(),
            issues in prop::collection::vec(0u64..200_000, 1..50),
        ) {
            let mut network = weighed(&shares);
            let total: u64 = network.weights.iter().map(|weight| u64::from(*weight)).sum();
            prop_assert!((1..=65_536).contains(&total));
            for issued in issues {
                network.receive(issued).unwrap();
                prop_assert!(network.carry < total);
            }
            // No matter how small the issues were: everything but the carry is divided exactly by weight.
            let divided = network.books.issued - network.carry;
            for (pending, weight) in network.pending.iter().zip(&network.weights) {
                prop_assert_eq!(u128::from(*pending) * u128::from(total), u128::from(divided) * u128::from(*weight));
            }
        }

        #[test]
        fn weights_are_the_roots_shares_to_one_in_65_536(shares in shares()) {
            let network = weighed(&shares);
            if shares.iter().all(|share| *share < 1 << 16) {
                prop_assert!(!network.rooted);
            } else {
                for (weight, share) in network.weights.iter().zip(&shares) {
                    prop_assert!((u64::from(*weight) << 16).abs_diff(*share) < 1 << 16);
                }
            }
        }
    }

    #[test]
    fn subnets_share_equally_until_the_root_weighs_them() {
        let mut network = weighed(&[0, 0, 0]);
        network.receive(10).unwrap();
        assert_eq!((&network.pending[..], network.carry), (&[3, 3, 3][..], 1));
        network.weigh(&[1 << 32, 0, 0]);
        network.receive(65_536).unwrap();
        assert_eq!((&network.pending[..], network.carry), (&[65_539, 3, 3][..], 1));
        assert_eq!(network.admit(9, 1), Ok(0));
        network.weigh(&[0; 4]);
        network.receive(3).unwrap();
        assert_eq!((&network.pending[..], network.carry), (&[65_540, 4, 4, 1][..], 0));
    }

    #[test]
    fn a_subnet_comes_and_goes_without_touching_the_others() {
        let mut network = Network::default();
        for netuid in [10, 30] {
            network.admit(netuid, u32::from(netuid)).unwrap();
        }
        network.weigh(&[1 << 30, 3 << 30]);
        network.receive(65_536).unwrap();
        let row = |network: &Network, netuid| {
            let at = network.place(netuid).unwrap();
            (network.generations[at], network.weights[at], network.pending[at])
        };
        let others = |network: &Network| (row(network, 10), row(network, 30));
        let before = others(&network);
        assert_eq!(before, ((10, 16_384, 16_384), (30, 49_152, 49_152)));
        network.admit(20, 20).unwrap();
        assert_eq!((row(&network, 20), others(&network)), ((20, 0, 0), before));
        network.retire(1, 0).unwrap();
        assert_eq!((network.place(20), others(&network)), (None, before));
    }

    #[test]
    fn without_weight_everything_waits() {
        let mut network = Network::default();
        network.receive(7).unwrap();
        network.admit(2, 1).unwrap();
        network.weigh(&[1 << 32]);
        network.retire(0, 0).unwrap();
        assert_eq!(network.admit(3, 1), Ok(0));
        network.receive(1 << 40).unwrap();
        assert_eq!((network.carry, &network.pending[..]), ((1 << 40) + 7, &[0][..]));
    }

    #[test]
    fn at_most_128_subnets_take_part() {
        let mut network = Network::default();
        for netuid in (1..=128).rev() {
            assert_eq!(network.admit(netuid, 5), Ok(1));
        }
        assert!(network.netuids.is_sorted());
        assert_eq!(network.admit(129, 5), Err(EmissionError::TooManySubnets));
        assert_eq!((network.generation(7), network.generation(129)), (Some(5), None));
        network.retire(6, 3).unwrap();
        assert_eq!((network.generation(7), network.generation(8), network.carry), (None, Some(5), 3));
        assert_eq!((network.admit(129, 9), network.place(129)), (Ok(1), Some(127)));
    }

    #[test]
    fn sums_out_of_range_are_refused() {
        let mut network = weighed(&[0]);
        network.receive(u64::MAX).unwrap();
        assert_eq!(network.receive(1), None);
        assert_eq!(weighed(&[0]).retire(1, 0), None);
    }
}
