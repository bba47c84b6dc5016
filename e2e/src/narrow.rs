//! A runtime whose balances are `u64`, as on Bittensor's own chain: call depth 5, code of 128 KiB at most, its deposits,
//! and the prices of a chain of today ([`crate::prices`]).
//!
//! Contracts speak of their chain's balance as `u128`; a chain with narrower balances reads the low bytes and writes them.
//! Nothing in the suite may depend on which of the two it runs on.
#![allow(missing_docs, unexpected_cfgs, clippy::all)] // the runtime's macros write most of what is here

use drink::{AccountId32, Sandbox, Weight, pallet_balances, pallet_contracts, pallet_timestamp};
use frame_support::{
    construct_runtime, derive_impl, parameter_types,
    sp_runtime::{Perbill, testing::H256, traits::Convert, traits::Dispatchable},
    traits::{ConstBool, ConstU32, ConstU64, Randomness},
};
use ink_sandbox::{
    AccountIdFor, BlockBuilder, Extension, RuntimeMetadataPrefixed, Snapshot, TestExternalities, frame_support,
    frame_system::{self, pallet_prelude::BlockNumberFor},
};

construct_runtime!(
    pub enum NarrowRuntime {
        System: frame_system,
        Balances: pallet_balances,
        Timestamp: pallet_timestamp,
        Contracts: pallet_contracts,
    }
);

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig as frame_system::DefaultConfig)]
impl frame_system::Config for NarrowRuntime {
    type Block = frame_system::mocking::MockBlockU32<NarrowRuntime>;
    type Version = ();
    type BlockHashCount = ConstU32<250>;
    type AccountData = pallet_balances::AccountData<u64>;
}

impl pallet_balances::Config for NarrowRuntime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Balance = u64;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU64<500>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = ();
    type MaxLocks = ();
    type MaxReserves = ();
    type MaxFreezes = ();
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
}

impl pallet_timestamp::Config for NarrowRuntime {
    type Moment = u64;
    type OnTimestampSet = ();
    type MinimumPeriod = ConstU64<1>;
    type WeightInfo = ();
}

pub enum NoRandomness {}

impl Randomness<H256, u32> for NoRandomness {
    fn random(_subject: &[u8]) -> (H256, u32) {
        unreachable!("the suite uses no randomness of the chain")
    }
}

impl Convert<Weight, u64> for NarrowRuntime {
    fn convert(weight: Weight) -> u64 {
        weight.ref_time()
    }
}

parameter_types! {
    pub Schedule: pallet_contracts::Schedule<NarrowRuntime> = crate::prices::schedule();
    pub DefaultDepositLimit: u64 = u64::MAX;
    pub CodeHashLockupDepositPercent: Perbill = Perbill::from_percent(30);
    pub MaxDelegateDependencies: u32 = 32;
}

impl pallet_contracts::Config for NarrowRuntime {
    type Time = Timestamp;
    type Randomness = NoRandomness;
    type Currency = Balances;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type CallFilter = ();
    type WeightPrice = Self;
    type WeightInfo = crate::prices::Prices;
    type ChainExtension = ();
    type Schedule = Schedule;
    type CallStack = [pallet_contracts::Frame<Self>; 5];
    type DepositPerByte = ConstU64<30>;
    type DepositPerItem = ConstU64<75>;
    type AddressGenerator = pallet_contracts::DefaultAddressGenerator;
    type MaxCodeLen = ConstU32<{ 128 * 1024 }>;
    type MaxStorageKeyLen = ConstU32<128>;
    type UnsafeUnstableInterface = ConstBool<false>;
    type UploadOrigin = frame_system::EnsureSigned<Self::AccountId>;
    type InstantiateOrigin = frame_system::EnsureSigned<Self::AccountId>;
    type MaxDebugBufferLen = ConstU32<{ 2 * 1024 * 1024 }>;
    type Migrations = ();
    type DefaultDepositLimit = DefaultDepositLimit;
    type Debug = ();
    type CodeHashLockupDepositPercent = CodeHashLockupDepositPercent;
    type MaxDelegateDependencies = MaxDelegateDependencies;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Environment = ();
    type Xcm = ();
    type ApiVersion = ();
}

/// A sandbox with that runtime.
pub struct NarrowSandbox {
    state: TestExternalities,
}

impl Default for NarrowSandbox {
    fn default() -> Self {
        Self { state: BlockBuilder::<NarrowRuntime>::new_ext(Vec::new()) }
    }
}

impl Sandbox for NarrowSandbox {
    type Runtime = NarrowRuntime;

    fn execute_with<T>(&mut self, execute: impl FnOnce() -> T) -> T {
        self.state.execute_with(execute)
    }

    fn dry_run<T>(&mut self, action: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.state.as_backend();
        let result = action(self);
        self.state.commit_all().expect("changes are committed");
        self.state.backend = before;
        result
    }

    fn register_extension<E: core::any::Any + Extension>(&mut self, extension: E) {
        self.state.register_extension(extension);
    }

    fn initialize_block(height: BlockNumberFor<NarrowRuntime>, parent: H256) {
        BlockBuilder::<NarrowRuntime>::initialize_block(height, parent)
    }

    fn finalize_block(height: BlockNumberFor<NarrowRuntime>) -> H256 {
        BlockBuilder::<NarrowRuntime>::finalize_block(height)
    }

    fn default_actor() -> AccountIdFor<NarrowRuntime> {
        AccountId32::new([1; 32])
    }

    fn get_metadata() -> RuntimeMetadataPrefixed {
        NarrowRuntime::metadata()
    }

    fn convert_account_to_origin(account: AccountIdFor<NarrowRuntime>) -> <RuntimeCall as Dispatchable>::RuntimeOrigin {
        Some(account).into()
    }

    fn take_snapshot(&mut self) -> Snapshot {
        let mut backend = self.state.as_backend().clone();
        let storage = backend.backend_storage_mut().drain().into_iter().filter(|(_, (_, count))| *count > 0).collect();
        Snapshot { storage, storage_root: *backend.root() }
    }

    fn restore_snapshot(&mut self, snapshot: Snapshot) {
        self.state = TestExternalities::from_raw_snapshot(snapshot.storage, snapshot.storage_root, Default::default());
    }
}
