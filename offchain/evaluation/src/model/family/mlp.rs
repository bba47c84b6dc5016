//! The perceptron, in a form of our own: `{"model_type": "mlp", "widths": [features, …, classes], "hidden_act": "relu"}`,
//! and tensors `layers.{i}.weight` of `[outputs, inputs]` and `layers.{i}.bias`.

use serde::Deserialize;

use super::{MAX_LAYERS, MAX_WIDTH, activation, parse, within};
use crate::model::architecture::{Architecture, Perceptron};
use crate::model::error::ModelError;
use crate::model::plan::Plan;

#[derive(Deserialize)]
struct Raw {
    widths: Vec<usize>,
    hidden_act: String,
}

pub(super) fn plan(config: &str) -> Result<Plan, ModelError> {
    let Raw { widths, hidden_act } = parse(config)?;
    within("the number of layers in widths", widths.len().saturating_sub(1), MAX_LAYERS)?;
    for &width in &widths {
        within("a width", width, MAX_WIDTH)?;
    }
    let activation = activation("hidden_act", &hidden_act)?;
    let pairs: Vec<[usize; 2]> = widths.windows(2).map(|pair| [pair[1], pair[0]]).collect();
    let mut plan = Plan::new(Architecture::Perceptron(Perceptron { widths, activation }));
    for (layer, shape) in pairs.into_iter().enumerate() {
        plan.linear(&format!("products.{layer}"), &format!("layers.{layer}"), shape, true);
    }
    Ok(plan)
}
