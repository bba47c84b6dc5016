//! Small `tokenizer.json` files.

use serde_json::{Map, Value, json};

/// The character of GPT-2's alphabet for a byte.
fn letter(byte: u8) -> char {
    let printable = |byte: &u8| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    if printable(&byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|byte| !printable(byte)).count() as u32;
    char::from_u32(0x100 + before).unwrap()
}

/// Byte pairs as GPT-2 has them: token `n` is the byte `n` up to 255, then `he`, `ll`, `hell`, `hello`, ` w`, and the
/// special `<|endoftext|>` with number 261.
pub fn byte_level() -> Value {
    let mut vocab: Map<String, Value> = (0..=255u8).map(|byte| (letter(byte).to_string(), json!(byte))).collect();
    for (token, id) in [("he", 256), ("ll", 257), ("hell", 258), ("hello", 259), ("Ġw", 260)] {
        vocab.insert(token.to_owned(), json!(id));
    }
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [{"id": 261, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
            "end_of_word_suffix": "", "fuse_unk": false, "vocab": vocab,
            "merges": ["h e", "l l", "he ll", "hell o", "Ġ w"]},
    })
}

/// Byte pairs with single bytes for what is not in the vocabulary, and `▁` for spaces, as Llama 2 has them; `</s>` is 260.
pub fn fallback() -> Value {
    let mut vocab: Map<String, Value> = (0..=255u8).map(|byte| (format!("<0x{byte:02X}>"), json!(byte))).collect();
    for (token, id) in [("▁", 256), ("a", 257), ("b", 258), ("<unk>", 259)] {
        vocab.insert(token.to_owned(), json!(id));
    }
    json!({
        "version": "1.0",
        "added_tokens": [{"id": 260, "content": "</s>", "normalized": false, "special": true}],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "pre_tokenizer": null,
        "post_processor": null,
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": vocab,
            "merges": []},
    })
}

/// WordPiece as BERT has it: `[PAD]` 0, `[CLS]` 1, `[SEP]` 2, `[UNK]` 3, then `eat`, `##ing`, `,` and `meal`.
pub fn word_piece() -> Value {
    let special = |id: u32, content: &str| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    json!({
        "version": "1.0",
        "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 128}},
        "added_tokens": [special(0, "[PAD]"), special(1, "[CLS]"), special(2, "[SEP]"), special(3, "[UNK]")],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "eat": 4, "##ing": 5, ",": 6, "meal": 7}},
    })
}
