//! Runs runtimes. They are compiled to machine code once, and kept.

use std::path::PathBuf;

use sc_executor::WasmExecutor;
use thiserror::Error;

/// Runs a runtime.
pub type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;

/// The user has no folder for caches.
#[derive(Debug, Error)]
#[error("no_cache: there is no home folder. Hint: name a folder in INKTENSOR_NODE_CACHE")]
pub struct NoCache;

/// An executor that keeps what it compiles in the cache.
///
/// # Errors
/// [`NoCache`].
pub fn executor() -> Result<Executor, NoCache> {
    Ok(WasmExecutor::builder().with_cache_path(cache()?).build())
}

/// Where compiled runtimes are kept, so that only a runtime's first start is slow.
fn cache() -> Result<PathBuf, NoCache> {
    if let Some(folder) = std::env::var_os("INKTENSOR_NODE_CACHE") {
        return Ok(folder.into());
    }
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home).ok_or(NoCache)?;
    Ok(caches.join("inktensor/node/run"))
}
