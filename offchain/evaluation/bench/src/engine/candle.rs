//! candle on the CPU. Its models of language give the last token's logits only, and it has no GPT-2: the forward pass is
//! written here with its layers and operations.

use candle_core::{D, Device, IndexOp, Module, Result, Tensor};
use candle_nn::{Linear as CandleLinear, ops, rotary_emb};
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{
    Activation, Architecture, Head, Linear, Norm, NormKind, Perceptron, Placement, Position, Transformer,
};

use super::{Engine, Lane, Loaded};
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

pub const NAME: &str = "candle-cpu";

/// Logits of the head that are there at once.
const LOGITS: usize = 16 << 20;

/// candle, with as many threads as the machine has.
pub struct Candle;

struct CandleNorm {
    gain: Tensor,
    bias: Option<Tensor>,
}

struct CandleLayer {
    attention_norm: CandleNorm,
    query: CandleLinear,
    key: CandleLinear,
    value: CandleLinear,
    output: CandleLinear,
    feed_norm: CandleNorm,
    gate: Option<CandleLinear>,
    up: CandleLinear,
    down: CandleLinear,
}

struct CandleTransformer {
    shape: Transformer,
    tokens: Tensor,
    positions: Option<Tensor>,
    segment: Option<Tensor>,
    embedding_norm: Option<CandleNorm>,
    layers: Vec<CandleLayer>,
    norm: Option<CandleNorm>,
    head: CandleLinear,
    /// Cosines and sines of the turns, `[length, head / 2]`.
    turns: Option<[Tensor; 2]>,
    /// Added to scores: minus infinity for what is ahead, `[length, length]`.
    mask: Option<Tensor>,
}

struct CandlePerceptron {
    shape: Perceptron,
    products: Vec<CandleLinear>,
}

impl Engine for Candle {
    fn name(&self) -> &'static str {
        NAME
    }

    fn lane(&self) -> Lane {
        Lane::Fast
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, workload: &Workload) -> std::result::Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        Ok(Some(match workload.model.architecture() {
            Architecture::Transformer(shape) if shape.head_norm => return Ok(None),
            Architecture::Transformer(shape) => Box::new(transformer(workload, shape)?),
            Architecture::Perceptron(shape) => {
                let products = workload.model.weights().products()?;
                let products = products.iter().map(linear).collect::<Result<_>>()?;
                Box::new(CandlePerceptron { shape: shape.clone(), products })
            }
        }))
    }
}

impl From<candle_core::Error> for BenchError {
    fn from(error: candle_core::Error) -> Self {
        Self::Peer { engine: NAME, reason: error.to_string() }
    }
}

impl Loaded for CandleTransformer {
    fn answer(&self, questions: &Questions) -> std::result::Result<Answers, BenchError> {
        Ok(match questions {
            Questions::Losses(windows) => self.losses(windows)?,
            Questions::Embeddings(texts) => self.embeddings(texts)?,
            Questions::Classes(..) => Vec::new(),
        })
    }
}

impl Loaded for CandlePerceptron {
    fn answer(&self, questions: &Questions) -> std::result::Result<Answers, BenchError> {
        let Questions::Classes(features, width) = questions else { return Ok(Vec::new()) };
        let mut x = Tensor::from_slice(features, (features.len() / width, *width), &Device::Cpu)?;
        for (index, product) in self.products.iter().enumerate() {
            if index > 0 {
                x = activated(self.shape.activation, &x)?;
            }
            x = product.forward(&x)?;
        }
        Ok(widen(x.to_vec2::<f32>()?))
    }
}

fn transformer(workload: &Workload, shape: &Transformer) -> std::result::Result<CandleTransformer, BenchError> {
    let weights = workload.model.weights();
    let length = workload.questions.read() / workload.questions.count().max(1);
    let (embedding, tail) = (weights.embedding()?, weights.tail()?);
    let mut layers = Vec::with_capacity(shape.layers);
    for index in 0..shape.layers {
        let layer = weights.layer(index)?;
        layers.push(CandleLayer {
            attention_norm: norm(&layer.attention_norm)?,
            query: linear(&layer.query)?,
            key: linear(&layer.key)?,
            value: linear(&layer.value)?,
            output: linear(&layer.output)?,
            feed_norm: norm(&layer.feed_norm)?,
            gate: layer.gate.as_ref().map(linear).transpose()?,
            up: linear(&layer.up)?,
            down: linear(&layer.down)?,
        });
    }
    let tokens = matrix(&embedding.tokens, shape.hidden)?;
    let head = match &tail.head {
        Head::Language(Some(head)) => linear(head)?,
        Head::Language(None) | Head::Embedding | Head::Classes { .. } => CandleLinear::new(tokens.clone(), None),
    };
    let ahead = |index: usize| if index % length > index / length { f32::NEG_INFINITY } else { 0.0 };
    let mask = (0..length * length).map(ahead).collect::<Vec<f32>>();
    Ok(CandleTransformer {
        shape: shape.clone(),
        tokens,
        positions: embedding.positions.map(|rows| matrix(&rows, shape.hidden)).transpose()?,
        segment: embedding.segment.map(|row| vector(&row)).transpose()?,
        embedding_norm: embedding.norm.as_ref().map(norm).transpose()?,
        layers,
        norm: tail.norm.as_ref().map(norm).transpose()?,
        head,
        turns: turns(shape, length)?,
        mask: shape.causal.then(|| matrix(&mask, length)).transpose()?,
    })
}

impl CandleTransformer {
    fn losses(&self, windows: &[Window]) -> Result<Answers> {
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

    fn embeddings(&self, texts: &[Vec<u32>]) -> Result<Answers> {
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

fn activated(function: Activation, x: &Tensor) -> Result<Tensor> {
    match function {
        Activation::Silu => ops::silu(x),
        Activation::GeluTanh => x.gelu(),
        Activation::GeluErf => x.gelu_erf(),
        Activation::Relu => x.relu(),
    }
}

fn turns(shape: &Transformer, length: usize) -> Result<Option<[Tensor; 2]>> {
    let Position::Rotary { theta } = shape.position else { return Ok(None) };
    let half = shape.head / 2;
    let angle = |index: usize| (index / half) as f64 * theta.powf(-2.0 * (index % half) as f64 / shape.head as f64);
    let tensor = |function: fn(f64) -> f64| {
        let numbers = (0..length * half).map(|index| function(angle(index)) as f32).collect::<Vec<f32>>();
        matrix(&numbers, half)
    };
    Ok(Some([tensor(f64::cos)?, tensor(f64::sin)?]))
}

fn vector(numbers: &[f32]) -> Result<Tensor> {
    Tensor::new(numbers, &Device::Cpu)
}

fn matrix(numbers: &[f32], width: usize) -> Result<Tensor> {
    Tensor::from_slice(numbers, (numbers.len() / width, width), &Device::Cpu)
}

fn norm(norm: &Norm) -> Result<CandleNorm> {
    Ok(CandleNorm { gain: vector(&norm.gain)?, bias: norm.bias.as_deref().map(vector).transpose()? })
}

fn linear(linear: &Linear) -> Result<CandleLinear> {
    let bias = linear.bias.as_deref().map(vector).transpose()?;
    Ok(CandleLinear::new(matrix(&linear.weight, linear.inputs)?, bias))
}

fn widen(vectors: Vec<Vec<f32>>) -> Answers {
    vectors.into_iter().map(|vector| vector.into_iter().map(f64::from).collect()).collect()
}
