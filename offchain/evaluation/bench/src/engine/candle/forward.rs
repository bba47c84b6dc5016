//! A forward pass in candle's layers and operations.

use candle_core::{D, Device, IndexOp, Module, Result, Tensor};
use candle_nn::{Linear as CandleLinear, ops, rotary_emb};
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Activation, NormKind, Placement, Transformer};

use super::model::{CandleLayer, CandleNorm, CandlePerceptron, CandleTransformer};
use crate::workload::Answers;

/// Logits of the head that are there at once.
const LOGITS: usize = 16 << 20;

impl CandleTransformer {
    /// The loss of each window.
    pub fn losses(&self, windows: &[Window]) -> Result<Answers> {
        let sequences: Vec<&[u32]> = windows.iter().map(Window::inputs).collect();
        let states = self.states(&sequences)?;
        let (_, length, hidden) = states.dims3()?;
        let states = states.reshape(((), hidden))?;
        let targets: Vec<u32> = windows.iter().flat_map(|window| window.tokens()[1..].iter().copied()).collect();
        let rows = (LOGITS / self.shape.vocabulary).max(1);
        let mut losses = Vec::with_capacity(targets.len());
        for (index, targets) in targets.chunks(rows).enumerate() {
            let logits = self.head.forward(&states.narrow(0, index * rows, targets.len())?)?;
            let targets = Tensor::from_slice(targets, (targets.len(), 1), &Device::Cpu)?;
            let found = ops::log_softmax(&logits, D::Minus1)?.gather(&targets, 1)?.neg()?;
            losses.extend(found.flatten_all()?.to_vec1::<f32>()?);
        }
        let loss = |(window, losses): (&Window, &[f32])| {
            vec![losses[window.first() - 1..].iter().copied().map(f64::from).sum()]
        };
        Ok(windows.iter().zip(losses.chunks_exact(length)).map(loss).collect())
    }

    /// The embedding of each text.
    pub fn embeddings(&self, texts: &[Vec<u32>]) -> Result<Answers> {
        let sequences: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let means = self.states(&sequences)?.mean(1)?;
        let lengths = means.sqr()?.sum_keepdim(1)?.sqrt()?;
        Ok(widen(means.broadcast_div(&lengths)?.to_vec2::<f32>()?))
    }

    /// The final states of sequences of one length, `[batch, length, hidden]`.
    fn states(&self, sequences: &[&[u32]]) -> Result<Tensor> {
        let length = sequences.first().map_or(0, |sequence| sequence.len());
        let tokens = Tensor::new(sequences.concat(), &Device::Cpu)?;
        let mut x = self.tokens.index_select(&tokens, 0)?.reshape((sequences.len(), length, self.shape.hidden))?;
        if let Some(positions) = &self.positions {
            x = x.broadcast_add(&positions.i(..length)?)?;
        }
        if let Some(segment) = &self.segment {
            x = x.broadcast_add(segment)?;
        }
        if let Some(norm) = &self.embedding_norm {
            x = self.normed(&x, norm)?;
        }
        for layer in &self.layers {
            x = match self.shape.placement {
                Placement::Before => {
                    let x = (&x + self.attended(&self.normed(&x, &layer.attention_norm)?, layer)?)?;
                    (&x + self.fed(&self.normed(&x, &layer.feed_norm)?, layer)?)?
                }
                Placement::After => {
                    let x = self.normed(&(&x + self.attended(&x, layer)?)?, &layer.attention_norm)?;
                    self.normed(&(&x + self.fed(&x, layer)?)?, &layer.feed_norm)?
                }
            };
        }
        match &self.norm {
            Some(norm) => self.normed(&x, norm),
            None => Ok(x),
        }
    }

    fn attended(&self, x: &Tensor, layer: &CandleLayer) -> Result<Tensor> {
        let (batch, length, _) = x.dims3()?;
        let Transformer { heads, key_heads, head, .. } = self.shape;
        let split = |linear: &CandleLinear, count: usize| {
            linear.forward(x)?.reshape((batch, length, count, head))?.transpose(1, 2)?.contiguous()
        };
        let query = self.turned(split(&layer.query, heads)?)?;
        let key = self.shared(self.turned(split(&layer.key, key_heads)?)?)?;
        let value = self.shared(split(&layer.value, key_heads)?)?;
        let mut scores = (query.matmul(&key.t()?)? / (head as f64).sqrt())?;
        if let Some(mask) = &self.mask {
            scores = scores.broadcast_add(mask)?;
        }
        let mixed = ops::softmax_last_dim(&scores)?.matmul(&value)?;
        layer.output.forward(&mixed.transpose(1, 2)?.reshape((batch, length, heads * head))?)
    }

    /// Keys or values once for each query head.
    fn shared(&self, x: Tensor) -> Result<Tensor> {
        let (batch, count, length, head) = x.dims4()?;
        let times = self.shape.heads / count;
        if times == 1 {
            return Ok(x);
        }
        x.unsqueeze(2)?.expand((batch, count, times, length, head))?.reshape((batch, count * times, length, head))
    }

    fn turned(&self, x: Tensor) -> Result<Tensor> {
        match &self.turns {
            Some([cosines, sines]) => rotary_emb::rope(&x, cosines, sines),
            None => Ok(x),
        }
    }

    fn fed(&self, x: &Tensor, layer: &CandleLayer) -> Result<Tensor> {
        let up = layer.up.forward(x)?;
        let inner = match &layer.gate {
            Some(gate) => (activated(self.shape.activation, &gate.forward(x)?)? * up)?,
            None => activated(self.shape.activation, &up)?,
        };
        layer.down.forward(&inner)
    }

    fn normed(&self, x: &Tensor, norm: &CandleNorm) -> Result<Tensor> {
        let epsilon = self.shape.epsilon as f32;
        match (self.shape.norm, &norm.bias) {
            (NormKind::Layer, Some(bias)) => ops::layer_norm(&x.contiguous()?, &norm.gain, bias, epsilon),
            (NormKind::Layer, None) => candle_core::bail!("a norm of mean and variance has a bias"),
            (NormKind::Rms, _) => ops::rms_norm(&x.contiguous()?, &norm.gain, epsilon),
        }
    }
}

impl CandlePerceptron {
    /// The logits of each vector.
    pub fn classes(&self, features: &[f32], width: usize) -> Result<Answers> {
        let mut x = Tensor::from_slice(features, (features.len() / width, width), &Device::Cpu)?;
        for (index, product) in self.products.iter().enumerate() {
            if index > 0 {
                x = activated(self.shape.activation, &x)?;
            }
            x = product.forward(&x)?;
        }
        Ok(widen(x.to_vec2::<f32>()?))
    }
}

fn activated(function: Activation, x: &Tensor) -> Result<Tensor> {
    match function {
        Activation::Silu => ops::silu(x),
        Activation::GeluTanh => x.gelu(),
        Activation::GeluErf => x.gelu_erf(),
        Activation::Relu => x.relu(),
    }
}

fn widen(vectors: Vec<Vec<f32>>) -> Answers {
    vectors.into_iter().map(|vector| vector.into_iter().map(f64::from).collect()).collect()
}
