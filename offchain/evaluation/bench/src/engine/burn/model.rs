//! Weights in burn's tensors, laid out as its own layers have them.

use burn::tensor::{Device, Tensor, TensorData};
use inktensor_evaluation::model::{Head, Linear, Norm, Perceptron, Position, Transformer, Weights};

use crate::error::BenchError;

/// A product, and a bias where there is one.
pub struct BurnLinear {
    /// `[inputs, outputs]`, as burn multiplies.
    pub weight: Tensor<2>,
    pub bias: Option<Tensor<1>>,
}

/// A norm.
pub struct BurnNorm {
    pub gain: Tensor<1>,
    pub bias: Option<Tensor<1>>,
}

/// A layer.
pub struct BurnLayer {
    pub attention_norm: BurnNorm,
    pub query: BurnLinear,
    pub key: BurnLinear,
    pub value: BurnLinear,
    pub output: BurnLinear,
    pub feed_norm: BurnNorm,
    pub gate: Option<BurnLinear>,
    pub up: BurnLinear,
    pub down: BurnLinear,
}

/// Rows of tokens, in as many tensors as a device needs that binds less than all.
pub struct Table(pub Vec<Shard>);

/// Neighbouring rows of a table.
pub struct Shard {
    /// The first row's token.
    pub start: usize,
    /// `[rows, hidden]`.
    pub rows: Tensor<2>,
}

/// A transformer.
pub struct BurnTransformer {
    pub device: Device,
    pub shape: Transformer,
    pub table: Table,
    pub positions: Option<Tensor<2>>,
    pub segment: Option<Tensor<1>>,
    pub embedding_norm: Option<BurnNorm>,
    pub layers: Vec<BurnLayer>,
    pub norm: Option<BurnNorm>,
    /// None where the table is the head.
    pub head: Option<Table>,
    /// Cosines and sines of the turns, `[1, 1, length, head / 2]`.
    pub turns: Option<[Tensor<4>; 2]>,
}

/// A perceptron.
pub struct BurnPerceptron {
    pub device: Device,
    pub shape: Perceptron,
    pub products: Vec<BurnLinear>,
}

impl BurnTransformer {
    /// Copies a model to the device, with turns for sequences of `length`.
    pub fn load(
        device: &Device,
        binding: u64,
        shape: &Transformer,
        weights: &dyn Weights,
        length: usize,
    ) -> Result<Self, BenchError> {
        let embedding = weights.embedding()?;
        let tail = weights.tail()?;
        let mut layers = Vec::with_capacity(shape.layers);
        for index in 0..shape.layers {
            let layer = weights.layer(index)?;
            layers.push(BurnLayer {
                attention_norm: norm(device, &layer.attention_norm),
                query: linear(device, &layer.query),
                key: linear(device, &layer.key),
                value: linear(device, &layer.value),
                output: linear(device, &layer.output),
                feed_norm: norm(device, &layer.feed_norm),
                gate: layer.gate.as_ref().map(|gate| linear(device, gate)),
                up: linear(device, &layer.up),
                down: linear(device, &layer.down),
            });
        }
        let table = |rows: &[f32]| table(device, binding, rows, shape.hidden);
        let head = match &tail.head {
            Head::Language(Some(head)) => Some(table(&head.weight)),
            Head::Language(None) | Head::Embedding | Head::Classes { .. } => None,
        };
        Ok(Self {
            device: device.clone(),
            shape: shape.clone(),
            table: table(&embedding.tokens),
            positions: embedding.positions.map(|rows| matrix(device, rows, shape.hidden)),
            segment: embedding.segment.map(|row| vector(device, row)),
            embedding_norm: embedding.norm.as_ref().map(|weights| norm(device, weights)),
            layers,
            norm: tail.norm.as_ref().map(|weights| norm(device, weights)),
            head,
            turns: turns(device, shape, length),
        })
    }
}

impl BurnPerceptron {
    /// Copies a model to the device.
    pub fn load(device: &Device, shape: &Perceptron, weights: &dyn Weights) -> Result<Self, BenchError> {
        let products = weights.products()?.iter().map(|product| linear(device, product)).collect();
        Ok(Self { device: device.clone(), shape: shape.clone(), products })
    }
}

fn vector(device: &Device, numbers: Vec<f32>) -> Tensor<1> {
    let shape = [numbers.len()];
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

fn matrix(device: &Device, numbers: Vec<f32>, width: usize) -> Tensor<2> {
    let shape = [numbers.len() / width, width];
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

fn norm(device: &Device, norm: &Norm) -> BurnNorm {
    BurnNorm { gain: vector(device, norm.gain.clone()), bias: norm.bias.clone().map(|bias| vector(device, bias)) }
}

fn linear(device: &Device, linear: &Linear) -> BurnLinear {
    let (inputs, outputs) = (linear.inputs, linear.outputs());
    let transposed =
        (0..inputs).flat_map(|input| linear.weight.iter().skip(input).step_by(inputs).copied()).collect::<Vec<f32>>();
    BurnLinear {
        weight: matrix(device, transposed, outputs),
        bias: linear.bias.clone().map(|bias| vector(device, bias)),
    }
}

fn table(device: &Device, binding: u64, rows: &[f32], hidden: usize) -> Table {
    let bytes = size_of_val(rows) as u64;
    let shards = bytes.div_ceil(binding).max(1) as usize;
    let count = (rows.len() / hidden).div_ceil(shards);
    let shard =
        |(index, rows): (usize, &[f32])| Shard { start: index * count, rows: matrix(device, rows.to_vec(), hidden) };
    Table(rows.chunks(count * hidden).enumerate().map(shard).collect())
}

fn turns(device: &Device, shape: &Transformer, length: usize) -> Option<[Tensor<4>; 2]> {
    let Position::Rotary { theta } = shape.position else { return None };
    let half = shape.head / 2;
    let angle = |index: usize| {
        let (position, pair) = (index / half, index % half);
        position as f64 * theta.powf(-2.0 * pair as f64 / shape.head as f64)
    };
    let tensor = |function: fn(f64) -> f64| {
        let numbers = (0..length * half).map(|index| function(angle(index)) as f32).collect::<Vec<f32>>();
        Tensor::from_data(TensorData::new(numbers, [1, 1, length, half]), device)
    };
    Some([tensor(f64::cos), tensor(f64::sin)])
}
