//! Dishonest models: the same function in other weights, or nearly the same function.

use std::collections::HashMap;

use safetensors::{Dtype, SafeTensors};

use super::{Part, Random, write};

/// A model file's tensors, to be changed and written again.
#[derive(Clone)]
pub struct Forgery {
    parts: Vec<Part>,
    config: String,
}

impl Forgery {
    /// Reads a file whose tensors are F16.
    pub fn of(file: &[u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(file).unwrap();
        let config = header.metadata().as_ref().unwrap()["config"].clone();
        let mut parts: Vec<Part> = SafeTensors::deserialize(file)
            .unwrap()
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                assert_eq!(view.dtype(), Dtype::F16);
                let halves = view.data().chunks_exact(2).map(|two| half::f16::from_le_bytes([two[0], two[1]]));
                Part { name, shape: view.shape().to_vec(), weights: halves.map(|half| half.to_f32()).collect() }
            })
            .collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        Self { parts, config }
    }

    /// The file, in F32.
    pub fn file(&self) -> Vec<u8> {
        write(&self.parts, Some(&self.config), Dtype::F32)
    }

    /// The file, rounded to BF16.
    pub fn rounded(&self) -> Vec<u8> {
        write(&self.parts, Some(&self.config), Dtype::BF16)
    }

    /// Each weight moved by up to `relative` times the root mean square of its tensor.
    pub fn noisy(mut self, relative: f32) -> Self {
        let mut random = Random(5);
        for part in &mut self.parts {
            let squares: f32 = part.weights.iter().map(|weight| weight * weight).sum();
            let reach = relative * (squares / part.weights.len() as f32).sqrt();
            part.weights.iter_mut().for_each(|weight| *weight += reach * random.symmetric());
        }
        self
    }

    /// Weights times `factor` where the name ends so.
    pub fn times(mut self, end: &str, factor: f32) -> Self {
        let chosen: Vec<&mut Part> = self.parts.iter_mut().filter(|part| part.name.ends_with(end)).collect();
        assert!(!chosen.is_empty(), "{end}");
        chosen.into_iter().flat_map(|part| &mut part.weights).for_each(|weight| *weight *= factor);
        self
    }

    /// The same function: every norm's gain and every value changed by a factor that the next matrix takes back.
    pub fn scaled(self) -> Self {
        self.times("input_layernorm.weight", 2.0)
            .times("q_proj.weight", 0.5)
            .times("k_proj.weight", 0.5)
            .times("v_proj.weight", 1.5)
            .times("o_proj.weight", 1.0 / 3.0)
            .times("post_attention_layernorm.weight", 0.3)
            .times("gate_proj.weight", 1.0 / 0.3)
            .times("up_proj.weight", 0.7 / 0.3)
            .times("down_proj.weight", 1.0 / 0.7)
            .times("model.norm.weight", 3.0)
            .times("lm_head.weight", 1.0 / 3.0)
    }

    /// The same function: the units of each feed-forward layer and the heads of each layer in another order.
    pub fn permuted(mut self) -> Self {
        let config: HashMap<String, serde_json::Value> = serde_json::from_str(&self.config).unwrap();
        let heads = config["num_attention_heads"].as_u64().unwrap() as usize;
        assert_eq!(config["num_attention_heads"], config["num_key_value_heads"]);
        for part in &mut self.parts {
            let end = part.name.rsplit('.').nth(1).unwrap();
            let groups = match end {
                "q_proj" | "k_proj" | "v_proj" | "o_proj" => heads,
                "gate_proj" | "up_proj" => part.shape[0],
                "down_proj" => part.shape[1],
                _ => continue,
            };
            let columns = part.shape[1];
            let by_columns = matches!(end, "o_proj" | "down_proj");
            let size = part.shape[usize::from(by_columns)] / groups;
            // Where the row or column comes from: the groups in reverse.
            let from = |place: usize| (groups - 1 - place / size) * size + place % size;
            let old = std::mem::take(&mut part.weights);
            part.weights = (0..old.len())
                .map(|index| {
                    let (row, column) = (index / columns, index % columns);
                    let (row, column) = if by_columns { (row, from(column)) } else { (from(row), column) };
                    old[row * columns + column]
                })
                .collect();
        }
        self
    }
}
