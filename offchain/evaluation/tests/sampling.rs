//! Windows of a corpus: which ones are chosen, what is read for them, and when there are none.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;

use common::library::{chunks_of, hash, library, store, texts};
use inktensor_evaluation::corpus::{
    Bytes, Chunk, CorpusError, Manifest, Packing, Sample, Token, Tokens, TokensError, sample,
};
use inktensor_evaluation::{Digest, Window};
use proptest::prelude::*;

/// A tokenizer that takes up to three bytes at a time, at the borders of characters.
struct Threes;

impl Tokens for Threes {
    fn digest(&self) -> Digest {
        Digest::of(b"threes")
    }

    fn end(&self) -> u32 {
        7
    }

    fn encode(&self, text: &str) -> Result<Vec<Token>, TokensError> {
        let mut tokens: Vec<Token> = Vec::new();
        for character in text.chars() {
            let bytes = character.len_utf8() as u32;
            match tokens.last_mut() {
                Some(last) if last.bytes + bytes <= 3 => {
                    *last = Token { id: last.id * 31 + u32::from(character), bytes: last.bytes + bytes };
                }
                _ => tokens.push(Token { id: u32::from(character), bytes }),
            }
        }
        Ok(tokens)
    }
}

/// A window as the specification sees it.
#[derive(Debug, PartialEq)]
struct Choice {
    chunk: u64,
    index: u64,
    tokens: Vec<u32>,
    bytes: u32,
}

impl From<&Sample> for Choice {
    fn from(sample: &Sample) -> Self {
        let (tokens, bytes) = (sample.window.tokens().to_vec(), sample.window.bytes());
        Self { chunk: sample.chunk, index: sample.index, tokens, bytes }
    }
}

/// All windows of a chunk, each as (token, bytes), by the specification.
fn windows_by_the_book(chunk: &[String], tokens: &dyn Tokens, packing: Packing) -> Vec<Vec<(u32, u32)>> {
    let encode = |text: &str| tokens.encode(text).unwrap().iter().map(|token| (token.id, token.bytes)).collect();
    let end = vec![(tokens.end(), 0)];
    match packing {
        Packing::Tokens(size) => {
            let stream: Vec<(u32, u32)> = chunk.iter().flat_map(|text| [encode(text), end.clone()].concat()).collect();
            (0..(stream.len() - 1) / size).map(|j| stream[j * size..=(j + 1) * size].to_vec()).collect()
        }
        Packing::Text(size) => {
            let length: usize = chunk.iter().map(String::len).sum();
            let mut windows = vec![end.clone(); length / size];
            let mut start = 0;
            for text in chunk {
                // Each character falls in the window in which its first byte is, unless that is within a character.
                for (j, window) in windows.iter_mut().enumerate() {
                    let inside = |(place, _): &(usize, char)| (start + place) / size == j;
                    let piece: String = text.char_indices().filter(inside).map(|(_, character)| character).collect();
                    window.extend(encode(&piece));
                    let last = start + text.char_indices().last().unwrap().0;
                    if last / size == j {
                        window.extend(&end);
                    }
                }
                start += text.len();
            }
            windows
        }
    }
}

/// The choice by the specification, computed the long way round; None if there are too few windows.
fn by_the_book(
    chunks: &[Vec<String>],
    tokens: &dyn Tokens,
    packing: Packing,
    seed: [u8; 32],
    count: usize,
) -> Option<Vec<Choice>> {
    let stored = chunks_of(chunks);
    // The root has a test of its own.
    let root = Manifest::of(&stored).unwrap().root();
    let stored: Vec<&[u8]> = stored.iter().map(Chunk::bytes).collect();
    let total: u128 = stored.iter().map(|chunk| chunk.len() as u128).sum();
    let mut chosen: Vec<Choice> = Vec::new();
    let mut seen = HashSet::new();
    let mut draws = 0;
    for block in 0u64.. {
        let words = hash(&[b"inktensor/stream/1", &seed, &root.0, &block.to_le_bytes()]).0;
        for word in words.chunks(8) {
            let word = u128::from(u64::from_le_bytes(word.try_into().unwrap()));
            if chosen.len() == count {
                return Some(chosen);
            }
            if word >= (1u128 << 64) / total * total {
                continue;
            }
            if draws == 64 * count {
                return None;
            }
            draws += 1;
            let (mut place, mut chunk) = (word % total, 0);
            while place >= stored[chunk].len() as u128 {
                place -= stored[chunk].len() as u128;
                chunk += 1;
            }
            let windows = windows_by_the_book(&chunks[chunk], tokens, packing);
            let index = (place * windows.len() as u128 / stored[chunk].len() as u128) as usize;
            if windows.is_empty() || !seen.insert((chunk, index)) {
                continue;
            }
            let bytes: u32 = windows[index][1..].iter().map(|token| token.1).sum();
            if bytes > 0 {
                let tokens = windows[index].iter().map(|token| token.0).collect();
                chosen.push(Choice { chunk: chunk as u64, index: index as u64, tokens, bytes });
            }
        }
    }
    None
}

