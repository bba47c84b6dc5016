//! What running an evaluation in a component costs, beside the same evaluation without one.
//!
//! `cargo run --release --example overhead -p inktensor-plugins -- --component target/evaluators/language.wasm`
//!
//! Models of the committed ladder are asked about the same windows of held-out text: by the component, and directly.
//! Passes take turns, so that both see the same machine. The host's share is what an evaluation takes outside of models:
//! `plan` until the first question to a model, `score` from the last answer on, and what is between questions.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits as ModelLimits, Model};
use inktensor_evaluation::task::{self, Evaluator, Fault, Lane, Outcome};
use inktensor_evaluation::tokenizer::Tokenizer;
use inktensor_evaluation::{Digest, Window};
use inktensor_plugins::{Content, Contribution, Host, Limits, Round};

/// What to measure.
#[derive(Parser)]
struct Arguments {
    /// The component of `components/language`.
    #[arg(long)]
    component: PathBuf,
    /// Passes of each kind.
    #[arg(long, default_value_t = 7)]
    passes: usize,
    /// Windows that each model is asked about.
    #[arg(long, default_value_t = 64)]
    windows: usize,
    /// Bytes that are predicted in each.
    #[arg(long, default_value_t = 128)]
    length: usize,
}

const MODELS: [&str; 4] = ["weak", "medium", "strong", "sibling"];
const SEED: [u8; 32] = [7; 32];

/// The CPU with a clock.
#[derive(Debug, Default)]
struct Clocked {
    cpu: Cpu,
    asked: Mutex<Asked>,
}

/// When models were asked.
#[derive(Debug, Default)]
struct Asked {
    /// How long they took.
    inside: Duration,
    /// The first question's beginning and the last answer.
    between: Option<(Instant, Instant)>,
}

impl Clocked {
    fn measure<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = work();
        let end = Instant::now();
        let mut asked = self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        asked.inside += end - start;
        asked.between = Some((asked.between.map_or(start, |(first, _)| first), end));
        done
    }

    fn take(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

impl Evaluator for Clocked {
    fn describe(&self) -> String {
        self.cpu.describe()
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        let lane = self.measure(|| self.cpu.load(model))?;
        Ok(Box::new(ClockedLane { lane, clock: self }))
    }
}

struct ClockedLane<'a> {
    lane: Box<dyn Lane + 'a>,
    clock: &'a Clocked,
}

impl Lane for ClockedLane<'_> {
    fn model(&self) -> Digest {
        self.lane.model()
    }

    fn evaluator(&self) -> Digest {
        self.lane.evaluator()
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        self.clock.measure(|| self.lane.nll(windows))
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        self.clock.measure(|| self.lane.embed(sequences))
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        self.clock.measure(|| self.lane.classify(sequences))
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        self.clock.measure(|| self.lane.perceive(rows))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { component, passes, windows, length } = Arguments::parse();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation");
    let text = std::fs::read(data.join("data/heldout.txt"))?;
    let model = |name: &str| Model::open(&data.join(format!("models/{name}.safetensors")), &ModelLimits::default());
    let models = MODELS.map(model).into_iter().collect::<Result<Vec<_>, _>>()?;

    let start = Instant::now();
    let host = Host::new(Limits::default())?;
    let started = start.elapsed();
    let start = Instant::now();
    let plugin = host.load(&std::fs::read(component)?)?;
    println!("host {started:.1?}, load and compile {:.1?}", start.elapsed());

    let parameters = format!("corpus={};windows={windows};length={length}", Digest::of(&text));
    let start = Instant::now();
    let described = plugin.describe(&parameters)?;
    println!("describe {:.1?}: {}", start.elapsed(), described.name);

    let contribution = |(index, model): (usize, &Model)| Contribution {
        uid: index as u16,
        digest: model.digest(),
        size: 0,
        block: index as u32,
        content: Content::Model(model.clone()),
    };
    let contributions = models.iter().enumerate().map(contribution).collect();
    let round = Round { netuid: 1, epoch: 1, seed: SEED, parameters, contributions };
    let assets = BTreeMap::from([("corpus".to_owned(), Content::Data(text.clone().into()))]);

    let evaluator = Clocked::default();
    let (mut plugged, mut direct, mut host) = (Vec::new(), Vec::new(), Vec::new());
    let (mut plan, mut score) = (Vec::new(), Vec::new());
    let mut fuel = 0;
    for _ in 0..passes {
        let start = Instant::now();
        let report = plugin.evaluate(&round, &assets, &evaluator)?;
        let end = Instant::now();
        let Asked { inside, between } = evaluator.take();
        let (first, last) = between.ok_or("no model was asked")?;
        host.push(end - start - inside);
        plan.push(first - start);
        score.push(end - last);
        plugged.push(end - start);
        fuel = report.fuel;

        let start = Instant::now();
        let windows = Corpus::new(text.clone()).windows(SEED, windows, length)?;
        for model in &models {
            if !matches!(task::measure(&evaluator, model, &Tokenizer::of(model)?, &windows), Outcome::Score(_)) {
                return Err("a model of the ladder cannot be measured".into());
            }
        }
        direct.push(start.elapsed());
        evaluator.take();
    }
    let [plugged, direct, host, plan, score] = [plugged, direct, host, plan, score].map(median);
    println!("{} models, {windows} windows of {length} bytes, {}", models.len(), evaluator.describe());
    println!("in a component {plugged:.2?}, directly {direct:.2?} (medians of {passes})");
    println!(
        "of that outside of models {host:.2?}: {:.3} %, fuel {fuel}",
        100.0 * host.as_secs_f64() / plugged.as_secs_f64()
    );
    println!("`plan` and what it asks checked {plan:.2?}, `score` {score:.2?}");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
