//! The typed client of the Inktensor contracts.
//!
//! Messages are built from the contracts' own Rust types, so a wrong argument does not compile and nobody writes
//! selectors by hand:
//!
//! ```no_run
//! # use inktensor_chain::*;
//! # use inktensor_primitives::psp22::PSP22;
//! # async fn example(client: Client, suite: Suite, alice: Keypair, bob: AccountId) -> Result<(), ChainError> {
//! let balance: u128 = client.query(&suite.token.message(|token| token.balance_of(bob))).await?;
//! let ((), receipt) = client.submit(&alice, &suite.token.message(|token| token.transfer(bob, 5, vec![]))).await?;
//! # Ok(()) }
//! ```
//!
//! A [`Client`] speaks to a chain through a [`Backend`]. [`InProcess`] is a chain inside this process that executes the
//! contracts' real Wasm on the real `pallet-contracts`; [`Node`] is a chain behind its nodes.
//!
//! Every submission is dry-run first. What a contract refuses comes back as its own error type and costs nothing
//! ([`CallError::Refused`]); everything else is a [`ChainError`]. Each error has a name and a hint.

mod backend;
mod bundles;
mod client;
pub mod deploy;
mod error;
mod events;
mod hexadecimal;
mod hint;
mod inprocess;
mod keys;
mod message;
mod node;
mod part;
mod secret;
mod ss58;
mod submission;
mod suite;

pub use backend::{
    Action, Backend, Execution, Gas, Head, Limits, RawCall, RawCode, Receipt, Returned, Snapshot, Stage,
};
pub use bundles::{Bundle, Bundles};
pub use client::{Client, Pinned};
pub use deploy::{DeployConfig, DeployError, Manifest, deploy};
pub use error::{CallError, ChainError};
pub use events::{Events, Located, RawEvent};
pub use hint::ContractError;
pub use ink::primitives::{AccountId, Hash};
pub use inprocess::{GENESIS_MS, InProcess};
pub use keys::{Hotkey, Keypair, verify};
pub use message::{Call, Constructor, Contract, Message};
pub use node::{EndpointHealth, Node, NodeOptions};
pub use part::{Each, Part};
pub use secret::SecretError;
pub use ss58::{KeyError, parse_ss58, ss58};
pub use submission::{Progress, Submission};
pub use suite::{Deployment, Suite};
