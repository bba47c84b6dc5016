//! The functions that are no sums and products, as tables of integers. Each entry is the function's value rounded to
//! the nearest; the code that makes them uses integers only, and the tables' hashes are part of the specification.

use std::sync::LazyLock;

use crate::digest::Digest;
use crate::model::Activation;

use super::number::rs;

/// `log2(e)` with 30 fractional bits, rounded down.
pub const LOG2_E: i64 = 1_549_082_004;
/// `ln(2)` with 62 fractional bits.
pub const LN_2: i64 = 3_196_577_161_300_663_915;

/// `log2(e)` with 60 fractional bits.
const LOG2_E_60: u128 = 1_663_314_137_230_540_311;
/// `2 · sqrt(2/pi) · log2(e)` with 60 fractional bits.
const TANH_60: u128 = 2_654_265_339_722_773_143;
/// `1 / sqrt(2 pi)` with 62 fractional bits.
const NORMAL_62: u128 = 1_839_796_536_686_825_613;

/// `2^(-k/1024)` with 30 fractional bits, `k` = 0..=1024.
pub static POWER: LazyLock<Vec<i64>> = LazyLock::new(|| (0..=1024).map(|k| round(power(k << 50), 62)).collect());
/// `log2(1 + k/1024)` with 30 fractional bits, `k` = 0..=1024.
pub static LOGARITHM: LazyLock<Vec<i64>> =
    LazyLock::new(|| (0..=1024).map(|k| round(logarithm((1024 + k) << 52), 60)).collect());
static SILU: LazyLock<Vec<i64>> = LazyLock::new(|| gate(|k| sigmoid((k * LOG2_E_60) >> 8)));
static GELU_ERF: LazyLock<Vec<i64>> = LazyLock::new(|| gate(normal));
static GELU_TANH: LazyLock<Vec<i64>> = LazyLock::new(|| gate(|k| sigmoid(tanh_argument(k))));

/// What `x` = `k`/256 is multiplied with by the function, with 30 fractional bits, `k` = 0..=4096; none for `Relu`.
pub fn gates(activation: Activation) -> Option<&'static [i64]> {
    match activation {
        Activation::Silu => Some(&SILU),
        Activation::GeluErf => Some(&GELU_ERF),
        Activation::GeluTanh => Some(&GELU_TANH),
        Activation::Relu => None,
    }
}

/// `2^(-d / 2^point)` with `30 - drop` fractional bits, `d` being at least 0 and `point` 16 or 20: on the straight line
/// between the table's entries, rounded to 30 bits, and then once more for `drop` and the whole part of `d` together.
pub fn exponential(d: i64, point: u32, drop: i32) -> i64 {
    let whole = d >> point;
    if whole >= 31 {
        return 0;
    }
    let fine = point - 10;
    let (k, u) = ((d >> fine & 1023) as usize, d & ((1 << fine) - 1));
    let line = POWER[k] - rs((POWER[k] - POWER[k + 1]) * u, fine as i32);
    rs(line, drop + whole as i32)
}

