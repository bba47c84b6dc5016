//! A corpus in one file.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::error::CorpusError;
use crate::digest::Digest;
use crate::random::Stream;
use crate::window::Window;

/// Text, identified by its digest. It must not be the text that miners train on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    bytes: Arc<[u8]>,
    digest: Digest,
}

impl Corpus {
    /// A corpus of `bytes`, which are shared where they are an `Arc` already.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        Self { bytes, digest }
    }

    /// Reads a corpus from a file.
    pub fn open(path: &Path) -> Result<Self, CorpusError> {
        let unreadable = |error: std::io::Error| CorpusError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        std::fs::read(path).map(Self::new).map_err(unreadable)
    }

    /// Fails unless this is the text with digest `expected`.
    pub fn expect(&self, expected: Digest) -> Result<(), CorpusError> {
        if self.digest == expected {
            return Ok(());
        }
        Err(CorpusError::WrongDigest { expected, found: self.digest })
    }

    /// The text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// blake2b-256 of the text.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// `count` different spans of `predictions` + 1 bytes, a function of the text and `seed` alone.
    ///
    /// Integers come from the stream keyed by `seed` with the corpus digest as context: block `i` is
    /// `blake2b-256("inktensor/stream/1" ‖ seed ‖ digest ‖ i)`, `i` a u64 counting from 0, and gives four u64; all
    /// little-endian. Let `r = length - predictions` be the number of places where a span can start. Each draw at or
    /// above the largest multiple of `r` is skipped; any other, modulo `r`, is a start; a start seen before is skipped.
    pub fn spans(&self, seed: [u8; 32], count: usize, predictions: usize) -> Result<Vec<&[u8]>, CorpusError> {
        if predictions == 0 {
            return Err(CorpusError::EmptyWindow);
        }
        let available = self.bytes.len().saturating_sub(predictions) as u64;
        let wanted = count as u64;
        if available < wanted {
            return Err(CorpusError::NotEnoughText { available, wanted, size: predictions as u64 });
        }
        let mut stream = Stream::new(seed, self.digest);
        let mut seen = HashSet::new();
        let mut spans = Vec::with_capacity(count);
        while spans.len() < count {
            let start = stream.below(available) as usize;
            if seen.insert(start) {
                spans.push(&self.bytes[start..=start + predictions]);
            }
        }
        Ok(spans)
    }

    /// [`Self::spans`] as windows whose tokens are bytes, of which all but the first are predicted.
    pub fn windows(&self, seed: [u8; 32], count: usize, predictions: usize) -> Result<Vec<Window>, CorpusError> {
        let window = |span| Window::of_bytes(span).map_err(|_| CorpusError::EmptyWindow);
        self.spans(seed, count, predictions)?.into_iter().map(window).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use proptest::prelude::*;

    use super::*;

    /// The documented choice, computed the long way round with the crate's digest alone.
    fn by_the_book(text: &[u8], seed: [u8; 32], count: usize, predictions: usize) -> Vec<Vec<u8>> {
        if count == 0 {
            return Vec::new();
        }
        let r = (text.len() - predictions) as u128;
        let limit = (1u128 << 64) / r * r;
        let mut starts: Vec<usize> = Vec::new();
        for block in 0u64.. {
            let input = [&b"inktensor/stream/1"[..], &seed, &Digest::of(text).0, &block.to_le_bytes()].concat();
            for word in Digest::of(&input).0.chunks(8) {
                let draw = u128::from(u64::from_le_bytes(word.try_into().unwrap()));
                let start = (draw % r) as usize;
                if starts.len() < count && draw < limit && !starts.contains(&start) {
                    starts.push(start);
                }
            }
            if starts.len() == count {
                break;
            }
        }
        starts.into_iter().map(|start| text[start..start + predictions + 1].to_vec()).collect()
    }

    proptest! {
        #[test]
        fn windows_follow_the_specification(
            text in proptest::collection::vec(any::<u8>(), 2..300),
            seed: [u8; 32],
            predictions in 1usize..40,
            count in 0usize..40,
        ) {
            let corpus = Corpus::new(text.clone());
            match corpus.windows(seed, count, predictions) {
                Ok(windows) => {
                    let windows: Vec<_> = windows.iter().map(|window| window.tokens().iter().map(|&byte| byte as u8).collect::<Vec<_>>()).collect();
                    prop_assert_eq!(windows, by_the_book(&text, seed, count, predictions));
                }
                Err(error) => {
                    let available = text.len().saturating_sub(predictions) as u64;
                    let (wanted, size) = (count as u64, predictions as u64);
                    prop_assert!(available < wanted);
                    prop_assert_eq!(error, CorpusError::NotEnoughText { available, wanted, size });
                }
            }
        }
    }

    #[test]
    fn other_seeds_and_texts_give_other_windows() {
        let text: Vec<u8> = (0..5000u32).map(|n| (n * n / 7) as u8).collect();
        let corpus = Corpus::new(text.clone());
        let windows = corpus.windows([1; 32], 20, 64).unwrap();
        assert_ne!(windows, corpus.windows([2; 32], 20, 64).unwrap());
        let mut other = text;
        other[4999] ^= 1;
        assert_ne!(windows, Corpus::new(other).windows([1; 32], 20, 64).unwrap());
    }

    #[test]
    fn the_wrong_text_is_noticed() {
        let corpus = Corpus::new(b"text".to_vec());
        let expected = Digest::of(b"other");
        assert_eq!(corpus.expect(corpus.digest()), Ok(()));
        assert_eq!(corpus.expect(expected), Err(CorpusError::WrongDigest { expected, found: corpus.digest() }));
        assert_eq!(corpus.windows([0; 32], 1, 0), Err(CorpusError::EmptyWindow));
        assert!(matches!(Corpus::open(Path::new("/nowhere")), Err(CorpusError::Unreadable { .. })));
    }
}
