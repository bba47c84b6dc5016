//! What sampling needs of a tokenizer.

use thiserror::Error;

use crate::digest::Digest;

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its number in the vocabulary.
    pub id: u32,
    /// UTF-8 bytes of the text that it stands for. A text's tokens together stand for all its bytes.
    pub bytes: u32,
}

/// A text that cannot be turned into tokens.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct TokensError {
    /// Why not.
    pub reason: String,
}

/// Turns texts into tokens, always in the same way.
pub trait Tokens {
    /// Identity: equal digests give equal tokens.
    fn digest(&self) -> Digest;

    /// The token that ends a document.
    fn end(&self) -> u32;

    /// Tokens of a text, without any that mark its begin or end.
    fn encode(&self, text: &str) -> Result<Vec<Token>, TokensError>;
}

/// Tokens that are bytes. Texts that hold the byte which ends documents are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// The byte that ends a document, such as 0.
    pub end: u8,
}

impl Tokens for Bytes {
    /// `blake2b-256("inktensor/tokens/bytes/1" ‖ end)`.
    fn digest(&self) -> Digest {
        Digest::of(&[&b"inktensor/tokens/bytes/1"[..], &[self.end]].concat())
    }

    fn end(&self) -> u32 {
        u32::from(self.end)
    }

    fn encode(&self, text: &str) -> Result<Vec<Token>, TokensError> {
        if text.as_bytes().contains(&self.end) {
            return Err(TokensError { reason: format!("the text holds the byte {}, which ends documents", self.end) });
        }
        Ok(text.bytes().map(|byte| Token { id: u32::from(byte), bytes: 1 }).collect())
    }
}
