//! Why something is refused, behind a pointer: that is cheaper to hand on than the error itself, which may hold a text.

use ink::prelude::boxed::Box;
use inktensor_primitives::{answer::settled, registry::RegistryError};
use scale::Encode;

/// A refusal on its way to the message.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(Box<RegistryError>);

impl From<RegistryError> for Refusal {
    #[inline(never)]
    fn from(error: RegistryError) -> Self {
        Self(Box::new(error))
    }
}

impl Refusal {
    /// The error as the message tells it.
    pub fn told(self) -> RegistryError {
        *self.0
    }
}

/// What a message tells that changed nothing in the root cell.
#[inline(never)]
pub fn told<T: Encode>(result: Result<T, Refusal>) -> Result<T, RegistryError> {
    settled(result.map_err(Refusal::told))
}
