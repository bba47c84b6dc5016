//! Feeds broken components and absurd plans to the host for as long as one likes.
//!
//! `cargo run --release --example fuzz_host -p inktensor-plugins -- --seconds 600`
//!
//! Half of the cases are components with changed bytes: they are loaded, and called if that succeeds. The others are
//! plans and verdicts by chance, spoilt as they lie in an evaluator's memory, which go through a sound component, the
//! engine and the checks of the host. Ends with an error that names the case's seed if something panics, if two
//! evaluations of the same differ, if a fault is blamed on this machine, or if memory grows far beyond what one evaluator
//! may have.

#[allow(clippy::unwrap_used, clippy::expect_used, reason = "the tests' helpers")]
#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use clap::Parser;
use common::image::{plan, verdicts};
use common::random::Random;
use common::{IMAGE, Made, Oracle, assets, data, ladder, limits, round};
use inktensor_plugins::{Content, EvaluatorFault, Host, Limits, Plugin, Round, RoundFault};

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

/// Bytes that the process may have beyond those after the first hundred cases: twice an evaluator's memory.
const SPARE: u64 = 512 << 20;

struct Setting {
    host: Host,
    component: Vec<u8>,
    plugin: Plugin,
    round: Round,
    assets: BTreeMap<String, Content>,
}

/// How many cases ended how.
#[derive(Debug, Default)]
struct Ends {
    refused: u64,
    loaded: u64,
    faults: u64,
    reports: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let host = Host::new(Limits { describe_fuel: 100_000, plan_fuel: 2_000_000, score_fuel: 2_000_000, ..limits() })?;
    let component = Made { score: IMAGE, ..Made::default() }.component();
    let plugin = host.load(&component)?;
    let round = round(vec![Content::Model(ladder("weak")), data([7; 40]), data("")]);
    let judge = Content::Model(ladder("medium"));
    let assets = assets([("text", data([8; 100])), ("judge", judge), ("empty", data("")), ("plan", data(""))]);
    let setting = Setting { host, component, plugin, round, assets };
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let (mut cases, mut ends, mut first) = (0, Ends::default(), None);
    while cases < arguments.cases && Instant::now() < end {
        let seed = arguments.seed.wrapping_add(cases);
        match catch_unwind(AssertUnwindSafe(|| case(seed, &setting, &mut ends))) {
            Ok(outcome) => outcome.map_err(|error| format!("seed {seed}: {error}"))?,
            Err(_) => return Err(format!("seed {seed}: the host panicked").into()),
        }
        cases += 1;
        if cases < 100 {
            continue;
        }
        let peak = peak_memory()?;
        if let (Some(first), Some(peak)) = (first, peak)
            && peak > first + SPARE
        {
            return Err(format!("seed {seed}: {peak} bytes at the peak, {first} after the first cases").into());
        }
        first = first.or(peak);
    }
    println!("{cases} cases from seed {}: {ends:?}, none panicked", arguments.seed);
    if let (Some(first), Some(peak)) = (first, peak_memory()?) {
        println!("memory at its peak: {} MiB after 100 cases, {} MiB at the end", first >> 20, peak >> 20);
    }
    Ok(())
}

fn case(seed: u64, setting: &Setting, ends: &mut Ends) -> Result<(), Box<dyn Error>> {
    let mut random = Random(seed);
    if random.below(2) == 0 {
        return component(&mut random, setting, ends);
    }
    let mut image = plan(&random.questions(), b"memo");
    random.spoil(&mut image);
    let mut judged = verdicts(&[Ok(random.number()), Err("spam"), Ok(0)]);
    random.spoil(&mut judged);
    evaluated(&setting.plugin, image, judged, setting, ends)
}

/// A component with a few bytes changed, cut out or repeated.
fn component(random: &mut Random, setting: &Setting, ends: &mut Ends) -> Result<(), Box<dyn Error>> {
    let mut component = setting.component.clone();
    for _ in 0..1 + random.below(3) {
        let at = random.below(component.len());
        let length = random.below(16).min(component.len() - at);
        match random.below(8) {
            0 => drop(component.drain(at..at + length)),
            1 => component.extend_from_within(at..at + length),
            2 => component.truncate(at.max(8)),
            3 => component[at] = random.number() as u8,
            _ => component[at] = random.choose(&[0, 1, 2, 0x0b, 0x41, 0x7e, 0x7f, 0x80, 0xff]),
        }
    }
    match setting.host.load(&component) {
        Ok(plugin) => {
            ends.loaded += 1;
            if let Err(fault @ EvaluatorFault::Machine { .. }) = plugin.describe("") {
                return Err(fault.into());
            }
            evaluated(&plugin, plan(&random.questions(), b""), verdicts(&[Ok(1); 3]), setting, ends)
        }
        Err(fault @ (EvaluatorFault::Machine { .. } | EvaluatorFault::CompileTime { .. })) => Err(fault.into()),
        Err(_) => {
            ends.refused += 1;
            Ok(())
        }
    }
}

/// An evaluation whose plan and verdicts are these images, twice.
fn evaluated(
    plugin: &Plugin,
    image: Vec<u8>,
    judged: Vec<u8>,
    setting: &Setting,
    ends: &mut Ends,
) -> Result<(), Box<dyn Error>> {
    let mut assets = setting.assets.clone();
    assets.insert("plan".to_owned(), data(image));
    assets.insert("score".to_owned(), data(judged));
    let [first, second] = [(); 2].map(|()| plugin.evaluate(&setting.round, &assets, &Oracle));
    if first != second {
        return Err(format!("{first:?} and then {second:?}").into());
    }
    match first {
        Ok(_) => ends.reports += 1,
        Err(fault @ (RoundFault::Validator(_) | RoundFault::Evaluator(EvaluatorFault::Machine { .. }))) => {
            return Err(fault.into());
        }
        Err(RoundFault::Evaluator(_)) => ends.faults += 1,
    }
    Ok(())
}

/// The most memory that this process has had so far, in bytes, where the system tells. Addresses that are only set aside
/// do not count: a memory sets aside 4 GiB of them.
fn peak_memory() -> Result<Option<u64>, Box<dyn Error>> {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return Ok(None) };
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else { return Ok(None) };
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(Some(kib << 10))
}
