//! The files of a model, opened and not yet read: one file, or a folder as Hugging Face's libraries save it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::Deserialize;

use super::Limits;
use super::container::{Container, MAX_HEADER};
use super::error::{ModelError, OpenError, printable};
use super::json::Object;
use super::source::Source;
use super::weights::ReadError;

/// Bytes of the largest `tokenizer.json` that is read.
pub const MAX_TOKENIZER: u64 = 16 << 20;

const CONFIG: &str = "config.json";
pub(super) const TOKENIZER: &str = "tokenizer.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// Files of weights that an index may name; each stays open as long as the model.
const MAX_SHARDS: usize = 256;

/// Files of weights, whose tensors have unique names.
#[derive(Debug, Default)]
pub(super) struct Files {
    containers: BTreeMap<String, Container>,
    /// The file of each tensor.
    places: BTreeMap<String, String>,
}

impl Files {
    fn add(&mut self, file: &str, container: Container) -> Result<(), ModelError> {
        for tensor in container.tensors().keys() {
            if self.places.insert(tensor.clone(), file.to_owned()).is_some() {
                return Err(ModelError::DuplicateTensor { name: printable(tensor) });
            }
        }
        self.containers.insert(file.to_owned(), container);
        Ok(())
    }

    /// The files in order of their names.
    pub(super) fn containers(&self) -> impl Iterator<Item = (&str, &Container)> {
        self.containers.iter().map(|(name, container)| (name.as_str(), container))
    }

    /// Names of all tensors.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The `tokenizer.json` of a model of one file, whose bytes are a tensor of that name, which then is no tensor any more.
    fn tokenizer(&mut self, file: &str) -> Result<Option<Vec<u8>>, OpenError> {
        let Some((container, info)) = self.find(TOKENIZER) else { return Ok(None) };
        if info.dtype != Dtype::U8 || info.shape.len() != 1 {
            let (dtype, rank) = (info.dtype.to_string(), info.shape.len());
            return Err(ModelError::TokenizerTensor { dtype, rank }.into());
        }
        let bytes = info.shape[0] as u64;
        if bytes > MAX_TOKENIZER {
            return Err(ModelError::FileTooLarge { name: TOKENIZER.to_owned(), bytes, limit: MAX_TOKENIZER }.into());
        }
        let read = container.bytes(info).map_err(|error| unreadable(file, &error))?.into_owned();
        self.places.remove(TOKENIZER);
        Ok(Some(read))
    }

    /// A tensor and the file that holds it.
    pub(super) fn find(&self, tensor: &str) -> Option<(&Container, &TensorInfo)> {
        let container = self.containers.get(self.places.get(tensor)?)?;
        Some((container, container.tensors().get(tensor)?))
    }
}

/// All that belongs to a model.
#[derive(Debug)]
pub(super) struct Opened {
    pub weights: Files,
    pub config: String,
    pub tokenizer: Option<Vec<u8>>,
    /// The small files of a folder, by name; none for a model of one file.
    pub beside: Option<BTreeMap<String, Vec<u8>>>,
}

impl Opened {
    /// A model of one file, which holds the configuration in its metadata, and perhaps a tokenizer as a tensor of bytes.
    pub(super) fn single(name: &str, source: Source, limits: &Limits) -> Result<Self, OpenError> {
        let bytes = source.length().map_err(|error| unreadable(name, &error))?;
        Total::new(limits).add(bytes)?;
        let container = Container::open(name, source)?;
        let config = container.config()?.to_owned();
        let mut weights = Files::default();
        weights.add(name, container)?;
        let tokenizer = weights.tokenizer(name)?;
        Ok(Self { weights, config, tokenizer, beside: None })
    }

    /// A folder with `config.json`, `model.safetensors` or the files that `model.safetensors.index.json` names, and
    /// perhaps `tokenizer.json`. Other files are not looked at.
    pub(super) fn folder(path: &Path, limits: &Limits) -> Result<Self, OpenError> {
        let mut folder = Folder { path, total: Total::new(limits), small: BTreeMap::new() };
        let missing = |name: &str| ModelError::MissingFile { name: name.to_owned() };
        let config = folder.small(CONFIG, MAX_HEADER)?.ok_or_else(|| missing(CONFIG))?.to_vec();
        let config =
            String::from_utf8(config).map_err(|_| ModelError::Config { reason: format!("{CONFIG} is not UTF-8") })?;
        folder.small(TOKENIZER, MAX_TOKENIZER)?;
        let index = if folder.metadata(WEIGHTS)?.is_some() {
            None
        } else {
            Some(Index::parse(folder.small(INDEX, MAX_HEADER)?.ok_or_else(|| missing(WEIGHTS))?)?)
        };
        let names = index.as_ref().map_or_else(|| BTreeSet::from([WEIGHTS]), Index::files);
        for name in &names {
            let bytes = folder.metadata(name)?.ok_or_else(|| missing(name))?.len();
            folder.total.add(bytes)?;
        }
        let mut weights = Files::default();
        for name in names {
            weights.add(name, Container::open(name, Source::Disk(folder.open(name)?))?)?;
        }
        if let Some(index) = index {
            index.check(&weights)?;
        }
        let tokenizer = folder.small.get(TOKENIZER).cloned();
        Ok(Self { weights, config, tokenizer, beside: Some(folder.small) })
    }
}

