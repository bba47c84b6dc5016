//! Fingerprints of text, by winnowing: Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
//! Fingerprinting", 2003.

use alloc::vec::Vec;

use crate::text::letters;

/// Letters that a fingerprint is of.
pub const GRAM: usize = 16;

/// Grams in a row of which at least one is a fingerprint. So texts that share `GRAM + WINDOW - 1` letters share one.
pub const WINDOW: usize = 16;

/// An odd number without pattern (the golden ratio's fraction): the base of the hash of a gram.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The fingerprints of a text in their order: where the first letter of each stands, and its hash. The least hash of each
/// [`WINDOW`] grams, the last of equal ones; none of a text of fewer grams.
pub fn fingerprints(bytes: &[u8]) -> Vec<(usize, u64)> {
    let mut chosen = Vec::new();
    // The last grams, and the number of the least of them.
    let mut grams = [(0, 0); WINDOW];
    let (mut least, mut last) = (0, None);
    for (number, gram) in grams_of(bytes).enumerate() {
        grams[number % WINDOW] = gram;
        if number >= least + WINDOW {
            least = number + 1 - WINDOW;
            for other in least + 1..=number {
                if grams[other % WINDOW].1 <= grams[least % WINDOW].1 {
                    least = other;
                }
            }
        } else if gram.1 <= grams[least % WINDOW].1 {
            least = number;
        }
        if number + 1 >= WINDOW && last != Some(least) {
            last = Some(least);
            chosen.push(grams[least % WINDOW]);
        }
    }
    chosen
}

/// Where each gram begins, and its hash: a polynomial in [`BASE`] modulo 2^64, mixed so that its order says nothing of
/// the letters.
fn grams_of(bytes: &[u8]) -> impl Iterator<Item = (usize, u64)> + '_ {
    let highest = (0..GRAM).fold(1u64, |power, _| power.wrapping_mul(BASE));
    // The last letters, the oldest of which the next one takes the place of.
    let mut last = [(0, 0u64); GRAM];
    let mut hash = 0u64;
    letters(bytes).enumerate().filter_map(move |(number, (at, letter))| {
        let letter = u64::from(letter) + 1;
        hash = hash.wrapping_mul(BASE).wrapping_add(letter).wrapping_sub(highest.wrapping_mul(last[number % GRAM].1));
        last[number % GRAM] = (at, letter);
        let mixed = (hash ^ (hash >> 32)).wrapping_mul(BASE);
        (number + 1 >= GRAM).then(|| (last[(number + 1) % GRAM].0, mixed ^ (mixed >> 29)))
    })
}
