//! Choices that follow from the round's seed.

/// An endless stream of integers, the same for the same seed and number.
///
/// SplitMix64 (Steele, Lea and Flood, 2014), begun with every eight bytes of the seed in turn. It is even, not secret: who
/// knows the seed knows the stream, so only the seed keeps a choice from being foreseen.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The stream of `seed`, which is a round's, for the purpose or the contribution `number`.
    pub fn new(seed: &[u8], number: u64) -> Self {
        let mut stream = Self { state: number };
        for part in seed.chunks(8) {
            let part = part.iter().fold(0, |part, &byte| part << 8 | u64::from(byte));
            stream.state = stream.next() ^ part;
        }
        stream
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)] // an iterator that never ends would only hide that
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.state)
    }

    /// A number below `bound`, all about equally likely (to one part in `2^64 / bound`); 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The upper half of a product: less than `bound`.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// The bits of `number`, each of which depends on all of them; no two numbers have the same.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
