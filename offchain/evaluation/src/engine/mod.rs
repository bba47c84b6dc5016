//! The engine: a device, its kernels, and models evaluated on it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::kernels::{Attention, Kernels};
use crate::model::{Architecture, Model};
use crate::window::{Window, WindowResult};

mod adapter;
mod device;
mod error;
mod forward;
mod layout;
mod upload;
mod wait;

pub use adapter::{AdapterChoice, AdapterDescription, adapters};
pub(crate) use device::Device;
pub use error::EngineError;
pub use upload::GpuModel;

pub use crate::kernels::Style;

use forward::Forward;
use layout::Layout;

/// An open device with its kernels compiled. `Send + Sync`; calls block until the device is done (call it from a thread
/// that may block) and take turns, so that an error always belongs to the call that caused it.
#[derive(Debug)]
pub struct Engine {
    device: Device,
    adapter: AdapterDescription,
    style: Style,
    kernels: Kernels,
    /// Attention by head width: its pipeline takes longest to compile.
    attention: Mutex<BTreeMap<usize, Attention>>,
    turn: Mutex<()>,
}

impl Engine {
    /// Opens an adapter and compiles the kernels in the style that suits it.
    pub fn new(choice: AdapterChoice) -> Result<Self, EngineError> {
        let (device, adapter) = Device::open(&choice)?;
        let style = if adapter.software { Style::Register } else { Style::Shared };
        Self::compile(device, adapter, style)
    }

    /// Opens an adapter with kernels of a chosen style: for tests and measurements, as results do not depend on it.
    pub fn with_style(choice: AdapterChoice, style: Style) -> Result<Self, EngineError> {
        let (device, adapter) = Device::open(&choice)?;
        Self::compile(device, adapter, style)
    }

    fn compile(device: Device, adapter: AdapterDescription, style: Style) -> Result<Self, EngineError> {
        let kernels = Kernels::new(&device, style);
        device.check()?;
        tracing::info!(%adapter, ?style, "evaluation engine ready");
        Ok(Self { device, adapter, style, kernels, attention: Mutex::default(), turn: Mutex::default() })
    }

    /// What the engine runs on.
    pub fn adapter(&self) -> &AdapterDescription {
        &self.adapter
    }

    /// Copies a model to the device.
    pub fn load(&self, model: &Model) -> Result<GpuModel, EngineError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Architecture::Transformer(transformer) = model.architecture() else {
            return Err(EngineError::Unsupported);
        };
        let layout = Layout::new(transformer, self.style);
        let attention = self.attention(layout.pitch)?;
        GpuModel::upload(&self.device, layout, attention, transformer, model.weights())
    }

    /// Negative log-likelihood of each window, in the order given. Windows may differ in length; none may be longer
    /// than the model's `positions`. A result that is not finite means that the computation overflowed.
    pub fn evaluate(&self, model: &GpuModel, windows: &[Window]) -> Result<Vec<WindowResult>, EngineError> {
        let limit = model.config.positions;
        if let Some(window) = windows.iter().map(Window::predictions).find(|&window| window > limit) {
            return Err(EngineError::WindowTooLong { window, limit });
        }
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, window) in windows.iter().enumerate() {
            by_length.entry(window.predictions()).or_default().push(index);
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut results = vec![WindowResult { nll_nats: f64::NAN, bytes: 0 }; windows.len()];
        for (length, indices) in by_length {
            let batch = Forward::batch(model, length, indices.len());
            let forward = Forward::new(&self.device, &self.kernels, model, length, batch)?;
            for part in indices.chunks(batch) {
                let chosen: Vec<&Window> = part.iter().map(|&index| &windows[index]).collect();
                for (&index, result) in part.iter().zip(forward.run(&self.device, &chosen)?) {
                    results[index] = result;
                }
            }
        }
        Ok(results)
    }

    fn attention(&self, pitch: usize) -> Result<Attention, EngineError> {
        let mut known = self.attention.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(attention) = known.get(&pitch) {
            return Ok(attention.clone());
        }
        let attention = Attention::new(&self.device, self.style, pitch);
        self.device.check()?;
        known.insert(pitch, attention.clone());
        Ok(attention)
    }
}
