//! A row, and the tag that tells whether it is still what was written.

use super::Subject;
use crate::digest::Digest;

/// One result.
pub struct Row<'a> {
    pub subject: &'a Subject,
    pub window: Digest,
    pub nll: i64,
}

impl Row<'_> {
    /// The first 16 bytes of `blake2b-256("inktensor/result/1" ‖ model ‖ evaluator ‖ window ‖ nll)`. The round is not
    /// covered: it decides on nothing but eviction.
    pub fn tag(&self) -> [u8; 16] {
        let Subject { model, evaluator } = self.subject;
        let nll = self.nll.to_le_bytes();
        let whole = [b"inktensor/result/1".as_slice(), &model.0, &evaluator.0, &self.window.0, &nll].concat();
        let mut tag = [0; 16];
        tag.copy_from_slice(&Digest::of(&whole).0[..16]);
        tag
    }
}
