//! The types that blocks and transactions of the chain are made of.

use sp_runtime::{
    MultiAddress, MultiSignature, generic,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
};

use crate::{AllPalletsWithSystem, Runtime, RuntimeCall, RuntimeEvent};

pub use crate::profile::Balance;

/// Height of a block.
pub type BlockNumber = u32;
/// What signs transactions.
pub type Signature = MultiSignature;
/// Who signs them.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// Of blocks, transactions and code.
pub type Hash = sp_core::H256;
/// Names an account in a transaction.
pub type Address = MultiAddress<AccountId, ()>;
/// Of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// Extensions of transactions: exactly those of contracts-node, so that old clients know all of them.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
);
/// A transaction, not yet verified.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// An event with where it came from.
pub type EventRecord = frame_system::EventRecord<RuntimeEvent, Hash>;
/// Executes blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;
