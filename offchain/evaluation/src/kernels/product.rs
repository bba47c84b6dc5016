//! Matrix products `a · wᵀ + bias`, with what becomes of them fused.

use wgpu::Buffer;

use super::{Function, Kernels, Operand, Precision, Source, Step, count};

const EACH: &str = include_str!("each.wgsl");

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epilogue {
    /// Stored.
    Store,
    /// Added to what the output holds: the residual stream.
    Add,
    /// Stored through a function.
    Apply(Function),
    /// `function(gate) · up`, from a weight and bias whose gate and up rows alternate by [`super::Tile::interleave`].
    Gate(Function),
}

impl Kernels {
    /// `out = epilogue(a · weightᵀ + bias)`: `a` has `rows` rows as wide as the weight's, `out` has rows as wide as the
    /// weight has rows, or half as wide for a gate. `rows` is a multiple of
    /// [`super::Tile::padding`]. A step for each shard of the weight.
    pub(crate) fn product(
        &self,
        epilogue: Epilogue,
        rows: usize,
        operand: Operand<'_>,
        [a, out]: [&Buffer; 2],
    ) -> impl Iterator<Item = Step> {
        let source = self.product_source(epilogue, operand.weight.precision());
        let width = match epilogue {
            Epilogue::Gate(_) => operand.weight.rows() / 2,
            _ => operand.weight.rows(),
        };
        operand.weight.shards().map(move |shard| {
            let shape = self.shape(&[count(operand.weight.width() / 4), count(width / 4), count(shard.first)]);
            let grid = [shard.rows / self.tile.columns(), rows / self.tile.rows(), 1];
            self.step(source.clone(), &[&shape, a, &shard.buffer, operand.bias, out], grid)
        })
    }

    /// What a product's pipeline is made of.
    fn product_source(&self, epilogue: Epilogue, precision: Precision) -> Source {
        let tile = self.by_style(include_str!("tile_register.wgsl"), include_str!("tile_shared.wgsl"));
        let product = self.by_style(include_str!("product_register.wgsl"), include_str!("product_shared.wgsl"));
        let applied = self.by_style(include_str!("function_register.wgsl"), include_str!("function_shared.wgsl"));
        let (sources, entry) = match epilogue {
            Epilogue::Store => (vec![tile, product], "store"),
            Epilogue::Add => (vec![tile, product], "add"),
            Epilogue::Apply(function) => (vec![tile, product, function.source(), EACH, applied], "function"),
            Epilogue::Gate(function) => (vec![tile, product, function.source(), EACH, applied], "gate"),
        };
        self.tile.shapes(Source::new(&sources, entry)).stored(precision).multiplied(self.products_with(precision))
    }

    /// What is timed where a tile is chosen, as text.
    pub(crate) fn tuned_sources(&self, precision: Precision) -> String {
        self.product_source(Epilogue::Store, precision).text() + &self.loss_source(precision).text()
    }
}
