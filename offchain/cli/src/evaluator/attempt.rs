//! `inktensor evaluator try`: a round on this machine.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use clap::Args;
use inktensor_agent::config::EvaluationConfig;
use inktensor_evaluation::Digest;
use inktensor_evaluation::model::Model;
use inktensor_plugins::{Asset, AssetKind, Content, Contribution, Round, RoundFault, Verdict};
use serde_json::json;

use super::{Subject, read, refuse};
use crate::agent::family::Family;
use crate::device::{Device, Seed};
use crate::error::CliError;

/// Arguments of `inktensor evaluator try`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    subject: Subject,
    /// Folders in which to look for what the component needs. The files may have any name.
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    assets: Vec<PathBuf>,
    /// Files to judge, in the order of their commits.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    contribution: Vec<PathBuf>,
    /// What they are.
    #[arg(long, value_enum, default_value_t = Family::Dataset)]
    family: Family,
    #[command(flatten)]
    seed: Seed,
    #[command(flatten)]
    device: Device,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Judges the files and prints verdicts, in the order of the files, and what the round took.
pub fn run(options: &Options) -> Result<(), CliError> {
    let seed = options.seed.bytes()?;
    let (plugin, _, description) = options.subject.load()?;
    let assets = find(&options.assets, description.assets)?;
    let Files { contributions, mut verdicts } = Files::open(&options.contribution, options.family)?;
    let places: Vec<usize> = contributions.iter().map(|contribution| usize::from(contribution.uid)).collect();
    let evaluator = options.device.open()?;
    let parameters = options.subject.parameters.clone();
    let round = Round { netuid: 1, epoch: 0, seed, parameters, contributions };
    let report = plugin.evaluate(&round, &assets, evaluator.as_ref()).map_err(|fault| match fault {
        RoundFault::Evaluator(fault) => refuse(&options.subject.file, fault),
        RoundFault::Validator(fault) => {
            CliError::Abstained { validator: "the evaluator".to_owned(), reason: fault.to_string() }
        }
    })?;
    for (place, verdict) in places.into_iter().zip(report.verdicts) {
        verdicts[place] = Some(verdict);
    }
    let rows: Vec<_> = options.contribution.iter().zip(verdicts).map(|(path, verdict)| Row { path, verdict }).collect();
    if options.json {
        let work = json!({ "tokens": report.work.tokens, "operations": report.work.operations });
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        println!("{}", json!({ "contributions": rows, "fuel": report.fuel, "work": work, "log": report.log }));
        return Ok(());
    }
    for row in &rows {
        println!("{}", row.text());
    }
    for line in &report.log {
        eprintln!("log: {line}");
    }
    eprintln!("{} of fuel, models read {} on {}", report.fuel, report.work, evaluator.describe());
    Ok(())
}

/// What became of a file.
struct Row<'a> {
    path: &'a Path,
    verdict: Option<Verdict>,
}

impl Row<'_> {
    fn json(&self) -> serde_json::Value {
        let (merit, fault) = match &self.verdict {
            Some(Verdict::Merit(merit)) => (Some(merit), None),
            Some(Verdict::Fault(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        json!({ "file": self.path, "merit": merit, "fault": fault })
    }

    fn text(&self) -> String {
        let path = self.path.display();
        match &self.verdict {
            Some(Verdict::Merit(merit)) => format!("{merit:>20}  {path}"),
            Some(Verdict::Fault(reason)) => format!("{:>20}  {path}: {reason}", "fault"),
            None => format!("{:>20}  {path}", "-"),
        }
    }
}

/// What can be judged, and the verdicts on the rest.
struct Files {
    contributions: Vec<Contribution>,
    verdicts: Vec<Option<Verdict>>,
}

impl Files {
    /// As a validator with the default settings does: copies of a file, data sets that are too large and what is no model
    /// never get to the evaluator.
    fn open(paths: &[PathBuf], family: Family) -> Result<Self, CliError> {
        let rules = EvaluationConfig::default();
        let mut holders: HashMap<Digest, usize> = HashMap::new();
        let (mut contributions, mut verdicts) = (Vec::new(), Vec::new());
        for (place, path) in paths.iter().enumerate() {
            let bytes = read(path)?;
            let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
            if let Some(first) = holders.get(&digest) {
                verdicts.push(Some(Verdict::Fault(format!("copy of {}", paths[*first].display()))));
                continue;
            }
            holders.insert(digest, place);
            let content = match family {
                Family::Dataset => rules.too_large(size).map_or(Ok(Content::Data(bytes.into())), Err),
                _ => Model::from_bytes(&bytes, &rules.limits()).map(Content::Model).map_err(|fault| fault.to_string()),
            };
            let uid = u16::try_from(place).map_err(|_| CliError::Argument {
                what: "--contribution",
                reason: format!("{} files are more than a subnet has neurons", paths.len()),
            })?;
            match content {
                Ok(content) => {
                    contributions.push(Contribution { uid, digest, size, block: u32::from(uid), content });
                    verdicts.push(None);
                }
                Err(fault) => verdicts.push(Some(Verdict::Fault(fault))),
            }
        }
        Ok(Self { contributions, verdicts })
    }
}

/// The files that the component needs, by their content.
fn find(folders: &[PathBuf], assets: Vec<Asset>) -> Result<BTreeMap<String, Content>, CliError> {
    if assets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut files: HashMap<Digest, Vec<u8>> = HashMap::new();
    for folder in folders {
        let failed = |source| CliError::Io { path: folder.clone(), source };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_file() {
                let bytes = read(&path)?;
                let digest = Digest::of(&bytes);
                if assets.iter().any(|asset| asset.digest == digest) {
                    files.insert(digest, bytes);
                }
            }
        }
    }
    let open = |Asset { name, digest, kind }: Asset| {
        let refuse = |reason: String| CliError::Argument { what: "--assets", reason };
        let bytes = files.get(&digest).ok_or_else(|| {
            refuse(format!("no file has the digest {digest}, which the component calls {name:?}. Name its folder"))
        })?;
        let content = match kind {
            AssetKind::Data => Content::Data(bytes.as_slice().into()),
            AssetKind::Model => Content::Model(
                Model::from_bytes(bytes, &EvaluationConfig::default().limits())
                    .map_err(|fault| refuse(format!("{name}: {fault}")))?,
            ),
        };
        Ok((name, content))
    };
    assets.into_iter().map(open).collect()
}
