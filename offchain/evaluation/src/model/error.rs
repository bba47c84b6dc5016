//! What can be wrong with a model file. All of it is the fault of the miner who committed the file.

use thiserror::Error;

use super::weights::ReadError;

/// Why a model cannot be opened, and whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The miner's: the files are not a model that can be evaluated.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The validator's: the files cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a file is not a model that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ModelError {
    /// More bytes than the subnet allows.
    #[error("the model has {bytes} bytes, more than the {limit} allowed. Use fewer parameters or a 16-bit dtype")]
    Oversized {
        /// Bytes of the file, or of all files of a folder.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The file ends early.
    #[error("the file ends after {actual} bytes but its header promises {expected}. Upload it again, whole")]
    Truncated {
        /// Bytes promised.
        expected: u64,
        /// Bytes found.
        actual: u64,
    },
    /// Bytes follow the last tensor.
    #[error("{extra} bytes follow the last tensor. Write the file with a safetensors library")]
    TrailingBytes {
        /// Bytes too many.
        extra: u64,
    },
    /// The header is larger than any honest one.
    #[error("the header claims {bytes} bytes, more than the {limit} allowed. Drop unused metadata")]
    HeaderTooLarge {
        /// Bytes claimed.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The header is not a valid safetensors header: not JSON, or offsets that overlap, leave gaps or overflow.
    #[error("the safetensors header is not valid: {reason}. Write the file with a safetensors library")]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// `__metadata__` holds no `config`.
    #[error("`__metadata__` has no \"config\". Store the model's Hugging Face configuration JSON there")]
    MissingConfig,
    /// A folder lacks a file.
    #[error("the folder has no {name}. Save the model with `save_pretrained` and safetensors")]
    MissingFile {
        /// Its name.
        name: String,
    },
    /// A name in a folder stands for something other than a file of the folder.
    #[error("{name} is not a plain file. Replace links by what they point to")]
    NotAFile {
        /// Its name.
        name: String,
    },
    /// A file beside the weights is larger than any honest one.
    #[error("{name} has {bytes} bytes, more than the {limit} allowed. Drop what the model does not need")]
    FileTooLarge {
        /// Its name.
        name: String,
        /// Bytes of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The index of the weights' files cannot be read, or does not say what the files hold.
    #[error("model.safetensors.index.json is not usable: {reason}. Save the model with `save_pretrained`")]
    Index {
        /// What is wrong.
        reason: String,
    },
    /// The configuration cannot be read or is out of bounds.
    #[error("the configuration is not usable: {reason}")]
    Config {
        /// Which field, and why.
        reason: String,
    },
    /// More parameters than the subnet allows.
    #[error("the configuration asks for {parameters} parameters, more than the {limit} allowed. Train a smaller model")]
    TooManyParameters {
        /// Parameters asked for.
        parameters: u64,
        /// Parameters allowed.
        limit: u64,
    },
    /// A tensor that the configuration needs is not there.
    #[error("tensor {name} is missing. Use Hugging Face's names of this family")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor that the configuration does not need is there.
    #[error("tensor {name} does not belong to this configuration. Remove it, or correct the configuration")]
    ExtraTensor {
        /// Its name.
        name: String,
    },
    /// Two files of a folder hold a tensor of the same name.
    #[error("tensor {name} is in two files. Save the model with `save_pretrained`")]
    DuplicateTensor {
        /// Its name.
        name: String,
    },
    /// A tensor's shape is not what the configuration says.
    #[error("tensor {name} has shape {found:?} where the configuration needs {expected:?}")]
    WrongShape {
        /// Its name.
        name: String,
        /// Shape needed.
        expected: Vec<usize>,
        /// Shape found.
        found: Vec<usize>,
    },
    /// A tensor's number format is not supported.
    #[error("tensor {name} is stored as {dtype}. Use F32, F16 or BF16")]
    WrongDtype {
        /// Its name.
        name: String,
        /// Format found.
        dtype: String,
    },
    /// What is called `tokenizer.json` in a model of one file is not the bytes of one.
    #[error(
        "tensor tokenizer.json is stored as {dtype} with {rank} dimensions. Store the bytes of the file, as U8 with one"
    )]
    TokenizerTensor {
        /// Format found.
        dtype: String,
        /// Number of dimensions found.
        rank: usize,
    },
    /// A weight is NaN or infinite.
    #[error("tensor {name} holds a weight that is not finite, at index {index}. The training run diverged")]
    NonFinite {
        /// Its name.
        name: String,
        /// Position in row-major order.
        index: usize,
    },
}

/// Text of a file as part of a message: a line of printable characters, not too long, so that no log or terminal
/// suffers from it.
pub(super) fn printable(text: &str) -> String {
    const MOST: usize = 160;
    let mut shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
