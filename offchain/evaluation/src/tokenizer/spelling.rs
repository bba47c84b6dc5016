//! Which bytes a token stands for.
//!
//! A likelihood of tokens is one of a text only if the tokens spell it: a tokenizer that writes every text as one token
//! would be predicted perfectly. So each token's bytes are known, and their sum is held against the text.

/// How tokens are written down in the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// One character of GPT-2's alphabet for each byte.
    ByteLevel,
    /// As text with `▁` for a space, and `<0x0A>` for single bytes.
    Fallback,
    /// So that bytes are lost: nothing can be said.
    Lossy,
}

impl Spelling {
    /// Adds the bytes of a token to `bytes`. False where it stands for no bytes.
    pub fn spell(self, token: &str, bytes: &mut Vec<u8>) -> bool {
        match self {
            Self::ByteLevel => token.chars().all(|letter| match byte_of(letter) {
                Some(byte) => {
                    bytes.push(byte);
                    true
                }
                None => false,
            }),
            Self::Fallback => {
                match escaped(token) {
                    Some(byte) => bytes.push(byte),
                    None => bytes.extend_from_slice(token.replace('▁', " ").as_bytes()),
                }
                true
            }
            Self::Lossy => false,
        }
    }
}

/// The byte that a character of GPT-2's alphabet stands for: printable characters of Latin-1 for themselves, and from
/// U+0100 on those that are none, in order.
fn byte_of(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => u8::try_from(code).ok(),
        0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        0x121..=0x142 => u8::try_from(code - 0x121 + 0x7f).ok(),
        0x143 => Some(0xad),
        _ => None,
    }
}

fn escaped(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() != 2 {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use std::collections::BTreeSet;

    use tokenizers::pre_tokenizers::byte_level::ByteLevel;

    use super::*;

    #[test]
    fn the_alphabet_is_the_librarys_and_covers_every_byte() {
        let letters = ByteLevel::alphabet();
        let bytes: BTreeSet<u8> = letters.iter().map(|&letter| byte_of(letter).unwrap()).collect();
        assert_eq!((letters.len(), bytes.len()), (256, 256));
        for (letter, byte) in [('!', b'!'), ('Ġ', b' '), ('Ċ', b'\n'), ('ł', 0xa0), ('Ń', 0xad), ('ÿ', 0xff)] {
            assert_eq!(byte_of(letter), Some(byte), "{letter}");
        }
        assert_eq!(byte_of(' '), None);
    }

    #[test]
    fn fallback_knows_spaces_and_single_bytes() {
        let mut bytes = Vec::new();
        for token in ["▁the", "<0x0A>", "<0xzz>", "é"] {
            assert!(Spelling::Fallback.spell(token, &mut bytes));
        }
        assert_eq!(bytes, " the\n<0xzz>é".as_bytes());
    }
}
