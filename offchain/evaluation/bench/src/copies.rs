//! How fast the device copies its own memory: what a kernel that computes little can reach at most.

use std::time::Instant;

use wgpu::{
    Backends, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, DeviceDescriptor, Instance, InstanceDescriptor,
    PollType,
};

use inktensor_evaluation::AdapterDescription;

use crate::error::BenchError;
use crate::statistics::Summary;

/// Bytes of a copy: more than any cache holds, less than any device refuses.
const BYTES: u64 = 128 << 20;

/// Copies of one submission.
const COPIES: usize = 8;

/// Bytes read and written in a second, over `repeats` after one to warm up.
pub fn measure(ours: &AdapterDescription, repeats: usize) -> Result<Summary, BenchError> {
    let failed = |reason: String| BenchError::Copies { reason };
    let backends = Backends::VULKAN | Backends::METAL | Backends::DX12;
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let adapters = wait(Instance::new(descriptor).enumerate_adapters(backends));
    let same = |adapter: &wgpu::Adapter| {
        let found = adapter.get_info();
        (found.name, found.backend.to_string()) == (ours.name.clone(), ours.backend.clone())
    };
    let adapter = adapters.into_iter().find(same).ok_or_else(|| failed(format!("{} is gone", ours.name)))?;
    let (device, queue) =
        wait(adapter.request_device(&DeviceDescriptor::default())).map_err(|error| failed(error.to_string()))?;
    let buffer = || {
        device.create_buffer(&BufferDescriptor {
            label: Some("copies"),
            size: BYTES,
            usage: BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    };
    let (from, to) = (buffer(), buffer());
    let mut rates = Vec::with_capacity(repeats);
    for repeat in 0..=repeats {
        let started = Instant::now();
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        for _ in 0..COPIES {
            encoder.copy_buffer_to_buffer(&from, 0, &to, 0, BYTES);
        }
        queue.submit([encoder.finish()]);
        device.poll(PollType::wait_indefinitely()).map_err(|error| failed(error.to_string()))?;
        if repeat > 0 {
            rates.push(2.0 * BYTES as f64 * COPIES as f64 / started.elapsed().as_secs_f64());
        }
    }
    Summary::of(&rates).ok_or(BenchError::NoRepeats)
}

/// Blocks on a future that needs no reactor, as all of the graphics layer's.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
