//! Texts that the demo's miners contribute where data is rewarded: two good ones, and what people try instead.

use std::path::{Path, PathBuf};

use inktensor_evaluation::Digest;

use crate::error::CliError;

/// Bytes of a good text.
const LENGTH: usize = 24_000;

/// Writes the texts into a folder below `folder`, each by the name of its miner, and returns that folder. `heldout` is
/// text that no model was trained on.
pub fn write(heldout: &Path, folder: &Path) -> Result<PathBuf, CliError> {
    let source = std::fs::read(heldout).map_err(|source| CliError::Io { path: heldout.to_owned(), source })?;
    let texts = folder.join("texts");
    let failed = |source| CliError::Io { path: texts.clone(), source };
    std::fs::create_dir_all(&texts).map_err(failed)?;
    let piece = |number: usize| lines(&source, number * LENGTH * 2, LENGTH);
    for (name, text) in [
        ("prose", piece(0)),
        ("tale", piece(1)),
        ("echo", echo(&piece(0))),
        ("spam", b"The best data there is. Pay for it, and pay for it again!\n".repeat(LENGTH / 58)),
        ("noise", noise()),
        ("blank", b"\n".repeat(64)),
    ] {
        std::fs::write(texts.join(name), text).map_err(failed)?;
    }
    Ok(texts)
}

/// Whole lines of `source` from `start` on, of about `length` bytes.
fn lines(source: &[u8], start: usize, length: usize) -> Vec<u8> {
    let line = |from: usize| {
        let from = from.min(source.len());
        source[from..].iter().position(|&byte| byte == b'\n').map_or(source.len(), |end| from + end + 1)
    };
    source[line(start)..line(start + length)].to_vec()
}

/// The same text in other letters, with other spaces and a line in front.
fn echo(text: &[u8]) -> Vec<u8> {
    let mut copy = b"Collected, written and edited by myself.\n\n".to_vec();
    for byte in text.to_ascii_uppercase() {
        copy.push(byte);
        if byte == b',' {
            copy.push(b' ');
        }
    }
    copy
}

/// Words of letters that nothing predicts.
fn noise() -> Vec<u8> {
    let bytes = (0..LENGTH.div_ceil(32)).flat_map(|block| Digest::of(&block.to_le_bytes()).0);
    let letter = |byte: u8| if byte < 40 { b' ' } else { b'a' + byte % 26 };
    bytes.map(letter).collect()
}
