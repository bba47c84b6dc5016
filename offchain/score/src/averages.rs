//! Weights from losses that are averages over epochs, for which there are no windows left to compare.

use alloc::vec;
use alloc::vec::Vec;

use crate::loss::Loss;
use crate::weights::{WeightRule, halved};

/// Weights as in [`crate::weights_behind`], with a champion chosen by loss alone: the first model holds the place until a later
/// one's loss is lower by more than the margin's `epsilon_bps`. `losses` stand in the order of commits; None is a fault
/// and gets 0.
pub fn weights_of_losses(losses: &[Option<Loss>], rule: &WeightRule) -> Vec<u16> {
    let Some((best, lowest)) = champion(losses, rule.margin.epsilon_bps) else {
        return vec![0; losses.len()];
    };
    let weigh = |(index, loss): (usize, &Option<Loss>)| match loss {
        None => 0,
        Some(_) if index == best => u16::MAX,
        Some(loss) => halved(loss.0.saturating_sub(lowest.0), rule.half_life.0.max(1)),
    };
    losses.iter().enumerate().map(weigh).collect()
}

fn champion(losses: &[Option<Loss>], epsilon_bps: u16) -> Option<(usize, Loss)> {
    let mut holder: Option<(usize, Loss)> = None;
    for (index, loss) in losses.iter().enumerate() {
        let Some(loss) = *loss else { continue };
        let wins = holder.is_none_or(|(_, held)| {
            let lead = u128::from(held.0.saturating_sub(loss.0));
            lead * 10_000 > u128::from(held.0) * u128::from(epsilon_bps)
        });
        if wins {
            holder = Some((index, loss));
        }
    }
    holder
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(loss: f64) -> Option<Loss> {
        Some(Loss((loss * f64::from(1u32 << 31) * 2.0) as u64))
    }

    #[test]
    fn the_best_gets_all_and_a_half_life_behind_half_of_the_rest() {
        let weights = weights_of_losses(&[bits(2.25), None, bits(2.0), bits(2.5)], &WeightRule::default());
        assert_eq!(weights, [16_383, 0, 65_535, 8_191]);
        assert_eq!(weights_of_losses(&[None, None], &WeightRule::default()), [0, 0]);
        assert_eq!(weights_of_losses(&[], &WeightRule::default()), [0u16; 0]);
    }

    #[test]
    fn the_earlier_keeps_its_place_until_clearly_beaten() {
        let within = weights_of_losses(&[bits(2.0), bits(1.999)], &WeightRule::default());
        assert_eq!(within, [65_535, 32_767]);
        let beyond = weights_of_losses(&[bits(2.0), bits(1.98)], &WeightRule::default());
        assert_eq!(beyond[1], 65_535);
        assert!(beyond[0] < 32_767);
    }

    proptest! {
        #[test]
        fn one_champion_and_lower_losses_weigh_more(
            losses in proptest::collection::vec(proptest::option::of(0u64..=64 << 32), 0..20),
        ) {
            let losses: Vec<_> = losses.into_iter().map(|loss| loss.map(Loss)).collect();
            let weights = weights_of_losses(&losses, &WeightRule::default());
            let champions = weights.iter().filter(|&&weight| weight == u16::MAX).count();
            prop_assert_eq!(champions, usize::from(losses.iter().any(Option::is_some)));
            for (a, loss_a) in losses.iter().enumerate() {
                prop_assert!(loss_a.is_some() || weights[a] == 0);
                for (b, loss_b) in losses.iter().enumerate() {
                    let ranked = weights[a] != u16::MAX && weights[b] != u16::MAX;
                    if let (Some(one), Some(other), true) = (loss_a, loss_b, ranked) {
                        prop_assert!(one > other || weights[a] >= weights[b]);
                    }
                }
            }
        }
    }
}
