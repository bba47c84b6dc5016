//! Accuracy: the share of samples that a classifier puts into the right class.

use serde::Deserialize;

use super::data::{MAX_ITEMS, TaskError, count, each, parse};
use super::{Fault, Grade, MinerFault, Sample, Task};
use crate::model::{Architecture, Output};
use crate::tokenizer::Tokenizer;

/// Features of a row at most.
const MAX_FEATURES: usize = 1 << 15;

/// Samples with their classes: texts, or rows of features.
///
/// `{"schema": "inktensor/accuracy/1", "classes": 2, "samples": [{"text": "well done", "class": 1}]}`, or
/// `{"features": [0.5, -1], "class": 0}` for each sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    classes: usize,
    samples: Vec<Labelled>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: Schema,
    classes: usize,
    samples: Vec<Labelled>,
}

#[derive(Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/accuracy/1")]
    One,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    text: Option<String>,
    features: Option<Vec<f32>>,
    class: usize,
}

impl Accuracy {
    /// Reads a task's file.
    pub fn from_json(file: &[u8]) -> Result<Self, TaskError> {
        let File { _schema: _, classes, samples } = parse(file)?;
        count("samples", samples.len(), 1, MAX_ITEMS)?;
        each(&samples, "has a class that is none", |sample: &Labelled| sample.class < classes)?;
        each(&samples, "needs either a text or features, and not an empty one", |sample| {
            match (&sample.text, &sample.features) {
                (Some(text), None) => !text.is_empty(),
                (None, Some(features)) => (1..=MAX_FEATURES).contains(&features.len()),
                _ => false,
            }
        })?;
        each(&samples, "has a feature that is not finite", |sample| {
            sample.features.iter().flatten().all(|feature| feature.is_finite())
        })?;
        Ok(Self { classes, samples })
    }

    fn question(&self, sample: &Labelled, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Sample, Fault> {
        match (architecture, &sample.text, &sample.features) {
            (Architecture::Transformer(transformer), Some(text), _)
                if transformer.output == (Output::Classes { count: self.classes }) =>
            {
                Ok(Sample::Text(tokenizer.sequence(text, transformer.positions)?))
            }
            (Architecture::Perceptron(perceptron), _, Some(features))
                if perceptron.widths.first() == Some(&features.len())
                    && perceptron.widths.last() == Some(&self.classes) =>
            {
                Ok(Sample::Features(features.clone()))
            }
            _ => Err(MinerFault::WrongKind { wanted: "classes of such samples, in this number" }.into()),
        }
    }
}

impl Task for Accuracy {
    type Question = Sample;
    type Figure = Grade;

    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Sample>, Fault> {
        self.samples.iter().map(|sample| self.question(sample, architecture, tokenizer)).collect()
    }

    fn score(&self, _: &[Sample], answers: &[usize]) -> Result<Grade, Fault> {
        let right = self.samples.iter().zip(answers).filter(|(sample, class)| sample.class == **class).count();
        Ok(Grade::share(right, self.samples.len()))
    }
}
