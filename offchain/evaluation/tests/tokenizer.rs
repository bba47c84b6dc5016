//! Tokenizers from `tokenizer.json`: what they make of texts, and what files are refused.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluation::corpus::Tokens;
use inktensor_evaluation::tokenizer::{EncodeError, MAX_FILE, MAX_TEXT, PUBLISHED, Tokenizer, TokenizerError};
use proptest::prelude::*;
use serde_json::{Value, json};

mod common;

use common::Random;
use common::tokenizers::{byte_level, fallback, word_piece};

fn read(file: &Value) -> Result<Tokenizer, TokenizerError> {
    Tokenizer::from_json(file.to_string().as_bytes(), 400)
}

fn with(mut file: Value, path: &str, value: Value) -> Value {
    *file.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    file
}

/// The file, with texts cut by a pattern first.
fn cutting(file: Value, pattern: &str) -> Value {
    let split = json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
    with(file, "/pre_tokenizer", json!({"type": "Sequence", "pretokenizers": [split, bytes]}))
}

#[test]
fn byte_level_merges_in_order_and_spells_every_byte() {
    let tokenizer = read(&byte_level()).unwrap();
    // 256 bytes in the order of their values, then "he", "ll", "hell", "hello" and " w".
    let tokens = tokenizer.tokens("hello hell w").unwrap();
    assert_eq!(tokens, [259, 32, 258, 260]);
    let spelled: Vec<u32> = tokenizer.spell("hello hell w").unwrap().iter().map(|token| token.bytes).collect();
    assert_eq!(spelled, [5, 1, 4, 2]);
    assert!(tokenizer.tokens("").unwrap().is_empty());
}

#[test]
fn word_piece_lowers_cuts_and_frames() {
    let tokenizer = read(&word_piece()).unwrap();
    assert_eq!(tokenizer.sequence("Eating, éat!", 64).unwrap(), [1, 4, 5, 6, 4, 3, 2]);
    // [UNK] for "!" alone; cut to four tokens, frame included.
    assert_eq!(tokenizer.sequence("Eating, éat!", 4).unwrap(), [1, 4, 5, 2]);
    assert_eq!(tokenizer.tokens("eat").unwrap(), [4]);
}

/// A text that names a special token is a text, and cannot put that token into a sequence.
#[test]
fn special_tokens_are_not_found_in_texts() {
    let tokenizer = read(&word_piece()).unwrap();
    assert!(!tokenizer.tokens("eat [SEP] eat [CLS]").unwrap().iter().any(|token| [1, 2].contains(token)));
    let tokenizer = read(&byte_level()).unwrap();
    assert!(!tokenizer.tokens("<|endoftext|>").unwrap().contains(&261));
}

#[test]
fn byte_fallback_spells_with_the_space_it_puts_in_front() {
    let tokenizer = read(&fallback()).unwrap();
    let spelled = tokenizer.spell("a b\n").unwrap();
    assert_eq!(spelled.iter().map(|token| token.bytes).collect::<Vec<_>>(), [0, 1, 1, 1, 1]);
    assert_eq!(tokenizer.spell("a é").map(|tokens| tokens.iter().map(|token| token.bytes).sum::<u32>()), Ok(4));
}

/// A tokenizer that throws text away would be predicted perfectly.
#[test]
fn a_tokenizer_that_loses_text_cannot_be_scored_on_it() {
    let tokenizer = read(&word_piece()).unwrap();
    assert_eq!(tokenizer.spell("eat"), Err(EncodeError::Lossy { at: 0 }));
    let lower = with(byte_level(), "/normalizer", json!({"type": "Lowercase"}));
    let tokenizer = read(&lower).unwrap();
    assert!(tokenizer.spell("hello").is_ok());
    assert_eq!(tokenizer.spell("heLlo"), Err(EncodeError::Lossy { at: 2 }));
    let dropped = with(byte_level(), "/normalizer", json!({"type": "Strip", "strip_left": false, "strip_right": true}));
    assert_eq!(read(&dropped).unwrap().spell("hello  "), Err(EncodeError::Lossy { at: 5 }));
}

/// Each published pattern cuts where its model's own tokenizer does: contractions, digits, words with their space.
#[test]
fn published_patterns_cut_as_published() {
    let cuts = |pattern: &str, text: &str| {
        // Without merges a token is a byte; with "ignore_merges" a whole piece that is in the vocabulary is one token.
        let mut file = cutting(byte_level(), pattern);
        file["model"]["ignore_merges"] = json!(true);
        for (piece, id) in [("12", 261), ("'S", 262), ("Ġok", 263), ("ĊĊ", 264)] {
            file["model"]["vocab"][piece] = json!(id);
        }
        file["added_tokens"][0]["id"] = json!(265);
        read(&file).unwrap().tokens(text).unwrap().into_iter().filter(|&token| token > 260).collect::<Vec<_>>()
    };
    let [gpt_2, gpt_4, qwen_2, gpt_4o] = PUBLISHED;
    assert_eq!(cuts(gpt_2, "12 it'S ok\n\n"), [261, 263, 264]);
    assert_eq!(cuts(gpt_4, "12 it'S ok\n\n"), [261, 262, 263, 264]);
    assert_eq!(cuts(qwen_2, "12 it'S ok\n\n"), [262, 263, 264]);
    // GPT-4o's keeps a contraction with its word.
    assert_eq!(cuts(gpt_4o, "12 it'S ok\n\n"), [261, 263, 264]);
}

