//! Models: the file format, its hostile reading, and the identities of a model.
//!
//! A model is one `.safetensors` file. `__metadata__["config"]` holds the Hugging Face Llama configuration as JSON; the
//! tensors carry Hugging Face's names. Tokens are bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use blake2::Digest as _;

use crate::digest::{Blake2b256, Digest};

mod architecture;
mod config;
mod container;
mod error;
mod weights;

pub use architecture::{Activation, Architecture, NormKind, Output, Perceptron, Placement, Position, Transformer};
pub use config::VOCABULARY;
pub use container::MAX_HEADER;
pub use error::ModelError;
pub use weights::{Embedding, Head, Layer, Linear, Norm, Parts, Products, ReadError, Tail, Weights};

use config::Config;

use container::Container;

/// What a subnet allows of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Number of weights.
    pub parameters: u64,
}

impl Default for Limits {
    /// 256 MiB and 64 million weights: at most 256 MiB in memory, and any single matrix binds on lavapipe.
    fn default() -> Self {
        Self { file_bytes: 256 << 20, parameters: 64_000_000 }
    }
}

/// A model: well-formed, and every weight finite. Clones share the weights.
#[derive(Debug, Clone)]
pub struct Model {
    architecture: Architecture,
    digest: Digest,
    tensor_digest: Digest,
    weights: Arc<dyn Weights>,
}

/// Equal files and equal weights.
impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        (self.digest, self.tensor_digest) == (other.digest, other.tensor_digest)
    }
}

impl Model {
    /// Reads a file. The first thing that is wrong with it is returned; nothing is allocated for weights before the
    /// whole header has been checked against the configuration and the limits.
    pub fn from_bytes(file: &[u8], limits: &Limits) -> Result<Self, ModelError> {
        let bytes = file.len() as u64;
        if bytes > limits.file_bytes {
            return Err(ModelError::Oversized { bytes, limit: limits.file_bytes });
        }
        let container = Container::read(file)?;
        let config = Config::parse(container.config()?)?;
        let parameters = config.parameters();
        if parameters > limits.parameters {
            return Err(ModelError::TooManyParameters { parameters, limit: limits.parameters });
        }
        let shapes = shapes(&config);
        for (name, shape) in &shapes {
            container.check(name, shape)?;
        }
        let expected: BTreeSet<&str> = shapes.iter().map(|(name, _)| name.as_str()).collect();
        if let Some(name) = container.names().into_iter().find(|name| !expected.contains(name.as_str())) {
            return Err(ModelError::ExtraTensor { name });
        }
        let mut tensors = BTreeMap::new();
        for (name, shape) in shapes {
            let weights = container.weights(&name)?;
            tensors.insert(name, Tensor { shape, weights });
        }
        let tensor_digest = tensor_digest(&tensors);
        Self::assemble(config, Digest::of(file), tensor_digest, tensors)
    }

    fn assemble(
        config: Config,
        digest: Digest,
        tensor_digest: Digest,
        mut tensors: BTreeMap<String, Tensor>,
    ) -> Result<Self, ModelError> {
        let mut take = |name: String| match tensors.remove(&name) {
            Some(tensor) => Ok(tensor.weights),
            None => Err(ModelError::MissingTensor { name }),
        };
        let linear = |inputs, weight| Linear { inputs, weight, bias: None };
        let norm = |gain| Norm { gain, bias: None };
        let (hidden, inner) = (config.hidden, config.intermediate);
        let mut layers = Vec::with_capacity(config.layers);
        for layer in 0..config.layers {
            let mut part = |part: &str| take(format!("model.layers.{layer}.{part}.weight"));
            layers.push(Layer {
                attention_norm: norm(part("input_layernorm")?),
                query: linear(hidden, part("self_attn.q_proj")?),
                key: linear(hidden, part("self_attn.k_proj")?),
                value: linear(hidden, part("self_attn.v_proj")?),
                query_norm: None,
                key_norm: None,
                output: linear(hidden, part("self_attn.o_proj")?),
                feed_norm: norm(part("post_attention_layernorm")?),
                gate: Some(linear(hidden, part("mlp.gate_proj")?)),
                up: linear(hidden, part("mlp.up_proj")?),
                down: linear(inner, part("mlp.down_proj")?),
            });
        }
        let embedding = Embedding { tokens: take(EMBEDDING.to_owned())?, positions: None, segment: None, norm: None };
        let head = if config.tied { None } else { Some(linear(hidden, take(HEAD.to_owned())?)) };
        let tail = Tail { norm: Some(norm(take(NORM.to_owned())?)), head: Head::Language(head) };
        let parts = Parts { embedding, layers, tail };
        let architecture = Architecture::Transformer(config.architecture());
        Ok(Self { architecture, digest, tensor_digest, weights: Arc::new(parts) })
    }

