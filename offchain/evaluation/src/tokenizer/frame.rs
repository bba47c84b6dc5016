//! What stands before and after the tokens of a text: `[CLS]` and `[SEP]`, or a token of beginning.

use super::error::TokenizerError;
use super::schema::{Piece, PostProcessor};

/// Tokens of a frame at most.
const MAX_TOKENS: usize = 16;

/// Tokens around those of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Before the text.
    pub before: Vec<u32>,
    /// After the text.
    pub after: Vec<u32>,
}

impl Frame {
    /// The frame that a file's post-processor makes of a single text.
    pub(super) fn read(processor: PostProcessor) -> Result<Self, TokenizerError> {
        let mut frame = Self::default();
        frame.wrap(processor)?;
        let count = frame.before.len().saturating_add(frame.after.len());
        if count > MAX_TOKENS {
            return Err(TokenizerError::TooMany { what: "tokens around a text", count, limit: MAX_TOKENS });
        }
        Ok(frame)
    }

    fn wrap(&mut self, processor: PostProcessor) -> Result<(), TokenizerError> {
        match processor {
            PostProcessor::ByteLevel {} => Ok(()),
            PostProcessor::Sequence { processors } => processors.into_iter().try_for_each(|part| self.wrap(part)),
            PostProcessor::BertProcessing { sep, cls } | PostProcessor::RobertaProcessing { sep, cls } => {
                self.before.insert(0, cls.1);
                self.after.push(sep.1);
                Ok(())
            }
            PostProcessor::TemplateProcessing { single, special_tokens } => {
                let mut sides = [Vec::new(), Vec::new()];
                let mut texts = 0;
                for piece in single {
                    match piece {
                        Piece::Sequence { id } if id == "A" && texts == 0 => texts = 1,
                        Piece::Sequence { .. } => {
                            let reason = "the text A stands in it more than once, or another".to_owned();
                            return Err(TokenizerError::Unsupported { what: "template", reason });
                        }
                        Piece::SpecialToken { id } => match special_tokens.get(&id) {
                            Some(special) => sides[texts].extend(&special.ids),
                            None => return Err(TokenizerError::Missing { what: "template", token: id }),
                        },
                    }
                }
                if texts == 0 {
                    let reason = "the text A does not stand in it".to_owned();
                    return Err(TokenizerError::Unsupported { what: "template", reason });
                }
                let [before, after] = sides;
                self.before.splice(0..0, before);
                self.after.extend(after);
                Ok(())
            }
        }
    }
}
