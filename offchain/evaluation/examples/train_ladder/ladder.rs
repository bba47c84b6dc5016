//! The rungs: which models are trained, how large and for how long.
//!
//! Size and budget both fall from rung to rung, so that the held-out losses stand clearly apart. The architectures
//! differ too: `strong` has its own output head, `medium` shares key and value heads among query heads. `sibling` is
//! `strong` from another seed: as good, and no copy.

use serde::Serialize;

use crate::llama;

/// Hyperparameters of a Llama model, named as in a Hugging Face `config.json`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Config {
    pub model_type: &'static str,
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: usize,
    pub rms_norm_eps: f64,
    pub rope_theta: f64,
    pub tie_word_embeddings: bool,
    pub max_position_embeddings: usize,
}

impl Config {
    /// Width of one attention head.
    pub fn head_size(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }
}

/// One model of the ladder with its training budget.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// Name of the model and stem of its file.
    pub name: &'static str,
    pub config: Config,
    /// Added to the seed of the ladder.
    pub seed_offset: u64,
    /// Optimiser steps.
    pub steps: usize,
    /// Windows in a step; a window predicts `max_position_embeddings` bytes.
    pub batch: usize,
    /// Highest learning rate, reached after the warm-up.
    pub peak_rate: f64,
}

impl Rung {
    /// Bytes predicted in all of training.
    pub fn trained_bytes(&self) -> usize {
        self.steps * self.batch * self.config.max_position_embeddings
    }

    /// This rung's row of the summary table, in Markdown.
    pub fn row(&self, bits_per_byte: f64) -> String {
        let config = &self.config;
        format!(
            "| {} | {} | {} x {} | {} ({}) | {} | {} | {} | {} | {bits_per_byte:.4} |",
            self.name,
            llama::parameters(config),
            config.hidden_size,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.num_key_value_heads,
            config.intermediate_size,
            if config.tie_word_embeddings { "tied" } else { "own" },
            self.steps,
            self.trained_bytes(),
        )
    }
}

/// The rungs.
pub fn rungs() -> Vec<Rung> {
    let base = Config {
        model_type: "llama",
        vocab_size: 256,
        hidden_size: 128,
        intermediate_size: 352,
        num_hidden_layers: 4,
        num_attention_heads: 4,
        num_key_value_heads: 4,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        tie_word_embeddings: true,
        max_position_embeddings: 256,
    };
    let strong = Rung {
        name: "strong",
        config: Config { tie_word_embeddings: false, ..base },
        seed_offset: 0,
        steps: 450,
        batch: 8,
        peak_rate: 3e-3,
    };
    vec![
        strong,
        Rung { name: "sibling", seed_offset: 16, ..strong },
        Rung {
            name: "medium",
            config: Config {
                hidden_size: 96,
                intermediate_size: 256,
                num_hidden_layers: 3,
                num_key_value_heads: 2,
                ..base
            },
            seed_offset: 0,
            steps: 130,
            batch: 8,
            peak_rate: 3e-3,
        },
        Rung {
            name: "weak",
            config: Config { hidden_size: 96, intermediate_size: 256, num_hidden_layers: 2, ..base },
            seed_offset: 0,
            steps: 60,
            batch: 4,
            peak_rate: 3e-3,
        },
    ]
}
