//! What a contribution adds to what is known.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use inktensor_evaluator::Chance;

use crate::fingerprints::fingerprints;
use crate::seen::{Origin, Seen};
use crate::settings::Settings;
use crate::text::is_text;

/// Bytes below which there is nothing to be measured.
const LEAST: u64 = 512;

/// Why a contribution is worth nothing, whatever models say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spam {
    /// It is a model.
    Model,
    /// It is empty.
    Empty,
    /// It is too small.
    Small {
        /// Bytes that it must have.
        least: u64,
    },
    /// It is too large.
    Large {
        /// Bytes that it may have.
        most: u64,
    },
    /// It is not text.
    Binary,
    /// It has hardly a letter.
    Wordless,
    /// Too little of it is new.
    Old {
        /// Per cent that are new.
        new: u64,
        /// Per cent that must be.
        needed: u64,
        /// Where most of the rest stood before; None is: in itself.
        most: Option<Origin>,
    },
    /// Too much of it stands in a single earlier contribution.
    Copy {
        /// Per cent that do.
        quoted: u64,
        /// Per cent that may.
        most: u64,
        /// Whose contribution it is.
        uid: u16,
    },
}

impl fmt::Display for Spam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model => f.write_str("a model, not text"),
            Self::Empty => f.write_str("empty"),
            Self::Small { least } => write!(f, "too small: text of at least {least} bytes is needed"),
            Self::Large { most } => write!(f, "too large: {most} bytes are read at most"),
            Self::Binary => f.write_str("not text: UTF-8 without control characters is"),
            Self::Wordless => f.write_str("not text: it has hardly a letter"),
            Self::Copy { quoted, most, uid } => {
                write!(f, "{quoted} % of it stands in the text of uid {uid}, {most} % may")
            }
            Self::Old { new, needed, most } => {
                write!(f, "{new} % of it is new, {needed} % are needed: most of the rest stands ")?;
                match most {
                    Some(Origin::Known) => f.write_str("in what is known"),
                    Some(Origin::Uid(uid)) => write!(f, "in the text of uid {uid}"),
                    None => f.write_str("in it before"),
                }
            }
        }
    }
}

/// A contribution that may be worth something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Bytes of it that are new.
    pub novel: u64,
    /// Where the windows begin on which models are asked.
    pub windows: Vec<u64>,
}

/// Looks at one contribution after the other, in the order of their commits.
#[derive(Debug)]
pub struct Examiner<'a> {
    settings: &'a Settings,
    seed: &'a [u8],
    seen: Seen,
}

impl<'a> Examiner<'a> {
    /// One who knows nothing yet.
    pub fn new(settings: &'a Settings, seed: &'a [u8]) -> Self {
        Self { settings, seed, seen: Seen::new() }
    }

    /// Takes in what is worth nothing any more.
    pub fn know(&mut self, text: &[u8]) {
        for (_, hash) in fingerprints(text) {
            self.seen.see(hash, Origin::Known);
        }
    }

    /// Whether a contribution of `size` bytes is looked at.
    pub fn admit(&self, size: u64) -> Result<(), Spam> {
        let least = LEAST.max(2 * u64::from(self.settings.length));
        match size {
            0 => Err(Spam::Empty),
            size if size < least => Err(Spam::Small { least }),
            size if size > self.settings.most => Err(Spam::Large { most: self.settings.most }),
            _ => Ok(()),
        }
    }

    /// What the contribution of `uid` adds. It counts as known from now on, even in itself: what is said twice is new once.
    pub fn examine(&mut self, uid: u16, bytes: &[u8]) -> Result<Finding, Spam> {
        self.admit(bytes.len() as u64)?;
        if !is_text(bytes) {
            return Err(Spam::Binary);
        }
        let fingerprints = fingerprints(bytes);
        let total = fingerprints.len() as u64;
        // Text has a fingerprint in five bytes or so.
        if total < bytes.len() as u64 / 32 {
            return Err(Spam::Wordless);
        }
        let mut novel = Vec::new();
        let mut origins: BTreeMap<Origin, u64> = BTreeMap::new();
        for (at, hash) in fingerprints {
            match self.seen.see(hash, Origin::Uid(uid)) {
                Some(origin) => *origins.entry(origin).or_default() += 1,
                None => novel.push(at),
            }
        }
        // The divisor is at least one: there is a fingerprint.
        let share = |count: u64| count * 100 / total;
        let most = origins.iter().max_by_key(|(_, count)| **count).map(|(origin, _)| *origin);
        for (origin, count) in origins {
            match origin {
                Origin::Uid(other) if other != uid && share(count) > self.settings.quotes => {
                    return Err(Spam::Copy { quoted: share(count), most: self.settings.quotes, uid: other });
                }
                _ => {}
            }
        }
        let (new, needed) = (share(novel.len() as u64), self.settings.novelty);
        if new < needed {
            let most = most.filter(|origin| *origin != Origin::Uid(uid));
            return Err(Spam::Old { new, needed, most });
        }
        let bytes = bytes.len() as u64;
        Ok(Finding { novel: bytes * novel.len() as u64 / total, windows: self.windows(uid, &novel, bytes) })
    }

    /// Windows around fingerprints that are new, as the seed has it.
    fn windows(&self, uid: u16, novel: &[usize], bytes: u64) -> Vec<u64> {
        let size = u64::from(self.settings.length) + 1;
        let mut chance = Chance::new(self.seed, uid.into());
        let place =
            |chance: &mut Chance| novel.get(chance.below(novel.len() as u64) as usize).copied().unwrap_or(0) as u64;
        let window = |chance: &mut Chance| place(chance).saturating_sub(size / 2).min(bytes - size);
        (0..self.settings.windows).map(|_| window(&mut chance)).collect()
    }
}