/// blake2b-256 of each table's entries as u32, little-endian, by name.
pub fn digests() -> [(&'static str, Digest); 5] {
    let digest = |table: &[i64]| {
        let bytes: Vec<u8> = table.iter().flat_map(|&entry| (entry as u32).to_le_bytes()).collect();
        Digest::of(&bytes)
    };
    [
        ("power", digest(&POWER)),
        ("logarithm", digest(&LOGARITHM)),
        ("silu", digest(&SILU)),
        ("gelu-erf", digest(&GELU_ERF)),
        ("gelu-tanh", digest(&GELU_TANH)),
    ]
}

/// `2^-f` with 62 fractional bits; `f` has 60 and is at most 1. The factors `2^(-1/2^k)` are repeated square roots.
pub(super) fn power(f: u128) -> u128 {
    let (mut product, mut factor) = (1u128 << 62, 1u128 << 61);
    for k in 0..=60 {
        if f >> (60 - k) & 1 == 1 {
            product = (product * factor) >> 62;
        }
        factor = (factor << 62).isqrt();
    }
    product
}

/// `log2(x)` with 60 fractional bits; `x` has 62 and lies within 1 and 2. Squaring shifts the next bit out.
pub(super) fn logarithm(x: u128) -> u128 {
    let (mut x, mut bits) = (x, 0);
    if x >> 63 == 1 {
        return 1 << 60;
    }
    for _ in 0..60 {
        x = (x * x) >> 62;
        bits = bits << 1 | x >> 63;
        if x >> 63 == 1 {
            x >>= 1;
        }
    }
    bits
}

/// `1 / (1 + 2^-x)` with 62 fractional bits; `x` has 60.
fn sigmoid(x: u128) -> u128 {
    let whole = x >> 60;
    let small = if whole > 62 { 0 } else { power(x & ((1 << 60) - 1)) >> whole };
    (1 << 124) / ((1 << 62) + small)
}

/// `2 · sqrt(2/pi) · (x + 0.044715 x³) · log2(e)` with 60 fractional bits, `x` = `k`/256.
fn tanh_argument(k: u128) -> u128 {
    (65_536_000_000 * k + 44_715 * k * k * k) * TANH_60 / (1_000_000 << 24)
}

/// The normal distribution's function with 62 fractional bits at `k`/256: `1/2 + density · sum of x^(2n+1) / (2n+1)!!`,
/// all terms positive. From 7 on it is 1 to more than 38 bits.
fn normal(k: u128) -> u128 {
    if k >= 7 << 8 {
        return 1 << 62;
    }
    let (mut term, mut sum, mut odd) = (k << 52, 0, 1);
    while term > 0 {
        sum += term;
        odd += 2;
        term = term * k * k / (odd << 16);
    }
    // density = exp(-x²/2) / sqrt(2 pi)
    let exponent = (k * k * LOG2_E_60) >> 17;
    let fraction = (power(exponent & ((1 << 60) - 1)) * NORMAL_62) >> 62;
    (1 << 61) + (((sum >> (exponent >> 60)) * fraction) >> 60)
}

fn gate(value: impl Fn(u128) -> u128) -> Vec<i64> {
    (0..=4096).map(|k| round(value(k), 62)).collect()
}

/// From `point` to 30 fractional bits, to the nearest.
fn round(x: u128, point: u32) -> i64 {
    ((x + (1 << (point - 31))) >> (point - 30)) as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;

    /// The published hashes: who changes a table changes the evaluator's version.
    const PINNED: [(&str, &str); 5] = [
        ("power", "7c39d0e40cbcaad274e2dac4939526e1b7156547cdb38cbf627f1a779fc998f3"),
        ("logarithm", "dbe32cb695ca88af5b40f66d111554a14abcb626af8a1d36ff9f887eecdbdfff"),
        ("silu", "ebb6b89d04c0837aff6caa873f037d26085a21afddff6b8b3a47cda6e91fd92b"),
        ("gelu-erf", "c916bda2875309df22955a4cd1ea354ce3048dadd31faea2669ebfb906df4e67"),
        ("gelu-tanh", "7765dfce0af5527441e6f958c99ffa8a6468d062baa47837b4af72a397337bf4"),
    ];

    #[test]
    fn tables_are_the_published_ones() {
        assert_eq!(digests().map(|(name, digest)| (name, digest.to_string())), PINNED.map(|(n, d)| (n, d.to_owned())));
    }

    /// Every entry is within one half of the real value; f64 has the bits to tell.
    fn near(table: &[i64], real: impl Fn(f64) -> f64) {
        for (k, &entry) in table.iter().enumerate() {
            let exact = real(k as f64) * 2f64.powi(30);
            assert!((entry as f64 - exact).abs() <= 0.5 + 1e-5, "entry {k}: {entry} against {exact}");
        }
    }

    #[test]
    fn entries_are_the_functions_rounded_to_the_nearest() {
        near(&POWER, |k| (-k / 1024.0).exp2());
        near(&LOGARITHM, |k| (1.0 + k / 1024.0).log2());
        near(&SILU, |k| 1.0 / (1.0 + (-k / 256.0).exp()));
        let tanh = |x: f64| (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        near(&GELU_TANH, |k| 0.5 * (1.0 + tanh(k / 256.0).tanh()));
    }

    /// Simpson's rule between neighbours: the table of the normal distribution grows by the density's integral.
    #[test]
    fn the_normal_distribution_grows_by_its_density() {
        let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let mut sum = 0.5;
        for k in 0..4096 {
            let exact = sum * 2f64.powi(30);
            assert!((GELU_ERF[k] as f64 - exact).abs() <= 0.5 + 1e-3, "entry {k}: {} against {exact}", GELU_ERF[k]);
            let (a, b) = (k as f64 / 256.0, (k + 1) as f64 / 256.0);
            sum += (density(a) + 4.0 * density((a + b) / 2.0) + density(b)) / 6.0 / 256.0;
        }
    }

    #[test]
    fn exponentials_are_close_to_the_real_ones() {
        for (d, point) in [(0, 16), (1, 16), (65_535, 16), (65_536, 16), (123_456, 16), (999_999, 20), (5 << 20, 20)] {
            let exact = (-(d as f64) / 2f64.powi(point as i32)).exp2() * 2f64.powi(30);
            let found = exponential(d, point, 0) as f64;
            assert!((found - exact).abs() <= exact * 6e-8 + 1.0, "{d}: {found} against {exact}");
        }
        assert_eq!(exponential(31 << 16, 16, 0), 0);
        assert_eq!(exponential(i64::from(u32::MAX), 20, 0), 0);
    }
}
