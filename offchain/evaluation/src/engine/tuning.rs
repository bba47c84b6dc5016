//! Choice of the tile of matrix products: measured on the device once, then kept in a file.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::adapter::AdapterDescription;
use super::device::Device;
use super::error::EngineError;
use super::options::Options;
use super::trial::{TRIALS, fastest, kernels, measure};
use crate::digest::Digest;
use crate::kernels::{Style, Tile};

/// Bytes that a record may have: far more than one has.
const LONGEST: u64 = 64 * 1024;

/// What a file holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    key: Key,
    /// The tile that was chosen.
    tile: String,
    /// Seconds of each trial in each tile, for people.
    measured: Vec<(String, [f64; TRIALS])>,
}

/// What a choice holds for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    /// Its name, backend, driver and kind.
    adapter: String,
    /// Version of this crate.
    version: String,
    /// Digest of all that the tiles' kernels are made of.
    kernels: String,
    /// What weights are stored in.
    weights: String,
}

/// The tile for a device: the one that the file holds, or the fastest of a style.
pub(super) fn tile(
    device: &Device,
    adapter: &AdapterDescription,
    style: Style,
    options: Options,
    file: Option<&Path>,
) -> Result<Tile, EngineError> {
    let limits = device.raw().limits();
    let tiles: Vec<Tile> = Tile::all(style).iter().copied().filter(|tile| tile.fits(&limits)).collect();
    let key = Key {
        adapter: adapter.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        kernels: digest(device, &tiles, options).to_string(),
        weights: format!("{:?}", options.stored()),
    };
    if let Some(path) = file
        && let Some(tile) = kept(path, &key, &tiles)?
    {
        return Ok(tile);
    }
    let measured = measure(device, adapter.software, &tiles, options)?;
    let tile = fastest(&measured).unwrap_or(Tile::of(style));
    tracing::info!(%adapter, %tile, "tile of matrix products measured");
    if let Some(path) = file {
        let measured = measured.into_iter().map(|(tile, seconds)| (tile.to_string(), seconds)).collect();
        keep(path, &Record { key, tile: tile.to_string(), measured })?;
    }
    Ok(tile)
}

fn digest(device: &Device, tiles: &[Tile], options: Options) -> Digest {
    let sources = |&tile| kernels(device, tile, options).tuned_sources(options.stored());
    Digest::of(tiles.iter().map(sources).collect::<String>().as_bytes())
}

/// The choice in a file, if there is one that still holds.
fn kept(path: &Path, key: &Key, tiles: &[Tile]) -> Result<Option<Tile>, EngineError> {
    let failed = |error: std::io::Error| failed("read", path, &error);
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let anew = |reason: &str| {
        tracing::warn!(path = %path.display(), reason, "tuning file does not serve: measuring anew");
        Ok(None)
    };
    let record: Record = match serde_json::from_slice(&bytes) {
        Ok(record) => record,
        Err(error) => return anew(&format!("it is damaged: {error}")),
    };
    if record.key != *key {
        return anew("it is of another adapter, driver, version, precision or style");
    }
    match record.tile.parse() {
        Ok(tile) if tiles.contains(&tile) => Ok(Some(tile)),
        _ => anew(&format!("it names {:?}, which is no tile for this adapter", record.tile)),
    }
}

/// Writes a record beside the file, then puts it in its place: the file is the old one or the new one.
fn keep(path: &Path, record: &Record) -> Result<(), EngineError> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = Path::new(&part);
    let write = || {
        let mut file = File::create(part)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        file.sync_all()?;
        fs::rename(part, path)
    };
    write().map_err(|error| {
        // What is left of a failed write is of no use; that it cannot be removed either adds nothing.
        let _ = fs::remove_file(part);
        failed("write", path, &error)
    })
}

fn failed(action: &'static str, path: &Path, error: &std::io::Error) -> EngineError {
    EngineError::Tuning { action, path: path.to_owned(), reason: error.to_string() }
}
