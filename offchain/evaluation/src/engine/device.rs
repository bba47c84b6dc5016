//! The device, its queue, and what it reports of itself: the graphics layer tells errors through callbacks, which are
//! kept here until the operation that caused them asks.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    Buffer, BufferAsyncError, BufferDescriptor, BufferUsages, CommandEncoder, CommandEncoderDescriptor,
    DeviceDescriptor, ExperimentalFeatures, Features, MapMode, MemoryHints, PollType, SubmissionIndex, Trace,
};

use super::adapter::{AdapterChoice, AdapterDescription, choose};
use super::error::EngineError;
use super::wait::block_on;
use crate::kernels::Step;

/// What the callbacks have said: a lost device stays lost, any other error belongs to the operation under way.
#[derive(Debug, Default)]
struct Health {
    lost: Option<EngineError>,
    latest: Option<EngineError>,
}

/// An open device. Clones are the same device.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    raw: wgpu::Device,
    queue: wgpu::Queue,
    health: Arc<Mutex<Health>>,
    binding_limit: u64,
    buffer_limit: u64,
    total_limit: u64,
}

/// Numbers on their way from the device.
#[derive(Debug)]
pub(crate) struct Reading {
    landing: Buffer,
    submission: SubmissionIndex,
    answer: mpsc::Receiver<Result<(), BufferAsyncError>>,
}

impl Device {
    /// Opens the chosen adapter with all the memory limits that it offers and no optional feature.
    pub(crate) fn open(choice: &AdapterChoice) -> Result<(Self, AdapterDescription), EngineError> {
        Self::with(choice, Features::empty())
    }

    /// As [`Self::open`], for kernels that read f16.
    pub(crate) fn open_half(choice: &AdapterChoice) -> Result<(Self, AdapterDescription), EngineError> {
        Self::with(choice, Features::SHADER_F16)
    }

