//! burn on wgpu, with all that it has for speed: fused kernels, kernels chosen by measurement, its own attention and,
//! with the feature `spirv`, its own compiler of shaders.

use std::panic;
use std::process;

use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{Device, DeviceKind};
use inktensor_evaluation::AdapterDescription;
use inktensor_evaluation::model::Architecture;

use super::{BURN, Engine, Lane, Loaded};
use crate::child::GAVE_UP;
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

mod forward;
mod model;

use model::{BurnPerceptron, BurnTransformer};

/// Bytes of a table that one kernel reads on a software adapter: it is to be done within a second, or wgpu may panic.
const SOFTWARE_TABLE: u64 = 32 << 20;

/// Our adapter as burn opened it.
pub struct Burn {
    device: Device,
    /// Bytes that a tensor may have.
    binding: u64,
}

enum Model {
    Transformer(Box<BurnTransformer>),
    Perceptron(BurnPerceptron),
}

impl Burn {
    /// Opens the adapter that ours run on; fails where burn takes another.
    pub fn open(ours: &AdapterDescription) -> Result<Self, BenchError> {
        end_at_panics();
        let kind = if ours.software { DeviceKind::Cpu } else { DeviceKind::DefaultDevice };
        let api = if ours.backend == "vulkan" { WgpuBackend::Vulkan } else { WgpuBackend::Auto };
        let (device, setup) = Device::wgpu_options()
            .device_kind(kind)
            .graphics_api(api)
            .init_with_setup()
            .map_err(|error| failed(error.to_string()))?;
        let found = setup.adapter.get_info().name;
        if found != ours.name {
            return Err(failed(format!("it runs on {found}, ours on {}", ours.name)));
        }
        let binding = setup.device.limits().max_storage_buffer_binding_size;
        Ok(Self { device, binding: if ours.software { binding.min(SOFTWARE_TABLE) } else { binding } })
    }
}

impl Engine for Burn {
    fn name(&self) -> &'static str {
        BURN
    }

    fn about(&self) -> &'static str {
        if cfg!(feature = "spirv") {
            "burn on the adapter, f32, shaders by its own compiler to SPIR-V"
        } else {
            "burn on the adapter, f32, shaders in WGSL"
        }
    }

    fn lane(&self) -> Lane {
        Lane::Fast
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        let weights = workload.model.weights();
        let model = match workload.model.architecture() {
            Architecture::Transformer(shape) if shape.head_norm => return Ok(None),
            Architecture::Transformer(shape) => {
                let length = workload.questions.read() / workload.questions.count().max(1);
                let model = BurnTransformer::load(&self.device, self.binding, shape, weights, length)?;
                Model::Transformer(Box::new(model))
            }
            Architecture::Perceptron(shape) => Model::Perceptron(BurnPerceptron::load(&self.device, shape, weights)?),
        };
        Ok(Some(Box::new(model)))
    }
}

impl Loaded for Model {
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError> {
        match (self, questions) {
            (Self::Transformer(model), Questions::Losses(windows)) => model.losses(windows),
            (Self::Transformer(model), Questions::Embeddings(texts)) => model.embeddings(texts),
            (Self::Perceptron(model), Questions::Classes(features, width)) => model.classes(features, *width),
            _ => Err(failed("the model has no such answers".to_owned())),
        }
    }
}

/// When a thread of burn's panics, another waits for it without end: the process ends instead, and may be begun again.
fn end_at_panics() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        tell(panicked);
        process::exit(GAVE_UP.into());
    }));
}

fn failed(reason: String) -> BenchError {
    BenchError::Peer { engine: BURN, reason }
}
