//! A migration of the registry, as governance would make one: code that takes the registry's place for as long as it takes
//! to move a cell into another layout.
//!
//! The next layout adds a fee to the terms of the network. Its cell has a key of its own; everything else stays where it is and is read as it was written.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]

/// The contract.
#[ink::contract]
pub mod registry_migration {
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        upkeep::{CodeChanged, Upgradable, UpkeepError},
        Netuid,
    };
    use registry::{guard::Config, subnets::Record};

    /// Key of the terms of the network.
    const NETWORK: u32 = 0x524E_4554;
    /// Key of the same in the next layout.
    const NEXT: u32 = 0x524E_4E58;

    /// The terms of the network in the next layout.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct NextNetwork {
        /// What the old layout held, as it held it.
        pub numbers: Vec<u64>,
        /// Added: part of a lock that is not refunded, in basis points.
        pub fee_bps: u16,
    }

    /// Storage: old cells under their old keys, the new one under a new key.
    #[ink(storage)]
    #[derive(Default)]
    pub struct RegistryMigration {
        config: Lazy<Config, ManualKey<0x5250_4552>>,
        network: Lazy<Vec<u64>, ManualKey<NETWORK>>,
        subnets: Mapping<Netuid, Record, ManualKey<0x5253_5542>>,
        next: Lazy<NextNetwork, ManualKey<NEXT>>,
    }

    impl RegistryMigration {
        /// Never used: the code takes the place of a registry that exists.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        /// Moves the terms of the network into the next layout. Anyone may call, once; false where it was done before.
        #[ink(message)]
        pub fn migrate(&mut self) -> bool {
            let Some(numbers) = self.network.get() else { return false };
            self.next.set(&NextNetwork { numbers, fee_bps: 0 });
            ink::env::clear_contract_storage(&NETWORK);
            true
        }

        /// Moves them back. Anyone may call, once; false where there is nothing to move.
        #[ink(message)]
        pub fn restore(&mut self) -> bool {
            let Some(next) = self.next.get() else { return false };
            self.network.set(&next.numbers);
            ink::env::clear_contract_storage(&NEXT);
            true
        }

        /// The terms in the next layout.
        #[ink(message)]
        pub fn next_network(&self) -> Option<NextNetwork> {
            self.next.get()
        }

        /// Owner of a subnet, from the cell that the registry wrote.
        #[ink(message)]
        pub fn owner_of(&self, netuid: Netuid) -> Option<AccountId> {
            self.subnets.get(netuid).map(|record| record.owner)
        }
    }

    impl Upgradable for RegistryMigration {
        /// Exchanges the code again. Only governance.
        #[ink(message)]
        fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError> {
            let config = self.config.get().ok_or(UpkeepError::NotGovernance)?;
            if self.env().caller() != config.peers.governance {
                return Err(UpkeepError::NotGovernance);
            }
            self.env().set_code_hash(&code_hash).map_err(|_| UpkeepError::UnknownCode)?;
            self.env().emit_event(CodeChanged { code_hash });
            Ok(())
        }
    }
}
