//! Tokenizers: bytes, or what a miner's `tokenizer.json` says, read as hostile input.
//!
//! The file is parsed into what is known here ([`TokenizerError`] names what is not) and the library `tokenizers` gets
//! the parts, never the file. Special tokens are not looked for in texts: a text that contains `[SEP]` is a text about
//! `[SEP]`. The same text always gives the same tokens.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::corpus::{Token, Tokens};
use crate::digest::Digest;
use crate::model::{self, Architecture, Model};

mod build;
mod documents;
mod error;
mod frame;
mod pattern;
mod reading;
mod schema;
mod spelling;

pub use documents::END;
pub use error::{EncodeError, TokenizerError};
pub use frame::Frame;
pub use pattern::PUBLISHED;
pub use reading::{Reading, UNSPELLED};

use error::shorten;
use spelling::Spelling;

/// Bytes of a `tokenizer.json` at most.
pub const MAX_FILE: usize = model::MAX_TOKENIZER as usize;
/// Tokens of a vocabulary at most.
pub const MAX_VOCABULARY: usize = 1 << 18;
/// Bytes of a text that is encoded at once, at most. The time that takes is bounded by them: no step of a tokenizer
/// that is taken here costs more than a constant, or a logarithm, for each byte.
pub const MAX_TEXT: usize = 1 << 20;

/// Makes tokens of text; of a corpus too, by [`Tokens`].
pub struct Tokenizer {
    method: Method,
    digest: Digest,
}

enum Method {
    Bytes,
    Library { library: Box<tokenizers::Tokenizer>, frame: Frame, spelling: Spelling, end: u32 },
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokenizer({})", self.digest)
    }
}

impl Tokenizer {
    /// The tokenizer whose tokens are the bytes of UTF-8, for models without a `tokenizer.json`.
    pub fn bytes() -> Self {
        Self { method: Method::Bytes, digest: documents::BYTES.digest() }
    }

    /// The tokenizer of a model. A perceptron reads no text, and gets bytes.
    ///
    /// Fails as [`Self::from_json`] does, and with [`TokenizerError::Absent`].
    pub fn of(model: &Model) -> Result<Self, TokenizerError> {
        match (model.architecture(), model.tokenizer()) {
            (Architecture::Perceptron(_), _) | (_, model::Tokens::Bytes) => Ok(Self::bytes()),
            (Architecture::Transformer(transformer), model::Tokens::Json(file)) => {
                Self::from_json(file, transformer.vocabulary)
            }
            (Architecture::Transformer(_), model::Tokens::Unknown) => Err(TokenizerError::Absent),
        }
    }

    /// Reads a `tokenizer.json` for a model of `vocabulary` tokens.
    pub fn from_json(file: &[u8], vocabulary: usize) -> Result<Self, TokenizerError> {
        guarded(|| Self::parse(file, vocabulary)).unwrap_or_else(|reason| Err(TokenizerError::Json { reason }))
    }

    fn parse(file: &[u8], vocabulary: usize) -> Result<Self, TokenizerError> {
        if file.len() > MAX_FILE {
            return Err(TokenizerError::Oversized { bytes: file.len() as u64, limit: MAX_FILE as u64 });
        }
        let vocabulary = vocabulary.min(MAX_VOCABULARY);
        let json = |error: serde_json::Error| TokenizerError::Json { reason: error.to_string() };
        let parsed: schema::File = serde_json::from_slice(file).map_err(json)?;
        let schema::Version::One = parsed.version;

        let own = match &parsed.model {
            schema::Model::Pairs(pairs) => &pairs.vocab,
            schema::Model::WordPiece(words) => &words.vocab,
        };
        let mut ids = build::vocabulary(own, vocabulary)?;
        let added = build::added(parsed.added_tokens)?;
        for (id, token) in &added {
            let content = token.content.as_str();
            let id = *id;
            if id as usize >= vocabulary {
                return Err(TokenizerError::OutOfVocabulary { token: shorten(content), id, vocabulary });
            }
            let consistent = own.get(content).map_or_else(|| ids.insert(id), |&known| known == id);
            if !consistent {
                return Err(TokenizerError::Ambiguous { token: shorten(content), id });
            }
        }

        let special = added.iter().filter(|(_, token)| token.special);
        let end = documents::end(special.map(|(id, token)| (*id, token.content.as_str())))?;
        let model = build::model(parsed.model)?;
        let normalizer = parsed.normalizer.map(build::normalizer).transpose()?;
        let pre_tokenizer = parsed.pre_tokenizer.map(build::pre_tokenizer).transpose()?;
        let spelling = build::spelling(&model, pre_tokenizer.as_ref().is_some_and(|(_, bytes)| *bytes));
        let frame = parsed.post_processor.map(Frame::read).transpose()?.unwrap_or_default();
        if let Some(&id) = frame.before.iter().chain(&frame.after).find(|id| !ids.contains(id)) {
            return Err(TokenizerError::Missing { what: "template", token: id.to_string() });
        }

        let refused = |error: tokenizers::Error| TokenizerError::Json { reason: error.to_string() };
        let mut library = tokenizers::Tokenizer::new(model);
        library.with_normalizer(normalizer).map_err(refused)?;
        library.with_pre_tokenizer(pre_tokenizer.map(|(steps, _)| steps));
        library.add_tokens(added.iter().map(|(_, token)| token.clone())).map_err(refused)?;
        library.set_encode_special_tokens(true);
        // The library numbers added tokens itself, whatever the file says.
        for (id, token) in &added {
            if library.token_to_id(&token.content) != Some(*id) {
                return Err(TokenizerError::Ambiguous { token: shorten(&token.content), id: *id });
            }
        }
        let method = Method::Library { library: Box::new(library), frame, spelling, end };
        Ok(Self { method, digest: Digest::of(file) })
    }

