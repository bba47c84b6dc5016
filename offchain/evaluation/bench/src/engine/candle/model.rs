//! Weights in candle's tensors and layers.

use candle_core::{Device, Result, Tensor};
use candle_nn::Linear as CandleLinear;
use inktensor_evaluation::model::{Head, Linear, Norm, Perceptron, Position, Transformer};

use crate::error::BenchError;
use crate::workload::Workload;

/// A norm.
pub struct CandleNorm {
    pub gain: Tensor,
    pub bias: Option<Tensor>,
}

/// A layer.
pub struct CandleLayer {
    pub attention_norm: CandleNorm,
    pub query: CandleLinear,
    pub key: CandleLinear,
    pub value: CandleLinear,
    pub output: CandleLinear,
    pub feed_norm: CandleNorm,
    pub gate: Option<CandleLinear>,
    pub up: CandleLinear,
    pub down: CandleLinear,
}

/// A transformer.
pub struct CandleTransformer {
    pub shape: Transformer,
    pub tokens: Tensor,
    pub positions: Option<Tensor>,
    pub segment: Option<Tensor>,
    pub embedding_norm: Option<CandleNorm>,
    pub layers: Vec<CandleLayer>,
    pub norm: Option<CandleNorm>,
    pub head: CandleLinear,
    /// Cosines and sines of the turns, `[length, head / 2]`.
    pub turns: Option<[Tensor; 2]>,
    /// Added to scores: minus infinity for what is ahead, `[length, length]`.
    pub mask: Option<Tensor>,
}

/// A perceptron.
pub struct CandlePerceptron {
    pub shape: Perceptron,
    pub products: Vec<CandleLinear>,
}

impl CandleTransformer {
    /// Copies a model, with turns and a mask for sequences as long as the questions.
    pub fn load(workload: &Workload, shape: &Transformer) -> std::result::Result<Self, BenchError> {
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
        Ok(Self {
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
}

impl CandlePerceptron {
    /// Copies a model.
    pub fn load(workload: &Workload, shape: &Perceptron) -> std::result::Result<Self, BenchError> {
        let products = workload.model.weights().products()?;
        let products = products.iter().map(linear).collect::<Result<_>>()?;
        Ok(Self { shape: shape.clone(), products })
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
