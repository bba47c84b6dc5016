//! What of a `tokenizer.json` is read. Every kind of part that is not named here is refused by name.
//!
//! Truncation, padding and the decoder are of no use here and are not read; unknown fields are ignored, as the library
//! `tokenizers` ignores them.

use std::collections::HashMap;

use serde::Deserialize;

/// The file.
#[derive(Debug, Deserialize)]
pub struct File {
    pub version: Version,
    #[serde(default)]
    pub added_tokens: Vec<Added>,
    pub normalizer: Option<Normalizer>,
    pub pre_tokenizer: Option<PreTokenizer>,
    pub post_processor: Option<PostProcessor>,
    pub model: Model,
}

/// The only version there is.
#[derive(Debug, Deserialize)]
pub enum Version {
    #[serde(rename = "1.0")]
    One,
}

/// A token beside the model's.
#[derive(Debug, Deserialize)]
pub struct Added {
    pub id: u32,
    pub content: String,
    #[serde(default)]
    pub single_word: bool,
    #[serde(default)]
    pub lstrip: bool,
    #[serde(default)]
    pub rstrip: bool,
    #[serde(default)]
    pub normalized: bool,
    #[serde(default)]
    pub special: bool,
}

/// What is done to a text first.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub enum Normalizer {
    Sequence {
        normalizers: Vec<Normalizer>,
    },
    #[serde(rename = "BertNormalizer")]
    Bert {
        clean_text: bool,
        handle_chinese_chars: bool,
        strip_accents: Option<bool>,
        lowercase: bool,
    },
    Lowercase,
    StripAccents,
    Strip {
        strip_left: bool,
        strip_right: bool,
    },
    Prepend {
        prepend: String,
    },
    Replace {
        pattern: Pattern,
        content: String,
    },
    #[serde(rename = "NFC")]
    Nfc,
    #[serde(rename = "NFD")]
    Nfd,
    #[serde(rename = "NFKC")]
    Nfkc,
    #[serde(rename = "NFKD")]
    Nfkd,
}

/// How a text is cut before the model sees it.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub enum PreTokenizer {
    Sequence {
        pretokenizers: Vec<PreTokenizer>,
    },
    #[serde(rename = "BertPreTokenizer")]
    Bert,
    Whitespace,
    WhitespaceSplit,
    ByteLevel {
        add_prefix_space: bool,
        #[serde(default = "yes")]
        use_regex: bool,
    },
    Digits {
        individual_digits: bool,
    },
    Metaspace {
        replacement: char,
        prepend_scheme: Option<Scheme>,
        add_prefix_space: Option<bool>,
        split: Option<bool>,
    },
    Split {
        pattern: Pattern,
        behavior: Behaviour,
        #[serde(default)]
        invert: bool,
    },
}

/// Where a Metaspace adds a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    First,
    Never,
    Always,
}

/// What is looked for.
#[derive(Debug, Deserialize)]
pub enum Pattern {
    String(String),
    Regex(String),
}

/// What becomes of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Behaviour {
    Isolated,
    Removed,
}

/// What is put around the tokens of a text.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub enum PostProcessor {
    Sequence {
        processors: Vec<PostProcessor>,
    },
    ByteLevel {},
    BertProcessing {
        sep: (String, u32),
        cls: (String, u32),
    },
    RobertaProcessing {
        sep: (String, u32),
        cls: (String, u32),
    },
    TemplateProcessing {
        single: Vec<Piece>,
        #[serde(default)]
        special_tokens: HashMap<String, Special>,
    },
}

/// A piece of a template.
#[derive(Debug, Deserialize)]
pub enum Piece {
    Sequence { id: String },
    SpecialToken { id: String },
}

/// The tokens of a template's name.
#[derive(Debug, Deserialize)]
pub struct Special {
    pub ids: Vec<u32>,
}

/// What makes tokens of pieces.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub enum Model {
    #[serde(rename = "BPE")]
    Pairs(Pairs),
    WordPiece(WordPiece),
}

/// Byte-pair encoding.
#[derive(Debug, Deserialize)]
pub struct Pairs {
    pub vocab: HashMap<String, u32>,
    pub merges: Vec<Merge>,
    pub dropout: Option<f32>,
    pub unk_token: Option<String>,
    pub continuing_subword_prefix: Option<String>,
    pub end_of_word_suffix: Option<String>,
    #[serde(default)]
    pub fuse_unk: bool,
    #[serde(default)]
    pub byte_fallback: bool,
    #[serde(default)]
    pub ignore_merges: bool,
}

/// Two tokens that become one, in both spellings.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Merge {
    Pair(String, String),
    Line(String),
}

/// The longest known piece, again and again.
#[derive(Debug, Deserialize)]
pub struct WordPiece {
    pub vocab: HashMap<String, u32>,
    pub unk_token: String,
    pub continuing_subword_prefix: String,
    pub max_input_chars_per_word: usize,
}

fn yes() -> bool {
    true
}
