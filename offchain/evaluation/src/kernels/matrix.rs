//! A matrix in device memory. A buffer binds only up to a limit, so a large matrix is cut by rows into several.

use half::f16;
use wgpu::Buffer;

use super::{Kernels, Precision};
use crate::engine::{Device, EngineError};

/// Consecutive rows in one buffer.
#[derive(Debug)]
pub(crate) struct Shard {
    /// The first of them.
    pub first: usize,
    /// How many, a multiple of the tile's columns.
    pub rows: usize,
    /// `rows · width` weights.
    pub buffer: Buffer,
}

/// Rows of equal width, padded with zeros to the columns of the kernels' tile in both directions.
#[derive(Debug)]
pub(crate) struct Matrix {
    width: usize,
    precision: Precision,
    shards: Vec<Shard>,
}

impl Matrix {
    /// Zeros for at least `rows` rows of at least `columns` weights, stored as told.
    pub(crate) fn zeros(
        kernels: &Kernels,
        precision: Precision,
        what: &'static str,
        [rows, columns]: [usize; 2],
    ) -> Result<Self, EngineError> {
        let (device, granule) = (kernels.device(), kernels.tile().columns());
        let (rows, width) = (rows.next_multiple_of(granule), columns.next_multiple_of(granule));
        let row = (width * precision.bytes()) as u64;
        // Below the limit of a binding, which fits usize wherever a model does.
        let most = usize::try_from(device.binding_limit() / row).unwrap_or(usize::MAX) / granule * granule;
        if most == 0 {
            return Err(EngineError::BufferTooLarge {
                what,
                needed: row * granule as u64,
                limit: device.binding_limit(),
            });
        }
        let shards = (0..rows).step_by(most).map(|first| {
            let rows = most.min(rows - first);
            Ok(Shard { first, rows, buffer: device.storage(what, row * rows as u64)? })
        });
        Ok(Self { width, precision, shards: shards.collect::<Result<_, EngineError>>()? })
    }

    /// Replaces all rows: `write(r, row)` gets row `r` as zeros.
    pub(crate) fn fill(&self, device: &Device, write: impl Fn(usize, &mut [f32])) {
        for shard in &self.shards {
            let mut data = vec![0.0; shard.rows * self.width];
            for (r, row) in data.chunks_exact_mut(self.width).enumerate() {
                write(shard.first + r, row);
            }
            match self.precision {
                Precision::F32 => device.write(&shard.buffer, &data),
                Precision::F16 => {
                    let data: Vec<f16> = data.into_iter().map(f16::from_f32).collect();
                    device.write(&shard.buffer, &data);
                }
            }
        }
    }

    /// Weights of a row, padding included.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// What its weights are stored in.
    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// Rows, padding included.
    pub(crate) fn rows(&self) -> usize {
        self.shards.iter().map(|shard| shard.rows).sum()
    }

    /// The buffers, in order of their rows.
    pub(crate) fn shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter()
    }
}

/// The right side of a product: `x · weightᵀ + bias`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand<'a> {
    /// A row for each output.
    pub weight: &'a Matrix,
    /// A float for each row of the weight, padding included.
    pub bias: &'a Buffer,
}
