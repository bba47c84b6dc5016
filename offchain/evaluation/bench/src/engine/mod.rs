//! Engines, ours and those of others, behind one interface: a new lane is a type with [`Engine`] and its line in [`all`].

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::gpu::CanonicalEngine;
use inktensor_evaluation::{AdapterChoice, AdapterDescription, Engine as FastEngine};

use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

#[cfg(feature = "peers")]
mod burn;
#[cfg(feature = "peers")]
mod candle;
mod canonical;
mod fast;

/// The name of burn in reports, also where it was left out.
pub const BURN: &str = "burn-wgpu";

/// What an engine promises of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Floating point: right to the last bits or so.
    Fast,
    /// Integers: the same bits everywhere.
    Canonical,
}

impl Lane {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Canonical => "canonical",
        }
    }
}

/// An engine.
pub trait Engine {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// What it is, in a few words.
    fn about(&self) -> &'static str;

    /// What it promises.
    fn lane(&self) -> Lane;

    /// Whether others wrote it.
    fn is_peer(&self) -> bool {
        false
    }

    /// Makes a model ready, or says that the engine has no such models.
    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError>;
}

/// A model made ready.
pub trait Loaded {
    /// All answers, on the host.
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError>;
}

/// The engines named, or all, on an adapter; ours first.
pub fn all(choice: &AdapterChoice, only: &[String]) -> Result<(AdapterDescription, Vec<Box<dyn Engine>>), BenchError> {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let fast = FastEngine::new(choice.clone())?;
    let adapter = fast.adapter().clone();
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    if wanted(fast::NAME) {
        engines.push(Box::new(fast));
    }
    if wanted(canonical::GPU) {
        engines.push(Box::new(CanonicalEngine::new(choice.clone())?));
    }
    if wanted(canonical::CPU) {
        engines.push(Box::new(Cpu::default()));
    }
    #[cfg(feature = "peers")]
    {
        if wanted(BURN) {
            engines.push(Box::new(burn::Burn::open(&adapter)?));
        }
        if wanted(candle::NAME) {
            engines.push(Box::new(candle::Candle));
        }
    }
    match only.iter().find(|name| engines.iter().all(|engine| engine.name() != name.as_str())) {
        Some(name) => Err(BenchError::Unknown { name: name.clone() }),
        None => Ok((adapter, engines)),
    }
}
