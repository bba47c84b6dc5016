//! What can be wrong with a tokenizer, and with a text for it.

use thiserror::Error;

use super::documents::END;

/// Why a `tokenizer.json` is not taken: a fault of whoever made the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenizerError {
    /// The model's tokens are not bytes, and no file says what they are.
    #[error("the model comes without a tokenizer.json. Commit a folder that holds the model's own")]
    Absent,
    /// The file is larger than any tokenizer needs.
    #[error("the tokenizer has {bytes} bytes, the limit is {limit}. Train a smaller vocabulary")]
    Oversized {
        /// Bytes of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The file is not the JSON of a tokenizer, or of a kind that is not evaluated here.
    #[error(
        "tokenizer.json cannot be read: {reason}. Byte-pair and WordPiece tokenizers of the library `tokenizers` are taken"
    )]
    Json {
        /// The parser's words.
        reason: String,
    },
    /// A part asks for something that is not done here.
    #[error("the tokenizer's {what} is not taken: {reason}")]
    Unsupported {
        /// Which part.
        what: &'static str,
        /// What is wrong with it, and what is taken instead.
        reason: String,
    },
    /// More of something than any tokenizer needs.
    #[error("the tokenizer has {count} {what}, the limit is {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many may be.
        limit: usize,
    },
    /// A token's number is not one of the model's.
    #[error("token {token:?} has number {id}, but the model knows {vocabulary} tokens. Save both from one run")]
    OutOfVocabulary {
        /// The token, shortened.
        token: String,
        /// Its number.
        id: u32,
        /// Tokens of the model.
        vocabulary: usize,
    },
    /// Two tokens have one number, or one token two.
    #[error("token {token:?} is not the only one with number {id}, or has two. Number every token once, without gaps")]
    Ambiguous {
        /// The token, shortened.
        token: String,
        /// The number.
        id: u32,
    },
    /// No special token says where a document ends.
    #[error("the tokenizer has no token that ends documents. Give it one of these as a special token: {}", END.join(" "))]
    NoEnd,
    /// A merge, a template or the unknown token names a token that the vocabulary lacks.
    #[error("the {what} names {token:?}, which the vocabulary lacks")]
    Missing {
        /// What names it.
        what: &'static str,
        /// The token, shortened.
        token: String,
    },
}

/// Why a text has no tokens.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// The text is too long to be encoded in one piece.
    #[error("a text of {bytes} bytes cannot be encoded at once, the limit is {limit}. Cut it")]
    TooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The tokens do not spell the text, so that their likelihood says nothing of it.
    #[error(
        "the tokenizer loses text: its tokens do not spell what they were made of from byte {at} on. \
         Train with a byte-level or byte-fallback tokenizer"
    )]
    Lossy {
        /// First byte that is not spelled.
        at: usize,
    },
    /// The text's own tokens hold the one that ends documents, so that they could be those of two.
    #[error("the tokens of the text hold the one that ends documents. Keep it out of the vocabulary's merges")]
    HoldsEnd,
    /// The library gave up.
    #[error("the tokenizer failed on a text: {reason}")]
    Failed {
        /// The library's words.
        reason: String,
    },
}

/// The beginning of a token, for messages.
pub(super) fn shorten(token: &str) -> String {
    token.chars().take(32).collect()
}
