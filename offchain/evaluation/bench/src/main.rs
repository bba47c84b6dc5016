//! Speed of the evaluation engine beside its peers, on one adapter, with a process for each workload.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};

use inktensor_evaluation::{AdapterChoice, AdapterDescription};

mod child;
mod copies;
mod engine;
mod error;
mod gate;
mod measure;
mod memory;
mod report;
mod row;
mod shapes;
mod statistics;
mod targets;
mod traffic;
mod weights;
mod workload;

use engine::Engine;
use error::BenchError;
use measure::Plan;
use report::Report;
use row::Row;
use workload::{Size, Workload};

/// The head of a page.
const HEAD: &str = "# How fast the evaluation engine is\n\n\
    As `scripts/bench evaluation --markdown` printed it; what is measured, and how:\n\
    [offchain/evaluation/bench](../offchain/evaluation/bench/README.md).\n\n";

/// Measures the evaluation engine.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which models: the committed ones, or the shapes of published ones too.
    #[arg(long, value_enum, default_value = "all")]
    models: Models,
    /// All layers of published models, as on a GPU, on a software adapter too.
    #[arg(long)]
    full: bool,
    /// Everything once, on the smallest models, to see that it runs. The figures mean nothing.
    #[arg(long)]
    smoke: bool,
    /// Answers that count; 20 by default, 5 on a software adapter.
    #[arg(long)]
    repeats: Option<usize>,
    /// Only these engines, by name.
    #[arg(long, value_delimiter = ',')]
    engines: Vec<String>,
    /// Only the kernels and models whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// The adapter whose name contains this, instead of the fastest.
    #[arg(long)]
    adapter: Option<String>,
    /// Measures memory too, which takes another answer of every engine.
    #[arg(long)]
    memory: bool,
    /// JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// A page: the tables below a head, with memory.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// The date of the figures.
    #[arg(long)]
    date: String,
    /// The folder of the evaluation crate, with its models and texts.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/.."))]
    folder: PathBuf,
    /// Measures this workload only, and prints its rows.
    #[arg(long, hide = true)]
    on: Option<String>,
    /// Runs this engine only on that workload, and prints its peak of memory.
    #[arg(long, hide = true, requires = "on")]
    alone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Models {
    Small,
    All,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), BenchError> {
    let started = Instant::now();
    let choice = arguments.adapter.clone().map_or(AdapterChoice::Fastest, AdapterChoice::Named);
    let only = arguments.alone.as_ref().map_or(arguments.engines.clone(), |engine| vec![engine.clone()]);
    let (adapter, engines) = engine::all(&choice, &only)?;
    let kernels = kernels(arguments, &adapter)?;
    let models = models(arguments, &adapter)?;
    let plan = plan(arguments, &adapter);
    if let Some(name) = &arguments.on {
        let missing = || BenchError::Unknown { name: name.clone() };
        let workload = kernels.iter().chain(&models).find(|workload| &workload.name == name).ok_or_else(missing)?;
        return if arguments.alone.is_some() { alone(&engines, workload) } else { beside(&engines, workload, plan) };
    }
    let mut report = Report::new(&adapter, &engines, processor(), arguments.date.clone(), plan);
    // Processes open their own.
    drop(engines);
    report.copies = Some(copies::measure(&adapter, plan.repeats)?.into());
    let asked = |workload: &&Workload| arguments.only.as_ref().is_none_or(|text| workload.name.contains(text));
    for workload in kernels.iter().filter(asked) {
        report.kernels.extend(rows(arguments, &workload.name, &mut report.restarts)?);
    }
    for workload in models.iter().filter(asked) {
        report.models.extend(rows(arguments, &workload.name, &mut report.restarts)?);
    }
    report.took_s = started.elapsed().as_secs_f64();
    if arguments.json {
        println!("{}", serde_json::json!(report));
    } else {
        let head = if arguments.markdown { HEAD } else { "" };
        print!("{head}{}", report.markdown());
    }
    Ok(())
}

/// The rows of a workload, from processes of its own.
fn rows(arguments: &Arguments, workload: &str, restarts: &mut BTreeMap<String, usize>) -> Result<Vec<Row>, BenchError> {
    eprintln!("measuring {workload}");
    let measured = child::ask::<Vec<Row>>(&[child::WORKLOAD, workload])?;
    let (mut rows, mut again) = (measured.answer, measured.restarts);
    if arguments.memory || arguments.markdown {
        for row in &mut rows {
            let peak = child::ask(&[child::WORKLOAD, workload, child::ENGINE, &row.engine])?;
            row.peak_bytes = Some(peak.answer);
            again += peak.restarts;
        }
    }
    if again > 0 {
        restarts.insert(workload.to_owned(), again);
    }
    Ok(rows)
}

