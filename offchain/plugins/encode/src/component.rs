//! From a module to a component.

use wit_component::ComponentEncoder;

use crate::error::EncodeError;
use crate::sections::{exports, strip};

/// The component of a module that describes its world in a custom section, as `wit-bindgen` leaves one; without names and
/// other custom sections. `name` is what an error calls it.
///
/// # Errors
/// [`EncodeError::Encode`] where the module exports nothing, lacks what its world demands, or imports what no world gives.
pub fn component(name: &str, module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let encode = || ComponentEncoder::default().module(module)?.debug_names(false).validate(true).encode();
    let refuse = |problem: String| EncodeError::Encode { name: name.to_owned(), problem };
    // The whole chain of causes: the first alone says little.
    let bytes = encode().map_err(|error| refuse(format!("{error:#}")))?;
    if !exports(&bytes).ok_or(EncodeError::Malformed)? {
        return Err(refuse("it exports nothing".to_owned()));
    }
    strip(&bytes).ok_or(EncodeError::Malformed)
}
