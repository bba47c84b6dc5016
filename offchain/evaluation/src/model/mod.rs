//! Models: their files, the hostile reading of them, and the identities of a model.
//!
//! A model is one `.safetensors` file whose `__metadata__["config"]` holds the configuration as JSON, and perhaps a tensor
//! `tokenizer.json` the bytes of that file (U8, one dimension); or a folder as Hugging Face's libraries save it:
//! `config.json`, the weights in `model.safetensors` or in the files that `model.safetensors.index.json` names, and perhaps
//! `tokenizer.json`. [`pack`] makes one file of a folder. Llama, Mistral, Qwen2, Qwen3, GPT-2 and BERT have Hugging Face's
//! configurations and names; the perceptron has a form of our own, see `family/mlp.rs`.
//!
//! Opening a model checks all of it: whatever is wrong has a name in [`ModelError`], and no memory is taken for weights
//! before header, configuration and limits agree. Weights stay where they are and are read part by part.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::digest::Digest;

mod architecture;
mod container;
mod error;
mod family;
mod files;
mod identity;
mod json;
mod pack;
mod plan;
mod source;
mod stored;
mod weights;

pub use architecture::{Activation, Architecture, NormKind, Output, Perceptron, Placement, Position, Transformer};
pub use container::MAX_HEADER;
pub use error::{ModelError, OpenError};
pub use files::MAX_TOKENIZER;
pub use pack::{PackError, pack};
pub use weights::{Embedding, Head, Layer, Linear, Norm, Parts, Products, ReadError, Tail, Weights};

use files::Opened;
use identity::Identity;
use source::Source;
use stored::Stored;

/// Vocabulary of a model whose tokens are bytes.
pub const VOCABULARY: usize = 256;

/// What a subnet allows of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, or of all files of a folder that are read.
    pub file_bytes: u64,
    /// Number of weights that the computation uses.
    pub parameters: u64,
}

impl Default for Limits {
    /// 256 MiB and 64 million weights: at most 256 MiB in memory, and any single matrix binds on lavapipe.
    fn default() -> Self {
        Self { file_bytes: 256 << 20, parameters: 64_000_000 }
    }
}

/// What a model's tokens stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tokens {
    /// Bytes of UTF-8: a vocabulary of 256 without a tokenizer.
    Bytes,
    /// What this `tokenizer.json` says, at most [`MAX_TOKENIZER`] bytes and not yet parsed.
    Json(Arc<[u8]>),
    /// Nothing that the model's files tell: windows of its tokens must come from elsewhere.
    Unknown,
}

impl Tokens {
    fn new(architecture: &Architecture, tokenizer: Option<Vec<u8>>) -> Self {
        match (tokenizer, architecture) {
            (Some(json), _) => Self::Json(json.into()),
            (None, Architecture::Transformer(shape)) if shape.vocabulary == VOCABULARY => Self::Bytes,
            _ => Self::Unknown,
        }
    }
}

/// A model: well-formed, and every weight finite. Clones share the weights.
#[derive(Debug, Clone)]
pub struct Model {
    architecture: Architecture,
    digest: Digest,
    tensor_digest: Digest,
    parameters: u64,
    tokens: Tokens,
    weights: Arc<dyn Weights>,
}

/// Equal files and equal weights.
impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        (self.digest, self.tensor_digest) == (other.digest, other.tensor_digest)
    }
}

impl Model {
    /// Opens a file or a folder. The weights stay on disk: the files must not change as long as the model is in use.
    ///
    /// # Errors
    /// The first thing that is wrong with the model, or the system's reason why its files cannot be read.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, OpenError> {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| ReadError { what: name.clone(), reason: error.to_string() };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Self::read(Opened::folder(path, limits)?, limits);
        }
        if !metadata.is_file() {
            return Err(ReadError { what: name, reason: "it is neither a file nor a folder".to_owned() }.into());
        }
        let file = File::open(path).map_err(unreadable)?;
        Self::read(Opened::single(&name, Source::Disk(file), limits)?, limits)
    }

    /// Reads a model of one file, and keeps a copy of it.
    ///
    /// # Errors
    /// The first thing that is wrong with the model.
    pub fn from_bytes(file: &[u8], limits: &Limits) -> Result<Self, ModelError> {
        let bytes = file.len() as u64;
        if bytes > limits.file_bytes {
            return Err(ModelError::Oversized { bytes, limit: limits.file_bytes });
        }
        let opened = Opened::single("the file", Source::Memory(file.to_vec()), limits);
        opened.and_then(|opened| Self::read(opened, limits)).map_err(|error| match error {
            OpenError::Model(error) => error,
            // Memory can always be read, but for what is beyond the end.
            OpenError::Read(_) => ModelError::Truncated { expected: bytes.saturating_add(1), actual: bytes },
        })
    }

    fn read(opened: Opened, limits: &Limits) -> Result<Self, OpenError> {
        let plan = family::plan(&opened.config, &opened.weights)?;
        let parameters = plan.parameters();
        if parameters > limits.parameters {
            return Err(ModelError::TooManyParameters { parameters, limit: limits.parameters }.into());
        }
        plan.check(&opened.weights)?;
        let identity = Identity::scan(&opened, &plan)?;
        let architecture = plan.architecture.clone();
        Ok(Self {
            tokens: Tokens::new(&architecture, opened.tokenizer),
            architecture,
            digest: identity.files,
            tensor_digest: identity.tensors,
            parameters,
            weights: Arc::new(Stored { files: opened.weights, plan }),
        })
    }

    /// A model of weights at hand, which must fit the architecture: for tests, and for what training has just made.
    pub fn of_weights(architecture: Architecture, digest: Digest, weights: Arc<dyn Weights>) -> Self {
        let tokens = Tokens::new(&architecture, None);
        Self { architecture, digest, tensor_digest: digest, parameters: 0, tokens, weights }
    }

    /// The computation.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Number of weights; 0 of weights at hand, which nobody counted.
    pub fn parameters(&self) -> u64 {
        self.parameters
    }

    /// The weights, part by part.
    pub fn weights(&self) -> &dyn Weights {
        self.weights.as_ref()
    }

    /// What the tokens are.
    pub fn tokenizer(&self) -> &Tokens {
        &self.tokens
    }

    /// blake2b-256 of the file: what a miner commits on chain.
    ///
    /// Of a folder it is the digest of a listing of the files that are read (`config.json`; `tokenizer.json` if there;
    /// the weights; the index if `model.safetensors` is not there), in order of their names: for each the name's length
    /// (u32) and bytes, the file's length (u64) and its blake2b-256; integers little-endian.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// blake2b-256 of the computation alone, however it was written down: metadata, order, names and storage of the
    /// tensors, their number in a file, the number format where it is exact, the sign of zeros, a head that repeats the
    /// embedding, a bias of zeros, and tensors that are not used do not change it.
    ///
    /// It covers the length (u32) and text of the architecture's switches; and for each role in order of its name: the
    /// name's length (u32) and bytes, the rank (u32) and the dimensions (u64), and the blake2b-256 of the weights as f32
    /// with -0 as +0; all little-endian. `identity.rs` holds the switches' text, and `family/` the roles.
    pub fn tensor_digest(&self) -> Digest {
        self.tensor_digest
    }
}
