//! A model's rules in their order, for whatever lane computes them.

use super::model::{CanonicalHead, CanonicalLayer, CanonicalTail, readable};
use super::quantise::{QuantisedMatrix, QuantisedNorm, QuantisedVector, features};
use super::reference::heads::Preparation;
use super::reference::{activation, attention, embedding, heads, language, norm, output, residual};
use super::row::{Row, Row16};
use super::transcript::Fingerprint;
use super::{CanonicalError, CanonicalLoss, CanonicalModel};
use crate::digest::Digest;
use crate::model::{Architecture, Placement, Transformer};
use crate::window::Window;

/// How rows are computed: in what order, on how many threads, by which instructions. The results are the same.
pub(super) trait Lane: Sync {
    /// `work` on runs of items, the results in the order of the items.
    fn spread<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R>;

    /// The products of rows with a matrix (rule 2).
    fn sums(&self, rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Row>;

    /// `work` on each item.
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        self.spread(items, |items| items.iter().map(&work).collect())
    }
}

/// Rows of logits that are in memory at a time.
const LOGIT_ROWS: usize = 64;

/// The final states of a sequence, and the hashes of its layers.
struct States {
    rows: Vec<Row>,
    layers: Vec<Digest>,
}

/// The losses of windows under a language model.
pub(super) fn losses(
    lane: &impl Lane,
    model: &CanonicalModel,
    windows: &[Window],
) -> Result<Vec<CanonicalLoss>, CanonicalError> {
    let tail = model.tail()?;
    let CanonicalHead::Language(head) = &tail.head else {
        return Err(CanonicalError::Output { wanted: "a language model" });
    };
    let shape = model.transformer()?;
    for window in windows {
        readable(shape, window.targets())?;
    }
    let sequences: Vec<&[u32]> = windows.iter().map(Window::inputs).collect();
    let states = states(lane, model, &tail, &sequences)?;
    let mut losses = Vec::with_capacity(windows.len());
    for (window, states) in windows.iter().zip(states) {
        let rows = lane.each(&states.rows[window.first() - 1..], Row::quantise);
        let mut sum = Vec::with_capacity(rows.len());
        for (rows, targets) in rows.chunks(LOGIT_ROWS).zip(window.targets().chunks(LOGIT_ROWS)) {
            let logits = lane.sums(rows, head);
            let pairs: Vec<(&Row, u32)> = logits.iter().zip(targets.iter().copied()).collect();
            sum.extend(lane.each(&pairs, |&(logits, target)| language::loss(logits, target)));
        }
        losses.push(CanonicalLoss { nll: language::nats(sum.into_iter()), layers: states.layers });
    }
    Ok(losses)
}

/// The embeddings of texts.
pub(super) fn embeddings(
    lane: &impl Lane,
    model: &CanonicalModel,
    texts: &[&[u32]],
) -> Result<Vec<Vec<i32>>, CanonicalError> {
    let tail = model.tail()?;
    let CanonicalHead::Embedding = tail.head else {
        return Err(CanonicalError::Output { wanted: "an encoder" });
    };
    Ok(states(lane, model, &tail, texts)?.iter().map(|states| output::embedding(&states.rows)).collect())
}

/// The logits of texts' classes.
pub(super) fn classes(
    lane: &impl Lane,
    model: &CanonicalModel,
    texts: &[&[u32]],
) -> Result<Vec<Vec<i32>>, CanonicalError> {
    let tail = model.tail()?;
    let CanonicalHead::Classes { pooler, classifier } = &tail.head else {
        return Err(CanonicalError::Output { wanted: "a classifier of text" });
    };
    let states = states(lane, model, &tail, texts)?;
    Ok(states.iter().map(|states| output::classes(&states.rows[0], pooler.as_ref(), classifier)).collect())
}

/// The logits of feature vectors' classes (rule 12).
pub(super) fn perceive(
    lane: &impl Lane,
    model: &CanonicalModel,
    vectors: &[&[f32]],
) -> Result<Vec<Vec<i32>>, CanonicalError> {
    let Architecture::Perceptron(shape) = model.architecture() else {
        return Err(CanonicalError::Output { wanted: "a perceptron" });
    };
    let mut products = model.products()?;
    let Some(last) = products.pop() else {
        return Err(CanonicalError::Output { wanted: "a perceptron with a product" });
    };
    let mut rows = Vec::with_capacity(vectors.len());
    for vector in vectors {
        if vector.len() != shape.widths[0] {
            let what = "the features".to_owned();
            return Err(CanonicalError::Shape { what, expected: shape.widths[0], found: vector.len() });
        }
        rows.push(features(vector)?);
    }
    for product in &products {
        let sums = lane.sums(&rows, product);
        rows = lane.each(&sums, |row| activation::apply(row, shape.activation));
    }
    Ok(lane.sums(&rows, &last).iter().map(output::logits).collect())
}

