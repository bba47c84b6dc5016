//! Whether bytes are text.

/// Whether `bytes` are UTF-8 without control characters other than those of layout.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let layout = |character: char| matches!(character, '\n' | '\r' | '\t');
    core::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|one| layout(one) || !one.is_control()))
}

/// The letters and digits of a text, where each stands: ASCII letters in lower case, and every byte beyond ASCII. What
/// else there is can be changed without changing what is said.
pub(crate) fn letters(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> + '_ {
    let counts = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    bytes.iter().enumerate().filter(move |(_, byte)| counts(**byte)).map(|(at, byte)| (at, byte.to_ascii_lowercase()))
}
