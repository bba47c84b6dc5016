//! Tokenizers as corpora need them: the token that ends documents, and tokens that stand for all of a text.

use super::error::{EncodeError, TokenizerError};
use super::{Method, Tokenizer};
use crate::corpus::{Bytes, Token, Tokens, TokensError};
use crate::digest::Digest;

/// Names of the token that ends documents. The first that a file has as a special token is the one: models are trained
/// with it between their documents. `<|im_end|>` and the like end what somebody says, and are none.
pub const END: [&str; 5] = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[SEP]"];

/// Where tokens are bytes: 255 ends documents. It is in no text, since UTF-8 does not use it.
pub(super) const BYTES: Bytes = Bytes { end: u8::MAX };

/// The token that ends documents, among the special ones of a file.
pub(super) fn end<'a>(special: impl Iterator<Item = (u32, &'a str)> + Clone) -> Result<u32, TokenizerError> {
    let named = |name: &&str| special.clone().find(|(_, content)| content == name);
    END.iter().find_map(named).map(|(id, _)| id).ok_or(TokenizerError::NoEnd)
}

impl Tokens for Tokenizer {
    /// That of [`Tokenizer::digest`].
    fn digest(&self) -> Digest {
        self.digest
    }

    fn end(&self) -> u32 {
        match &self.method {
            Method::Bytes => BYTES.end(),
            Method::Library { end, .. } => *end,
        }
    }

    /// Tokens as [`Tokenizer::spell`] gives them, without a frame. Fails where these do not spell the text, and where a
    /// text's own tokens hold the one that ends documents.
    fn encode(&self, text: &str) -> Result<Vec<Token>, TokensError> {
        let refuse = |error: EncodeError| TokensError { reason: error.to_string() };
        let tokens = self.spell(text).map_err(refuse)?;
        if tokens.iter().any(|token| token.id == self.end()) {
            return Err(refuse(EncodeError::HoldsEnd));
        }
        Ok(tokens)
    }
}
