//! The first state of a chain, as its runtime makes it.

use codec::{Decode, Encode};
use sc_executor::error::Error as ExecutorError;
use sp_core::storage::{Storage, well_known_keys};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_io::hashing::blake2_256;
use sp_state_machine::BasicExternalities;
use thiserror::Error;

use crate::executor::Executor;

/// Why there is no first state.
#[derive(Debug, Error)]
pub enum GenesisError {
    /// The runtime failed.
    #[error("genesis: {0}")]
    Runtime(#[from] ExecutorError),
    /// Its answer is not understood.
    #[error("genesis: {0}")]
    Answer(#[from] codec::Error),
    /// It knows no configuration for development.
    #[error("genesis: the runtime has no preset `{DEV_RUNTIME_PRESET}`")]
    NoPreset,
    /// It does not like its own configuration.
    #[error("genesis: {0}")]
    Refused(String),
}

/// The first state of the runtime's development chain.
///
/// # Errors
/// As [`GenesisError`] says.
pub fn storage(executor: &Executor, runtime: &[u8]) -> Result<Storage, GenesisError> {
    let mut state = BasicExternalities::new_empty();
    let preset: Option<Vec<u8>> =
        call(executor, runtime, &mut state, "GenesisBuilder_get_preset", &Some(DEV_RUNTIME_PRESET))?;
    let config = preset.ok_or(GenesisError::NoPreset)?;
    let built: sp_genesis_builder::Result = call(executor, runtime, &mut state, "GenesisBuilder_build_state", &config)?;
    built.map_err(GenesisError::Refused)?;
    let mut storage = state.into_storages();
    storage.top.insert(well_known_keys::CODE.to_vec(), runtime.to_vec());
    Ok(storage)
}

fn call<R: Decode>(
    executor: &Executor,
    runtime: &[u8],
    state: &mut BasicExternalities,
    method: &str,
    argument: &impl Encode,
) -> Result<R, GenesisError> {
    let code = WrappedRuntimeCode(runtime.into());
    // The hash by which the chain will know this code: it is then compiled once.
    let code = RuntimeCode { code_fetcher: &code, heap_pages: None, hash: blake2_256(runtime).to_vec() };
    let (answer, _) = executor.call(state, &code, method, &argument.encode(), CallContext::Offchain);
    Ok(R::decode(&mut &answer?[..])?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
mod tests {
    use sp_core::crypto::{AccountId32, Ss58Codec};
    use sp_io::hashing::{blake2_128, twox_128};

    use super::*;
    use crate::executor::executor;
    use crate::profile::Profile;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    fn value<'s>(storage: &'s Storage, pallet: &str, item: &str, key: &[u8]) -> &'s [u8] {
        let key = [&twox_128(pallet.as_bytes()), &twox_128(item.as_bytes()), key].concat();
        &storage.top[&key]
    }

    /// Alice's nonce and reference counts are four numbers of 32 bits; her free balance follows.
    fn free<Balance: Decode>(storage: &Storage, account: &AccountId32) -> Balance {
        let account: &[u8] = account.as_ref();
        let info = value(storage, "System", "Account", &[&blake2_128(account), account].concat());
        Balance::decode(&mut &info[16..]).unwrap()
    }

    #[test]
    fn chains_start_with_funded_accounts_a_sudo_key_and_a_time() {
        let alice = AccountId32::from_ss58check(ALICE).unwrap();
        for profile in [Profile::Contracts, Profile::Bittensor] {
            let storage = storage(&executor().unwrap(), profile.runtime()).unwrap();
            assert_eq!(value(&storage, "Sudo", "Key", &[]), alice.encode(), "{profile:?}");
            assert_eq!(value(&storage, "Timestamp", "Now", &[]), 1_750_000_000_000_u64.encode(), "{profile:?}");
            let (coins, unit) = match profile {
                Profile::Contracts => (free::<u128>(&storage, &alice), 1_000_000_000_000),
                Profile::Bittensor => (free::<u64>(&storage, &alice).into(), 1_000_000_000),
            };
            assert_eq!(coins, 1_000_000 * unit, "{profile:?}");
        }
    }
}
