//! What an evaluation is about, and what comes of it.

use std::sync::Arc;

use inktensor_evaluation::Digest;
use inktensor_evaluation::model::Model;
use inktensor_evaluation::task::Work;

/// What an evaluation is about.
#[derive(Debug, Clone)]
pub struct Round {
    /// The subnet.
    pub netuid: u16,
    /// The epoch.
    pub epoch: u64,
    /// The only source of chance; the same for all validators.
    pub seed: [u8; 32],
    /// What the owner wrote on chain beside the evaluator's hash.
    pub parameters: String,
    /// In the order of their commits; no two with the same digest. Only those that are held and could be read.
    pub contributions: Vec<Contribution>,
}

/// A neuron's contribution.
#[derive(Debug, Clone)]
pub struct Contribution {
    /// The neuron.
    pub uid: u16,
    /// blake2b-256 of the file.
    pub digest: Digest,
    /// Bytes of the file.
    pub size: u64,
    /// Block of the commitment.
    pub block: u32,
    /// What the file is.
    pub content: Content,
}

/// What a file is.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // a round has some hundreds of them, and shares what they hold
pub enum Content {
    /// A model that was read and found sound.
    Model(Model),
    /// Bytes.
    Data(Arc<[u8]>),
}

/// What an evaluator is, by its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What it rewards, in a sentence.
    pub summary: String,
    /// What it needs beside contributions.
    pub assets: Vec<Asset>,
}

/// A file that an evaluator needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// What the evaluator calls it.
    pub name: String,
    /// blake2b-256 of the file.
    pub digest: Digest,
    /// What it is.
    pub kind: AssetKind,
}

/// What an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetKind {
    /// Bytes.
    Data,
    /// A model, as miners contribute them.
    Model,
}

/// What a contribution is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its share of the reward, in proportion to the others'.
    Merit(u64),
    /// Nothing, and why.
    Fault(String),
}

/// What came of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One for each contribution, in their order.
    pub verdicts: Vec<Verdict>,
    /// What models were asked, in tokens and operations.
    pub work: Work,
    /// Fuel that the evaluator used, of all calls.
    pub fuel: u64,
    /// Lines for the operator.
    pub log: Vec<String>,
}
