//! Settings of the services.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use inktensor_evaluation::model::Limits;
use inktensor_evaluation::task::Arithmetic;
use inktensor_primitives::registry::ModelFamily;

/// Settings of a validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorConfig {
    /// How often to look at the chain.
    pub poll: Duration,
    /// File of the journal.
    pub journal: PathBuf,
    /// Folder of downloaded contributions.
    pub models: PathBuf,
    /// Folder of downloaded evaluators and what they need, each file named by its digest in hex. An operator may put files
    /// there by hand.
    pub evaluators: PathBuf,
    /// Limits of a download.
    pub fetch: FetchLimits,
    /// How models are judged.
    pub evaluation: EvaluationConfig,
}

/// How models are judged. All validators of a subnet must agree on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationConfig {
    /// Windows of text in an epoch.
    pub windows: usize,
    /// Predicted bytes of a window.
    pub window: usize,
    /// Part of a new score in the moving average, out of 65,535; the rest is the average so far.
    pub responsiveness: u16,
    /// Largest model file, in bytes.
    pub max_model_bytes: u64,
    /// Largest model, in weights.
    pub max_parameters: u64,
    /// Largest data set, in bytes. A round's data sets are in memory together.
    pub max_data_bytes: u64,
    /// What losses are computed in.
    pub arithmetic: Arithmetic,
}

impl EvaluationConfig {
    /// How large a model may be.
    pub fn limits(&self) -> Limits {
        Limits { file_bytes: self.max_model_bytes, parameters: self.max_parameters }
    }

    /// Why a data set of so many bytes is not judged, in words for its miner. None where it is small enough.
    pub fn too_large(&self, bytes: u64) -> Option<String> {
        let limit = self.max_data_bytes;
        (bytes > limit).then(|| format!("a data set of {bytes} bytes, more than {limit}. Commit a smaller one"))
    }
}

impl Default for EvaluationConfig {
    /// 16 windows of 128 bytes, averages that move half way to each new score, models of up to 64 MiB, data sets
    /// of up to 4 MiB, of which 256 fit into 1 GiB, in integers.
    fn default() -> Self {
        Self {
            windows: 16,
            window: 128,
            responsiveness: 32_768,
            max_model_bytes: 64 << 20,
            max_parameters: 32_000_000,
            max_data_bytes: 4 << 20,
            arithmetic: Arithmetic::Canonical,
        }
    }
}

/// Limits of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Largest file, in bytes, whatever a miner has committed to.
    pub max_bytes: u64,
    /// Time to connect.
    pub connect: Duration,
    /// Longest silence while reading.
    pub idle: Duration,
    /// Time for one file, all attempts together.
    pub total: Duration,
    /// Downloads at a time: so many that the slowest servers of a full subnet leave time within the budget for all.
    pub parallel: usize,
    /// Attempts at a server that is silent or busy.
    pub attempts: u32,
    /// Pause between two attempts.
    pub pause: Duration,
    /// Time for the downloads of all miners together: slow servers must not keep a validator from its commit.
    pub budget: Duration,
    /// Whether hosts that are not on the public internet are asked, too: this machine and its network.
    pub private_addresses: bool,
}

impl Default for FetchLimits {
    /// 64 MiB, 5 s to connect, 10 s of silence, 2 minutes a file, 32 files at a time, 3 attempts 5 s apart,
    /// 20 minutes for all, and public hosts alone.
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            total: Duration::from_secs(120),
            parallel: 32,
            attempts: 3,
            pause: Duration::from_secs(5),
            budget: Duration::from_secs(1200),
            private_addresses: false,
        }
    }
}

/// Settings of a miner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinerConfig {
    /// How often to look at the chain.
    pub poll: Duration,
    /// The file: a model or a data set.
    pub model: PathBuf,
    /// What it is.
    pub family: ModelFamily,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What others reach the server by (`http://host:port`), where it differs from the address it listens on.
    pub public: Option<String>,
    /// Downloads at a time; more are told to come back later.
    pub max_downloads: usize,
}
