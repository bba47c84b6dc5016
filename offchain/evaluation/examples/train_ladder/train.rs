//! Training and measuring: AdamW on random windows of the corpus, bits per byte on the held-out text.

use std::f64::consts::{LN_2, PI};
use std::time::Instant;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var, bail};
use candle_nn::loss::cross_entropy;
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

use crate::ladder::Rung;
use crate::llama::{self, Llama};
use crate::random::Random;

/// Steps between two lines of progress.
const REPORT: usize = 50;
/// Gradients longer than this (Euclidean, over all weights) are shortened to it.
const LONGEST_GRADIENT: f64 = 1.0;

/// Trains a fresh model for the rung's budget and prints progress.
pub fn train(rung: &Rung, corpus: &[u8], seed: u64) -> Result<Llama> {
    let vars = llama::initial(&rung.config, seed)?
        .into_iter()
        .map(|(name, tensor)| Ok((name, Var::from_tensor(&tensor)?)))
        .collect::<Result<Vec<(String, Var)>>>()?;
    let weights = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let vars: Vec<Var> = vars.into_iter().map(|(_, var)| var).collect();
    let model = Llama::new(rung.config, weights)?;
    let settings = ParamsAdamW { lr: 0.0, beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.05 };
    let mut optimiser = AdamW::new(vars.clone(), settings)?;
    let mut order = Random::new(seed, "batches");
    println!("{}: {} parameters, {} steps", rung.name, llama::parameters(&rung.config), rung.steps);

    let length = rung.config.max_position_embeddings + 1;
    let (mut sum, mut steps, mut start) = (0.0, 0, Instant::now());
    for step in 0..rung.steps {
        let windows: Vec<&[u8]> = (0..rung.batch)
            .map(|_| {
                let from = order.below(corpus.len() - length);
                &corpus[from..from + length]
            })
            .collect();
        let loss = loss(&model, &windows)?;
        let mut gradients = loss.backward()?;
        shorten(&mut gradients, &vars)?;
        optimiser.set_learning_rate(rate(rung, step));
        optimiser.step(&gradients)?;

        sum += f64::from(loss.to_scalar::<f32>()?) / LN_2;
        steps += 1;
        if steps == REPORT || step + 1 == rung.steps {
            let speed = (steps * rung.batch * (length - 1)) as f64 / start.elapsed().as_secs_f64();
            println!(
                "{}: step {} of {}, {:.3} bits per byte, {speed:.0} tokens/s",
                rung.name,
                step + 1,
                rung.steps,
                sum / steps as f64
            );
            (sum, steps, start) = (0.0, 0, Instant::now());
        }
    }
    Ok(model)
}

/// Mean loss in nats a byte over windows of one length, each predicting all its bytes but the first.
fn loss(model: &Llama, windows: &[&[u8]]) -> Result<Tensor> {
    let positions = match windows.first() {
        Some(window) if window.len() > 1 => window.len() - 1,
        _ => bail!("a loss needs windows of two bytes or more"),
    };
    let tokens = |from: usize| -> Vec<u32> {
        windows.iter().flat_map(|window| &window[from..from + positions]).map(|byte| u32::from(*byte)).collect()
    };
    let inputs = Tensor::from_vec(tokens(0), (windows.len(), positions), &Device::Cpu)?;
    let targets = Tensor::from_vec(tokens(1), windows.len() * positions, &Device::Cpu)?;
    cross_entropy(&model.forward(&inputs)?, &targets)
}

/// Mean bits per byte over the text, cut into windows that follow each other; bytes after the last whole window are
/// left out.
pub fn bits_per_byte(model: &Llama, text: &[u8]) -> Result<f64> {
    let length = model.config().max_position_embeddings + 1;
    // Windows share their border byte, so that each byte but the first is predicted once.
    let windows: Vec<&[u8]> =
        (0..text.len().saturating_sub(1) / (length - 1)).map(|index| &text[index * (length - 1)..][..length]).collect();
    let mut sum = 0.0;
    for batch in windows.chunks(8) {
        sum += f64::from(loss(model, batch)?.to_scalar::<f32>()?) * batch.len() as f64;
    }
    Ok(sum / windows.len() as f64 / LN_2)
}

/// Learning rate of a step: a linear warm-up over a twentieth of the budget, then half a cosine down to a tenth.
fn rate(rung: &Rung, step: usize) -> f64 {
    let warm = (rung.steps / 20).max(1);
    if step < warm {
        return rung.peak_rate * (step + 1) as f64 / warm as f64;
    }
    let progress = (step - warm) as f64 / (rung.steps - warm) as f64;
    rung.peak_rate * (0.1 + 0.45 * (1.0 + (PI * progress).cos()))
}

/// Scales all gradients down together if they are longer than [`LONGEST_GRADIENT`].
fn shorten(gradients: &mut GradStore, vars: &[Var]) -> Result<()> {
    let mut squares = 0.0;
    for gradient in vars.iter().filter_map(|var| gradients.get(var)) {
        squares += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
    }
    let norm = squares.sqrt();
    if !norm.is_finite() {
        bail!("the gradient is not finite; lower the learning rate");
    }
    if norm > LONGEST_GRADIENT {
        for var in vars {
            if let Some(gradient) = gradients.remove(var) {
                gradients.insert(var, (gradient * (LONGEST_GRADIENT / norm))?);
            }
        }
    }
    Ok(())
}