    /// A model of weights at hand, which must fit the architecture: for tests, and for what training has just made.
    pub fn of_weights(architecture: Architecture, digest: Digest, weights: Arc<dyn Weights>) -> Self {
        Self { architecture, digest, tensor_digest: digest, weights }
    }

    /// The computation.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The weights, part by part.
    pub fn weights(&self) -> &dyn Weights {
        self.weights.as_ref()
    }

    /// blake2b-256 of the file: what a miner commits on chain.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// blake2b-256 of the weights alone, however they were written down: the file's metadata, the order of its tensors,
    /// the number format where it is exact, the sign of zeros, and a head that repeats the embedding do not change it.
    ///
    /// It covers, for each tensor in order of its name: the name's length (u32) and bytes, the rank (u32) and the
    /// dimensions (u64), and the weights as f32 with -0 as +0; all little-endian.
    pub fn tensor_digest(&self) -> Digest {
        self.tensor_digest
    }
}

struct Tensor {
    shape: Vec<usize>,
    weights: Vec<f32>,
}

const EMBEDDING: &str = "model.embed_tokens.weight";
const NORM: &str = "model.norm.weight";
const HEAD: &str = "lm_head.weight";

/// Name and shape of every tensor of an architecture.
fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (hidden, keys, inner) = (config.hidden, config.key_width(), config.intermediate);
    let table = vec![VOCABULARY, hidden];
    let mut shapes = vec![(EMBEDDING.to_owned(), table.clone()), (NORM.to_owned(), vec![hidden])];
    if !config.tied {
        shapes.push((HEAD.to_owned(), table));
    }
    for layer in 0..config.layers {
        let parts = [
            ("input_layernorm", vec![hidden]),
            ("self_attn.q_proj", vec![hidden, hidden]),
            ("self_attn.k_proj", vec![keys, hidden]),
            ("self_attn.v_proj", vec![keys, hidden]),
            ("self_attn.o_proj", vec![hidden, hidden]),
            ("post_attention_layernorm", vec![hidden]),
            ("mlp.gate_proj", vec![inner, hidden]),
            ("mlp.up_proj", vec![inner, hidden]),
            ("mlp.down_proj", vec![hidden, inner]),
        ];
        shapes.extend(parts.map(|(part, shape)| (format!("model.layers.{layer}.{part}.weight"), shape)));
    }
    shapes
}

fn tensor_digest(tensors: &BTreeMap<String, Tensor>) -> Digest {
    let embedding = tensors.get(EMBEDDING).map(|tensor| &tensor.weights);
    let mut hash = Blake2b256::new();
    for (name, tensor) in tensors {
        if name == HEAD && Some(&tensor.weights) == embedding {
            continue;
        }
        hash.update((name.len() as u32).to_le_bytes());
        hash.update(name);
        hash.update((tensor.shape.len() as u32).to_le_bytes());
        for &dimension in &tensor.shape {
            hash.update((dimension as u64).to_le_bytes());
        }
        for &weight in &tensor.weights {
            // -0 + 0 is +0; any other weight is unchanged.
            hash.update((weight + 0.0).to_le_bytes());
        }
    }
    Digest(hash.finalize().into())
}
