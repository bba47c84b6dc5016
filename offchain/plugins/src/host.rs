//! The host: what all evaluators of a validator share.

use std::fmt;

use inktensor_evaluation::Digest;
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::bindings::EvaluatorPre;
use crate::call::State;
use crate::check;
use crate::compiler::Compiler;
use crate::engine::engine;
use crate::fault::{EvaluatorFault, HostError};
use crate::limits::Limits;
use crate::materials;
use crate::plugin::Plugin;

/// Loads evaluators.
pub struct Host {
    linker: Linker<State>,
    compiler: Compiler,
    limits: Limits,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Host {
    /// A host that gives evaluators so much and no more.
    ///
    /// # Errors
    /// If this machine cannot run compiled WebAssembly.
    pub fn new(limits: Limits) -> Result<Self, HostError> {
        let engine: Engine = engine(&limits)?;
        let mut linker = Linker::new(&engine);
        materials::link(&mut linker).map_err(|error| HostError::Engine { reason: format!("{error:#}") })?;
        Ok(Self { linker, compiler: Compiler::start(engine, limits.compilation)?, limits })
    }

    /// What it gives evaluators.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Checks and compiles a component. Nothing of it runs. Blocks until that is done, or until its time is over.
    ///
    /// # Errors
    /// What is wrong with the component.
    pub fn load(&self, component: &[u8]) -> Result<Plugin, EvaluatorFault> {
        check::check(component, &self.limits)?;
        let compiled = self.compiler.compile(component)?;
        let world = |error: wasmtime::Error| EvaluatorFault::World { reason: format!("{error:#}") };
        let linked = self.linker.instantiate_pre(&compiled).map_err(world)?;
        Ok(Plugin::new(EvaluatorPre::new(linked).map_err(world)?, Digest::of(component), self.limits))
    }
}
