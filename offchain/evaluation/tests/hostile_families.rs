//! What each family refuses: settings that are not computed, and tensors that are not those of its configuration.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::Part;
use common::families::{Family, tiny};
use inktensor_evaluation::model::{Limits, Model, ModelError};
use serde_json::json;

fn read(file: &[u8]) -> Result<Model, ModelError> {
    Model::from_bytes(file, &Limits::default())
}

#[test]
fn every_family_refuses_what_it_does_not_compute() {
    for (family, change) in [
        (Family::Llama, json!({"model_type": "mixtral"})),
        (Family::Mistral, json!({"sliding_window": 4096})),
        (Family::Mistral, json!({"sliding_window": 4096, "use_sliding_window": false})),
        (Family::Qwen2, json!({"use_sliding_window": true})),
        (Family::Qwen3, json!({"num_attention_heads": 4, "head_dim": null})),
        (Family::Gpt2, json!({"scale_attn_weights": false})),
        (Family::Gpt2, json!({"scale_attn_by_inverse_layer_idx": true})),
        (Family::Gpt2, json!({"add_cross_attention": true})),
        (Family::Gpt2, json!({"activation_function": "tanh"})),
        (Family::Gpt2, json!({"n_head": 5})),
        (Family::Gpt2, json!({"n_inner": 0})),
        (Family::Gpt2, json!({"n_embd": 32_768})), // four times that is too wide
        (Family::Gpt2, json!({"n_positions": 1 << 20})),
        (Family::Gpt2, json!({"layer_norm_epsilon": 0})),
        (Family::Bert, json!({"position_embedding_type": "relative_key"})),
        (Family::Bert, json!({"is_decoder": true})),
        (Family::Bert, json!({"hidden_act": "mish"})),
        (Family::Bert, json!({"type_vocab_size": 0})),
        (Family::Bert, json!({"num_attention_heads": 4})),
        (Family::Bert, json!({"model_type": "roberta"})),
        (Family::BertClassifier, json!({"quantization_config": {}})),
        (Family::Mlp, json!({"widths": []})),
        (Family::Mlp, json!({"widths": [5]})),
        (Family::Mlp, json!({"widths": [5, 0, 3]})),
        (Family::Mlp, json!({"widths": [5, 40_000, 3]})),
        (Family::Mlp, json!({"widths": vec![1; 300]})),
        (Family::Mlp, json!({"hidden_act": null})),
    ] {
        let mut tiny = tiny(family, 1);
        assert!(read(&tiny.file()).is_ok(), "{family:?}");
        tiny.config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let found = read(&tiny.file());
        assert!(matches!(found, Err(ModelError::Config { .. })), "{family:?} {change}: {found:?}");
    }
}

#[test]
fn every_tensor_of_every_family_is_needed_in_its_shape() {
    for family in Family::ALL {
        let original = tiny(family, 1);
        for index in 0..original.tensors.len() {
            let name = original.tensors[index].name.clone();
            if name.contains("pooler") && family == Family::Bert || name.ends_with("masked_bias") {
                continue;
            }
            let mut missing = tiny(family, 1);
            missing.tensors.remove(index);
            let found = read(&missing.file());
            // Without its first weights a classifier is an embedding model with something left over.
            let extra = family == Family::BertClassifier && name == "classifier.weight";
            if extra {
                assert_eq!(found, Err(ModelError::ExtraTensor { name: "classifier.bias".into() }));
            } else {
                assert!(matches!(found, Err(ModelError::MissingTensor { .. })), "{family:?} {name}: {found:?}");
            }
            let mut longer = tiny(family, 1);
            longer.tensors[index].shape.push(1);
            let found = read(&longer.file());
            assert!(matches!(&found, Err(ModelError::WrongShape { name: of, .. }) if *of == name), "{name}: {found:?}");
            let mut broken = tiny(family, 1);
            broken.tensors[index].weights[0] = f32::NAN;
            assert_eq!(read(&broken.file()), Err(ModelError::NonFinite { name, index: 0 }));
        }
        let mut more = tiny(family, 1);
        more.tensors.push(Part { name: "\u{1b}[31m".repeat(100), shape: vec![], weights: vec![0.0] });
        let Err(ModelError::ExtraTensor { name }) = read(&more.file()) else { panic!("{family:?}") };
        assert!(name.len() < 2000 && !name.contains('\u{1b}'), "safe to print: {name}");
    }
}
