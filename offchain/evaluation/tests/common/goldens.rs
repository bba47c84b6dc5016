//! The golden models of `tests/goldens`, and what the libraries that made them compute.

use std::path::{Path, PathBuf};

use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Limits, Model};
use safetensors::SafeTensors;

const NAMES: [&str; 8] = ["llama", "llama_tied_biased", "qwen2", "qwen3", "gpt2", "bert", "bert_classifier", "mlp"];

/// A model of a few thousand random weights.
pub struct Golden {
    pub name: &'static str,
    pub model: Model,
    pub cases: Vec<Case>,
}

/// An input, and what the model makes of it in f64. Matrices are row-major.
pub enum Case {
    /// `logits` is `[tokens, vocabulary]`; `nll` is that of the window. `states` holds `[tokens, hidden]` before each
    /// layer, then after the final norm.
    Language { window: Window, tokens: Vec<u32>, logits: Vec<f64>, nll: f64, states: Vec<Vec<f64>> },
    /// `states` holds `[tokens, hidden]` before each layer, then after the last.
    Embedding { tokens: Vec<u32>, embedding: Vec<f64>, states: Vec<Vec<f64>> },
    /// One logit for each class.
    TextClasses { tokens: Vec<u32>, logits: Vec<f64> },
    /// One logit for each class.
    Classes { features: Vec<f32>, logits: Vec<f64> },
}

/// All golden models.
pub fn all() -> Vec<Golden> {
    let golden = |name| {
        let folder = folder(name);
        Golden { name, model: Model::open(&folder, &Limits::default()).unwrap(), cases: cases(&folder) }
    };
    NAMES.map(golden).into()
}

/// Where a golden model lies.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name)
}

fn cases(folder: &Path) -> Vec<Case> {
    let file = std::fs::read(folder.join("cases.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    (0..).map_while(|index| case(&tensors, index)).collect()
}

fn case(tensors: &SafeTensors<'_>, index: usize) -> Option<Case> {
    let bytes = |name: &str| tensors.tensor(&format!("{index}.{name}")).ok().map(|tensor| tensor.data());
    let doubles = |name| bytes(name).map(|data| numbers(data, f64::from_le_bytes));
    let logits = doubles("logits");
    if let Some(features) = bytes("features") {
        return Some(Case::Classes { features: numbers(features, f32::from_le_bytes), logits: logits.unwrap() });
    }
    let tokens = numbers(bytes("tokens")?, |token| u32::try_from(i64::from_le_bytes(token)).unwrap());
    let states = || {
        let states = doubles("states").unwrap();
        let count = tensors.tensor(&format!("{index}.states")).unwrap().shape()[0];
        states.chunks_exact(states.len() / count).map(<[f64]>::to_vec).collect()
    };
    if let Some(embedding) = doubles("embedding") {
        return Some(Case::Embedding { tokens, embedding, states: states() });
    }
    let logits = logits.unwrap();
    Some(match doubles("nll") {
        Some(nll) => {
            let window = Window::new(tokens.clone(), 1, tokens.len() as u32 - 1).unwrap();
            Case::Language { window, tokens, logits, nll: nll[0], states: states() }
        }
        None => Case::TextClasses { tokens, logits },
    })
}

fn numbers<const SIZE: usize, T>(bytes: &[u8], number: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    bytes.chunks_exact(SIZE).map(|bytes| number(bytes.try_into().unwrap())).collect()
}
