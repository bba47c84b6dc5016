//! burn on wgpu, with all that it has for speed: its compiler to SPIR-V where the device takes it, fused kernels, kernels
//! chosen by measurement, its own attention.

use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{Device, DeviceKind};
use inktensor_evaluation::AdapterDescription;
use inktensor_evaluation::model::Architecture;

use super::{Engine, Lane, Loaded};
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

mod forward;
mod model;

use model::{BurnPerceptron, BurnTransformer};

pub const NAME: &str = "burn-wgpu";

/// Our adapter as burn opened it.
pub struct Burn {
    device: Device,
    /// Bytes that a tensor may have.
    binding: u64,
}

enum Model {
    Transformer(BurnTransformer),
    Perceptron(BurnPerceptron),
}

impl Burn {
    /// Opens the adapter that ours run on; fails where burn takes another.
    pub fn open(ours: &AdapterDescription) -> Result<Self, BenchError> {
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
        Ok(Self { device, binding: setup.device.limits().max_storage_buffer_binding_size })
    }
}

impl Engine for Burn {
    fn name(&self) -> &'static str {
        NAME
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
                Model::Transformer(BurnTransformer::load(&self.device, self.binding, shape, weights, length)?)
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

fn failed(reason: String) -> BenchError {
    BenchError::Peer { engine: NAME, reason }
}
