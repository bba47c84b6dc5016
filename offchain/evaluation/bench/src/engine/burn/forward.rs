//! A forward pass in burn's operations.

use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Int, Tensor, TensorData, activation, module};
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Activation, NormKind, Placement};

use super::failed;
use super::model::{BurnLayer, BurnLinear, BurnNorm, BurnPerceptron, BurnTransformer, Shard};
use crate::error::BenchError;
use crate::workload::Answers;

/// Logits of the head that are there at once.
const LOGITS: usize = 16 << 20;

impl BurnTransformer {
    /// The loss of each window.
    pub fn losses(&self, windows: &[Window]) -> Result<Answers, BenchError> {
        let sequences: Vec<&[u32]> = windows.iter().map(Window::inputs).collect();
        let states = self.states(&sequences);
        let [batch, length, hidden] = states.dims();
        let states = states.reshape([batch * length, hidden]);
        let targets: Vec<u32> = windows.iter().flat_map(|window| window.tokens()[1..].iter().copied()).collect();
        let head = self.head.as_ref().unwrap_or(&self.table);
        let widest = head.0.iter().map(|shard| shard.rows.dims()[0]).max().unwrap_or(1);
        let rows = (LOGITS / widest).max(1);
        let losses = targets.chunks(rows).enumerate().map(|(index, targets)| {
            let states = states.clone().narrow(0, index * rows, targets.len());
            self.head_losses(&head.0, states, targets)
        });
        let losses = numbers(Tensor::cat(losses.collect(), 0))?;
        let loss = |(window, losses): (&Window, &[f32])| {
            vec![losses[window.first() - 1..].iter().copied().map(f64::from).sum()]
        };
        Ok(windows.iter().zip(losses.chunks_exact(length)).map(loss).collect())
    }

    /// The embedding of each text.
    pub fn embeddings(&self, texts: &[Vec<u32>]) -> Result<Answers, BenchError> {
        let sequences: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let means = self.states(&sequences).mean_dim(1);
        let [batch, _, hidden] = means.dims();
        let means = means.reshape([batch, hidden]);
        let lengths = means.clone().square().sum_dim(1).sqrt();
        rows(means / lengths, hidden)
    }

    /// The final states of sequences of one length, `[batch, length, hidden]`.
    fn states(&self, sequences: &[&[u32]]) -> Tensor<3> {
        let length = sequences.first().map_or(0, |sequence| sequence.len());
        let tokens: Vec<u32> = sequences.concat();
        let rows = self.table.0.iter().map(|shard| self.looked_up(shard, &tokens, length)).reduce(|a, b| a + b);
        let mut x = rows.unwrap_or_else(|| Tensor::zeros([0, length, self.shape.hidden], &self.device));
        if let Some(positions) = &self.positions {
            x = x + positions.clone().narrow(0, 0, length).unsqueeze::<3>();
        }
        if let Some(segment) = &self.segment {
            x = x + segment.clone().unsqueeze::<3>();
        }
        if let Some(norm) = &self.embedding_norm {
            x = self.normed(x, norm);
        }
        for layer in &self.layers {
            x = match self.shape.placement {
                Placement::Before => {
                    let x = x.clone() + self.attended(self.normed(x, &layer.attention_norm), layer);
                    x.clone() + self.fed(self.normed(x, &layer.feed_norm), layer)
                }
                Placement::After => {
                    let x = self.normed(x.clone() + self.attended(x, layer), &layer.attention_norm);
                    self.normed(x.clone() + self.fed(x, layer), &layer.feed_norm)
                }
            };
        }
        match &self.norm {
            Some(norm) => self.normed(x, norm),
            None => x,
        }
    }

    /// Rows of a shard's tokens, zeros for those of other shards.
    fn looked_up(&self, shard: &Shard, tokens: &[u32], length: usize) -> Tensor<3> {
        let shape = [tokens.len() / length, length];
        let (local, own) = self.local(shard, tokens);
        let rows = module::embedding(shard.rows.clone(), local.reshape(shape));
        match own {
            Some(own) => rows * own.reshape([shape[0], shape[1], 1]),
            None => rows,
        }
    }

    /// Places of tokens in a shard, and which of them are its own where not all are.
    fn local(&self, shard: &Shard, tokens: &[u32]) -> (Tensor<1, Int>, Option<Tensor<1>>) {
        let count = shard.rows.dims()[0];
        let place = |&token: &u32| (token as usize).wrapping_sub(shard.start);
        let places = tokens.iter().map(|token| place(token).min(count - 1) as i32).collect::<Vec<i32>>();
        let own = tokens.iter().map(|token| f32::from(place(token) < count)).collect::<Vec<f32>>();
        let places = Tensor::from_data(TensorData::new(places, [tokens.len()]), &self.device);
        let own = (count < self.shape.vocabulary)
            .then(|| Tensor::from_data(TensorData::new(own, [tokens.len()]), &self.device));
        (places, own)
    }

