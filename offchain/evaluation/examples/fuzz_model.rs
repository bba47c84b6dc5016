//! Feeds broken models to the reader for as long as one likes: structure-aware changes of valid files of every family.
//!
//! `cargo run --release --example fuzz_model -p inktensor-evaluation -- --seconds 600`
//!
//! Ends with an error that names the case's seed if the reader panics, if it accepts what the format's own library refuses
//! or cannot read itself, or if its memory grows far beyond what the files have bytes.

#[allow(clippy::unwrap_used, clippy::expect_used, reason = "the tests' helpers")]
#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser;
use common::families::{Family, tiny};
use common::{Random, write};
use inktensor_evaluation::model::{Architecture, Limits, Model};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// How long, and from where.
#[derive(Parser)]
struct Arguments {
    /// Seed of the first case; case `n` has seed `seed + n`.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Cases at most.
    #[arg(long, default_value_t = u64::MAX)]
    cases: u64,
    /// Seconds at most.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Bytes by which the address space may grow at its peak after the first case: files here have below 100 KiB.
const SPARE: u64 = 128 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let (mut cases, mut accepted) = (0, 0);
    let mut first = None;
    while cases < arguments.cases && Instant::now() < end {
        let seed = arguments.seed.wrapping_add(cases);
        match catch_unwind(AssertUnwindSafe(|| case(seed, folder.path()))) {
            Ok(outcome) => accepted += u64::from(outcome.map_err(|error| format!("seed {seed}: {error}"))?),
            Err(_) => return Err(format!("seed {seed}: the reader panicked").into()),
        }
        cases += 1;
        let peak = peak_memory()?;
        if let (Some(first), Some(peak)) = (first, peak)
            && peak > first + SPARE
        {
            return Err(format!(
                "seed {seed}: {peak} bytes of address space at the peak, {first} after the first case"
            )
            .into());
        }
        first = first.or(peak);
    }
    println!("{cases} cases from seed {}: {accepted} accepted, none panicked", arguments.seed);
    Ok(())
}

/// One broken model, as a file or as a folder; whether it was accepted.
fn case(seed: u64, folder: &Path) -> Result<bool, Box<dyn Error>> {
    let mut random = Random(seed);
    let mut tiny = tiny(choose(&mut random, &Family::ALL), seed);
    for _ in 0..below(&mut random, 3) {
        change_value(&mut random, &mut tiny.config);
    }
    for _ in 0..below(&mut random, 3) {
        change_tensor(&mut random, &mut tiny.tensors);
    }
    if tiny.tensors.is_empty() || below(&mut random, 2) == 0 {
        let dtype = choose(&mut random, &[Dtype::F32, Dtype::F16, Dtype::BF16, Dtype::F64]);
        let mut file = write(&tiny.tensors, Some(&tiny.config.to_string()), dtype);
        if below(&mut random, 2) == 0 {
            change_bytes(&mut random, &mut file);
        }
        let found = Model::from_bytes(&file, &Limits::default());
        if found.is_ok() {
            SafeTensors::deserialize(&file)?;
        }
        return read(found.ok());
    }
    fs::remove_dir_all(folder)?;
    let shards = 1 + below(&mut random, 3);
    tiny.write_folder(folder, shards);
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    if below(&mut random, 2) == 0 {
        let path = choose(&mut random, &files);
        let mut file = fs::read(&path)?;
        match serde_json::from_slice::<Value>(&file) {
            Ok(mut json) => {
                change_value(&mut random, &mut json);
                file = json.to_string().into_bytes();
            }
            Err(_) => change_bytes(&mut random, &mut file),
        }
        fs::write(path, file)?;
    }
    read(Model::open(folder, &Limits::default()).ok())
}

