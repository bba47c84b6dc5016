//! What engines are asked: a model, and questions of one length each.

use std::path::Path;
use std::sync::Arc;

use inktensor_evaluation::model::{Activation, Architecture, Limits, Model, Output, Perceptron, Transformer};
use inktensor_evaluation::task::Work;
use inktensor_evaluation::{Digest, Window};

use crate::error::BenchError;
use crate::weights;

/// Seeds all weights and tokens.
const SEED: u64 = 7;

/// A model and what it is asked.
#[derive(Debug)]
pub struct Workload {
    /// What it is called in reports.
    pub name: String,
    /// The model.
    pub model: Model,
    /// What it is asked at once.
    pub questions: Questions,
    /// Floating-point operations of all answers.
    pub operations: u64,
}

/// Questions, all of the same length.
#[derive(Debug)]
pub enum Questions {
    /// How likely are the windows?
    Losses(Vec<Window>),
    /// Where do the texts lie?
    Embeddings(Vec<Vec<u32>>),
    /// Which class have these vectors? One behind the other, each as wide as given.
    Classes(Vec<f32>, usize),
}

/// For each question its answer: a loss in nats, the features of an embedding, or logits of classes.
pub type Answers = Vec<Vec<f64>>;

impl Questions {
    /// Number of questions.
    pub fn count(&self) -> usize {
        match self {
            Self::Losses(windows) => windows.len(),
            Self::Embeddings(texts) => texts.len(),
            Self::Classes(features, width) => features.len() / width,
        }
    }

    /// Tokens, or vectors, that a model reads for all answers.
    pub fn read(&self) -> usize {
        match self {
            Self::Losses(windows) => windows.iter().map(|window| window.inputs().len()).sum(),
            Self::Embeddings(texts) => texts.iter().map(Vec::len).sum(),
            Self::Classes(..) => self.count(),
        }
    }
}

/// How much is asked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Sequences.
    pub count: usize,
    /// Tokens that a model reads of each.
    pub length: usize,
}

impl Workload {
    /// A published shape, of all its layers or the first few, with weights from a seed.
    pub fn of_shape(name: &str, mut shape: Transformer, layers: Option<usize>, size: Size) -> Result<Self, BenchError> {
        let whole = shape.layers;
        shape.layers = layers.unwrap_or(whole).min(whole);
        let cut = if shape.layers < whole { format!(", {} of {whole} layers", shape.layers) } else { String::new() };
        let draw = |index: usize, count| weights::tokens(SEED + 1 + index as u64, count, shape.vocabulary);
        let questions = if shape.output == Output::Embedding {
            Questions::Embeddings((0..size.count).map(|index| draw(index, size.length)).collect())
        } else {
            let window = |index| Window::new(draw(index, size.length + 1), 1, size.length as u32);
            Questions::Losses((0..size.count).map(window).collect::<Result<_, _>>()?)
        };
        let seeded = Arc::new(weights::Seeded::new(shape.clone(), SEED));
        let name = format!("{name}{cut}");
        let model = Model::of_weights(Architecture::Transformer(shape), Digest::of(name.as_bytes()), seeded);
        let operations = Work::of(model.architecture(), vec![size.length; size.count]).operations;
        Ok(Self { name, model, questions, operations })
    }

    /// A committed model on the start of the held-out text, in windows of bytes.
    pub fn committed(name: &str, file: &Path, text: &Path, size: Size) -> Result<Self, BenchError> {
        let model = Model::from_bytes(&read(file)?, &Limits::default())?;
        let text = read(text)?;
        let windows = text.chunks_exact(size.length + 1).take(size.count).map(Window::of_bytes);
        let questions = Questions::Losses(windows.collect::<Result<_, _>>()?);
        let operations = Work::of(model.architecture(), vec![size.length; questions.count()]).operations;
        Ok(Self { name: name.to_owned(), model, questions, operations })
    }

    /// Products with bias and ReLU, `pairs` times from `inner` features to `outer` and back, of `rows` vectors: as much
    /// work as in a transformer's layers, and little else.
    pub fn products([inner, outer]: [usize; 2], pairs: usize, rows: usize) -> Self {
        let widths: Vec<usize> = [inner, outer].into_iter().cycle().take(2 * pairs + 1).collect();
        let shape = Perceptron { widths, activation: Activation::Relu };
        let products = Arc::new(weights::products(&shape, SEED));
        let name = format!("products of {rows} x {inner} x {outer}");
        let model = Model::of_weights(Architecture::Perceptron(shape), Digest::of(name.as_bytes()), products);
        let questions = Questions::Classes(weights::numbers(SEED + 1, rows * inner, 1.0), inner);
        Self { name, model, questions, operations: (4 * pairs * rows * inner * outer) as u64 }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, BenchError> {
    std::fs::read(path).map_err(|error| BenchError::File { path: path.to_owned(), reason: error.to_string() })
}
