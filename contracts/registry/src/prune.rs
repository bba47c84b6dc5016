//! Which uid a newcomer to a full subnet takes.
//!
//! Source: subtensor's choice. The uid that earned least in the last epoch goes, of equal ones the longest registered,
//! of these the lowest uid. The subnet owner's hotkey never goes. Neurons in their immunity period go only when so few
//! are outside it that a rush of newcomers would replace every established neuron.

use ink::primitives::AccountId;
use inktensor_primitives::{registry::Neuron, Uid};

/// What the choice depends on beside the neurons.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Chain time in ms.
    pub now_ms: u64,
    /// Time after registration in which a neuron is immune, in ms.
    pub immunity_ms: u64,
    /// Neurons that stay outside immunity: with no more than these, immune ones go first.
    pub min_non_immune: u16,
    /// The hotkey that never goes.
    pub owner_hotkey: Option<AccountId>,
}

/// The uid to replace, if there is one. `emissions` holds what each uid earned in the last epoch, in rao; a uid beyond
/// its end earned nothing.
pub fn choose(neurons: &[Neuron], emissions: &[u64], rules: Rules) -> Option<Uid> {
    let mut non_immune: u16 = 0;
    let (mut lowest_non_immune, mut lowest_immune) = (None, None);
    for (uid, neuron) in (0..).zip(neurons) {
        if rules.owner_hotkey == Some(neuron.hotkey) {
            continue;
        }
        let emission = emissions.get(usize::from(uid)).copied().unwrap_or(0);
        let rank = (emission, neuron.registered_block, uid);
        let lowest = if rules.now_ms.saturating_sub(neuron.registered_ms) < rules.immunity_ms {
            &mut lowest_immune
        } else {
            non_immune = non_immune.saturating_add(1);
            &mut lowest_non_immune
        };
        if lowest.is_none_or(|lowest| rank < lowest) {
            *lowest = Some(rank);
        }
    }
    let chosen = if non_immune > rules.min_non_immune { lowest_non_immune } else { lowest_immune };
    chosen.map(|(_, _, uid)| uid)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_000;

    fn neuron(uid: u8, block: u32, registered_ms: u64) -> Neuron {
        Neuron {
            hotkey: [uid; 32].into(),
            coldkey: [uid; 32].into(),
            registration_id: u32::from(uid) + 1,
            registered_block: block,
            registered_ms,
        }
    }

    /// Neurons with few distinct values, so that ties are common.
    fn subnet() -> impl Strategy<Value = (Vec<Neuron>, Vec<u64>, Rules)> {
        (
            prop::collection::vec((0_u32..4, 0..=NOW, 0_u64..3), 0..40),
            0_usize..42,
            0..=NOW,
            0_u16..45,
            prop::option::of(0_u8..40),
        )
            .prop_map(|(rows, recorded, immunity_ms, min_non_immune, owner)| {
                let neurons = (0_u8..).zip(&rows).map(|(uid, row)| neuron(uid, row.0, row.1)).collect();
                let emissions = rows.iter().take(recorded).map(|row| row.2).collect();
                let owner_hotkey = owner.map(|uid| [uid; 32].into());
                (neurons, emissions, Rules { now_ms: NOW, immunity_ms, min_non_immune, owner_hotkey })
            })
    }

    fn immune(neuron: &Neuron, rules: &Rules) -> bool {
        NOW - neuron.registered_ms < rules.immunity_ms
    }

    proptest! {
        #[test]
        fn is_the_head_of_the_sorted_list_of_those_who_may_go((neurons, emissions, rules) in subnet()) {
            let mut others: Vec<(u64, u32, u16)> = Vec::new();
            let mut established = Vec::new();
            for (uid, neuron) in (0_u16..).zip(&neurons) {
                if Some(neuron.hotkey) == rules.owner_hotkey { continue }
                let row = (*emissions.get(usize::from(uid)).unwrap_or(&0), neuron.registered_block, uid);
                if immune(neuron, &rules) { others.push(row) } else { established.push(row) }
            }
            let mut may_go = if established.len() > usize::from(rules.min_non_immune) { established } else { others };
            may_go.sort_unstable();
            prop_assert_eq!(choose(&neurons, &emissions, rules), may_go.first().map(|row| row.2));
        }

        #[test]
        fn never_the_owner_and_no_immune_one_while_others_suffice((neurons, emissions, rules) in subnet()) {
            if let Some(uid) = choose(&neurons, &emissions, rules) {
                let gone = &neurons[usize::from(uid)];
                prop_assert_ne!(Some(gone.hotkey), rules.owner_hotkey);
                let others = neurons.iter().filter(|n| Some(n.hotkey) != rules.owner_hotkey);
                let established = others.filter(|n| !immune(n, &rules)).count();
                prop_assert_eq!(immune(gone, &rules), established <= usize::from(rules.min_non_immune));
            }
        }
    }

    #[test]
    fn least_emission_then_oldest_then_lowest_uid() {
        let rules = Rules { now_ms: NOW, immunity_ms: 0, min_non_immune: 0, owner_hotkey: None };
        let neurons = [neuron(0, 5, 0), neuron(1, 3, 0), neuron(2, 3, 0), neuron(3, 9, 0)];
        assert_eq!(choose(&neurons, &[7, 7, 7, 6], rules), Some(3));
        assert_eq!(choose(&neurons, &[7, 7, 7, 7], rules), Some(1));
        assert_eq!(choose(&neurons, &[], rules), Some(1));
        assert_eq!(choose(&[], &[], rules), None);
    }
}
