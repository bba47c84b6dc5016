//! Which uid a newcomer to a full subnet takes.
//!
//! Source: subtensor's choice. The uid that earned least in the last epoch goes, of equal ones the longest registered,
//! of these the lowest uid. The subnet owner's hotkey never goes. Neurons in their immunity period go only when so few
//! are outside it that a rush of newcomers would replace every established neuron.

use crate::neurons::Tenants;
use inktensor_primitives::{HotkeyId, Uid};

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
    pub owner_hotkey: Option<HotkeyId>,
}

/// The uid to replace, if there is one.
pub fn choose(tenants: &Tenants, rules: Rules) -> Option<Uid> {
    let mut non_immune: u16 = 0;
    let (mut lowest_non_immune, mut lowest_immune) = (None, None);
    let times = tenants.registered_block.iter().zip(&tenants.registered_ms);
    let columns = tenants.hotkeys.iter().zip(&tenants.emissions).zip(times);
    for (uid, ((hotkey, emission), (block, registered_ms))) in (0..).zip(columns) {
        if rules.owner_hotkey == Some(*hotkey) {
            continue;
        }
        let rank = (*emission, *block, uid);
        let lowest = if rules.now_ms.saturating_sub(*registered_ms) < rules.immunity_ms {
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
    #![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

    use super::*;
    use crate::price::Burn;
    use proptest::prelude::*;

    const NOW: u64 = 1_000;

    /// Neurons of (block, time of registration, emission); the hotkey of each has its uid for a number.
    fn tenants(rows: &[(u32, u64, u64)]) -> Tenants {
        let ids = 0..u32::try_from(rows.len()).unwrap_or(0);
        Tenants {
            hotkeys: ids.clone().collect(),
            registration_ids: ids.map(|id| id + 1).collect(),
            registered_block: rows.iter().map(|row| row.0).collect(),
            registered_ms: rows.iter().map(|row| row.1).collect(),
            bonds_from_ms: rows.iter().map(|row| row.1).collect(),
            emissions: rows.iter().map(|row| row.2).collect(),
            ..Tenants::none(0, Burn::default())
        }
    }

    /// Neurons with few distinct values, so that ties are common.
    fn subnet() -> impl Strategy<Value = (Vec<(u32, u64, u64)>, Rules)> {
        (prop::collection::vec((0_u32..4, 0..=NOW, 0_u64..3), 0..40), 0..=NOW, 0_u16..45, prop::option::of(0_u32..40))
            .prop_map(|(rows, immunity_ms, min_non_immune, owner_hotkey)| {
                (rows, Rules { now_ms: NOW, immunity_ms, min_non_immune, owner_hotkey })
            })
    }

    fn immune(registered_ms: u64, rules: &Rules) -> bool {
        NOW - registered_ms < rules.immunity_ms
    }

    proptest! {
        #[test]
        fn is_the_head_of_the_sorted_list_of_those_who_may_go((rows, rules) in subnet()) {
            let mut others: Vec<(u64, u32, u16)> = Vec::new();
            let mut established = Vec::new();
            for (uid, (block, registered_ms, emission)) in (0_u16..).zip(&rows) {
                if Some(u32::from(uid)) == rules.owner_hotkey { continue }
                let row = (*emission, *block, uid);
                if immune(*registered_ms, &rules) { others.push(row) } else { established.push(row) }
            }
            let mut may_go = if established.len() > usize::from(rules.min_non_immune) { established } else { others };
            may_go.sort_unstable();
            prop_assert_eq!(choose(&tenants(&rows), rules), may_go.first().map(|row| row.2));
        }

        #[test]
        fn never_the_owner_and_no_immune_one_while_others_suffice((rows, rules) in subnet()) {
            if let Some(uid) = choose(&tenants(&rows), rules) {
                prop_assert_ne!(Some(u32::from(uid)), rules.owner_hotkey);
                let others = (0_u32..).zip(&rows).filter(|(id, _)| Some(*id) != rules.owner_hotkey);
                let established = others.filter(|(_, row)| !immune(row.1, &rules)).count();
                let gone = rows[usize::from(uid)].1;
                prop_assert_eq!(immune(gone, &rules), established <= usize::from(rules.min_non_immune));
            }
        }
    }

    #[test]
    fn least_emission_then_oldest_then_lowest_uid() {
        let rules = Rules { now_ms: NOW, immunity_ms: 0, min_non_immune: 0, owner_hotkey: None };
        assert_eq!(choose(&tenants(&[(5, 0, 7), (3, 0, 7), (3, 0, 7), (9, 0, 6)]), rules), Some(3));
        assert_eq!(choose(&tenants(&[(5, 0, 7), (3, 0, 7), (3, 0, 7), (9, 0, 7)]), rules), Some(1));
        assert_eq!(choose(&tenants(&[]), rules), None);
    }
}