    fn with(choice: &AdapterChoice, features: Features) -> Result<(Self, AdapterDescription), EngineError> {
        let (adapter, description) = choose(choice)?;
        if !adapter.features().contains(features) {
            return Err(EngineError::NoHalf { adapter: description.name });
        }
        let limits = adapter.limits();
        let request = adapter.request_device(&DeviceDescriptor {
            label: Some("evaluation"),
            required_features: features,
            required_limits: limits.clone(),
            experimental_features: ExperimentalFeatures::disabled(),
            memory_hints: MemoryHints::Performance,
            trace: Trace::Off,
        });
        let (raw, queue) = block_on(request)
            .map_err(|error| EngineError::NoDevice { adapter: description.name.clone(), reason: error.to_string() })?;
        let health = Arc::new(Mutex::new(Health::default()));
        let errors = Arc::clone(&health);
        raw.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            // The first error is the cause; later ones follow from it.
            lock(&errors).latest.get_or_insert(translate(error));
        }));
        let losses = Arc::clone(&health);
        raw.set_device_lost_callback(move |reason, message| {
            let reason = format!("{reason:?}: {message}");
            lock(&losses).lost = Some(EngineError::DeviceLost { reason });
        });
        let binding_limit = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let buffer_limit = limits.max_buffer_size;
        Ok((Self { raw, queue, health, binding_limit, buffer_limit, total_limit: u64::MAX }, description))
    }

    /// Lowers the limit of a binding to `bytes`, if it is higher.
    pub(crate) fn limit_binding(&mut self, bytes: u64) {
        self.binding_limit = self.binding_limit.min(bytes);
    }

    /// Lowers the limit of all buffers together to `bytes`.
    pub(crate) fn limit_total(&mut self, bytes: u64) {
        self.total_limit = bytes;
    }

    /// Bytes that one storage buffer may have.
    pub(crate) fn binding_limit(&self) -> u64 {
        self.binding_limit
    }

    /// Bytes that the device allows any buffer: all that the graphics layer tells of the size of its memory.
    pub(crate) fn buffer_limit(&self) -> u64 {
        self.buffer_limit
    }

    /// The graphics layer's device, for pipelines and bind groups.
    pub(crate) fn raw(&self) -> &wgpu::Device {
        &self.raw
    }

    /// Fails with what the device has reported since the last check.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        let mut health = lock(&self.health);
        let latest = health.latest.take();
        match health.lost.clone().or(latest) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// A zeroed storage buffer of `bytes`.
    pub(crate) fn storage(&self, what: &'static str, bytes: u64) -> Result<Buffer, EngineError> {
        self.fits(what, bytes)?;
        self.affords(what, bytes)?;
        Ok(self.raw.create_buffer(&BufferDescriptor {
            label: Some(what),
            size: bytes,
            usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }))
    }

    /// A storage buffer that holds `data`.
    pub(crate) fn upload<T: bytemuck::NoUninit>(&self, what: &'static str, data: &[T]) -> Result<Buffer, EngineError> {
        let buffer = self.storage(what, size_of_val(data) as u64)?;
        self.write(&buffer, data);
        Ok(buffer)
    }

    /// A uniform buffer that holds `data`.
    pub(crate) fn uniform<T: bytemuck::NoUninit>(&self, data: &T) -> Buffer {
        let buffer = self.raw.create_buffer(&BufferDescriptor {
            label: Some("shape"),
            size: size_of::<T>() as u64,
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.write(&buffer, std::slice::from_ref(data));
        buffer
    }

    /// Replaces the start of a buffer before the next submission. Unlike mapping, this reports a buffer that could not
    /// be had as an error, not as a panic.
    pub(crate) fn write<T: bytemuck::NoUninit>(&self, buffer: &Buffer, data: &[T]) {
        self.queue.write_buffer(buffer, 0, bytemuck::cast_slice(data));
    }

    /// Submits the steps in order, and the writes before them.
    pub(crate) fn submit(&self, steps: &[Step]) -> Result<SubmissionIndex, EngineError> {
        let mut encoder = self.raw.create_command_encoder(&CommandEncoderDescriptor::default());
        record(&mut encoder, steps);
        self.check()?;
        Ok(self.queue.submit([encoder.finish()]))
    }

    /// Waits until a submission is done.
    pub(crate) fn wait(&self, submission: SubmissionIndex) -> Result<(), EngineError> {
        self.poll(PollType::Wait { submission_index: Some(submission), timeout: None })
    }

    /// Runs the steps in order in one submission, then reads `count` numbers from the start of `result`.
    pub(crate) fn run<T>(&self, steps: &[Step], result: &Buffer, count: usize) -> Result<Vec<T>, EngineError>
    where
        T: bytemuck::NoUninit + bytemuck::AnyBitPattern,
    {
        let reading = self.start(steps, result, (count * size_of::<T>()) as u64)?;
        self.read(reading)
    }

    /// Submits the steps in order, and the copy of the first `bytes` of `result` that [`Self::read`] waits for.
    pub(crate) fn start(&self, steps: &[Step], result: &Buffer, bytes: u64) -> Result<Reading, EngineError> {
        let landing = self.raw.create_buffer(&BufferDescriptor {
            label: Some("landing"),
            size: bytes,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.raw.create_command_encoder(&CommandEncoderDescriptor::default());
        record(&mut encoder, steps);
        encoder.copy_buffer_to_buffer(result, 0, &landing, 0, bytes);
        self.check()?;
        let submission = self.queue.submit([encoder.finish()]);
        let (sender, answer) = mpsc::channel();
        landing.map_async(MapMode::Read, .., move |outcome| {
            // Nobody waits for a reading that was dropped.
            let _ = sender.send(outcome);
        });
        Ok(Reading { landing, submission, answer })
    }

    /// Waits for the numbers of [`Self::start`].
    pub(crate) fn read<T: bytemuck::NoUninit + bytemuck::AnyBitPattern>(
        &self,
        reading: Reading,
    ) -> Result<Vec<T>, EngineError> {
        let Reading { landing, submission, answer } = reading;
        self.wait(submission)?;
        // Another thread's poll may be the one that delivers the answer, a moment after this one's returned.
        match answer.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(EngineError::DeviceLost { reason: error.to_string() }),
            Err(error) => return Err(EngineError::DeviceLost { reason: format!("no answer to a read: {error}") }),
        }
        let view = landing.get_mapped_range(..).map_err(|error| EngineError::Refused { reason: error.to_string() })?;
        Ok(bytemuck::pod_collect_to_vec(&view[..]))
    }

    fn poll(&self, until: PollType) -> Result<(), EngineError> {
        let polled = self.raw.poll(until);
        self.check()?;
        polled.map(drop).map_err(|error| EngineError::DeviceLost { reason: error.to_string() })
    }

    /// Gives back what dropped buffers held, and what was said of them.
    pub(crate) fn reclaim(&self) -> Result<(), EngineError> {
        self.poll(PollType::wait_indefinitely())
    }

    fn affords(&self, what: &'static str, needed: u64) -> Result<(), EngineError> {
        if self.total_limit == u64::MAX {
            return Ok(());
        }
        let held = self.raw.generate_allocator_report().map_or(0, |report| report.total_allocated_bytes);
        if held.saturating_add(needed) > self.total_limit {
            let reason = format!("{what} needs {needed} bytes beside {held}, of {} in all", self.total_limit);
            return Err(EngineError::OutOfMemory { reason });
        }
        Ok(())
    }

    fn fits(&self, what: &'static str, needed: u64) -> Result<(), EngineError> {
        if needed > self.binding_limit {
            return Err(EngineError::BufferTooLarge { what, needed, limit: self.binding_limit });
        }
        Ok(())
    }
}

/// Adds the steps to an encoder as one pass.
fn record(encoder: &mut CommandEncoder, steps: &[Step]) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for step in steps {
        step.record(&mut pass);
    }
}

/// A panic elsewhere leaves the record of errors valid, so a poisoned lock is opened.
fn lock(health: &Mutex<Health>) -> std::sync::MutexGuard<'_, Health> {
    health.lock().unwrap_or_else(PoisonError::into_inner)
}

fn translate(error: wgpu::Error) -> EngineError {
    match error {
        wgpu::Error::OutOfMemory { source } => EngineError::OutOfMemory { reason: source.to_string() },
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            EngineError::Refused { reason: description }
        }
    }
}
