//! What the subnet's owner wrote beside the evaluator's hash.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

/// Parameters of the form `name=value;name=value`, each to be taken once.
///
/// Blanks around names and values do not count, nor does a `;` at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters<'a> {
    values: BTreeMap<&'a str, &'a str>,
}

/// Parameters that an evaluator cannot work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParametersError {
    /// A part that is not `name=value`.
    Form(String),
    /// A name that is given twice.
    Twice(String),
    /// A name that is missing.
    Missing(&'static str),
    /// A value that is no integer of the range.
    Integer {
        /// The name.
        name: &'static str,
        /// The range.
        range: RangeInclusive<u64>,
        /// The value.
        value: String,
    },
    /// A value that is no digest.
    Digest(&'static str),
    /// Names that the evaluator does not know.
    Unknown(Vec<String>),
}

impl<'a> Parameters<'a> {
    /// Reads the parameters. Fails with [`ParametersError::Form`] or [`ParametersError::Twice`].
    pub fn parse(text: &'a str) -> Result<Self, ParametersError> {
        let mut values = BTreeMap::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            let Some((name, value)) = pair.filter(|(name, value)| !name.is_empty() && !value.is_empty()) else {
                return Err(ParametersError::Form(part.to_owned()));
            };
            if values.insert(name, value).is_some() {
                return Err(ParametersError::Twice(name.to_owned()));
            }
        }
        Ok(Self { values })
    }

    /// Takes the integer `name`, which is `default` where it is not given.
    pub fn integer(
        &mut self,
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Result<u64, ParametersError> {
        let Some(value) = self.values.remove(name) else { return Ok(default) };
        let number = value.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| ParametersError::Integer { name, range, value: value.to_owned() })
    }

    /// Takes the digest `name`: 64 hex digits, with or without `0x`; 32 bytes. Fails with [`ParametersError::Missing`] or
    /// [`ParametersError::Digest`].
    pub fn digest(&mut self, name: &'static str) -> Result<Vec<u8>, ParametersError> {
        self.optional_digest(name)?.ok_or(ParametersError::Missing(name))
    }

    /// Takes the digest `name` where it is given, as [`Self::digest`] does.
    pub fn optional_digest(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, ParametersError> {
        let Some(value) = self.values.remove(name) else { return Ok(None) };
        let digits = value.strip_prefix("0x").unwrap_or(value).as_bytes();
        let byte = |pair: &[u8; 2]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let bytes = bytes.filter(|bytes| bytes.len() == 32 && rest.is_empty());
        bytes.map(Some).ok_or(ParametersError::Digest(name))
    }

    /// Fails with [`ParametersError::Unknown`] where something was not taken: a misspelt name must not pass for a default.
    pub fn finish(self) -> Result<(), ParametersError> {
        if self.values.is_empty() {
            return Ok(());
        }
        Err(ParametersError::Unknown(self.values.keys().map(|name| (*name).to_owned()).collect()))
    }
}

/// The value of a hex digit.
fn digit(character: u8) -> Option<u8> {
    // Below 16.
    char::from(character).to_digit(16).map(|digit| digit as u8)
}

impl fmt::Display for ParametersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(part) => write!(f, "`{part}` is not of the form name=value"),
            Self::Twice(name) => write!(f, "the parameter `{name}` is given twice"),
            Self::Missing(name) => write!(f, "the parameter `{name}` is missing"),
            Self::Integer { name, range, value } => {
                write!(
                    f,
                    "the parameter `{name}` is an integer from {} to {}, not `{value}`",
                    range.start(),
                    range.end()
                )
            }
            Self::Digest(name) => write!(f, "the parameter `{name}` is a blake2b-256: 64 hex digits"),
            Self::Unknown(names) => write!(f, "unknown parameters: {}", names.join(", ")),
        }
    }
}

impl core::error::Error for ParametersError {}

impl From<ParametersError> for String {
    fn from(error: ParametersError) -> Self {
        error.to_string()
    }
}
