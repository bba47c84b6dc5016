//! The same computation as plain scalar code in f64: the yardstick of the engines, written to be read.

use crate::model::{Architecture, Head, Model, Output, Transformer};
use crate::window::{Window, WindowResult};

mod error;
mod forward;
pub mod ops;

pub use error::ReferenceError;

use forward::{apply, normed, widen};

/// Negative log-likelihood of a window under a language model.
pub fn nll(model: &Model, window: &Window) -> Result<WindowResult, ReferenceError> {
    let config = language(model)?;
    forward::known(config, window.tokens())?;
    let states = states(model, window.inputs())?;
    let counted = &states[(window.first() - 1) * config.hidden..];
    let losses = ops::losses(&language_head(model, counted)?, config.vocabulary, window.targets());
    Ok(WindowResult { nll_nats: losses.iter().sum(), bytes: window.bytes() })
}

/// Logits of the next token after each token of a language model, `[tokens, vocabulary]`.
pub fn logits(model: &Model, tokens: &[u32]) -> Result<Vec<f64>, ReferenceError> {
    language(model)?;
    language_head(model, &states(model, tokens)?)
}

/// The mean of an encoder's final states over all tokens, scaled to length one.
pub fn embed(model: &Model, tokens: &[u32]) -> Result<Vec<f64>, ReferenceError> {
    let config = transformer(model, "an embedding", |output| output == Output::Embedding)?;
    Ok(ops::direction_of_mean(&states(model, tokens)?, config.hidden))
}

/// Logits of the classes of a text.
pub fn classify(model: &Model, tokens: &[u32]) -> Result<Vec<f64>, ReferenceError> {
    let config = transformer(model, "classes of text", |output| matches!(output, Output::Classes { .. }))?;
    let states = states(model, tokens)?;
    let mut first = states[..config.hidden].to_vec();
    let Head::Classes { pooler, classifier } = model.weights().tail()?.head else {
        return Err(ReferenceError::Unfit { part: "the head" });
    };
    if let Some(pooler) = pooler {
        first = apply(&pooler, &first).into_iter().map(f64::tanh).collect();
    }
    Ok(apply(&classifier, &first))
}

/// Logits of the classes of a feature vector.
pub fn perceive(model: &Model, features: &[f32]) -> Result<Vec<f64>, ReferenceError> {
    let Architecture::Perceptron(config) = model.architecture() else {
        return Err(ReferenceError::OtherOutput { asked: "classes of features" });
    };
    let expected = config.widths.first().copied().unwrap_or_default();
    if features.len() != expected {
        return Err(ReferenceError::Features { found: features.len(), expected });
    }
    let mut x = widen(features);
    for (index, product) in model.weights().products()?.iter().enumerate() {
        if index > 0 {
            x = ops::activated(config.activation, &x);
        }
        x = apply(product, &x);
    }
    Ok(x)
}

/// The residual stream of a transformer before each layer and after the last, each `[tokens, hidden]`: for comparing
/// engines layer by layer.
pub fn streams(model: &Model, tokens: &[u32]) -> Result<Vec<Vec<f64>>, ReferenceError> {
    forward::streams(transformer(model, "states", |_| true)?, model.weights(), tokens)
}

/// The final states of a transformer, `[tokens, hidden]`: the stream after the last layer, and the final norm where
/// norms stand before blocks.
pub fn states(model: &Model, tokens: &[u32]) -> Result<Vec<f64>, ReferenceError> {
    let config = transformer(model, "states", |_| true)?;
    let stream = forward::streams(config, model.weights(), tokens)?.pop().unwrap_or_default();
    Ok(match model.weights().tail()?.norm {
        Some(norm) => normed(config, &norm, &stream),
        None => stream,
    })
}

fn language(model: &Model) -> Result<&Transformer, ReferenceError> {
    transformer(model, "a language model's loss", |output| matches!(output, Output::Language { .. }))
}

fn transformer<'a>(
    model: &'a Model,
    asked: &'static str,
    answers: impl Fn(Output) -> bool,
) -> Result<&'a Transformer, ReferenceError> {
    match model.architecture() {
        Architecture::Transformer(config) if answers(config.output) => Ok(config),
        _ => Err(ReferenceError::OtherOutput { asked }),
    }
}

fn language_head(model: &Model, states: &[f64]) -> Result<Vec<f64>, ReferenceError> {
    let config = language(model)?;
    match model.weights().tail()?.head {
        Head::Language(Some(head)) => Ok(apply(&head, states)),
        Head::Language(None) => {
            let table = widen(&model.weights().embedding()?.tokens);
            Ok(ops::matmul(states, &table, config.hidden))
        }
        _ => Err(ReferenceError::Unfit { part: "the head" }),
    }
}