/// Reads all parts of a model if it was accepted.
fn read(found: Option<Model>) -> Result<bool, Box<dyn Error>> {
    let Some(model) = found else { return Ok(false) };
    let weights = model.weights();
    match model.architecture() {
        Architecture::Perceptron(_) => drop(weights.products()?),
        Architecture::Transformer(shape) => {
            weights.embedding()?;
            for layer in 0..shape.layers {
                weights.layer(layer)?;
            }
            weights.tail()?;
        }
    }
    Ok(true)
}

fn below(random: &mut Random, limit: usize) -> usize {
    (random.next() % limit as u64) as usize
}

fn choose<T: Clone>(random: &mut Random, from: &[T]) -> T {
    from[below(random, from.len())].clone()
}

/// Another value somewhere in a tree: a size near a bound, another type, a string that leads elsewhere, or none.
fn change_value(random: &mut Random, value: &mut Value) {
    match value {
        Value::Object(entries) if !entries.is_empty() && below(random, 20) != 0 => {
            let at = below(random, entries.len());
            if let Some((_, value)) = entries.iter_mut().nth(at) {
                change_value(random, value);
            }
        }
        Value::Array(values) if !values.is_empty() && below(random, 20) != 0 => {
            let at = below(random, values.len());
            change_value(random, &mut values[at]);
        }
        _ => {
            *value = choose(
                random,
                &[
                    Value::Null,
                    true.into(),
                    false.into(),
                    0.into(),
                    1.into(),
                    2.into(),
                    3.into(),
                    256.into(),
                    32_768.into(),
                    (1u64 << 18).into(),
                    (1u64 << 32).into(),
                    u64::MAX.into(),
                    (-1).into(),
                    1e-6.into(),
                    1e300.into(),
                    "".into(),
                    "llama".into(),
                    "gpt2".into(),
                    "bert".into(),
                    "mlp".into(),
                    "relu".into(),
                    "../x.safetensors".into(),
                    "config.json".into(),
                    "model.safetensors".into(),
                    Value::Array(vec![1.into(); 1000]),
                    Value::Object(serde_json::Map::new()),
                ],
            );
        }
    }
}

/// A tensor gone, doubled under another name, reshaped, or with a weight that is no number.
fn change_tensor(random: &mut Random, tensors: &mut Vec<common::Part>) {
    if tensors.is_empty() {
        return;
    }
    let at = below(random, tensors.len());
    match below(random, 5) {
        0 => drop(tensors.remove(at)),
        1 => {
            let mut twin = tensors[at].clone();
            twin.name = twin.name.replace('0', "1");
            twin.name.push_str(choose(random, &["", ".bias", "\u{0}", "\u{202e}"]));
            if tensors.iter().all(|tensor| tensor.name != twin.name) {
                tensors.push(twin);
            }
        }
        2 => tensors[at].shape.reverse(),
        3 => tensors[at].shape.push(1),
        _ => {
            let weights = &mut tensors[at].weights;
            let index = below(random, weights.len());
            weights[index] = choose(random, &[f32::NAN, f32::INFINITY, f32::MAX, -0.0]);
        }
    }
}

/// A few bytes changed, most of them in the header; or the file cut or grown.
fn change_bytes(random: &mut Random, file: &mut Vec<u8>) {
    for _ in 0..1 + below(random, 4) {
        let front = file.len().min(3000);
        let range = if below(random, 4) == 0 { file.len() } else { front };
        if range > 0 {
            let at = below(random, range);
            file[at] = choose(random, &[random_byte(at), b'0', b'9', b',', b'"', b'[', b']', b'}', 0, 0xff]);
        }
    }
    match below(random, 8) {
        0 => file.truncate(below(random, file.len())),
        1 => file.extend([0; 3]),
        _ => {}
    }
}

fn random_byte(at: usize) -> u8 {
    Random(at as u64).next() as u8
}

/// The largest address space that this process has had so far, in bytes, where the system tells.
fn peak_memory() -> Result<Option<u64>, Box<dyn Error>> {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return Ok(None) };
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmPeak:")) else { return Ok(None) };
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(Some(kib << 10))
}
