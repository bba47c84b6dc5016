//! Plans by chance: mostly nearly right, now and then absurd.

use super::image::{Ask, Of};

/// Numbers by splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    pub fn choose<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn list<T>(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| item(self)).collect()
    }

    fn size(&mut self) -> u32 {
        match self.below(40) {
            0 => self.choose(&[0, 1, 2, 255, 256, 4095, 4096, 65_536, u32::MAX - 1, u32::MAX]),
            _ => 2 + self.below(30) as u32,
        }
    }

    fn asset(&mut self) -> String {
        match self.below(20) {
            0 => self.choose(&["judge", "empty", "plan", "", "none", "\u{0}"]).to_owned(),
            _ => "text".to_owned(),
        }
    }

    fn of(&mut self) -> Of {
        match self.below(20) {
            0 => Of::Contribution(self.size()),
            1..10 => Of::Contribution(1),
            _ => Of::Asset(self.asset()),
        }
    }

    fn model(&mut self) -> Of {
        match self.below(20) {
            0 => self.of(),
            1..5 => Of::Asset("judge".to_owned()),
            _ => Of::Contribution(0),
        }
    }

    fn text(&mut self) -> String {
        match self.below(12) {
            0 => "x".repeat(self.size().min(70_000) as usize),
            _ => self.choose(&["a text", "another", "ä", "\u{10ffff}", " "]).to_owned(),
        }
    }

    fn ask(&mut self) -> Ask {
        match self.below(6) {
            0 | 1 => Ask::Sampled { asset: self.asset(), count: self.size(), length: self.size() },
            2 => Ask::Spans(self.list(4, |random| {
                let offset = u64::from(random.size() / 4);
                (random.of(), if random.below(20) == 0 { u64::MAX - offset } else { offset }, random.size())
            })),
            3 => Ask::Embeddings(self.list(3, Self::text)),
            4 => Ask::TextClasses(self.list(3, Self::text)),
            _ => Ask::RowClasses(self.list(3, |random| {
                let length = random.size().min(40_000) as usize;
                vec![random.number() as i32; length]
            })),
        }
    }

    pub fn questions(&mut self) -> Vec<(Of, Ask)> {
        self.list(4, |random| (random.model(), random.ask()))
    }

    /// Some bytes of an image changed.
    pub fn spoil(&mut self, image: &mut [u8]) {
        for _ in 0..self.below(6).saturating_sub(2) {
            let at = self.below(image.len());
            image[at] = self.choose(&[0, 1, 2, 3, 4, 0x10, 0x7f, 0x80, 0xff]);
        }
    }
}
