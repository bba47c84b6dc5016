//! What a model is known by: digests of its files and of its computation, and the proof that its weights are finite, all
//! from one pass over the files that holds one tensor at a time.

use std::collections::BTreeMap;
use std::io;

use blake2::Digest as _;
use safetensors::tensor::TensorInfo;

use super::architecture::{Activation, Architecture, NormKind, Output, Placement, Position};
use super::container::{Container, decode};
use super::error::{ModelError, OpenError};
use super::files::{Files, Opened};
use super::plan::{Plan, Slot};
use super::weights::ReadError;
use crate::digest::{Blake2b256, Digest};

/// Digests of a model; see [`super::Model::digest`] and [`super::Model::tensor_digest`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub files: Digest,
    pub tensors: Digest,
}

/// What a role holds.
struct Content {
    shape: Vec<usize>,
    digest: Digest,
    /// Whether it holds nothing but zeros.
    zero: bool,
}

impl Identity {
    /// Reads every byte once.
    pub(super) fn scan(opened: &Opened, plan: &Plan) -> Result<Self, OpenError> {
        let Scan { files, roles } = Scan::new(&opened.weights, plan)?;
        let files = match (&opened.beside, files.as_slice()) {
            (None, [(_, _, digest)]) => *digest,
            (beside, _) => {
                let small = beside.iter().flatten();
                let small = small.map(|(name, bytes)| (name.as_str(), bytes.len() as u64, Digest::of(bytes)));
                listing(files.into_iter().chain(small).collect())
            }
        };
        Ok(Self { files, tensors: tensors(&plan.architecture, &roles) })
    }
}

/// Digest of a folder.
fn listing(mut files: Vec<(&str, u64, Digest)>) -> Digest {
    files.sort_unstable();
    let mut hash = Blake2b256::new();
    for (name, length, digest) in files {
        hash.update((name.len() as u32).to_le_bytes());
        hash.update(name);
        hash.update(length.to_le_bytes());
        hash.update(digest.0);
    }
    Digest(hash.finalize().into())
}

/// Digest of a computation with its weights.
fn tensors(architecture: &Architecture, roles: &BTreeMap<&str, Content>) -> Digest {
    let mut hash = Blake2b256::new();
    let switches = switches(architecture);
    hash.update((switches.len() as u32).to_le_bytes());
    hash.update(&switches);
    let tokens = roles.get("embedding.tokens").map(|content| content.digest);
    for (role, content) in roles {
        let repeats = *role == "tail.head.weight" && Some(content.digest) == tokens;
        let absent = role.ends_with(".bias") && content.zero;
        if repeats || absent {
            continue;
        }
        hash.update((role.len() as u32).to_le_bytes());
        hash.update(role);
        hash.update((content.shape.len() as u32).to_le_bytes());
        for &size in &content.shape {
            hash.update((size as u64).to_le_bytes());
        }
        hash.update(content.digest.0);
    }
    Digest(hash.finalize().into())
}

/// What of an architecture the shapes of its weights do not tell. A rotary model's longest sequence is left out, since it
/// changes no result.
fn switches(architecture: &Architecture) -> String {
    let activation = |activation| match activation {
        Activation::Silu => "silu",
        Activation::GeluTanh => "gelu_tanh",
        Activation::GeluErf => "gelu_erf",
        Activation::Relu => "relu",
    };
    let shape = match architecture {
        Architecture::Perceptron(perceptron) => return format!("perceptron {}", activation(perceptron.activation)),
        Architecture::Transformer(shape) => shape,
    };
    let position = match shape.position {
        Position::Rotary { theta } => format!("rotary:{:016x}", theta.to_bits()),
        Position::Learned => "learned".to_owned(),
    };
    let norm = match shape.norm {
        NormKind::Rms => "rms",
        NormKind::Layer => "layer",
    };
    let placement = match shape.placement {
        Placement::Before => "before",
        Placement::After => "after",
    };
    let output = match shape.output {
        Output::Language { .. } => "language",
        Output::Embedding => "embedding",
        Output::Classes { .. } => "classes",
    };
    let [heads, key_heads, head] = [shape.heads, shape.key_heads, shape.head];
    let [gated, causal, head_norm] = [shape.gated, shape.causal, shape.head_norm];
    let (activation, epsilon) = (activation(shape.activation), shape.epsilon.to_bits());
    format!(
        "transformer heads={heads} key_heads={key_heads} head={head} position={position} norm={norm} \
         epsilon={epsilon:016x} placement={placement} activation={activation} gated={gated} causal={causal} \
         head_norm={head_norm} output={output}"
    )
}

/// The pass over the files.
struct Scan<'a> {
    /// Name, bytes and digest of each file of weights.
    files: Vec<(&'a str, u64, Digest)>,
    roles: BTreeMap<&'a str, Content>,
}

impl<'a> Scan<'a> {
    fn new(files: &'a Files, plan: &'a Plan) -> Result<Self, OpenError> {
        let mut uses: BTreeMap<&str, Vec<(&str, &Slot)>> = BTreeMap::new();
        for (role, slot) in &plan.slots {
            uses.entry(&slot.tensor).or_default().push((role, slot));
        }
        let mut scan = Self { files: Vec::new(), roles: BTreeMap::new() };
        for (name, container) in files.containers() {
            let digest = scan.file(name, container, &uses)?;
            scan.files.push((name, container.length(), digest));
        }
        Ok(scan)
    }

    fn file(
        &mut self,
        file: &str,
        container: &Container,
        uses: &BTreeMap<&'a str, Vec<(&'a str, &'a Slot)>>,
    ) -> Result<Digest, OpenError> {
        let unreadable = |error: io::Error| ReadError { what: file.to_owned(), reason: error.to_string() };
        let mut hash = Blake2b256::new();
        hash.update(container.head().map_err(unreadable)?);
        let mut tensors: Vec<(&String, &TensorInfo)> = container.tensors().iter().collect();
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        for (name, info) in tensors {
            let bytes = container.bytes(info).map_err(unreadable)?;
            hash.update(&bytes);
            let Some(slots) = uses.get(name.as_str()) else { continue };
            let weights = decode(info.dtype, &bytes);
            drop(bytes);
            if let Some(index) = weights.iter().position(|weight| !weight.is_finite()) {
                return Err(ModelError::NonFinite { name: name.clone(), index }.into());
            }
            for &(role, slot) in slots {
                self.roles.insert(role, Content::of(slot.shape(), &slot.pick(&weights)));
            }
        }
        Ok(Digest(hash.finalize().into()))
    }
}

impl Content {
    fn of(shape: Vec<usize>, weights: &[f32]) -> Self {
        let mut hash = Blake2b256::new();
        let mut bytes = Vec::new();
        for some in weights.chunks(4096) {
            bytes.clear();
            // -0 + 0 is +0; any other weight is unchanged.
            bytes.extend(some.iter().flat_map(|weight| (weight + 0.0).to_le_bytes()));
            hash.update(&bytes);
        }
        Self { shape, digest: Digest(hash.finalize().into()), zero: weights.iter().all(|&weight| weight == 0.0) }
    }
}
