//! Scalar f64 operations. Matrices are row-major; a weight is `[out, in]`.

use crate::model::Activation;

/// `a · wᵀ`, rows of `inner`.
pub fn matmul(a: &[f64], w: &[f64], inner: usize) -> Vec<f64> {
    a.chunks_exact(inner).flat_map(|row| w.chunks_exact(inner).map(move |column| dot(row, column))).collect()
}

/// Each row divided by the root of its mean square, times `gain`.
pub fn rmsnorm(x: &[f64], gain: &[f64], epsilon: f64) -> Vec<f64> {
    let normalise = |row: &[f64]| {
        let scale = 1.0 / (dot(row, row) / row.len() as f64 + epsilon).sqrt();
        row.iter().zip(gain).map(|(x, gain)| x * scale * gain).collect::<Vec<_>>()
    };
    x.chunks_exact(gain.len()).flat_map(normalise).collect()
}

/// Each row less its mean, divided by its standard deviation, times `gain`.
pub fn layernorm(x: &[f64], gain: &[f64], epsilon: f64) -> Vec<f64> {
    let width = gain.len();
    let centred = |row: &[f64]| {
        let mean = row.iter().sum::<f64>() / width as f64;
        row.iter().map(|x| x - mean).collect::<Vec<_>>()
    };
    let centred: Vec<f64> = x.chunks_exact(width).flat_map(centred).collect();
    rmsnorm(&centred, gain, epsilon)
}

/// Rotates the heads of each row by the row's number: the pair `(i, i + head/2)` turns by `row · theta^(-2i/head)`.
pub fn rope(x: &mut [f64], heads: usize, head: usize, theta: f64) {
    let half = head / 2;
    for (position, row) in x.chunks_exact_mut(heads * head).enumerate() {
        for part in row.chunks_exact_mut(head) {
            for i in 0..half {
                let angle = position as f64 * theta.powf(-2.0 * i as f64 / head as f64);
                let (sin, cos) = angle.sin_cos();
                let (a, b) = (part[i], part[i + half]);
                part[i] = a * cos - b * sin;
                part[i + half] = b * cos + a * sin;
            }
        }
    }
}

/// Attention; `[heads, key_heads, head]`, query head `h` reads key head `h / (heads / key_heads)`. Where it is causal, a
/// row sees itself and those before it, else all rows.
pub fn attention(
    query: &[f64],
    key: &[f64],
    value: &[f64],
    [heads, key_heads, head]: [usize; 3],
    causal: bool,
) -> Vec<f64> {
    let positions = query.len() / (heads * head);
    let group = heads / key_heads;
    let part = |x: &'_ [f64], position: usize, heads: usize, h: usize| -> Vec<f64> {
        let start = (position * heads + h) * head;
        x[start..start + head].to_vec()
    };
    let mut out = Vec::with_capacity(query.len());
    for i in 0..positions {
        let seen = if causal { i + 1 } else { positions };
        for h in 0..heads {
            let q = part(query, i, heads, h);
            let scores: Vec<f64> =
                (0..seen).map(|j| dot(&q, &part(key, j, key_heads, h / group)) / (head as f64).sqrt()).collect();
            let normaliser = log_sum_exp(&scores);
            let mut mixed = vec![0.0; head];
            for (j, score) in scores.iter().enumerate() {
                let weight = (score - normaliser).exp();
                for (sum, v) in mixed.iter_mut().zip(part(value, j, key_heads, h / group)) {
                    *sum += weight * v;
                }
            }
            out.extend(mixed);
        }
    }
    out
}

/// The function of each element.
pub fn activated(activation: Activation, x: &[f64]) -> Vec<f64> {
    let function = |&x: &f64| match activation {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::GeluTanh => {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }
        // Phi by the complement, which keeps its digits where Phi is small.
        Activation::GeluErf => 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        // Not `max`, which makes a zero of what is not a number.
        Activation::Relu => {
            if x < 0.0 {
                0.0
            } else {
                x
            }
        }
    };
    x.iter().map(function).collect()
}

/// Element by element.
pub fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Element by element.
pub fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// The mean of rows of `width`, scaled to length one; not finite where it is zero.
pub fn direction_of_mean(x: &[f64], width: usize) -> Vec<f64> {
    // The number of rows scales the sum, and so does not matter.
    let total = x.chunks_exact(width).fold(vec![0.0; width], |total, row| sum(&total, row));
    let length = dot(&total, &total).sqrt();
    total.iter().map(|x| x / length).collect()
}

/// `-log softmax(row)[target]` of each row of `width` logits, in nats.
pub fn losses(logits: &[f64], width: usize, targets: &[u32]) -> Vec<f64> {
    logits.chunks_exact(width).zip(targets).map(|(row, &target)| log_sum_exp(row) - row[target as usize]).collect()
}

fn log_sum_exp(x: &[f64]) -> f64 {
    let highest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest + x.iter().map(|x| (x - highest).exp()).sum::<f64>().ln()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
