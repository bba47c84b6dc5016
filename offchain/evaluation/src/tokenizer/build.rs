//! From what a file says to the library's parts, each checked first.
//!
//! The library trusts its files: a merge whose result is longer than any token makes it panic, a prefix cut inside a
//! character breaks its strings, tokens that share a number are told apart by chance, and an added token that takes the
//! spaces beside it can end before it begins. All of that is refused here, before the library sees it.

use std::collections::{HashMap, HashSet};

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::{
    BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence as Normalizers, Strip, StripAccents,
};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence as PreTokenizers;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::whitespace::{Whitespace, WhitespaceSplit};
use tokenizers::{AddedToken, ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, SplitDelimiterBehavior};

use super::error::{TokenizerError, shorten};
use super::pattern;
use super::schema::{Added, Behaviour, Merge, Model, Normalizer, Pairs, Pattern, PreTokenizer, Scheme};
use super::spelling::Spelling;

/// Steps of a normaliser or of a pre-tokenizer at most.
const MAX_STEPS: usize = 8;
/// Added tokens at most.
const MAX_ADDED: usize = 4096;
/// Bytes of an added token, or of a replacement, at most.
const MAX_STRING: usize = 256;
/// Bytes of what is put in front of texts or words, or in the place of unknown ones, at most: the library writes them out
/// once for each.
const MAX_AFFIX: usize = 32;
/// By how much all replacements together may lengthen a text.
const MAX_GROWTH: usize = 8;
/// Characters of a word that WordPiece takes apart, at most; it tries every part of what is left.
const MAX_WORD: usize = 100;

fn unsupported(what: &'static str, reason: impl Into<String>) -> TokenizerError {
    TokenizerError::Unsupported { what, reason: reason.into() }
}

fn failed(what: &'static str) -> impl Fn(tokenizers::Error) -> TokenizerError {
    move |error| unsupported(what, error.to_string())
}

fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), TokenizerError> {
    if count > limit { Err(TokenizerError::TooMany { what, count, limit }) } else { Ok(()) }
}

/// Every token has a number of its own, below `vocabulary`.
pub fn vocabulary(vocab: &HashMap<String, u32>, vocabulary: usize) -> Result<HashSet<u32>, TokenizerError> {
    at_most("tokens", vocab.len(), vocabulary)?;
    let mut seen = HashSet::with_capacity(vocab.len());
    for (token, &id) in vocab {
        if id as usize >= vocabulary {
            return Err(TokenizerError::OutOfVocabulary { token: shorten(token), id, vocabulary });
        }
        if !seen.insert(id) {
            return Err(TokenizerError::Ambiguous { token: shorten(token), id });
        }
    }
    Ok(seen)
}

/// The model itself.
pub fn model(model: Model) -> Result<ModelWrapper, TokenizerError> {
    match model {
        Model::Pairs(pairs) => byte_pairs(pairs),
        Model::WordPiece(words) => {
            unknown(&words.unk_token, &words.vocab)?;
            at_most("bytes of a prefix", words.continuing_subword_prefix.len(), MAX_AFFIX)?;
            at_most("characters of a word", words.max_input_chars_per_word, MAX_WORD)?;
            let built = WordPiece::builder()
                .vocab(words.vocab.into_iter().collect::<Vocab>())
                .unk_token(words.unk_token)
                .continuing_subword_prefix(words.continuing_subword_prefix)
                .max_input_chars_per_word(words.max_input_chars_per_word)
                .build()
                .map_err(failed("model"))?;
            Ok(built.into())
        }
    }
}

