//! The regular expressions that a tokenizer may cut texts with.
//!
//! No limit on a pattern's length bounds the time that it takes: `[a-z]*!|a` is nine characters, and at every letter of a
//! text it reads the rest of it, so that twice the text takes four times as long; and patterns that look around are run by
//! backtracking, a million steps at every place. Nor can a text be cut into small pieces first, since that changes its
//! tokens. So the published patterns are taken, which take a few steps for each character, and no others.

/// GPT-2's.
const GPT_2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
/// GPT-4's (cl100k), which is that of Llama 3.
const GPT_4: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen2's, which is that of Qwen3.
const QWEN_2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// GPT-4o's (o200k).
const GPT_4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The patterns that are taken: of GPT-2, of GPT-4 and Llama 3, of Qwen2 and Qwen3, and of GPT-4o.
pub const PUBLISHED: [&str; 4] = [GPT_2, GPT_4, QWEN_2, GPT_4O];

/// Whether `pattern` may be run.
pub fn is_published(pattern: &str) -> bool {
    PUBLISHED.contains(&pattern)
}
