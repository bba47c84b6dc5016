//! What the demo's subnet rewards: which evaluator its owner chose, and what its miners contribute.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use inktensor_agent::miner::{ModelFile, Server};
use inktensor_agent::{AgentError, Stopper};
use inktensor_evaluation::corpus::Corpus;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use serde::Serialize;

use super::cast::{Player, Role};
use super::texts;
use crate::agent::family::Family;
use crate::error::CliError;
use crate::home::Home;

/// What `--evaluator` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scene {
    /// The evaluator that is built into the agent: miners contribute language models.
    BuiltIn,
    /// The component `language`: the same models.
    Language,
    /// The component `dataset`: miners contribute text.
    Dataset,
}

/// A scene, set.
pub struct Set {
    /// What the registry is told.
    pub evaluator: Evaluator,
    /// What miners contribute.
    pub family: Family,
    /// The held-out text, where validators must have it themselves.
    pub text: Option<PathBuf>,
    /// The same, opened.
    pub corpus: Option<Arc<Corpus>>,
    /// What each player contributes, in their order.
    pub files: Vec<Option<PathBuf>>,
    /// Serves the evaluator while it lives.
    _owner: Option<Stopper>,
}

impl Scene {
    /// Looks up all that the scene needs, makes what has to be made in `folder`, and has the owner serve the evaluator.
    pub async fn set(self, players: &[Player], folder: &Path) -> Result<Set, CliError> {
        let home = Home::find();
        let heldout = home.heldout()?;
        match self {
            Self::BuiltIn => Self::built_in(heldout, files(players, |name| home.model(name))?),
            Self::Language => {
                let files = files(players, |name| home.model(name))?;
                Self::component("language", &[("corpus", heldout)], files, Family::Llama).await
            }
            Self::Dataset => {
                let texts = texts::write(&heldout, folder)?;
                let files = files(players, |name| Ok(texts.join(name)))?;
                let assets = [("learner", home.model("weak")?), ("reference", home.model("strong")?)];
                let known = ("known", home.training()?);
                let assets: Vec<_> = assets.into_iter().chain([known]).collect();
                Self::component("dataset", &assets, files, Family::Dataset).await
            }
        }
    }

    fn built_in(text: PathBuf, files: Vec<Option<PathBuf>>) -> Result<Set, CliError> {
        let corpus = Arc::new(Corpus::open(&text)?);
        let evaluator = Evaluator {
            kind: EvaluatorKind::LanguageModel,
            code_hash: corpus.digest().0.into(),
            uri: "offchain/evaluation/data/heldout.txt".to_owned(),
            parameters: String::new(),
        };
        let (text, corpus) = (Some(text), Some(corpus));
        Ok(Set { evaluator, family: Family::Llama, text, corpus, files, _owner: None })
    }

    /// The owner serves the component and its assets side by side. The parameters name each asset by its digest.
    async fn component(
        name: &str,
        assets: &[(&str, PathBuf)],
        files: Vec<Option<PathBuf>>,
        family: Family,
    ) -> Result<Set, CliError> {
        let component = ModelFile::read(&Home::evaluator(name)?).await?;
        let (hash, mut shelf, mut parameters) = (component.digest(), vec![component], Vec::new());
        for (name, path) in assets {
            let asset = ModelFile::read(path).await?;
            parameters.push(format!("{name}={}", hex::encode(asset.digest())));
            shelf.push(asset);
        }
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::bind(listen, shelf, 16).await.map_err(AgentError::from)?;
        let evaluator = Evaluator {
            kind: EvaluatorKind::Component,
            code_hash: hash.into(),
            uri: server.uri(&hash),
            parameters: parameters.join(";"),
        };
        let stopper = Stopper::default();
        tokio::spawn(server.run(stopper.subscribe()));
        Ok(Set { evaluator, family, text: None, corpus: None, files, _owner: Some(stopper) })
    }
}

/// What each player contributes, by the name of it.
fn files(
    players: &[Player],
    find: impl Fn(&str) -> Result<PathBuf, CliError>,
) -> Result<Vec<Option<PathBuf>>, CliError> {
    let file = |player: &Player| match player.role {
        Role::Validator { .. } => Ok(None),
        Role::Miner { .. } => find(player.name).map(Some),
    };
    players.iter().map(file).collect()
}
