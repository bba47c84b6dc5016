//! Each rule against the function in real numbers that it stands for, and within the bound that the next one rests on.

use inktensor_evaluation::canonical::model::Epsilon;
use inktensor_evaluation::canonical::quantise::{QuantisedNorm, QuantisedVector};
use inktensor_evaluation::canonical::reference::{activation, attention, language, norm, output, residual};
use inktensor_evaluation::canonical::row::{Row, Row16};
use inktensor_evaluation::model::{Activation, Norm, NormKind};
use proptest::collection::vec;
use proptest::prelude::*;

fn real(m: i64, exponent: i32) -> f64 {
    m as f64 * 2f64.powi(-exponent)
}

/// Mantissas of any magnitude up to 2^29, a few of them zero.
fn mantissas(count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<i64>> {
    vec((any::<i32>(), 2u32..34).prop_map(|(m, shift)| i64::from(m) >> shift), count)
}

fn short(count: usize) -> impl Strategy<Value = Row16> {
    (vec(-32_639i16..=32_639, count), -20i32..40).prop_map(|(values, exponent)| Row16 { values, exponent })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn norms(
        mantissas in mantissas(1..300),
        exponent in -40i32..100,
        layer: bool,
        epsilon in prop_oneof![Just(0.0), Just(1e-12), Just(1e-5), Just(1.0), Just(1e30)],
        scale in -60i32..60,
    ) {
        let count = mantissas.len();
        let gain: Vec<f32> = (0..count).map(|i| (1.5 - (i % 7) as f32 / 3.0) * 2f32.powi(scale)).collect();
        let bias = layer.then(|| (0..count).map(|i| (i % 5) as f32 - 2.0).collect());
        let weights = QuantisedNorm::new(&Norm { gain: gain.clone(), bias: bias.clone() }, count, "a norm").unwrap();
        let kind = if layer { NormKind::Layer } else { NormKind::Rms };
        let row = Row { mantissas, exponent };
        let found = norm::norm(&row, kind, Epsilon::new(epsilon).unwrap(), &weights.gain, weights.bias.as_ref());
        prop_assert!(found.mantissas.iter().all(|m| m.abs() <= 1 << 29));

        let x: Vec<f64> = row.mantissas.iter().map(|&m| real(m, exponent)).collect();
        let mean = if layer { x.iter().sum::<f64>() / count as f64 } else { 0.0 };
        let square = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count as f64;
        // The mean is rounded to a whole mantissa, which shows where the row is almost constant.
        let root = (square + epsilon).sqrt();
        prop_assume!(!layer || root > 1e6 * 2f64.powi(-exponent) || epsilon > 0.0 && root > 1e4 * 2f64.powi(-exponent));
        let largest = (count as f64).sqrt() * 1.5 * 2f64.powi(scale) + if layer { 2.0 } else { 0.0 };
        for (i, &m) in found.mantissas.iter().enumerate() {
            let normal = if root == 0.0 { 0.0 } else { (x[i] - mean) / root };
            let added = bias.as_ref().map_or(0.0, |bias: &Vec<f32>| f64::from(bias[i]));
            let exact = normal * f64::from(gain[i]) + added;
            let error = (real(m, found.exponent) - exact).abs();
            prop_assert!(error <= 1e-4 * (exact - added).abs() + 1e-6 * largest, "{error} of {exact}");
        }
    }

    #[test]
    fn attention_is_the_weighted_mean(
        query in short(8),
        tokens in vec((short(8), short(8)), 1..40),
        closeness in 0i32..30,
    ) {
        // Exponents near the query's, so that scores are of all magnitudes.
        let query = Row16 { exponent: 24 - closeness, ..query };
        let tokens: Vec<(Row16, Row16)> = tokens.into_iter()
            .map(|(key, value)| (Row16 { exponent: 15, ..key }, value)).collect();
        let keys: Vec<&Row16> = tokens.iter().map(|(key, _)| key).collect();
        let values: Vec<&Row16> = tokens.iter().map(|(_, value)| value).collect();
        let found = attention::mix(&query, &keys, &values, attention::scale(8));
        prop_assert!(found.mantissas.iter().all(|m| m.abs() <= 1 << 30));

        let score = |key: &&Row16| {
            let sum: i64 = query.values.iter().zip(&key.values).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
            // Where scores end, 2^13 · ln 2.
            (real(sum, query.exponent + key.exponent) / 8f64.sqrt()).clamp(-5678.26, 5678.26)
        };
        let scores: Vec<f64> = keys.iter().map(score).collect();
        let highest = scores.iter().copied().fold(f64::MIN, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
        let total: f64 = weights.iter().sum();
        let magnitude = values.iter().zip(&weights)
            .map(|(value, weight)| weight / total * 2f64.powi(15 - value.exponent)).sum::<f64>();
        // Products are rounded to 2^8, which shows in scores of thousands.
        let product = real(1 << 8, query.exponent + 15);
        for (d, &m) in found.mantissas.iter().enumerate() {
            let exact: f64 = values.iter().zip(&weights)
                .map(|(value, weight)| weight / total * real(i64::from(value.values[d]), value.exponent)).sum();
            let error = (real(m, found.exponent) - exact).abs();
            prop_assert!(error <= magnitude * (2e-4 + product), "{error} of {exact}, {magnitude}");
        }
    }

    #[test]
    fn losses_are_logarithms_of_probabilities(
        mantissas in mantissas(1..300),
        exponent in 17i32..60,
        target: prop::sample::Index,
    ) {
        let target = target.index(mantissas.len());
        let found = language::loss(&Row { mantissas: mantissas.clone(), exponent }, target as u32);
        let bits = |m: &i64| (real(*m, exponent) * std::f64::consts::LOG2_E).clamp(-1024.0, 1024.0);
        let highest = mantissas.iter().map(bits).fold(f64::MIN, f64::max);
        let total: f64 = mantissas.iter().map(|m| (bits(m) - highest).exp2()).sum();
        let exact = highest + total.log2() - bits(&mantissas[target]);
        prop_assert!((real(found, 30) - exact).abs() <= 1e-5, "{} against {exact}", real(found, 30));
    }

    #[test]
    fn gates_are_those_of_the_functions(y in -(1i64 << 30)..1 << 30, exponent in 0i32..45) {
        let x = real(y, exponent);
        let silu = 1.0 / (1.0 + (-x).exp());
        let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        let tanh = 1.0 / (1.0 + (-2.0 * inner).exp());
        let erf = 0.5 * (1.0 + libm::erf(x / 2f64.sqrt()));
        for (activation, exact) in
            [(Activation::Silu, silu), (Activation::GeluTanh, tanh), (Activation::GeluErf, erf)]
        {
            let found = activation::gate(y, exponent, activation).unwrap();
            prop_assert!((0..=1 << 30).contains(&found));
            let error = (real(found, 30) - exact).abs();
            prop_assert!(error <= 6e-6, "{activation:?} of {x}: {found} against {exact}");
        }
        prop_assert_eq!(activation::gate(y, exponent, Activation::Relu), None);
    }

    #[test]
    fn sums_stay_within_the_stream(
        (a, b) in (1usize..50).prop_flat_map(|count| (mantissas(count), mantissas(count))),
        exponents in (-200i32..150, -200i32..300),
    ) {
        let (a, b) = (Row { mantissas: a, exponent: exponents.0 }, Row { mantissas: b, exponent: exponents.1 });
        let sum = residual::add(&a, &b);
        prop_assert!(sum.mantissas.iter().all(|m| m.abs() <= 1 << 29));
        prop_assert!(sum.exponent <= 150);
        let unit = 2f64.powi(-sum.exponent.min(a.exponent).min(b.exponent));
        for i in 0..a.mantissas.len() {
            let exact = real(a.mantissas[i], a.exponent) + real(b.mantissas[i], b.exponent);
            let error = (real(sum.mantissas[i], sum.exponent) - exact).abs();
            prop_assert!(error <= 1.5 * unit, "{error} of {exact}");
        }
    }

    #[test]
    fn embeddings_have_length_one(rows in vec((mantissas(24), -40i32..100), 1..20)) {
        let rows: Vec<Row> = rows.into_iter().map(|(mantissas, exponent)| Row { mantissas, exponent }).collect();
        let found = output::embedding(&rows);
        let mut exact = vec![0.0; 24];
        for row in &rows {
            for (sum, &m) in exact.iter_mut().zip(&row.mantissas) {
                *sum += real(m, row.exponent);
            }
        }
        let length = exact.iter().map(|x| x * x).sum::<f64>().sqrt();
        prop_assume!(length > 0.0);
        let smallest = rows.iter().map(|row| row.exponent).min().unwrap();
        // Rows are rounded to the coarsest one's unit, which shows where that one is almost zero.
        prop_assume!(length > 1e8 * 2f64.powi(-smallest));
        for (&found, exact) in found.iter().zip(&exact) {
            prop_assert!((real(i64::from(found), 30) - exact / length).abs() <= 1e-6);
        }
    }
}

/// A gain may be anything; what is normed stays within its bound.
#[test]
fn one_giant_among_zeros_is_the_largest_normal_number() {
    for count in [1usize, 2, 3, 255, 256, 1000, 32_768] {
        let gain = QuantisedVector::gain(&vec![3.0; count], count, "a gain").unwrap();
        for giant in [1, -1, (1 << 29) - 1, 1 << 29, -(1 << 29)] {
            let mut row = Row { mantissas: vec![0; count], exponent: 4 };
            row.mantissas[count / 2] = giant;
            let found = norm::norm(&row, NormKind::Rms, Epsilon::new(0.0).unwrap(), &gain, None);
            let exact = 3.0 * (count as f64).sqrt() * giant.signum() as f64;
            let error = (real(found.mantissas[count / 2], found.exponent) - exact).abs();
            assert!(error <= 1e-4 * exact.abs() && found.mantissas.iter().all(|m| m.abs() <= 1 << 29));
        }
    }
}
