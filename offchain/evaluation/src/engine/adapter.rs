//! Choice of the adapter: discrete before integrated before virtual before software, by Vulkan, Metal or DX12 only
//! (OpenGL shows the same hardware again through a weaker driver).

use std::fmt;

use wgpu::{Adapter, Backends, DeviceType, Instance, InstanceDescriptor};

use super::error::EngineError;
use super::wait::block_on;

/// Which adapter to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AdapterChoice {
    /// The fastest kind that is there; software if there is nothing else.
    #[default]
    Fastest,
    /// A software adapter (Mesa's lavapipe, or WARP), as in continuous integration.
    Software,
    /// The adapter whose name contains this text, whatever its case.
    Named(String),
}

impl fmt::Display for AdapterChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fastest => f.write_str("any adapter"),
            Self::Software => f.write_str("a software adapter"),
            Self::Named(name) => write!(f, "an adapter named {name:?}"),
        }
    }
}

/// What the engine runs on, for logs and reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterDescription {
    /// Name of the device.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// Driver and its version.
    pub driver: String,
    /// `DiscreteGpu`, `IntegratedGpu`, `VirtualGpu`, `Cpu` or `Other`.
    pub device_type: String,
    /// Whether kernels run on the CPU (lavapipe, WARP): correct, and many times slower than a GPU.
    pub software: bool,
}

impl fmt::Display for AdapterDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {}, {}", self.name, self.backend, self.driver, self.device_type)?;
        if self.software {
            f.write_str(", software rendering: correct but slow")?;
        }
        f.write_str(")")
    }
}

impl AdapterDescription {
    fn of(adapter: &Adapter) -> Self {
        let info = adapter.get_info();
        Self {
            name: info.name,
            backend: info.backend.to_string(),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            device_type: format!("{:?}", info.device_type),
            software: info.device_type == DeviceType::Cpu,
        }
    }
}

/// Lower is better.
fn rank(kind: DeviceType) -> u8 {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn all() -> Vec<Adapter> {
    let backends = Backends::VULKAN | Backends::METAL | Backends::DX12;
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let mut adapters = block_on(Instance::new(descriptor).enumerate_adapters(backends));
    adapters.sort_by_key(|adapter| rank(adapter.get_info().device_type));
    adapters
}

/// Every adapter that the engine could use, best first.
pub fn adapters() -> Vec<AdapterDescription> {
    all().iter().map(AdapterDescription::of).collect()
}

/// Picks an adapter, or says what was missing.
pub(crate) fn choose(choice: &AdapterChoice) -> Result<(Adapter, AdapterDescription), EngineError> {
    let fits = |found: &AdapterDescription| match choice {
        AdapterChoice::Fastest => true,
        AdapterChoice::Software => found.software,
        AdapterChoice::Named(name) => found.name.to_lowercase().contains(&name.to_lowercase()),
    };
    all()
        .into_iter()
        .map(|adapter| {
            let description = AdapterDescription::of(&adapter);
            (adapter, description)
        })
        .find(|(_, description)| fits(description))
        .ok_or_else(|| EngineError::NoAdapter { wanted: choice.to_string() })
}