    /// blake2b-256 of the file; where tokens are bytes, that of [`crate::corpus::Bytes`].
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The tokens of a text alone.
    pub fn tokens(&self, text: &str) -> Result<Vec<u32>, EncodeError> {
        if text.len() > MAX_TEXT {
            return Err(EncodeError::TooLong { bytes: text.len(), limit: MAX_TEXT });
        }
        match &self.method {
            Method::Bytes => Ok(text.bytes().map(u32::from).collect()),
            Method::Library { library, .. } => {
                let encode = || library.encode_fast(text, false).map_err(|error| error.to_string());
                let encoded = guarded(encode).flatten().map_err(|reason| EncodeError::Failed { reason })?;
                Ok(encoded.get_ids().to_vec())
            }
        }
    }

    /// The tokens of a text, each with the bytes that it stands for, which together are the text. A space that the
    /// tokenizer puts in front of every text is not counted.
    pub fn spell(&self, text: &str) -> Result<Vec<Token>, EncodeError> {
        let tokens = self.tokens(text)?;
        let Method::Library { library, spelling, .. } = &self.method else {
            return Ok(tokens.into_iter().map(|id| Token { id, bytes: 1 }).collect());
        };
        // What the tokens stand for, and where each of them ends in it.
        let (mut bytes, mut ends) = (Vec::with_capacity(text.len() + 1), Vec::with_capacity(tokens.len()));
        for &token in &tokens {
            let known = match library.get_added_vocabulary().get_added_tokens_decoder().get(&token) {
                Some(added) => {
                    bytes.extend_from_slice(added.content.as_bytes());
                    true
                }
                None => library.id_to_token(token).is_some_and(|token| spelling.spell(&token, &mut bytes)),
            };
            ends.push(bytes.len());
            if !known || bytes.len() > text.len() + 1 {
                break;
            }
        }
        let space = usize::from(bytes.first() == Some(&b' ') && bytes[1..] == *text.as_bytes());
        if ends.len() < tokens.len() || bytes[space..] != *text.as_bytes() {
            let same = bytes.iter().zip(text.as_bytes()).take_while(|(own, byte)| own == byte).count();
            return Err(EncodeError::Lossy { at: same });
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let length = |(start, &end): (usize, &usize)| (end.max(space) - start.max(space)) as u32;
        let lengths = starts.zip(&ends).map(length);
        Ok(tokens.into_iter().zip(lengths).map(|(id, bytes)| Token { id, bytes }).collect())
    }

    /// The tokens of a text as an encoder reads them: in their frame, and cut so that no more than `most` are left.
    pub fn sequence(&self, text: &str, most: usize) -> Result<Vec<u32>, EncodeError> {
        let Frame { before, after } = self.frame();
        let room = most.saturating_sub(before.len() + after.len());
        let mut tokens = before;
        let mut own = self.tokens(text)?;
        own.truncate(room);
        tokens.append(&mut own);
        tokens.extend(after);
        tokens.truncate(most);
        Ok(tokens)
    }

    /// What stands around the tokens of a text.
    pub fn frame(&self) -> Frame {
        match &self.method {
            Method::Bytes => Frame::default(),
            Method::Library { frame, .. } => frame.clone(),
        }
    }
}

/// Does what the library may panic over: its input is a miner's, and must not end a round for everybody.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| "the library of tokenizers panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(guarded(|| 7), Ok(7));
        assert!(guarded(|| panic!("broken")).is_err());
    }
}
