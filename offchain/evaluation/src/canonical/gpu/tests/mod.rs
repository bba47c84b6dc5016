//! The lane against the scalar reference, bit by bit. They need a compute adapter and fail without one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::sync::OnceLock;

use super::{CanonicalEngine, Options, Tile};
use crate::engine::{AdapterChoice, Style};

mod engine;
mod models;
mod number;
mod product;

/// Every style with every tile, with batches and shards of different sizes.
fn engines() -> &'static [CanonicalEngine] {
    static ENGINES: OnceLock<Vec<CanonicalEngine>> = OnceLock::new();
    ENGINES.get_or_init(|| {
        let tiles = [(Tile::Small, 1, 64), (Tile::Medium, 4096, 8192), (Tile::Large, 24, 128)];
        let styles = [Style::Register, Style::Shared];
        let options =
            styles.into_iter().flat_map(|style| tiles.map(|(tile, rows, shard)| Options { style, tile, rows, shard }));
        let open = |options| CanonicalEngine::with_options(AdapterChoice::Fastest, options);
        options.map(|options| open(options).expect("tests need a compute adapter")).collect()
    })
}