/// What the process of a workload does: all engines, turn by turn.
fn beside(engines: &[Box<dyn Engine>], workload: &Workload, plan: Plan) -> Result<(), BenchError> {
    let rows = row::rows(workload, &measure::measure(engines, workload, plan)?);
    println!("{}", serde_json::json!(rows));
    Ok(())
}

/// What a process does that is measured for its memory.
fn alone(engines: &[Box<dyn Engine>], workload: &Workload) -> Result<(), BenchError> {
    let missing = || BenchError::Memory { reason: "the engine has no such models".to_owned() };
    let engine = engines.first().ok_or_else(missing)?;
    // What this program holds of its own, all workloads, is no engine's.
    let before = memory::now()?;
    let model = engine.load(workload)?.ok_or_else(missing)?;
    model.answer(&workload.questions)?;
    println!("{}", memory::peak()?.saturating_sub(before));
    Ok(())
}

fn plan(arguments: &Arguments, adapter: &AdapterDescription) -> Plan {
    if arguments.smoke {
        return Plan { warm_ups: 1, repeats: 1 };
    }
    Plan { warm_ups: 3, repeats: arguments.repeats.unwrap_or(if adapter.software { 5 } else { 20 }) }
}

/// Products as wide as in the published models, square ones, and attention.
fn kernels(arguments: &Arguments, adapter: &AdapterDescription) -> Result<Vec<Workload>, BenchError> {
    let attention = |count, length| {
        let name = format!("attention of 12 x 64 over {length}");
        Workload::of_shape(&name, shapes::attention(length), None, Size { count, length })
    };
    if arguments.smoke {
        return Ok(vec![Workload::products([64, 96], 1, 16), attention(2, 16)?]);
    }
    let (rows, pairs, square) = if adapter.software { (128, 2, 1024) } else { (4096, 8, 4096) };
    let shapes = [[768, 3072], [768, 768], [576, 1536], [576, 576], [384, 1536]];
    let mut kernels: Vec<Workload> = shapes.into_iter().map(|shape| Workload::products(shape, pairs, rows)).collect();
    kernels.push(Workload::products([square, square], if adapter.software { 1 } else { pairs }, square));
    kernels.push(if adapter.software { attention(1, 512)? } else { attention(32, 1024)? });
    Ok(kernels)
}

fn models(arguments: &Arguments, adapter: &AdapterDescription) -> Result<Vec<Workload>, BenchError> {
    let text = arguments.folder.join("data/heldout.txt");
    let committed = |name: &str, size| {
        Workload::committed(name, &arguments.folder.join(format!("models/{name}.safetensors")), &text, size)
    };
    if arguments.smoke {
        return Ok(vec![committed("weak", Size { count: 2, length: 32 })?]);
    }
    let ladder = Size { count: if adapter.software { 8 } else { 64 }, length: 256 };
    let mut models = vec![committed("strong", ladder)?, committed("gpt2", ladder)?];
    if arguments.models == Models::Small {
        return Ok(models);
    }
    let size = if adapter.software { Size { count: 1, length: 32 } } else { Size { count: 32, length: 128 } };
    // A software adapter takes seconds for a layer and the head: the first ones show how engines compare.
    let first = |layers| (adapter.software && !arguments.full).then_some(layers);
    models.push(Workload::of_shape("GPT-2 small", shapes::gpt2_small(), first(1), size)?);
    models.push(Workload::of_shape("SmolLM2-135M", shapes::smollm2_135m(), first(2), size)?);
    models.push(Workload::of_shape("MiniLM-L6", shapes::minilm(), first(2), size)?);
    if !adapter.software {
        let long = Size { count: 8, length: 1024 };
        models.push(Workload::of_shape("GPT-2 small, windows of 1024", shapes::gpt2_small(), None, long)?);
    }
    Ok(models)
}

/// The CPU's name, where the system tells it, and the threads that it runs at once.
fn processor() -> String {
    let info = std::fs::read_to_string(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {threads} threads", name.map_or(std::env::consts::ARCH, |(_, name)| name.trim()))
}