proptest! {
    #[test]
    fn windows_follow_the_specification(
        chunks in texts(),
        seed: [u8; 32],
        count in 0usize..12,
        size in 1usize..12,
        [bytes, text]: [bool; 2],
    ) {
        let (_folder, store, manifest) = store(&chunks);
        let tokens: &dyn Tokens = if bytes { &Bytes { end: 0 } } else { &Threes };
        let packing = if text { Packing::Text(size) } else { Packing::Tokens(size) };
        let found = sample(&manifest, &store, tokens, packing, seed, count);
        match (found, by_the_book(&chunks, tokens, packing, seed, count)) {
            (Ok(found), Some(expected)) => {
                prop_assert_eq!(found.iter().map(Choice::from).collect::<Vec<_>>(), expected);
                for sample in found {
                    let numbers = [u64::from(text), size as u64, sample.chunk, sample.index];
                    let place = numbers.map(u64::to_le_bytes).concat();
                    let parts = [&b"inktensor/sample/1"[..], &manifest.root().0, &tokens.digest().0, &place];
                    prop_assert_eq!(sample.id, hash(&parts));
                }
            }
            (Err(CorpusError::NotEnoughText { .. }), None) => {}
            (found, expected) => prop_assert!(false, "{:?} {:?}", found, expected),
        }
    }

    /// Windows of text are the same text whatever the tokenizer.
    #[test]
    fn windows_of_text_compare_tokenizers(chunks in texts(), seed: [u8; 32], size in 4usize..40) {
        let (_folder, store, manifest) = store(&chunks);
        let windows = |tokens: &dyn Tokens, count| sample(&manifest, &store, tokens, Packing::Text(size), seed, count);
        let place = |sample: &Sample| (sample.chunk, sample.index, sample.window.bytes());
        let [one, other]: [Vec<_>; 2] = [&Bytes { end: 0 } as &dyn Tokens, &Threes].map(|tokens| match windows(tokens, 3) {
            Ok(samples) => samples.iter().map(place).collect(),
            Err(_) => Vec::new(),
        });
        prop_assert_eq!(one, other);
    }
}

const BYTES: Bytes = Bytes { end: 0 };

#[test]
fn only_the_chunks_of_the_windows_are_read() {
    let (folder, store, manifest) = library();
    let samples = sample(&manifest, &store, &BYTES, Packing::Tokens(64), [3; 32], 5).unwrap();
    let needed: BTreeSet<u64> = samples.iter().map(|sample| sample.chunk).collect();
    for (index, entry) in manifest.entries().iter().enumerate() {
        if !needed.contains(&(index as u64)) {
            fs::remove_file(folder.path().join(entry.digest.to_string())).unwrap();
        }
    }
    assert_eq!(sample(&manifest, &store, &BYTES, Packing::Tokens(64), [3; 32], 5), Ok(samples));
}

#[test]
fn a_window_keeps_its_identity_whatever_seed_chose_it() {
    let (_folder, store, manifest) = library();
    let all = |seed| sample(&manifest, &store, &BYTES, Packing::Tokens(64), [seed; 32], 1000).unwrap();
    let (one, other) = (all(1), all(2));
    assert_ne!(one, other);
    let known: HashMap<Digest, &Window> = one.iter().map(|s| (s.id, &s.window)).collect();
    assert_eq!(known.len(), one.len(), "identities differ");
    let shared: Vec<_> = other.iter().filter(|sample| known.contains_key(&sample.id)).collect();
    assert!(shared.len() > 100, "{}", shared.len());
    assert!(shared.iter().all(|sample| known[&sample.id] == &sample.window));
}

#[test]
fn a_chunk_that_is_missing_or_damaged_leaves_no_windows() {
    let (folder, store, manifest) = library();
    let samples = sample(&manifest, &store, &BYTES, Packing::Tokens(64), [3; 32], 5).unwrap();
    let entry = manifest.entries()[samples[0].chunk as usize];
    let path = folder.path().join(entry.digest.to_string());
    let sound = fs::read(&path).unwrap();
    let attempt = || sample(&manifest, &store, &BYTES, Packing::Tokens(64), [3; 32], 5);

    let mut other_text = sound.clone();
    other_text[100] ^= 1;
    for damaged in [other_text, sound[..sound.len() - 1].to_vec(), [&sound[..], b"x"].concat(), Vec::new()] {
        fs::write(&path, damaged).unwrap();
        assert!(matches!(attempt(), Err(CorpusError::Damaged { chunk, .. }) if chunk == entry.digest));
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(attempt(), Err(CorpusError::Missing { chunk: entry.digest }));
    store.write(&Chunk::parse(sound).unwrap()).unwrap();
    assert_eq!(attempt(), Ok(samples));
}

/// A tokenizer that loses a byte.
struct Lossy;

impl Tokens for Lossy {
    fn digest(&self) -> Digest {
        Digest::of(b"lossy")
    }

    fn end(&self) -> u32 {
        0
    }

    fn encode(&self, text: &str) -> Result<Vec<Token>, TokensError> {
        BYTES.encode(&text[1..])
    }
}

#[test]
fn what_cannot_be_sampled_is_named() {
    let (_folder, store, manifest) = library();
    assert_eq!(sample(&manifest, &store, &BYTES, Packing::Text(0), [0; 32], 1), Err(CorpusError::EmptyWindow));
    for packing in [Packing::Tokens(64), Packing::Text(64)] {
        let lossy = sample(&manifest, &store, &Lossy, packing, [0; 32], 1);
        assert!(matches!(lossy, Err(CorpusError::Tokens { .. })), "{lossy:?}");
        let ends = sample(&manifest, &store, &Bytes { end: b'w' }, packing, [0; 32], 1);
        assert!(matches!(ends, Err(CorpusError::Tokens { .. })), "{ends:?}");
    }
    let wanted = 3000;
    let short = sample(&manifest, &store, &BYTES, Packing::Tokens(64), [0; 32], wanted as usize);
    let windows = manifest.entries().iter().map(|entry| (u64::from(entry.bytes) - 4) / 64).sum();
    assert_eq!(short, Err(CorpusError::NotEnoughText { available: windows, wanted, size: 64 }));
    let huge = sample(&manifest, &store, &BYTES, Packing::Tokens(1 << 40), [0; 32], 1);
    assert!(matches!(huge, Err(CorpusError::NotEnoughText { available: 0, .. })), "{huge:?}");
}
