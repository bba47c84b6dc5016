//! A small seeded generator (SplitMix64, Steele, Lea and Flood 2014), so that a run does not depend on the random
//! state of the training library.

/// A stream of pseudo-random numbers; the same seed gives the same stream everywhere.
pub struct Random(u64);

impl Random {
    /// A stream for one purpose (`label`) of one seed.
    pub fn new(seed: u64, label: &str) -> Self {
        let mut random = Self(seed);
        for byte in label.bytes() {
            random.0 = random.next() ^ u64::from(byte);
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number in `0..bound`. `bound` is at least 1 and small against 2^64, so that the bias is nil in practice.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// `count` numbers drawn evenly from a span about zero with the given standard deviation.
    pub fn uniform(&mut self, count: usize, deviation: f32) -> Vec<f32> {
        let reach = 3f32.sqrt() * deviation;
        (0..count)
            .map(|_| {
                // 24 bits fill the mantissa of an f32 exactly.
                let unit = (self.next() >> 40) as f32 / (1u32 << 24) as f32;
                (2.0 * unit - 1.0) * reach
            })
            .collect()
    }
}
