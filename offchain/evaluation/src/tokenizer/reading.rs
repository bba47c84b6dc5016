//! Windows of bytes as a model reads them, whatever its tokens are: of all models the same bytes are asked.

use std::str::from_utf8;

use super::{Method, Tokenizer};
use crate::corpus::Tokens;
use crate::window::{Window, WindowTooShort};

/// What a byte costs that a tokenizer cannot spell: `ln 256` nats in Q32.32, rounded. A guess among all bytes costs as much.
pub const UNSPELLED: i64 = 23_816_355_775;

/// A window of bytes, of which a model says how likely it finds each but the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    window: Option<Window>,
    bytes: u32,
    unspelled: u32,
}

impl Reading {
    /// What the model is asked; nothing where its tokens spell nothing of the bytes.
    pub fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// Number of bytes that are judged: all but the first.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Negative log-likelihood of these bytes in nats, Q32.32: what the model lost on its window, which is the next of
    /// `losses`, and what its tokenizer could not spell. None if there is no next.
    pub fn nats(&self, losses: &mut impl Iterator<Item = i64>) -> Option<i64> {
        let lost = if self.window.is_some() { losses.next()? } else { 0 };
        Some(lost.saturating_add(i64::from(self.unspelled).saturating_mul(UNSPELLED)))
    }
}

impl Tokenizer {
    /// How a model with this tokenizer reads `bytes`.
    ///
    /// Where tokens are bytes, each but the first is predicted from those before it. Otherwise the token that ends documents
    /// is read in place of the first byte, and predicted are the tokens of the text that the other bytes are. Its first
    /// and last bytes may be parts of characters that were cut: these, and all bytes where they are no text, or one that
    /// the tokens do not spell, cost [`UNSPELLED`] each.
    ///
    /// # Errors
    /// If there are fewer than two bytes, or more than 2^32.
    pub fn read(&self, bytes: &[u8]) -> Result<Reading, WindowTooShort> {
        let plain = Window::of_bytes(bytes)?;
        let judged = plain.bytes();
        let (window, spelled) = match &self.method {
            Method::Bytes => (Some(plain), judged),
            Method::Library { end, .. } => match whole(&bytes[1..]).and_then(|text| self.window_of(text, *end)) {
                Some(window) => (Some(window.clone()), window.bytes()),
                None => (None, 0),
            },
        };
        Ok(Reading { window, bytes: judged, unspelled: judged - spelled })
    }

    /// The tokens of a text behind the end token; none if they do not spell it.
    fn window_of(&self, text: &str, end: u32) -> Option<Window> {
        let tokens = self.encode(text).ok()?;
        let ids = std::iter::once(end).chain(tokens.iter().map(|token| token.id));
        Window::new(ids.collect(), 1, text.len() as u32).ok()
    }
}

/// The whole characters of a text that was cut at any byte; none if it is not UTF-8.
fn whole(bytes: &[u8]) -> Option<&str> {
    let is_middle = |byte: &&u8| (0x80..0xc0).contains(*byte);
    // A character has at most three bytes after its first.
    let start = bytes.iter().take(3).take_while(is_middle).count();
    match from_utf8(&bytes[start..]) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => from_utf8(&bytes[start..start + error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_byte_that_is_guessed_costs_eight_bits() {
        assert_eq!(UNSPELLED, (256f64.ln() * 4_294_967_296.0).round() as i64);
    }

    proptest! {
        /// Wherever a text is cut, only the bytes of cut characters are lost.
        #[test]
        fn whole_characters_are_kept(text in "\\PC{0,12}", from in 0..40_usize, to in 0..40_usize) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            prop_assume!(from <= to);
            let (first, last) = (text.ceil_char_boundary(from), text.floor_char_boundary(to));
            let expected = if first <= last { &text[first..last] } else { "" };
            prop_assert_eq!(whole(&text.as_bytes()[from..to]), Some(expected));
        }

        #[test]
        fn what_is_no_text_is_not_read(before in "[a-z]{4,9}", byte in 0xf8..=0xffu8, after in "[a-z]{0,9}") {
            let bytes = [before.as_bytes(), &[byte], after.as_bytes()].concat();
            prop_assert_eq!(whole(&bytes), None);
        }
    }
}
