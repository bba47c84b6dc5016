//! What a deployment has done so far, in a file that survives the process.
//!
//! One JSON object a line, written through to the disk before the deployment goes on. A step that was about to be sent
//! when the process ended is in doubt: the chain shows it sooner or later, or its extrinsic's life ends.

use super::{Blueprint, DeployError, Step, file::of_file};
use crate::{AccountId, Part, bundles::blake2_256, hexadecimal, ss58};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

const SCHEMA: &str = "inktensor/deploy-journal/1";

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// The first line: of which deployment the journal is.
    Begun(Identity),
    /// A step is about to be sent.
    Sending { step: Step },
    /// A node has accepted it. `until` is the last block that can hold it.
    Sent {
        step: Step,
        #[serde(with = "hexadecimal")]
        extrinsic: [u8; 32],
        until: u32,
    },
    /// Found in doubt by a later run. `until` is the last block that can hold it.
    Doubted { step: Step, until: u32 },
    /// It took effect, for good.
    Done {
        step: Step,
        block: u32,
        #[serde(with = "hexadecimal")]
        block_hash: [u8; 32],
    },
    /// The chain shows its effect.
    Found { step: Step },
    /// It had no effect and will have none.
    Void { step: Step, reason: String },
}

/// What makes a deployment the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    schema: String,
    #[serde(with = "hexadecimal")]
    genesis: [u8; 32],
    #[serde(with = "ss58::text")]
    deployer: AccountId,
    #[serde(with = "hexadecimal")]
    config: [u8; 32],
    /// blake2b-256 of the code hashes in the order of deployment.
    #[serde(with = "hexadecimal")]
    bundles: [u8; 32],
}

impl Identity {
    fn of(genesis: [u8; 32], blueprint: &Blueprint<'_>) -> Self {
        let codes: Vec<u8> = Part::ALL.into_iter().flat_map(|part| blueprint.bundles().of(part).code_hash).collect();
        let (deployer, config) = (blueprint.deployer(), blueprint.config().digest());
        Self { schema: SCHEMA.into(), genesis, deployer, config, bundles: blake2_256(&codes) }
    }

    /// What differs first.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        let Self { schema, genesis, deployer, config, bundles } = self;
        [
            (*schema == other.schema, "schema"),
            (*genesis == other.genesis, "chain"),
            (*deployer == other.deployer, "deployer"),
            (*config == other.config, "configuration"),
            (*bundles == other.bundles, "build of the contracts"),
        ]
        .into_iter()
        .find_map(|(same, what)| (!same).then_some(what))
    }
}

/// Where a step stands that was sent and not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// Last block that can hold it, if that was written down.
    pub(crate) until: Option<u32>,
}

/// The journal of a deployment. One process at a time writes it.
pub struct Journal {
    /// None where nobody is going to go on.
    file: Option<(PathBuf, File)>,
    doubts: BTreeMap<Step, Doubt>,
}

impl Journal {
    /// Opens the journal of a deployment on the chain with this genesis, or begins one. A line that a killed process did
    /// not finish is dropped. Errors: `File`, `JournalInUse`, `JournalDamaged`, `JournalOfAnother`.
    pub fn open(path: &Path, genesis: [u8; 32], blueprint: &Blueprint<'_>) -> Result<Self, DeployError> {
        let failed = |error: std::io::Error| of_file(path, &error);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DeployError::JournalInUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines = entries(path, &bytes[..whole])?;
        let identity = Identity::of(genesis, blueprint);
        if let Some(what) = begun(path, &lines)?.and_then(|begun| identity.difference(begun)) {
            return Err(DeployError::JournalOfAnother { path: path.to_owned(), what });
        }
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        let mut journal = Self { file: Some((path.to_owned(), file)), doubts: BTreeMap::new() };
        if lines.is_empty() {
            journal.record(Entry::Begun(identity))?;
            // The file's name must last as well.
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            }
        }
        for entry in &lines {
            journal.heed(entry);
        }
        Ok(journal)
    }

    /// A journal that is not kept, for chains that end with the process.
    pub fn unkept() -> Self {
        Self { file: None, doubts: BTreeMap::new() }
    }

    /// Writes a line, and returns when it is on the disk. Errors: `File`.
    pub(crate) fn record(&mut self, entry: Entry) -> Result<(), DeployError> {
        if let Some((path, file)) = &mut self.file {
            let mut line = serde_json::to_vec(&entry)
                .map_err(|error| DeployError::File { path: path.clone(), reason: error.to_string() })?;
            line.push(b'\n');
            file.write_all(&line).and_then(|()| file.sync_data()).map_err(|error| of_file(path, &error))?;
        }
        self.heed(&entry);
        Ok(())
    }

    /// Whether a step was sent and nothing more is known of it.
    pub(crate) fn doubt(&self, step: Step) -> Option<Doubt> {
        self.doubts.get(&step).copied()
    }

    fn heed(&mut self, entry: &Entry) {
        match *entry {
            Entry::Begun(_) => {}
            Entry::Sending { step } => drop(self.doubts.insert(step, Doubt { until: None })),
            Entry::Sent { step, until, .. } | Entry::Doubted { step, until } => {
                self.doubts.insert(step, Doubt { until: Some(until) });
            }
            Entry::Done { step, .. } | Entry::Found { step } | Entry::Void { step, .. } => {
                self.doubts.remove(&step);
            }
        }
    }
}

fn entries(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>, DeployError> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate();
    lines.map(|(index, line)| serde_json::from_slice(line).map_err(|error| damaged(path, index + 1, &error))).collect()
}

/// The first line, if there is any.
fn begun<'a>(path: &Path, lines: &'a [Entry]) -> Result<Option<&'a Identity>, DeployError> {
    match lines.first() {
        None => Ok(None),
        Some(Entry::Begun(identity)) => Ok(Some(identity)),
        Some(_) => Err(damaged(path, 1, &"it does not say of which deployment it is")),
    }
}

fn damaged(path: &Path, line: usize, reason: &dyn std::fmt::Display) -> DeployError {
    DeployError::JournalDamaged { path: path.to_owned(), line, reason: reason.to_string() }
}
