//! Sequences of any lengths one behind the other: a row of a batch is a token, and each knows its place. Nothing is
//! padded but the end of the batch, and no sequence sees another.

use std::ops::Range;

use crate::kernels::count;

/// Tokens to read, and which of the final states count.
#[derive(Debug, Clone)]
pub(super) struct Sequence<'a> {
    /// At least one.
    pub tokens: &'a [u32],
    /// The final states that count.
    pub states: Range<usize>,
    /// The token to predict from each of them; empty where none is.
    pub targets: &'a [u32],
}

/// A batch of sequences, as arrays for the device, which are padded with zeros to whole tiles.
#[derive(Debug, Default)]
pub(super) struct Ragged {
    /// The rows of each sequence.
    pub sequences: Vec<Range<usize>>,
    /// Token of each row.
    pub tokens: Vec<u32>,
    /// Place of each row in its sequence.
    pub places: Vec<u32>,
    /// Which states of each sequence count.
    pub states: Vec<Range<usize>>,
    /// Rows whose states count.
    pub picks: Vec<u32>,
    /// The token to predict from each of them.
    pub targets: Vec<u32>,
}

impl Ragged {
    /// Puts sequences together, with rows up to a multiple of `padding`.
    pub(super) fn new(sequences: &[Sequence<'_>], padding: usize) -> Self {
        let mut batch = Self::default();
        for sequence in sequences {
            let start = batch.tokens.len();
            batch.tokens.extend(sequence.tokens);
            batch.places.extend((0..sequence.tokens.len()).map(count));
            batch.sequences.push(start..batch.tokens.len());
            batch.picks.extend(sequence.states.clone().map(|state| count(start + state)));
            batch.targets.extend(sequence.targets);
            batch.states.push(sequence.states.clone());
        }
        for rows in [&mut batch.tokens, &mut batch.places, &mut batch.picks, &mut batch.targets] {
            rows.resize(rows.len().next_multiple_of(padding), 0);
        }
        batch
    }

    /// Rows, padding included.
    pub(super) fn rows(&self) -> usize {
        self.tokens.len()
    }

    /// Length of the longest sequence.
    pub(super) fn longest(&self) -> usize {
        self.sequences.iter().map(Range::len).max().unwrap_or(0)
    }
}

/// Cuts sequences, in order, into batches of at most `rows` tokens; a longer sequence is a batch of its own.
pub(super) fn batches<'a, 's>(sequences: &'s [Sequence<'a>], rows: usize) -> Vec<&'s [Sequence<'a>]> {
    let mut batches = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (index, sequence) in sequences.iter().enumerate() {
        if used > 0 && used + sequence.tokens.len() > rows {
            batches.push(&sequences[start..index]);
            (start, used) = (index, 0);
        }
        used += sequence.tokens.len();
    }
    if start < sequences.len() {
        batches.push(&sequences[start..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(tokens: &[u32], first: usize) -> Sequence<'_> {
        Sequence { tokens, states: first..tokens.len(), targets: &tokens[first..] }
    }

    #[test]
    fn rows_know_their_sequence() {
        let batch = Ragged::new(&[sequence(&[7, 8, 9], 1), sequence(&[5], 0), sequence(&[1, 2], 1)], 64);
        assert_eq!(batch.sequences, [0..3, 3..4, 4..6]);
        assert_eq!(batch.tokens[..7], [7, 8, 9, 5, 1, 2, 0]);
        assert_eq!(batch.places[..7], [0, 1, 2, 0, 0, 1, 0]);
        assert_eq!(batch.picks[..5], [1, 2, 3, 5, 0]);
        assert_eq!(batch.targets[..5], [8, 9, 5, 2, 0]);
        assert_eq!((batch.rows(), batch.picks.len(), batch.longest()), (64, 64, 3));
    }

    #[test]
    fn batches_hold_whole_sequences_in_order() {
        let tokens = [0; 9];
        let lengths = [3, 3, 3, 9, 1, 5];
        let sequences: Vec<_> = lengths.iter().map(|&length| sequence(&tokens[..length], 0)).collect();
        let sizes = |rows| batches(&sequences, rows).iter().map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(sizes(6), [2, 1, 1, 2]);
        assert_eq!(sizes(2), [1; 6]);
        assert_eq!(sizes(100), [6]);
        assert!(batches(&[], 6).is_empty());
    }
}
