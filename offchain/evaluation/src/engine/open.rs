//! Ways to open an engine.

use std::path::Path;
use std::sync::Mutex;

use super::{AdapterChoice, AdapterDescription, Device, Engine, EngineError, Options, tuning};
use crate::kernels::{Kernels, Precision, Style, Tile};

/// Tokens of a sequence on a software adapter. Mesa's leave a lane's loops after 65,535 rounds in all, without a word;
/// attention takes fewer than two for each token.
const SOFTWARE_LONGEST: usize = 32_768;

impl Engine {
    /// Opens an adapter and uses it as suits it.
    pub fn new(choice: AdapterChoice) -> Result<Self, EngineError> {
        Self::with_options(choice, Options::default())
    }

    /// Opens an adapter and uses it as told.
    pub fn with_options(choice: AdapterChoice, options: Options) -> Result<Self, EngineError> {
        let (device, adapter) = Self::open(&choice, options)?;
        let style = options.style.unwrap_or(suitable(&adapter));
        let tile = options.tile.unwrap_or(Tile::of(style));
        Self::of(device, adapter, options, tile)
    }

    /// Opens an adapter, measures which tile its matrix products are fastest in, and uses that: what `options` say
    /// of the tile counts for nothing. This takes seconds. With a `file`, the choice is kept there for this adapter,
    /// its driver and these kernels: the next engine reads it and measures nothing. A file for anything else, or one
    /// that is damaged, is measured anew and replaced. Use one file for each adapter.
    ///
    /// Fails with [`EngineError::Tuning`] where the file cannot be read or written, and else as [`Self::with_options`].
    pub fn tuned(choice: AdapterChoice, options: Options, file: Option<&Path>) -> Result<Self, EngineError> {
        let (device, adapter) = Self::open(&choice, options)?;
        let style = options.style.unwrap_or(suitable(&adapter));
        let tile = tuning::tile(&device, &adapter, style, options, file)?;
        Self::of(device, adapter, options, tile)
    }

    fn open(choice: &AdapterChoice, options: Options) -> Result<(Device, AdapterDescription), EngineError> {
        let (mut device, adapter) = match options.stored() {
            Precision::F32 => Device::open(choice)?,
            Precision::F16 => Device::open_half(choice)?,
        };
        if let Some(bytes) = options.binding {
            device.limit_binding(bytes);
        }
        if let Some(bytes) = options.total {
            device.limit_total(bytes);
        }
        Ok((device, adapter))
    }

    fn of(device: Device, adapter: AdapterDescription, options: Options, tile: Tile) -> Result<Self, EngineError> {
        if !tile.fits(&device.raw().limits()) {
            return Err(EngineError::TileTooLarge { adapter: adapter.name, tile: tile.to_string() });
        }
        let (memory, precision) = (options.memory.unwrap_or(device.buffer_limit()), options.stored());
        let longest = if adapter.software { SOFTWARE_LONGEST } else { usize::MAX };
        let products = options.products;
        tracing::info!(%adapter, %tile, ?precision, ?products, memory, "evaluation engine ready");
        let wide = (products == Precision::F16).then(|| Kernels::new(device.clone(), tile));
        let kernels = Kernels::new(device, tile).multiplying(products);
        Ok(Self { adapter, kernels, wide, precision, memory, longest, turn: Mutex::default() })
    }
}

/// The style that suits an adapter.
fn suitable(adapter: &AdapterDescription) -> Style {
    if adapter.software { Style::Register } else { Style::Shared }
}
