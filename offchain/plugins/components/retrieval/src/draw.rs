//! What of a set a round asks about.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Add;

use inktensor_evaluator::Chance;

use crate::set::{Query, Set};

/// Models of a full round.
const FULL: usize = 256;

/// Four times the products of a passage's vector and a query's in a round: with `n` models and `t` texts at most
/// `n · (t / 2)²` are made. So many, of 1024 numbers each, take half of the fuel of `score`. And as long as there are no
/// more than [`FULL`] models, all of them together embed no more than the 32,768 texts that a validator takes.
const PRODUCTS: usize = 1 << 22;

/// Bytes of a text, on average.
const TEXT: usize = 1 << 10;

/// An amount of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Number of texts.
    pub texts: usize,
    /// Their bytes.
    pub bytes: usize,
}

impl Amount {
    /// What each of so many models can be asked about; of as many as a full round has, if there are more.
    pub fn for_each_of(models: usize) -> Self {
        let texts = (PRODUCTS / models.clamp(1, FULL)).isqrt();
        Self { texts, bytes: texts * TEXT }
    }

    /// What a query and the passages that answer it may be, to be asked about in any round.
    pub fn of_a_query() -> Self {
        Self::for_each_of(FULL).half()
    }

    /// These texts.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a String>) -> Self {
        let one = |text: &String| Self { texts: 1, bytes: text.len() };
        texts.into_iter().map(one).fold(Self { texts: 0, bytes: 0 }, Self::add)
    }

    /// Whether it is no more than `limit`.
    pub(crate) fn fits(&self, limit: Self) -> bool {
        self.texts <= limit.texts && self.bytes <= limit.bytes
    }

    fn half(self) -> Self {
        Self { texts: self.texts / 2, bytes: self.bytes / 2 }
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self { texts: self.texts + more.texts, bytes: self.bytes + more.bytes }
    }
}

impl Set {
    /// What a round with this seed asks each of `models` models about: the whole set where there is room for it. Where
    /// there is not, queries by chance with what answers them fill half of the room, other passages by chance the rest.
    pub fn drawn(self, models: usize, seed: &[u8]) -> Self {
        let room = Amount::for_each_of(models);
        if self.amount().fits(room) {
            return self;
        }
        let mut chance = Chance::new(seed, 0);
        let (mut taken, mut passages, mut queries) = (Amount::of([]), BTreeSet::new(), Vec::new());
        for index in shuffled(self.queries.len(), &mut chance) {
            let query = &self.queries[index];
            let answers = query.relevant.iter().map(|&(passage, _)| passage);
            let fresh: Vec<usize> = answers.filter(|passage| !passages.contains(passage)).collect();
            let more = taken + Amount::of(fresh.iter().map(|&passage| &self.passages[passage]).chain([&query.text]));
            if !more.fits(room.half()) {
                break;
            }
            taken = more;
            passages.extend(fresh);
            queries.push(query.clone());
        }
        for index in shuffled(self.passages.len(), &mut chance) {
            if !passages.contains(&index) {
                taken = taken + Amount::of([&self.passages[index]]);
                if !taken.fits(room) {
                    break;
                }
                passages.insert(index);
            }
        }
        self.of(&passages, queries)
    }

    /// These passages in their order, and these queries, whose relevant passages are among them.
    fn of(&self, passages: &BTreeSet<usize>, queries: Vec<Query>) -> Self {
        let places: Vec<usize> = passages.iter().copied().collect();
        let place = |&(passage, gain): &(usize, u8)| places.binary_search(&passage).ok().map(|place| (place, gain));
        let moved = |query: Query| Query { relevant: query.relevant.iter().filter_map(place).collect(), ..query };
        let passages = places.iter().map(|&passage| self.passages[passage].clone()).collect();
        Self { passages, queries: queries.into_iter().map(moved).collect() }
    }
}

/// The numbers below `count` in an order of chance.
fn shuffled(count: usize, chance: &mut Chance) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for end in (2..=count).rev() {
        // Below `end`.
        order.swap(end - 1, chance.below(end as u64) as usize);
    }
    order
}
