//! What the contract asks of the chain: who calls, and when.

use ink::{env::DefaultEnvironment, primitives::AccountId};

/// When a message runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Chain time in ms.
    pub time_ms: u64,
    /// Block number.
    pub block: u32,
}

/// The time of this block.
pub fn now() -> Moment {
    Moment {
        time_ms: ink::env::block_timestamp::<DefaultEnvironment>(),
        block: ink::env::block_number::<DefaultEnvironment>(),
    }
}

/// Who called the message.
pub fn caller() -> AccountId {
    ink::env::caller::<DefaultEnvironment>()
}
