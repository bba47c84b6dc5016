//! Softmax over the positions that a byte may look back on, as one candle operation with its own gradient.
//!
//! candle's own softmax with a gradient is a chain of eight passes over the largest tensor of the model. This one is
//! one pass forward and one back.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};

/// `softmax(scale * scores)` over the last dimension, where row `i` sees columns `0..=i mod columns`; the rest is 0.
///
/// Shape `(..., rows, columns)`. With several query heads on one key head their rows are stacked, so `rows` is a
/// multiple of `columns`.
#[derive(Debug, Clone, Copy)]
pub struct CausalSoftmax {
    /// Factor on the scores: one over the root of the head size.
    pub scale: f32,
}

/// The slice that a contiguous tensor covers.
fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("causal softmax takes contiguous tensors"),
    }
}

impl CustomOp1 for CausalSoftmax {
    fn name(&self) -> &'static str {
        "causal-softmax"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scores = contiguous(storage, layout)?;
        let columns = layout.shape().dims().last().copied().unwrap_or(1);
        let mut out = vec![0f32; scores.len()];
        for (row, (scores, out)) in scores.chunks_exact(columns).zip(out.chunks_exact_mut(columns)).enumerate() {
            let seen = row % columns + 1;
            let (scores, out) = (&scores[..seen], &mut out[..seen]);
            let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0f32;
            for (out, score) in out.iter_mut().zip(scores) {
                *out = ((score - top) * self.scale).exp();
                sum += *out;
            }
            out.iter_mut().for_each(|out| *out /= sum);
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _scores: &Tensor, result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let backward = CausalSoftmaxBackward { scale: self.scale };
        result.apply_op2_no_bwd(&gradient.contiguous()?, &backward).map(Some)
    }
}

/// `scale * p * (g - sum(g * p))` by row, of the result `p` and its gradient `g`.
struct CausalSoftmaxBackward {
    scale: f32,
}

impl CustomOp2 for CausalSoftmaxBackward {
    fn name(&self) -> &'static str {
        "causal-softmax-backward"
    }

    fn cpu_fwd(
        &self,
        result: &CpuStorage,
        result_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let result = contiguous(result, result_layout)?;
        let gradient = contiguous(gradient, gradient_layout)?;
        let columns = result_layout.shape().dims().last().copied().unwrap_or(1);
        let mut out = vec![0f32; result.len()];
        let rows = result.chunks_exact(columns).zip(gradient.chunks_exact(columns)).zip(out.chunks_exact_mut(columns));
        for (row, ((p, g), out)) in rows.enumerate() {
            let seen = row % columns + 1;
            let (p, g, out) = (&p[..seen], &g[..seen], &mut out[..seen]);
            let dot: f32 = p.iter().zip(g).map(|(p, g)| p * g).sum();
            for (out, (p, g)) in out.iter_mut().zip(p.iter().zip(g)) {
                *out = self.scale * p * (g - dot);
            }
        }
        Ok((CpuStorage::F32(out), result_layout.shape().clone()))
    }
}