fn byte_pairs(pairs: Pairs) -> Result<ModelWrapper, TokenizerError> {
    if pairs.dropout.is_some_and(|dropout| dropout != 0.0) {
        return Err(unsupported("dropout", "the same text must always give the same tokens"));
    }
    let affixes = [pairs.continuing_subword_prefix, pairs.end_of_word_suffix];
    if affixes.iter().flatten().any(|affix| !affix.is_empty()) {
        return Err(unsupported("model", "prefixes and suffixes of byte pairs are not. Train without them"));
    }
    if let Some(token) = &pairs.unk_token {
        unknown(token, &pairs.vocab)?;
    }
    let mut merges = Vec::with_capacity(pairs.merges.len());
    for merge in pairs.merges {
        let (left, right) = match merge {
            Merge::Pair(left, right) => (left, right),
            Merge::Line(line) if line.starts_with("#version") => continue,
            Merge::Line(line) => match line.split_once(' ') {
                Some((left, right)) if !right.contains(' ') => (left.to_owned(), right.to_owned()),
                _ => return Err(unsupported("merge", format!("{:?} is not two tokens", shorten(&line)))),
            },
        };
        for token in [left.as_str(), right.as_str(), &format!("{left}{right}")] {
            known("merge", token, &pairs.vocab)?;
        }
        merges.push((left, right));
    }
    let mut builder = BPE::builder()
        .vocab_and_merges(pairs.vocab.into_iter().collect::<Vocab>(), merges)
        .fuse_unk(pairs.fuse_unk)
        .byte_fallback(pairs.byte_fallback)
        .ignore_merges(pairs.ignore_merges)
        // The library keeps a cache for each thread and tokenizer, and never drops it.
        .cache_capacity(0);
    if let Some(token) = pairs.unk_token {
        builder = builder.unk_token(token);
    }
    Ok(builder.build().map_err(failed("model"))?.into())
}

/// The unknown token is a token, and a short one.
fn unknown(token: &str, vocab: &HashMap<String, u32>) -> Result<(), TokenizerError> {
    at_most("bytes of the unknown token", token.len(), MAX_AFFIX)?;
    known("unknown token", token, vocab)
}

fn known(what: &'static str, token: &str, vocab: &HashMap<String, u32>) -> Result<(), TokenizerError> {
    if vocab.contains_key(token) { Ok(()) } else { Err(TokenizerError::Missing { what, token: shorten(token) }) }
}

/// The normaliser, its sequences laid flat.
pub fn normalizer(normalizer: Normalizer) -> Result<NormalizerWrapper, TokenizerError> {
    let mut steps = Vec::new();
    let mut growth = 1usize;
    flatten(normalizer, &mut steps, &mut growth)?;
    Ok(NormalizerWrapper::Sequence(Normalizers::new(steps)))
}

fn flatten(part: Normalizer, steps: &mut Vec<NormalizerWrapper>, growth: &mut usize) -> Result<(), TokenizerError> {
    let step = match part {
        Normalizer::Sequence { normalizers } => {
            return normalizers.into_iter().try_for_each(|part| flatten(part, steps, growth));
        }
        Normalizer::Bert { clean_text, handle_chinese_chars, strip_accents, lowercase } => {
            BertNormalizer::new(clean_text, handle_chinese_chars, strip_accents, lowercase).into()
        }
        Normalizer::Lowercase => Lowercase.into(),
        Normalizer::StripAccents => StripAccents.into(),
        Normalizer::Strip { strip_left, strip_right } => Strip::new(strip_left, strip_right).into(),
        Normalizer::Nfc => NFC.into(),
        Normalizer::Nfd => NFD.into(),
        Normalizer::Nfkc => NFKC.into(),
        Normalizer::Nfkd => NFKD.into(),
        Normalizer::Prepend { prepend } => {
            at_most("bytes to put in front", prepend.len(), MAX_AFFIX)?;
            Prepend::new(prepend).into()
        }
        Normalizer::Replace { pattern: Pattern::String(pattern), content } if !pattern.is_empty() => {
            *growth = growth.saturating_mul(content.len().div_ceil(pattern.len()).max(1));
            at_most("fold growth by replacements", *growth, MAX_GROWTH)?;
            at_most("bytes of a replacement", pattern.len().max(content.len()), MAX_STRING)?;
            Replace::new(pattern, content).map_err(failed("normalizer"))?.into()
        }
        Normalizer::Replace { .. } => {
            return Err(unsupported("normalizer", "plain strings are replaced, no patterns and no empty ones"));
        }
    };
    steps.push(step);
    at_most("steps of the normalizer", steps.len(), MAX_STEPS)
}

/// The pre-tokenizer, its sequences laid flat, and whether it makes bytes of the text.
pub fn pre_tokenizer(pre_tokenizer: PreTokenizer) -> Result<(PreTokenizerWrapper, bool), TokenizerError> {
    let mut steps = Vec::new();
    cut(pre_tokenizer, &mut steps)?;
    let bytes = steps.iter().any(|step| matches!(step, PreTokenizerWrapper::ByteLevel(_)));
    Ok((PreTokenizerWrapper::Sequence(PreTokenizers::new(steps)), bytes))
}

