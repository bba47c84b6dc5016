//! Scalar f64 operations. Matrices are row-major; a weight is `[out, in]`.

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

/// Causal attention; `[heads, key_heads, head]`, query head `h` reads key head `h / (heads / key_heads)`.
pub fn attention(query: &[f64], key: &[f64], value: &[f64], [heads, key_heads, head]: [usize; 3]) -> Vec<f64> {
    let positions = query.len() / (heads * head);
    let group = heads / key_heads;
    let part = |x: &'_ [f64], position: usize, heads: usize, h: usize| -> Vec<f64> {
        let start = (position * heads + h) * head;
        x[start..start + head].to_vec()
    };
    let mut out = Vec::with_capacity(query.len());
    for i in 0..positions {
        for h in 0..heads {
            let q = part(query, i, heads, h);
            let scores: Vec<f64> =
                (0..=i).map(|j| dot(&q, &part(key, j, key_heads, h / group)) / (head as f64).sqrt()).collect();
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

/// `silu(gate) · up`.
pub fn swiglu(gate: &[f64], up: &[f64]) -> Vec<f64> {
    gate.iter().zip(up).map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up).collect()
}

/// `-log softmax(hidden · headᵀ)[target]` of each row, in nats.
pub fn cross_entropy(hidden: &[f64], head: &[f64], width: usize, targets: &[u32]) -> Vec<f64> {
    let loss = |(row, &target): (&[f64], &u32)| {
        let logits = matmul(row, head, width);
        log_sum_exp(&logits) - logits[target as usize]
    };
    hidden.chunks_exact(width).zip(targets).map(loss).collect()
}

fn log_sum_exp(x: &[f64]) -> f64 {
    let highest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest + x.iter().map(|x| (x - highest).exp()).sum::<f64>().ln()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
