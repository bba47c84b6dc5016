//! The files that tell a service what to do. TOML; a key that is not known here is refused.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inktensor_agent::config::{EvaluationConfig, FetchLimits, MinerConfig, ValidatorConfig};
use inktensor_evaluation::task::Arithmetic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::family::Family;
use crate::error::CliError;

/// Settings of a validator, as `--help` shows them.
pub const VALIDATOR_EXAMPLE: &str = r#"Settings, for example:
  [chain]
  endpoints = ["wss://one.example", "wss://other.example"]  # while one answers, the validator works
  deployment = "deployment.json"    # relative paths are relative to this file
  netuid = 1
  hotkey = "hotkey.key"             # a file of mode 600, or a development name such as "//Alice"
  poll_ms = 6000                    # how often to look at the chain

  [service]
  data = "validator"                # folder of its own: journal, downloads, evaluators, status.json, tuning.json
  text = "heldout.txt"              # the text whose digest the subnet's owner has put on the chain, if it measures on one
  adapter = "NVIDIA"                # part of the adapter's name; the fastest without it
  listen = "127.0.0.1:8092"         # /healthz and /readyz for monitors; without it nothing listens
  # private_addresses = true        # also fetch from this machine and its network, where miners or owners are there
  # evaluation = { windows = 16 }   # how the subnet judges models, where it is not by the defaults
"#;

/// Settings of a miner, as `--help` shows them.
pub const MINER_EXAMPLE: &str = r#"Settings, for example:
  [chain]
  endpoints = ["wss://one.example", "wss://other.example"]  # while one answers, the miner works
  deployment = "deployment.json"    # relative paths are relative to this file
  netuid = 1
  hotkey = "hotkey.key"             # a file of mode 600, or a development name such as "//Alice"
  poll_ms = 6000                    # how often to look at the chain

  [service]
  model = "model.safetensors"       # the file that is contributed
  family = "llama"                  # what it is: llama, gpt2, bert, mlp or dataset
  listen = "0.0.0.0:8091"
  public = "http://miner.example:8091"  # where others find it, if that is another address; validators ask public ones
  max_downloads = 16                # at a time
"#;

/// Settings of a service: `S` is what this kind of service needs beside the chain.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings<S> {
    /// The chain, and who works on it.
    pub chain: Chain,
    /// The service.
    pub service: S,
}

/// The chain, and who works on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Addresses of nodes, `ws://` or `wss://`: while one answers, the service works.
    pub endpoints: Vec<String>,
    /// JSON file with the contracts' addresses: a deployment's manifest.
    pub deployment: PathBuf,
    /// The subnet.
    pub netuid: u16,
    /// The service's key: a file that only its owner may read, or a development name such as `//Alice`.
    pub hotkey: String,
    /// How often to look at the chain, in ms.
    #[serde(default = "poll_ms")]
    pub poll_ms: u64,
}

/// What a validator needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorSettings {
    /// Folder of the journal, the downloads and the status. One validator uses it at a time. An operator may put
    /// evaluators and what they need into its folder `evaluators`, each named by its digest in hex.
    pub data: PathBuf,
    /// The text that models are measured on, where the subnet has the built-in evaluator: its owner has put the digest on
    /// the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<PathBuf>,
    /// Part of the adapter's name; the fastest adapter without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Where to tell monitors how it is: `/healthz` and `/readyz`. Nothing listens without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Whether miners and owners at addresses of this machine and its network are asked for files, too. Validators that do
    /// not agree on it weigh such a miner differently.
    #[serde(default)]
    pub private_addresses: bool,
    /// How models are judged. All validators of a subnet must agree on it.
    #[serde(default)]
    pub evaluation: Evaluation,
}

/// How models are judged: the fields of [`EvaluationConfig`], with its defaults.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evaluation {
    /// Windows of text in an epoch.
    pub windows: usize,
    /// Predicted bytes of a window.
    pub window: usize,
    /// Part of a new score in the moving average, out of 65,535.
    pub responsiveness: u16,
    /// Largest model file, in bytes.
    pub max_model_bytes: u64,
    /// Largest model, in weights.
    pub max_parameters: u64,
    /// Largest data set, in bytes.
    pub max_data_bytes: u64,
    /// `canonical` or `fast`: what losses are computed in.
    pub arithmetic: Arithmetic,
}

