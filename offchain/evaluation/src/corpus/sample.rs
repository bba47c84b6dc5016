//! The choice of windows from a corpus of chunks.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use blake2::Digest as _;

use super::error::CorpusError;
use super::manifest::{self, Manifest};
use super::packing::{Packed, Packing};
use super::store::ChunkStore;
use super::tokens::{Tokens, TokensError};
use crate::digest::{Blake2b256, Digest};
use crate::random::Stream;
use crate::window::Window;

/// Draws for each window wanted.
const DRAWS: u64 = 64;

const SAMPLE: &[u8] = b"inktensor/sample/1";

/// A window and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Number of the chunk, from 0.
    pub chunk: u64,
    /// Number of the window in its chunk, from 0.
    pub index: u64,
    /// Identity, the same whatever seed chose the window: `blake2b-256("inktensor/sample/1" ‖ root ‖ tokenizer's digest ‖
    /// kind ‖ size ‖ chunk ‖ index)`, numbers as u64 little-endian, the kind 0 for windows of tokens and 1 for text.
    pub id: Digest,
    /// The window.
    pub window: Window,
}

/// `count` different windows, a function of the corpus, the packing, the tokenizer and `seed` alone. Only the chunks in
/// which a draw falls are read.
///
/// Random integers come from the stream keyed by the seed with the corpus' root as context: block `i` is
/// `blake2b-256("inktensor/stream/1" ‖ seed ‖ root ‖ i)`, `i` a u64 counting from 0, and gives four u64; all
/// little-endian. Let `B` be the bytes of all chunks. A draw takes the next u64 below the largest multiple of `B`, modulo
/// `B`: a place in the chunks' bytes as they stand one after the other, byte `o` of a chunk of `b` bytes. It chooses window
/// `⌊o · n / b⌋` of the `n` windows of that chunk, as `packing` counts them. Nothing is chosen if `n` is 0, if that window
/// was chosen before, or if its predicted tokens stand for no byte or for more than 65,536. The windows come in the order
/// of the draws; after 64 draws for each window wanted the corpus counts as too small.
///
/// The seed chooses among windows that are always the same: what was once measured on one of them stays true.
///
/// Fails as [`ChunkStore::read`] does, and with [`CorpusError::Tokens`], [`CorpusError::NotEnoughText`] or
/// [`CorpusError::EmptyWindow`]; there are no windows then, rather than other ones.
pub fn sample(
    manifest: &Manifest,
    store: &ChunkStore,
    tokens: &dyn Tokens,
    packing: Packing,
    seed: [u8; 32],
    count: usize,
) -> Result<Vec<Sample>, CorpusError> {
    let size = packing.size();
    if size == 0 {
        return Err(CorpusError::EmptyWindow);
    }
    let starts = starts(manifest.entries());
    let mut reader = Reader { manifest, store, tokens, packing, last: None };
    let mut stream = Stream::new(seed, manifest.root());
    let mut windows: HashMap<usize, usize> = HashMap::new();
    let mut seen = HashSet::new();
    let mut chosen: BTreeMap<u64, Sample> = BTreeMap::new();
    let (mut drawn, most) = (0, DRAWS.saturating_mul(count as u64));
    while chosen.len() < count {
        // As many draws as windows are missing, so that a chunk is read once for all of them.
        let missing = ((count - chosen.len()) as u64).min(most - drawn);
        if missing == 0 {
            let (available, wanted) = (chosen.len() as u64, count as u64);
            return Err(CorpusError::NotEnoughText { available, wanted, size: size as u64 });
        }
        let mut draws: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
        for number in drawn..drawn + missing {
            let place = stream.below(manifest.bytes());
            let chunk = starts.partition_point(|&start| start <= place) - 1;
            draws.entry(chunk).or_default().push((number, place - starts[chunk]));
        }
        drawn += missing;
        for (chunk, draws) in draws {
            if let Entry::Vacant(unknown) = windows.entry(chunk) {
                unknown.insert(reader.chunk(chunk)?.windows(size));
            }
            let (windows, bytes) = (windows[&chunk] as u128, u128::from(manifest.entries()[chunk].bytes));
            for (number, offset) in draws {
                let index = (u128::from(offset) * windows / bytes) as usize;
                if windows == 0 || !seen.insert((chunk, index)) {
                    continue;
                }
                if let Some(window) = reader.window(chunk, index)? {
                    let place = [chunk as u64, index as u64];
                    let id = identity(manifest, tokens, packing, place);
                    chosen.insert(number, Sample { chunk: chunk as u64, index: index as u64, id, window });
                }
            }
        }
    }
    Ok(chosen.into_values().collect())
}

/// Reads chunks and remembers the last one.
struct Reader<'a> {
    manifest: &'a Manifest,
    store: &'a ChunkStore,
    tokens: &'a dyn Tokens,
    packing: Packing,
    last: Option<(usize, Packed)>,
}

impl Reader<'_> {
    fn chunk(&mut self, index: usize) -> Result<&Packed, CorpusError> {
        let packed = match self.last.take() {
            Some((last, packed)) if last == index => packed,
            _ => {
                let chunk = self.store.read(&self.manifest.entries()[index])?;
                Packed::new(chunk, self.packing, self.tokens).map_err(|source| self.refuse(index, source))?
            }
        };
        Ok(&self.last.insert((index, packed)).1)
    }

    fn window(&mut self, chunk: usize, index: usize) -> Result<Option<Window>, CorpusError> {
        let (size, tokens) = (self.packing.size(), self.tokens);
        let window = self.chunk(chunk)?.window(index, size, tokens);
        window.map_err(|source| self.refuse(chunk, source))
    }

    fn refuse(&self, chunk: usize, source: TokensError) -> CorpusError {
        CorpusError::Tokens { chunk: self.manifest.entries()[chunk].digest, source }
    }
}

/// Where each chunk starts if they stand one after the other.
fn starts(entries: &[manifest::Entry]) -> Vec<u64> {
    let next = |sum: &mut u64, entry: &manifest::Entry| Some(std::mem::replace(sum, *sum + u64::from(entry.bytes)));
    entries.iter().scan(0, next).collect()
}

fn identity(manifest: &Manifest, tokens: &dyn Tokens, packing: Packing, [chunk, index]: [u64; 2]) -> Digest {
    let mut hash = Blake2b256::new_with_prefix(SAMPLE);
    hash.update(manifest.root().0);
    hash.update(tokens.digest().0);
    for number in [packing.kind(), packing.size() as u64, chunk, index] {
        hash.update(number.to_le_bytes());
    }
    Digest(hash.finalize().into())
}