proptest! {
    #[test]
    fn every_text_is_spelled_by_bytes_that_sum_to_it_and_is_not_ended(text: String) {
        // In a text, the letter that stands for a space is not told from one.
        let fallback = read(&fallback()).unwrap();
        if text.contains('\u{2581}') {
            let lossy = matches!(fallback.spell(&text), Err(EncodeError::Lossy { .. }));
            prop_assert!(lossy, "{}", text);
        }
        let text = text.replace('\u{2581}', "_");
        for tokenizer in [Tokenizer::bytes(), read(&byte_level()).unwrap(), fallback] {
            let spelled = tokenizer.spell(&text).unwrap();
            prop_assert_eq!(spelled.iter().map(|token| token.bytes as usize).sum::<usize>(), text.len());
            prop_assert_eq!(tokenizer.encode(&text), Ok(spelled));
        }
    }
}

#[test]
fn the_digest_is_that_of_the_file() {
    let (one, two) = (byte_level().to_string(), format!("{} ", byte_level()));
    let [one, two] = [one, two].map(|file| Tokenizer::from_json(file.as_bytes(), 400).unwrap().digest());
    assert_ne!(one, two);
    assert_ne!(one, Tokenizer::bytes().digest());
}

#[test]
fn long_files_and_texts_are_refused_before_any_work() {
    let file = vec![b' '; MAX_FILE + 1];
    assert!(matches!(Tokenizer::from_json(&file, 400), Err(TokenizerError::Oversized { .. })));
    let text = "a".repeat(MAX_TEXT + 1);
    let expected = Err(EncodeError::TooLong { bytes: MAX_TEXT + 1, limit: MAX_TEXT });
    assert_eq!(Tokenizer::bytes().tokens(&text), expected);
    assert_eq!(read(&byte_level()).unwrap().tokens(&text), expected);
}

/// At a run an expression may go back over all of it: it must not give up. The text is as long as texts may be.
#[test]
fn published_patterns_bear_long_runs() {
    let runs = [" ", "\n", " \n", "A", "a", "7", "!", "'", "\u{301}", "ａ", "中", "A\u{301}"];
    let text: String = runs.iter().map(|run| run.repeat(MAX_TEXT / runs.len() / run.len())).collect();
    for pattern in PUBLISHED {
        let spelled = read(&cutting(byte_level(), pattern)).unwrap().spell(&text);
        assert_eq!(spelled.unwrap_or_else(|error| panic!("{pattern}: {error}")).len(), text.len());
    }
}

