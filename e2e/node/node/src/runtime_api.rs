//! What the node asks a runtime. The runtimes are WebAssembly that the node carries; this declares their interface, and
//! nothing here is ever executed.

use sp_api::impl_runtime_apis;
use sp_core::{OpaqueMetadata, crypto::KeyTypeId};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic, generic,
    traits::{BlakeTwo256, Block as BlockT},
    transaction_validity::{TransactionSource, TransactionValidity},
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

/// Of a block.
pub type Header = generic::Header<u32, BlakeTwo256>;
/// A block, whose transactions are bytes to the node.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
/// Of a block.
pub type Hash = <Block as BlockT>::Hash;
/// Of an account, as signers are named.
pub type AccountId = sp_runtime::AccountId32;
/// How many transactions an account has sent.
pub type Nonce = u32;

/// Stands for a runtime.
#[expect(dead_code, reason = "only its interface is used")]
pub struct Runtime;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion { unimplemented!() }
        fn execute_block(_: <Block as BlockT>::LazyBlock) { unimplemented!() }
        fn initialize_block(_: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode { unimplemented!() }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata { unimplemented!() }
        fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> { unimplemented!() }
        fn metadata_versions() -> Vec<u32> { unimplemented!() }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult { unimplemented!() }
        fn finalize_block() -> <Block as BlockT>::Header { unimplemented!() }
        fn inherent_extrinsics(_: InherentData) -> Vec<<Block as BlockT>::Extrinsic> { unimplemented!() }
        fn check_inherents(_: <Block as BlockT>::LazyBlock, _: InherentData) -> CheckInherentsResult {
            unimplemented!()
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            _: TransactionSource,
            _: <Block as BlockT>::Extrinsic,
            _: <Block as BlockT>::Hash,
        ) -> TransactionValidity { unimplemented!() }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(_: &<Block as BlockT>::Header) { unimplemented!() }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys { unimplemented!() }
        fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> { unimplemented!() }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(_: AccountId) -> Nonce { unimplemented!() }
    }
}
