//! How documents become windows.

use super::chunk::Chunk;
use super::tokens::{Token, Tokens, TokensError};
use crate::score::MAX_BYTES;
use crate::window::Window;

/// How the documents of a chunk become windows. What is left at the end of a chunk is in no window, and nothing is carried
/// from one window to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// `T` predicted tokens a window: equal work for each, and other text with another tokenizer.
    ///
    /// The tokens of a chunk are those of its documents, in order, each document followed by the token that ends
    /// documents, which stands for no byte. Window `j` is the tokens `j·T` to `(j+1)·T`, both included: `T + 1` tokens of
    /// which all but the first are predicted, so that each token but a chunk's first is predicted in one window. With `t`
    /// tokens there are `⌊(t - 1) / T⌋` windows.
    Tokens(usize),
    /// `B` bytes of text a window, or a few more or less: the same text for every tokenizer, so that models with tokenizers
    /// of their own can be compared.
    ///
    /// The text of a chunk is its documents one after the other. Window `j` is the bytes `j·B` up to `(j+1)·B`, where a
    /// border within a character moves up to the character's end. Its tokens are the end token, to read, and those of its
    /// part of each document, to predict, with the end token after a document that ends in it. With `b` bytes there are
    /// `⌊b / B⌋` windows.
    Text(usize),
}

impl Packing {
    /// Predicted tokens or bytes of a window.
    pub fn size(self) -> usize {
        match self {
            Self::Tokens(size) | Self::Text(size) => size,
        }
    }

    /// 0 for tokens, 1 for text.
    pub(super) fn kind(self) -> u64 {
        match self {
            Self::Tokens(_) => 0,
            Self::Text(_) => 1,
        }
    }
}

/// A chunk, ready to be cut into windows.
pub(super) enum Packed {
    Tokens(Vec<Token>),
    Text(Chunk),
}

impl Packed {
    pub(super) fn new(chunk: Chunk, packing: Packing, tokens: &dyn Tokens) -> Result<Self, TokensError> {
        if let Packing::Text(_) = packing {
            return Ok(Self::Text(chunk));
        }
        let mut stream = Vec::new();
        for document in chunk.documents() {
            stream.extend(encode(tokens, document)?);
            stream.push(end(tokens));
        }
        Ok(Self::Tokens(stream))
    }

    /// Number of windows of `size`, which is not 0.
    pub(super) fn windows(&self, size: usize) -> usize {
        match self {
            Self::Tokens(stream) => stream.len().saturating_sub(1) / size,
            Self::Text(chunk) => chunk.documents().map(str::len).sum::<usize>() / size,
        }
    }

    /// Window `index`, which is below [`Self::windows`]; None if its loss could not be scored.
    pub(super) fn window(&self, index: usize, size: usize, tokens: &dyn Tokens) -> Result<Option<Window>, TokensError> {
        let start = index * size;
        match self {
            Self::Tokens(stream) => Ok(stream.get(start..=start + size).and_then(window)),
            Self::Text(chunk) => Ok(window(&part(chunk, start, start + size, tokens)?)),
        }
    }
}

/// Tokens of the text from byte `from` to byte `to` of a chunk, behind an end token.
fn part(chunk: &Chunk, from: usize, to: usize, tokens: &dyn Tokens) -> Result<Vec<Token>, TokensError> {
    let mut stream = vec![end(tokens)];
    let mut start = 0;
    for document in chunk.documents() {
        let [first, last] = [from, to].map(|border| document.ceil_char_boundary(border.saturating_sub(start)));
        if first < last {
            stream.extend(encode(tokens, &document[first..last])?);
            if last == document.len() {
                stream.push(end(tokens));
            }
        }
        start += document.len();
    }
    Ok(stream)
}

/// Tokens of a text, which stand for all of it.
fn encode(tokens: &dyn Tokens, text: &str) -> Result<Vec<Token>, TokensError> {
    let encoded = tokens.encode(text)?;
    let bytes: u64 = encoded.iter().map(|token| u64::from(token.bytes)).sum();
    if bytes != text.len() as u64 {
        return Err(TokensError { reason: format!("the tokens stand for {bytes} bytes of {}", text.len()) });
    }
    Ok(encoded)
}

fn end(tokens: &dyn Tokens) -> Token {
    Token { id: tokens.end(), bytes: 0 }
}

fn window(tokens: &[Token]) -> Option<Window> {
    let bytes: u64 = tokens.iter().skip(1).map(|token| u64::from(token.bytes)).sum();
    let bytes = u32::try_from(bytes).ok().filter(|bytes| (1..=MAX_BYTES).contains(bytes))?;
    Window::new(tokens.iter().map(|token| token.id).collect(), 1, bytes).ok()
}