    fn attended(&self, x: Tensor<3>, layer: &BurnLayer) -> Tensor<3> {
        let [batch, length, _] = x.dims();
        let heads = |linear: &BurnLinear, count: usize| {
            apply(linear, x.clone()).reshape([batch, length, count, self.shape.head]).swap_dims(1, 2)
        };
        let query = self.turned(heads(&layer.query, self.shape.heads));
        let key = self.turned(heads(&layer.key, self.shape.key_heads));
        let value = heads(&layer.value, self.shape.key_heads);
        let options = AttentionModuleOptions { is_causal: self.shape.causal, ..Default::default() };
        let mixed = module::attention(query, key, value, None, None, options);
        apply(&layer.output, mixed.swap_dims(1, 2).reshape([batch, length, self.shape.query_width()]))
    }

    /// Turns the pairs of each head by their place.
    fn turned(&self, x: Tensor<4>) -> Tensor<4> {
        let Some([cosines, sines]) = &self.turns else { return x };
        let [_, _, length, head] = x.dims();
        let [cosines, sines] = [cosines, sines].map(|turns| turns.clone().narrow(2, 0, length));
        let (left, right) = (x.clone().narrow(3, 0, head / 2), x.narrow(3, head / 2, head / 2));
        let turned = [left.clone() * cosines.clone() - right.clone() * sines.clone(), right * cosines + left * sines];
        Tensor::cat(turned.into(), 3)
    }

    fn fed(&self, x: Tensor<3>, layer: &BurnLayer) -> Tensor<3> {
        let inner = match &layer.gate {
            Some(gate) => activated(self.shape.activation, apply(gate, x.clone())) * apply(&layer.up, x),
            None => activated(self.shape.activation, apply(&layer.up, x)),
        };
        apply(&layer.down, inner)
    }

    fn normed(&self, x: Tensor<3>, norm: &BurnNorm) -> Tensor<3> {
        match self.shape.norm {
            NormKind::Layer => module::layer_norm(x, norm.gain.clone(), norm.bias.clone(), self.shape.epsilon),
            NormKind::Rms => {
                let root = (x.clone().square().mean_dim(2) + self.shape.epsilon).sqrt();
                x / root * norm.gain.clone().unsqueeze::<3>()
            }
        }
    }

    /// Losses of the targets after `states`, one for each.
    fn head_losses(&self, head: &[Shard], states: Tensor<2>, targets: &[u32]) -> Tensor<1> {
        let rows = targets.len();
        let logits = |shard: &Shard| states.clone().matmul(shard.rows.clone().transpose());
        if let [shard] = head {
            let (places, _) = self.local(shard, targets);
            let losses = activation::log_softmax(logits(shard), 1).gather(1, places.reshape([rows, 1]));
            return losses.neg().reshape([rows]);
        }
        let (mut highest, mut sums, mut chosen) = (Vec::new(), Vec::new(), Vec::new());
        for shard in head {
            let logits = logits(shard);
            let (places, own) = self.local(shard, targets);
            let picked = logits.clone().gather(1, places.reshape([rows, 1]));
            chosen.push(match own {
                Some(own) => picked * own.reshape([rows, 1]),
                None => picked,
            });
            let top = logits.clone().max_dim(1);
            sums.push((logits - top.clone()).exp().sum_dim(1));
            highest.push(top);
        }
        let highest = Tensor::cat(highest, 1);
        let top = highest.clone().max_dim(1);
        let sum = (Tensor::cat(sums, 1) * (highest - top.clone()).exp()).sum_dim(1);
        (sum.log() + top - Tensor::cat(chosen, 1).sum_dim(1)).reshape([rows])
    }
}

impl BurnPerceptron {
    /// The logits of each vector.
    pub fn classes(&self, features: &[f32], width: usize) -> Result<Answers, BenchError> {
        let shape = [features.len() / width, width];
        let mut x: Tensor<2> = Tensor::from_data(TensorData::new(features.to_vec(), shape), &self.device);
        for (index, product) in self.products.iter().enumerate() {
            if index > 0 {
                x = activated(self.shape.activation, x);
            }
            x = apply(product, x);
        }
        let classes = x.dims()[1];
        rows(x, classes)
    }
}

fn apply<const D: usize>(linear: &BurnLinear, x: Tensor<D>) -> Tensor<D> {
    module::linear(x, linear.weight.clone(), linear.bias.clone())
}

fn activated<const D: usize>(function: Activation, x: Tensor<D>) -> Tensor<D> {
    match function {
        Activation::Silu => activation::silu(x),
        Activation::GeluTanh => activation::gelu_approximate(x),
        Activation::GeluErf => activation::gelu(x),
        Activation::Relu => activation::relu(x),
    }
}

/// A tensor's numbers on the host.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, BenchError> {
    let data = tensor.try_into_data().map_err(|error| failed(format!("{error:?}")))?;
    data.try_to_vec::<f32>().map_err(|error| failed(format!("{error:?}")))
}

fn rows(tensor: Tensor<2>, width: usize) -> Result<Answers, BenchError> {
    let row = |row: &[f32]| row.iter().copied().map(f64::from).collect();
    Ok(numbers(tensor)?.chunks_exact(width).map(row).collect())
}