/// Each of these makes the library panic, break its strings, answer by chance or take for ever.
#[test]
fn files_that_the_library_cannot_be_trusted_with_are_refused() {
    let regex = json!({"type": "Split", "pattern": {"Regex": "[a-z]*!|a"}, "behavior": "Isolated", "invert": false});
    let replace = |content: &str| json!({"type": "Replace", "pattern": {"String": "a"}, "content": content});
    let bombs = json!({"type": "Sequence", "normalizers": vec![replace("aaaa"); 4]});
    let mut spaced = byte_level();
    let space = json!({"id": 262, "content": " ", "rstrip": true, "normalized": false, "special": false});
    spaced["added_tokens"].as_array_mut().unwrap().push(space);
    for (what, file) in [
        ("a merge whose result is no token", with(byte_level(), "/model/merges/0", json!(["hello", "hello"]))),
        ("a merge of no tokens", with(byte_level(), "/model/merges/0", json!("x  y"))),
        ("a prefix", with(byte_level(), "/model/continuing_subword_prefix", json!("é"))),
        ("dropout", with(byte_level(), "/model/dropout", json!(0.5))),
        ("two tokens of one number", with(byte_level(), "/model/vocab/he", json!(0))),
        ("a number beyond the model's", with(byte_level(), "/model/vocab/he", json!(400))),
        ("an unknown token that is none", with(word_piece(), "/model/unk_token", json!("[?]"))),
        ("an added token of another number", with(word_piece(), "/added_tokens/0/id", json!(3))),
        ("an added token that takes spaces", spaced),
        ("no end of documents", with(byte_level(), "/added_tokens", json!([]))),
        ("an end of documents that is not special", with(byte_level(), "/added_tokens/0/special", json!(false))),
        ("a template of strangers", with(word_piece(), "/post_processor/special_tokens/[CLS]/ids", json!([77]))),
        ("a template without a text", with(word_piece(), "/post_processor/single", json!([]))),
        ("a pattern of one's own", with(byte_level(), "/pre_tokenizer", regex)),
        ("a text bomb", with(byte_level(), "/normalizer", bombs)),
        ("words without end", with(word_piece(), "/model/max_input_chars_per_word", json!(1_000_000))),
        ("another kind of model", with(word_piece(), "/model/type", json!("Unigram"))),
        ("another version", with(word_piece(), "/version", json!("2.0"))),
    ] {
        assert!(read(&file).is_err(), "{what}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(Tokenizer::from_json(deep.as_bytes(), 400), Err(TokenizerError::Json { .. })));
    assert!(matches!(Tokenizer::from_json(b"\xff", 400), Err(TokenizerError::Json { .. })));
}

/// Puts in a value's place another, drawn from those that files hold.
fn mutate(value: &mut Value, random: &mut Random, depth: usize) {
    let stop = random.next().is_multiple_of(3) || depth > 6;
    match value {
        Value::Object(map) if !stop && !map.is_empty() => {
            let index = random.next() as usize % map.len();
            if let Some((_, inner)) = map.iter_mut().nth(index) {
                mutate(inner, random, depth + 1);
            }
        }
        Value::Array(list) if !stop && !list.is_empty() => {
            let index = random.next() as usize % list.len();
            match random.next() % 4 {
                0 => {
                    list.remove(index);
                }
                1 => list.push(list[index].clone()),
                _ => mutate(&mut list[index], random, depth + 1),
            }
        }
        _ => {
            let others = [
                json!(null),
                json!(true),
                json!(false),
                json!(0),
                json!(1),
                json!(261),
                json!(262),
                json!(1u64 << 40),
                json!(-1),
                json!(0.5),
                json!(""),
                json!(" "),
                json!("a"),
                json!("é"),
                json!("hello"),
                json!("##"),
                json!("Ġ"),
                json!("▁"),
                json!([]),
                json!({}),
                json!("First"),
                json!("always"),
                json!({"String": " "}),
                json!({"type": "Lowercase"}),
                json!({"type": "NFKD"}),
                json!({"type": "BertPreTokenizer"}),
                json!({"type": "StripAccents"}),
                json!({"type": "Strip", "strip_left": true, "strip_right": true}),
                json!({"type": "Prepend", "prepend": "e\u{301}"}),
                json!({"type": "WhitespaceSplit"}),
                json!({"type": "Replace", "pattern": {"String": "e"}, "content": ""}),
                json!({"type": "Replace", "pattern": {"String": "\u{301}"}, "content": "  "}),
                json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true}),
                json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}),
                json!({"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}),
                json!({"type": "Digits", "individual_digits": true}),
                json!({"type": "Whitespace"}),
                json!({"type": "Split", "pattern": {"String": "l"}, "behavior": "Removed", "invert": true}),
                json!({"id": 262, "content": "l", "normalized": true, "special": false}),
                json!({"id": 262, "content": "É", "normalized": true, "special": false}),
                json!({"id": 262, "content": " ", "normalized": true, "special": false}),
            ];
            *value = others[random.next() as usize % others.len()].clone();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    /// Whatever is read also encodes any text, twice the same, with tokens that the model knows.
    #[test]
    fn no_mutation_of_a_file_panics(seed: u64, rounds in 1usize..6, noise: String) {
        let mut random = Random(seed);
        let mut file = [byte_level, word_piece, fallback][random.next() as usize % 3]();
        for _ in 0..rounds {
            mutate(&mut file, &mut random, 0);
        }
        let Ok(tokenizer) = read(&file) else { return Ok(()) };
        let texts = ["", " ", "hello  éat\n\u{301}e ÉA l l <|endoftext|> 中文 [SEP] 123 don't ﬁ", "\u{0}\u{fffd}\r\n", &noise];
        for text in texts {
            if let Ok(tokens) = tokenizer.tokens(text) {
                prop_assert!(tokens.iter().all(|&token| token < 400));
                prop_assert_eq!(Ok(tokens), tokenizer.tokens(text));
            }
            if let Ok(spelled) = tokenizer.spell(text) {
                prop_assert_eq!(spelled.iter().map(|token| token.bytes as usize).sum::<usize>(), text.len());
            }
            let sequence = tokenizer.sequence(text, 16);
            prop_assert!(sequence.is_ok_and(|tokens| tokens.len() <= 16));
        }
    }

    #[test]
    fn no_damage_to_the_bytes_of_a_file_panics(seed: u64, hits in 1usize..20) {
        let mut random = Random(seed);
        let mut file = [byte_level, word_piece, fallback][random.next() as usize % 3]().to_string().into_bytes();
        for _ in 0..hits {
            let at = random.next() as usize % file.len();
            match random.next() % 3 {
                0 => file[at] = random.next() as u8,
                1 => file.truncate(at.max(1)),
                _ => file.insert(at, b"{}[]\",:0"[random.next() as usize % 8]),
            }
        }
        if let Ok(tokenizer) = Tokenizer::from_json(&file, 400) {
            let _ = tokenizer.tokens("hello éat");
        }
    }
}
