//! The chain's first state.

use alloc::{string::String, vec, vec::Vec};

use frame_support::genesis_builder_helper;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, PresetId};
use sp_keyring::Sr25519Keyring;

use crate::{Runtime, RuntimeGenesisConfig, profile};

/// Time of genesis, in milliseconds since 1970: the 15th of June 2025. A chain's clock starts here.
const TIME: u64 = 1_750_000_000_000;

/// Writes the state that a configuration in JSON describes.
///
/// # Errors
/// What is wrong with the configuration.
pub fn build(config: Vec<u8>) -> Result<(), String> {
    genesis_builder_helper::build_state::<RuntimeGenesisConfig>(config)?;
    pallet_timestamp::Now::<Runtime>::put(TIME);
    Ok(())
}

/// The configuration of that name, in JSON. Without a name: an empty one.
pub fn preset(name: &Option<PresetId>) -> Option<Vec<u8>> {
    genesis_builder_helper::get_preset::<RuntimeGenesisConfig>(name, |name| match name.as_ref() {
        DEV_RUNTIME_PRESET => serde_json::to_vec(&development()).ok(),
        _ => None,
    })
}

/// The names that [`preset`] knows.
pub fn presets() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET)]
}

/// The well-known accounts are funded, Alice is sudo.
fn development() -> RuntimeGenesisConfig {
    let balances = Sr25519Keyring::well_known().map(|key| (key.to_account_id(), profile::ENDOWMENT)).collect();
    RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances, dev_accounts: None },
        sudo: pallet_sudo::GenesisConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
        ..Default::default()
    }
}
