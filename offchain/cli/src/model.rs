//! Models that commands are given by their paths.

use std::path::Path;

use clap::Args;
use inktensor_evaluation::model::{Limits, Model, ModelError, OpenError};

use crate::error::CliError;

/// How large a model may be.
#[derive(Args)]
pub struct ModelLimits {
    /// Bytes that a model may have.
    #[arg(long, default_value_t = Limits::default().file_bytes, value_name = "N")]
    max_bytes: u64,
    /// Weights that a model may have.
    #[arg(long, default_value_t = Limits::default().parameters, value_name = "N")]
    max_parameters: u64,
}

impl ModelLimits {
    /// As the library takes them.
    pub fn limits(&self) -> Limits {
        Limits { file_bytes: self.max_bytes, parameters: self.max_parameters }
    }
}

/// Opens a model. The inner error is the model's own fault; files that cannot be read are the command's failure.
pub fn open(path: &Path, limits: &ModelLimits) -> Result<Result<Model, ModelError>, CliError> {
    match Model::open(path, &limits.limits()) {
        Ok(model) => Ok(Ok(model)),
        Err(OpenError::Model(fault)) => Ok(Err(fault)),
        Err(OpenError::Read(error)) => {
            Err(CliError::Io { path: path.to_owned(), source: std::io::Error::other(error.reason) })
        }
    }
}