/// The sum of what is read, within the subnet's limit.
struct Total {
    bytes: u64,
    limit: u64,
}

impl Total {
    fn new(limits: &Limits) -> Self {
        Self { bytes: 0, limit: limits.file_bytes }
    }

    fn add(&mut self, bytes: u64) -> Result<(), ModelError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limit {
            return Err(ModelError::Oversized { bytes: self.bytes, limit: self.limit });
        }
        Ok(())
    }
}

/// A folder of which files are read, and nothing that a file's name may lead to.
struct Folder<'a> {
    path: &'a Path,
    total: Total,
    /// Small files, read as a whole.
    small: BTreeMap<String, Vec<u8>>,
}

impl Folder<'_> {
    /// What the folder says of a name: none if it has no such file.
    fn metadata(&self, name: &str) -> Result<Option<Metadata>, OpenError> {
        match fs::symlink_metadata(self.path.join(name)) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
            Ok(_) => Err(ModelError::NotAFile { name: name.to_owned() }.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(name, &error).into()),
        }
    }

    fn open(&self, name: &str) -> Result<File, ReadError> {
        File::open(self.path.join(name)).map_err(|error| unreadable(name, &error))
    }

    /// A whole file of at most `limit` bytes, if it is there.
    fn small(&mut self, name: &str, limit: u64) -> Result<Option<&[u8]>, OpenError> {
        if self.metadata(name)?.is_none() {
            return Ok(None);
        }
        let source = Source::Disk(self.open(name)?);
        let bytes = source.length().map_err(|error| unreadable(name, &error))?;
        if bytes > limit {
            return Err(ModelError::FileTooLarge { name: name.to_owned(), bytes, limit }.into());
        }
        self.total.add(bytes)?;
        let read = source.read(0, bytes as usize).map_err(|error| unreadable(name, &error))?.into_owned();
        Ok(Some(self.small.entry(name.to_owned()).or_insert(read)))
    }
}

/// Which file holds which tensor.
#[derive(Deserialize)]
struct Index {
    weight_map: Object<String>,
}

impl Index {
    fn parse(json: &[u8]) -> Result<Self, ModelError> {
        let index: Self = serde_json::from_slice(json).map_err(|error| refuse(error.to_string()))?;
        let files = index.files();
        if files.is_empty() || files.len() > MAX_SHARDS {
            return Err(refuse(format!("it names {} files, not 1 to {MAX_SHARDS}", files.len())));
        }
        if let Some(name) = files.iter().find(|name| !is_plain(name)) {
            return Err(refuse(format!("{name:?} is no name of a .safetensors file beside it")));
        }
        Ok(index)
    }

    fn files(&self) -> BTreeSet<&str> {
        self.weight_map.0.values().map(String::as_str).collect()
    }

    /// Checks that the files hold what the index says, and no more.
    fn check(&self, weights: &Files) -> Result<(), ModelError> {
        let map = &self.weight_map.0;
        let stray = map.iter().find(|(tensor, file)| weights.places.get(*tensor) != Some(*file));
        let untold = weights.places.keys().find(|tensor| !map.contains_key(*tensor));
        match stray.map(|(tensor, _)| tensor).or(untold) {
            Some(tensor) => Err(refuse(format!("tensor {tensor:?} is not where it says"))),
            None => Ok(()),
        }
    }
}

/// A name that stays in its folder on any system.
fn is_plain(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= 128 && !name.starts_with('.') && name.ends_with(".safetensors") && name.bytes().all(known)
}

fn refuse(reason: String) -> ModelError {
    ModelError::Index { reason: printable(&reason) }
}

fn unreadable(what: &str, error: &io::Error) -> ReadError {
    ReadError { what: what.to_owned(), reason: error.to_string() }
}
