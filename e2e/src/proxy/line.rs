//! What becomes of the frames on a line.

use serde_json::Value;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio_tungstenite::tungstenite::Message;

/// How bad the line is, in frames out of 1,000 of each direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Frames that vanish.
    pub lose: u16,
    /// Frames that come late.
    pub delay: u16,
    /// How late at most, in ms.
    pub delay_ms: u64,
    /// Frames that come twice.
    pub repeat: u16,
    /// Frames at which the connection is cut instead.
    pub cut: u16,
    /// No frame passes, and nobody hears of it.
    pub silent: bool,
    /// New connections are closed at once, present ones are cut at their next frame.
    pub down: bool,
}

/// What was done to frames so far.
#[derive(Debug, Default)]
pub struct Tally {
    passed: AtomicUsize,
    lost: AtomicUsize,
    delayed: AtomicUsize,
    repeated: AtomicUsize,
    cut: AtomicUsize,
    sprung: AtomicUsize,
}

impl Tally {
    /// Frames that passed, late and repeated ones among them.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }

    /// Frames that vanished.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// Frames that came late.
    pub fn delayed(&self) -> usize {
        self.delayed.load(Ordering::Relaxed)
    }

    /// Frames that came twice.
    pub fn repeated(&self) -> usize {
        self.repeated.load(Ordering::Relaxed)
    }

    /// Connections that were cut.
    pub fn cut(&self) -> usize {
        self.cut.load(Ordering::Relaxed)
    }

    /// Requests that a trap struck.
    pub fn sprung(&self) -> usize {
        self.sprung.load(Ordering::Relaxed)
    }
}

/// What happens to a request of one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trap {
    /// The connection is cut before the node hears the request. Happens once.
    CutRequest,
    /// The connection is cut after the node has answered, before the client hears it. Happens once.
    CutAnswer,
    /// The node never hears the request. Happens each time.
    LoseRequest,
    /// The answer never comes. Happens each time.
    LoseAnswer,
    /// The client gets this text instead of the answer, with the request's id in place of `$id`. Happens each time.
    Forge(String),
}

/// What all connections share.
pub(super) struct Line {
    upstream: u16,
    faults: Mutex<Faults>,
    traps: Mutex<Vec<(String, Trap)>>,
    dice: Mutex<u64>,
    tally: Tally,
}

/// Requests of one connection whose answers run into a trap, by their ids.
pub(super) type Trapped = Mutex<Vec<(Value, Trap)>>;

/// What becomes of one frame.
pub(super) enum Fate {
    Pass,
    Lose,
    Delay(Duration),
    Repeat,
    Forge(String),
    Cut,
}

impl Line {
    /// A good line to the node on a port.
    pub(super) fn new(upstream: u16, seed: u64) -> Self {
        let (faults, traps) = (Mutex::default(), Mutex::default());
        Self { upstream, faults, traps, dice: Mutex::new(seed), tally: Tally::default() }
    }

    pub(super) fn upstream(&self) -> u16 {
        self.upstream
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn set(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    pub(super) fn trap(&self, method: &str, trap: Trap) {
        lock(&self.traps).push((method.to_owned(), trap));
    }

    pub(super) fn disarm(&self) {
        lock(&self.traps).clear();
    }

    /// Whether new connections are closed at once.
    pub(super) fn down(&self) -> bool {
        self.faults().down
    }

    /// A frame came through.
    pub(super) fn passed(&self) {
        self.tally.passed.fetch_add(1, Ordering::Relaxed);
    }

    fn faults(&self) -> Faults {
        *lock(&self.faults)
    }

    /// What the traps do to a request, if they do.
    pub(super) fn request(&self, frame: &Message, trapped: &Trapped) -> Option<Fate> {
        let mut traps = lock(&self.traps);
        if traps.is_empty() {
            return None;
        }
        let request: Value = serde_json::from_str(frame.to_text().ok()?).ok()?;
        let at = traps.iter().position(|(method, _)| request["method"] == **method)?;
        self.tally.sprung.fetch_add(1, Ordering::Relaxed);
        let trap = match &traps[at].1 {
            Trap::CutRequest | Trap::CutAnswer => traps.remove(at).1,
            kept => kept.clone(),
        };
        match trap {
            Trap::CutRequest => return Some(Fate::Cut),
            Trap::LoseRequest => return Some(Fate::Lose),
            Trap::CutAnswer | Trap::LoseAnswer | Trap::Forge(_) => lock(trapped).push((request["id"].clone(), trap)),
        }
        Some(Fate::Pass)
    }

    /// What the traps do to an answer, if they do.
    pub(super) fn answer(&self, frame: &Message, trapped: &Trapped) -> Option<Fate> {
        let mut trapped = lock(trapped);
        if trapped.is_empty() {
            return None;
        }
        let answer: Value = serde_json::from_str(frame.to_text().ok()?).ok()?;
        let at = trapped.iter().position(|(id, _)| answer["id"] == *id)?;
        let (id, trap) = trapped.swap_remove(at);
        Some(match trap {
            Trap::CutRequest | Trap::CutAnswer => Fate::Cut,
            Trap::LoseRequest | Trap::LoseAnswer => Fate::Lose,
            Trap::Forge(text) => Fate::Forge(text.replace("$id", &id.to_string())),
        })
    }

    /// What becomes of the next frame.
    pub(super) fn fate(&self) -> Fate {
        let faults = self.faults();
        let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::Relaxed);
        if faults.down {
            count(&self.tally.cut);
            return Fate::Cut;
        }
        if faults.silent {
            count(&self.tally.lost);
            return Fate::Lose;
        }
        let drawn = (self.draw() % 1_000) as u16;
        let [lose, delay, repeat, cut] = [faults.lose, faults.delay, faults.repeat, faults.cut];
        if drawn < lose {
            count(&self.tally.lost);
            Fate::Lose
        } else if drawn < lose + delay {
            count(&self.tally.delayed);
            Fate::Delay(Duration::from_millis(self.draw() % (faults.delay_ms + 1)))
        } else if drawn < lose + delay + repeat {
            count(&self.tally.repeated);
            Fate::Repeat
        } else if drawn < lose + delay + repeat + cut {
            count(&self.tally.cut);
            Fate::Cut
        } else {
            Fate::Pass
        }
    }

    /// The next number of a SplitMix64 sequence.
    fn draw(&self) -> u64 {
        let mut state = lock(&self.dice);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
