//! A matrix in device memory. A buffer binds only up to a limit, so a large matrix is cut by rows into several.

use wgpu::Buffer;

use super::Style;
use crate::engine::{Device, EngineError};

/// Consecutive rows in one buffer.
#[derive(Debug)]
pub(crate) struct Shard {
    /// The first of them.
    pub first: usize,
    /// How many, a multiple of the style's granule.
    pub rows: usize,
    /// `rows · width` floats.
    pub buffer: Buffer,
}

/// Rows of equal width, padded with zeros to the style's granule in both directions.
#[derive(Debug)]
pub(crate) struct Matrix {
    width: usize,
    shards: Vec<Shard>,
}

impl Matrix {
    /// Zeros for at least `rows` rows of at least `columns` floats.
    pub(crate) fn zeros(
        device: &Device,
        style: Style,
        what: &'static str,
        [rows, columns]: [usize; 2],
    ) -> Result<Self, EngineError> {
        let granule = style.granule();
        let (rows, width) = (rows.next_multiple_of(granule), columns.next_multiple_of(granule));
        let row = (width * size_of::<f32>()) as u64;
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
        Ok(Self { width, shards: shards.collect::<Result<_, EngineError>>()? })
    }

    /// Replaces all rows: `write(r, row)` gets row `r` as zeros.
    pub(crate) fn fill(&self, device: &Device, write: impl Fn(usize, &mut [f32])) {
        for shard in &self.shards {
            let mut data = vec![0.0; shard.rows * self.width];
            for (r, row) in data.chunks_exact_mut(self.width).enumerate() {
                write(shard.first + r, row);
            }
            device.write(&shard.buffer, &data);
        }
    }

    /// Floats of a row, padding included.
    pub(crate) fn width(&self) -> usize {
        self.width
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