fn cut(part: PreTokenizer, steps: &mut Vec<PreTokenizerWrapper>) -> Result<(), TokenizerError> {
    let step = match part {
        PreTokenizer::Sequence { pretokenizers } => {
            return pretokenizers.into_iter().try_for_each(|part| cut(part, steps));
        }
        PreTokenizer::Bert => BertPreTokenizer.into(),
        PreTokenizer::Whitespace => Whitespace {}.into(),
        PreTokenizer::WhitespaceSplit => WhitespaceSplit.into(),
        PreTokenizer::ByteLevel { add_prefix_space, use_regex } => {
            ByteLevel::new(add_prefix_space, false, use_regex).into()
        }
        PreTokenizer::Digits { individual_digits } => Digits::new(individual_digits).into(),
        PreTokenizer::Metaspace { replacement, prepend_scheme, add_prefix_space, split } => {
            let scheme = match (prepend_scheme, add_prefix_space) {
                (None | Some(Scheme::Always), Some(true) | None) => PrependScheme::Always,
                (Some(Scheme::First), Some(true) | None) => PrependScheme::First,
                (None | Some(Scheme::Never), _) => PrependScheme::Never,
                (Some(_), Some(false)) => {
                    return Err(unsupported("pre-tokenizer", "its prepend_scheme and add_prefix_space contradict"));
                }
            };
            Metaspace::new(replacement, scheme, split.unwrap_or(true)).into()
        }
        PreTokenizer::Split { pattern, behavior, invert } => {
            let pattern = match pattern {
                Pattern::Regex(regex) if pattern::is_published(&regex) => SplitPattern::Regex(regex),
                Pattern::Regex(_) => {
                    let taken = "only the patterns of GPT-2, GPT-4 (Llama 3), Qwen2 and GPT-4o are, as published";
                    return Err(unsupported("pattern", taken));
                }
                Pattern::String(string) => {
                    at_most("bytes of a pattern", string.len(), MAX_STRING)?;
                    if string.is_empty() {
                        return Err(unsupported("pattern", "an empty one cuts nothing"));
                    }
                    SplitPattern::String(string)
                }
            };
            let behaviour = match behavior {
                Behaviour::Isolated => SplitDelimiterBehavior::Isolated,
                Behaviour::Removed => SplitDelimiterBehavior::Removed,
            };
            Split::new(pattern, behaviour, invert).map_err(failed("pattern"))?.into()
        }
    };
    steps.push(step);
    at_most("steps of the pre-tokenizer", steps.len(), MAX_STEPS)
}

/// The tokens beside the model's, in order.
pub fn added(tokens: Vec<Added>) -> Result<Vec<(u32, AddedToken)>, TokenizerError> {
    at_most("added tokens", tokens.len(), MAX_ADDED)?;
    let mut seen = HashSet::new();
    let mut built = Vec::with_capacity(tokens.len());
    for token in tokens {
        at_most("bytes in an added token", token.content.len(), MAX_STRING)?;
        if token.content.is_empty() {
            return Err(unsupported("added token", "an empty one is found everywhere"));
        }
        if !seen.insert(token.content.clone()) {
            return Err(TokenizerError::Ambiguous { token: shorten(&token.content), id: token.id });
        }
        // Special tokens are never looked for in a text, so that these do not matter to them.
        if !token.special && (token.single_word || token.lstrip || token.rstrip) {
            return Err(unsupported("added token", "only special ones may take spaces or be single words"));
        }
        let library = AddedToken::from(token.content, token.special).normalized(token.normalized && !token.special);
        built.push((token.id, library));
    }
    Ok(built)
}

/// How the tokens spell what they are made of.
pub fn spelling(model: &ModelWrapper, bytes: bool) -> Spelling {
    match model {
        ModelWrapper::BPE(_) if bytes => Spelling::ByteLevel,
        ModelWrapper::BPE(pairs) if pairs.byte_fallback => Spelling::Fallback,
        _ => Spelling::Lossy,
    }
}