/// What a miner needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinerSettings {
    /// The file that is contributed: a model or a data set.
    pub model: PathBuf,
    /// What it is.
    #[serde(default)]
    pub family: Family,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What others reach the server by (`http://host:port`), where it differs from the address it listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// Downloads at a time; more are told to come back later.
    #[serde(default = "max_downloads")]
    pub max_downloads: usize,
}

fn poll_ms() -> u64 {
    6_000
}

fn max_downloads() -> usize {
    16
}

impl Default for Evaluation {
    fn default() -> Self {
        EvaluationConfig::default().into()
    }
}

impl From<EvaluationConfig> for Evaluation {
    fn from(config: EvaluationConfig) -> Self {
        let EvaluationConfig {
            windows,
            window,
            responsiveness,
            max_model_bytes,
            max_parameters,
            max_data_bytes,
            arithmetic,
        } = config;
        Self { windows, window, responsiveness, max_model_bytes, max_parameters, max_data_bytes, arithmetic }
    }
}

impl From<Evaluation> for EvaluationConfig {
    fn from(evaluation: Evaluation) -> Self {
        let Evaluation { windows, window, responsiveness, max_model_bytes, max_parameters, max_data_bytes, arithmetic } =
            evaluation;
        Self { windows, window, responsiveness, max_model_bytes, max_parameters, max_data_bytes, arithmetic }
    }
}

/// Settings whose relative paths can be taken as relative to a folder.
pub trait Relative {
    /// Makes relative paths those of `folder`.
    fn within(&mut self, folder: &Path);
}

impl Relative for Chain {
    fn within(&mut self, folder: &Path) {
        self.deployment = folder.join(&self.deployment);
        if !self.hotkey.starts_with("//") {
            self.hotkey = folder.join(&self.hotkey).display().to_string();
        }
    }
}

impl Relative for ValidatorSettings {
    fn within(&mut self, folder: &Path) {
        self.data = folder.join(&self.data);
        self.text = self.text.as_ref().map(|text| folder.join(text));
    }
}

impl Relative for MinerSettings {
    fn within(&mut self, folder: &Path) {
        self.model = folder.join(&self.model);
    }
}