/// The final states of sequences.
fn states(
    lane: &impl Lane,
    model: &CanonicalModel,
    tail: &CanonicalTail,
    sequences: &[&[u32]],
) -> Result<Vec<States>, CanonicalError> {
    let shape = model.transformer()?;
    for tokens in sequences {
        readable(shape, tokens)?;
    }
    let longest = sequences.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
    let angles = model.rotary().map(|rotary| rotary.table(longest));
    let pass = Pass { lane, model, shape, angles: angles.as_deref(), fingerprint: Fingerprint::new(shape.hidden) };
    let places: Vec<(u32, usize)> = sequences
        .iter()
        .flat_map(|tokens| tokens.iter().enumerate().map(|(position, &token)| (token, position)))
        .collect();
    let parts = model.embedding()?;
    let mut rows = lane.each(&places, |&(token, position)| {
        let row = embedding::embed(&parts, token, position);
        parts.norm.as_ref().map_or(row.clone(), |norm| pass.norm(&row, norm))
    });
    drop(parts);
    let lengths: Vec<usize> = sequences.iter().map(|tokens| tokens.len()).collect();
    let mut layers = vec![Vec::with_capacity(shape.layers + 1); sequences.len()];
    pass.record(&rows, &lengths, &mut layers);
    for index in 0..shape.layers {
        let layer = model.layer(index)?;
        rows = pass.attend(&layer, rows, &lengths);
        rows = pass.feed(&layer, rows);
        pass.record(&rows, &lengths, &mut layers);
    }
    if let Some(norm) = &tail.norm {
        rows = lane.each(&rows, |row| pass.norm(row, norm));
    }
    let mut rows = rows.into_iter();
    let take = |(count, layers)| States { rows: rows.by_ref().take(count).collect(), layers };
    Ok(lengths.into_iter().zip(layers).map(take).collect())
}

/// One run of a transformer.
struct Pass<'a, L> {
    lane: &'a L,
    model: &'a CanonicalModel,
    shape: &'a Transformer,
    angles: Option<&'a [[i32; 2]]>,
    fingerprint: Fingerprint,
}

impl<L: Lane> Pass<'_, L> {
    fn norm(&self, row: &Row, weights: &QuantisedNorm) -> Row {
        norm::norm(row, self.shape.norm, self.model.epsilon(), &weights.gain, weights.bias.as_ref())
    }

    /// The input of a block.
    fn input(&self, rows: &[Row], norm: &QuantisedNorm) -> Vec<Row16> {
        self.lane.each(rows, |row| match self.shape.placement {
            Placement::Before => self.norm(row, norm).quantise(),
            Placement::After => row.quantise(),
        })
    }

    /// The stream with a block's output.
    fn join(&self, rows: &[Row], change: &[Row], norm: &QuantisedNorm) -> Vec<Row> {
        let pairs: Vec<(&Row, &Row)> = rows.iter().zip(change).collect();
        self.lane.each(&pairs, |&(row, change)| {
            let sum = residual::add(row, change);
            match self.shape.placement {
                Placement::Before => sum,
                Placement::After => self.norm(&sum, norm),
            }
        })
    }

    fn attend(&self, layer: &CanonicalLayer, rows: Vec<Row>, lengths: &[usize]) -> Vec<Row> {
        let (shape, lane) = (self.shape, self.lane);
        let input = self.input(&rows, &layer.attention_norm);
        let positions: Vec<usize> = lengths.iter().flat_map(|&length| 0..length).collect();
        let heads = |matrix: &QuantisedMatrix, turns: bool, gain: Option<&QuantisedVector>| {
            let sums = lane.sums(&input, matrix);
            let places: Vec<(&Row, usize)> = sums.iter().zip(positions.iter().copied()).collect();
            lane.each(&places, |&(row, position)| {
                let half = shape.head / 2;
                let angles = self.angles.filter(|_| turns).map(|table| &table[position * half..(position + 1) * half]);
                heads::split(row, shape.head, Preparation { gain, epsilon: self.model.epsilon(), angles })
            })
        };
        let queries = heads(&layer.query, true, layer.query_norm.as_ref());
        let keys = heads(&layer.key, true, layer.key_norm.as_ref());
        let values = heads(&layer.value, false, None);
        let scale = attention::scale(shape.head);
        let (group, mut start, mut places) = (shape.heads / shape.key_heads, 0, Vec::with_capacity(rows.len()));
        for &length in lengths {
            let end = |token| if shape.causal { token + 1 } else { start + length };
            places.extend((start..start + length).map(|token| (token, start..end(token))));
            start += length;
        }
        let mixed = lane.each(&places, |(token, seen)| {
            let head = |(index, query): (usize, &Row16)| {
                let keys = column(&keys[seen.clone()], index / group);
                let values = column(&values[seen.clone()], index / group);
                attention::mix(query, &keys, &values, scale)
            };
            attention::join(&queries[*token].iter().enumerate().map(head).collect::<Vec<_>>())
        });
        self.join(&rows, &lane.sums(&mixed, &layer.output), &layer.attention_norm)
    }

    fn feed(&self, layer: &CanonicalLayer, rows: Vec<Row>) -> Vec<Row> {
        let (lane, activation) = (self.lane, self.shape.activation);
        let input = self.input(&rows, &layer.feed_norm);
        let up = lane.sums(&input, &layer.up);
        let inner = match &layer.gate {
            Some(gate) => {
                let gate = lane.sums(&input, gate);
                let pairs: Vec<(&Row, &Row)> = gate.iter().zip(&up).collect();
                lane.each(&pairs, |&(gate, up)| activation::gated(gate, up, activation))
            }
            None => lane.each(&up, |up| activation::apply(up, activation)),
        };
        self.join(&rows, &lane.sums(&inner, &layer.down), &layer.feed_norm)
    }

    /// Hashes the stream of each sequence.
    fn record(&self, rows: &[Row], lengths: &[usize], layers: &mut [Vec<Digest>]) {
        let fingerprints = self.lane.each(rows, |row| self.fingerprint.of(row));
        let mut start = 0;
        for (&length, layers) in lengths.iter().zip(layers) {
            layers.push(super::transcript::layer_hash(&fingerprints[start..start + length]));
            start += length;
        }
    }
}

/// Head `index` of each token.
fn column(tokens: &[Vec<Row16>], index: usize) -> Vec<&Row16> {
    tokens.iter().map(|heads| &heads[index]).collect()
}