impl<S: Serialize + DeserializeOwned + Relative> Settings<S> {
    /// Reads a file. Errors: `Io`, `Settings`.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(|source| CliError::Io { path: path.to_owned(), source })?;
        let mut settings: Self = toml::from_str(&text).map_err(|error| refuse(path, &error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        settings.chain.within(folder);
        settings.service.within(folder);
        Ok(settings)
    }

    /// Writes a file that [`Settings::read`] reads. Errors: `Io`, `Settings`.
    pub fn write(&self, path: &Path) -> Result<(), CliError> {
        let text = toml::to_string(self).map_err(|error| refuse(path, &error))?;
        std::fs::write(path, text).map_err(|source| CliError::Io { path: path.to_owned(), source })
    }
}

impl Chain {
    /// How often to look at the chain.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }
}

impl Settings<ValidatorSettings> {
    /// The agent's settings.
    pub fn config(&self) -> ValidatorConfig {
        ValidatorConfig {
            poll: self.chain.poll(),
            journal: journal(&self.service.data),
            models: self.service.data.join("models"),
            evaluators: self.service.data.join("evaluators"),
            fetch: FetchLimits {
                max_bytes: self.service.evaluation.max_model_bytes,
                private_addresses: self.service.private_addresses,
                ..FetchLimits::default()
            },
            evaluation: self.service.evaluation.into(),
        }
    }
}

impl Settings<MinerSettings> {
    /// The agent's settings.
    pub fn config(&self) -> MinerConfig {
        let MinerSettings { model, family, listen, public, max_downloads } = self.service.clone();
        MinerConfig { poll: self.chain.poll(), model, family: family.into(), listen, public, max_downloads }
    }
}

/// A validator's journal in its folder.
pub fn journal(data: &Path) -> PathBuf {
    data.join("journal.sqlite")
}

fn refuse(path: &Path, error: &impl std::fmt::Display) -> CliError {
    CliError::Settings { path: path.to_owned(), reason: error.to_string().trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
    use inktensor_primitives::registry::ModelFamily;

    use super::*;

    /// What stands below the first line of an example.
    fn example(help: &str) -> &str {
        help.split_once('\n').unwrap().1
    }

    fn read(text: &str) -> Result<Settings<ValidatorSettings>, CliError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("validator.toml");
        std::fs::write(&path, text).unwrap();
        let mut settings: Settings<ValidatorSettings> = Settings::read(&path)?;
        // The folder is gone with this function; its name is not.
        settings.service.adapter = Some(folder.path().display().to_string());
        Ok(settings)
    }

    #[test]
    fn relative_paths_are_those_of_the_file() {
        let text = example(VALIDATOR_EXAMPLE).replace("\"validator\"", "\"/var/lib/validator\"");
        let settings = read(&text).unwrap();
        let folder = PathBuf::from(settings.service.adapter.clone().unwrap());
        assert_eq!(settings.chain.deployment, folder.join("deployment.json"));
        assert_eq!(settings.chain.hotkey, folder.join("hotkey.key").display().to_string());
        assert_eq!(settings.service.data, Path::new("/var/lib/validator"));

        let development = read(&text.replace("hotkey.key", "//Alice")).unwrap();
        assert_eq!(development.chain.hotkey, "//Alice");
    }

    #[test]
    fn what_is_not_said_is_the_agents_default() {
        let text = example(VALIDATOR_EXAMPLE);
        assert_eq!(read(text).unwrap().config().evaluation, EvaluationConfig::default());
        let fewer = format!("{text}evaluation = {{ windows = 8, arithmetic = \"fast\" }}");
        let fewer = read(&fewer).unwrap().config();
        assert_eq!(
            fewer.evaluation,
            EvaluationConfig { windows: 8, arithmetic: Arithmetic::Fast, ..EvaluationConfig::default() }
        );
    }

    #[test]
    fn private_networks_are_asked_only_where_it_says_so() {
        let text = example(VALIDATOR_EXAMPLE);
        assert!(!read(text).unwrap().config().fetch.private_addresses);
        let local = text.replace("# private_addresses", "private_addresses");
        assert!(read(&local).unwrap().config().fetch.private_addresses);
    }

    #[test]
    fn unknown_and_missing_keys_are_named() {
        let text = example(VALIDATOR_EXAMPLE);
        let unknown = read(&text.replace("netuid", "netid")).unwrap_err().to_string();
        assert!(unknown.contains("netid") && unknown.contains("netuid"), "{unknown}");
        let missing = read(&text.replace("data = ", "# ")).unwrap_err().to_string();
        assert!(missing.contains("data"), "{missing}");
    }

    #[test]
    fn a_miner_says_what_its_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miner.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Settings::<MinerSettings>::read(&path)
        };
        let text = example(MINER_EXAMPLE);
        let data = read(&text.replace("\"llama\"", "\"dataset\"")).unwrap().config();
        assert_eq!(data.family, ModelFamily::Dataset);
        assert_eq!(read(&text.replace("family", "# family")).unwrap().config().family, ModelFamily::Llama);
        let wrong = read(&text.replace("\"llama\"", "\"text\"")).unwrap_err().to_string();
        assert!(wrong.contains("dataset"), "{wrong}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again.toml");
        std::fs::write(&path, example(MINER_EXAMPLE)).unwrap();
        let settings: Settings<MinerSettings> = Settings::read(&path).unwrap();
        assert_eq!(settings.config().public.as_deref(), Some("http://miner.example:8091"));
        settings.write(&path).unwrap();
        let again: Settings<MinerSettings> = Settings::read(&path).unwrap();
        assert_eq!(format!("{again:?}"), format!("{settings:?}"));
    }
}
