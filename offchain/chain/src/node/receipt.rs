//! What became of an extrinsic, by the events of its block.

use super::{
    dispatch,
    events::Record,
    runtime::{CONTRACTS, Runtime, undecodable},
};
use crate::{AccountId, ChainError, Events, Gas, Receipt, Stage};
use subxt::{
    ext::{
        scale_decode::{self, DecodeAsType},
        scale_value::Value,
    },
    utils::AccountId32,
};

/// Where an extrinsic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u32,
    pub(super) block_hash: [u8; 32],
    /// Which of the block's extrinsics.
    pub(super) index: u32,
}

/// Reads the receipt of an extrinsic, as of a block that may be replaced. `contract` is what errors call it. Errors:
/// `Failed` with the runtime's error by name; `Undecodable`.
pub(super) fn read(
    events: &[u8],
    place: Place,
    signer: AccountId,
    contract: &'static str,
    runtime: &Runtime,
) -> Result<Receipt, ChainError> {
    let mut sum = Sum::default();
    let mut emitted = Vec::new();
    for record in Record::all(events, runtime)?.iter().filter(|record| record.extrinsic == Some(place.index)) {
        emitted.extend(record.emitted(place.block, runtime)?);
        sum.add(record, signer, contract, runtime)?;
    }
    let gas = sum.gas.ok_or_else(|| undecodable("events", "none tells whether the extrinsic succeeded"))?;
    Ok(Receipt {
        stage: Stage::InBlock,
        block: place.block,
        block_hash: place.block_hash,
        gas,
        deposit: sum.deposit,
        fee: sum.fee,
        returned: None,
        events: Events(emitted),
    })
}

#[derive(Default)]
struct Sum {
    gas: Option<Gas>,
    deposit: i128,
    fee: Option<u128>,
}

impl Sum {
    fn add(
        &mut self,
        record: &Record<'_>,
        signer: AccountId,
        contract: &'static str,
        runtime: &Runtime,
    ) -> Result<(), ChainError> {
        match (record.pallet, record.name()) {
            ("System", "ExtrinsicSuccess") => {
                let Success { dispatch_info: Info { weight } } = record.decode(runtime)?;
                self.gas = Some(Gas { ref_time: weight.ref_time, proof_size: weight.proof_size });
            }
            ("System", "ExtrinsicFailed") => {
                let Failure { dispatch_error } = record.decode(runtime)?;
                return Err(ChainError::Failed { contract, error: dispatch::name(&dispatch_error, runtime) });
            }
            ("TransactionPayment", "TransactionFeePaid") => {
                let Fee { actual_fee } = record.decode(runtime)?;
                self.fee = Some(actual_fee);
            }
            (CONTRACTS, "StorageDepositTransferredAndHeld") => {
                let Moved { from, amount, .. } = record.decode(runtime)?;
                if from.0 == signer.0 {
                    self.put_down(amount);
                }
            }
            (CONTRACTS, "StorageDepositTransferredAndReleased") => {
                let Moved { to, amount, .. } = record.decode(runtime)?;
                if to.0 == signer.0 {
                    self.put_down_less(amount);
                }
            }
            (CONTRACTS, "CodeStored") => {
                let Stored { deposit_held } = record.decode(runtime)?;
                self.put_down(deposit_held);
            }
            // A contract's account must hold the least that an account may hold: its maker gives it.
            (CONTRACTS, "Instantiated") => self.put_down(runtime.existential_deposit()?),
            _ => {}
        }
        Ok(())
    }

    fn put_down(&mut self, amount: u128) {
        self.deposit = self.deposit.saturating_add(i128::try_from(amount).unwrap_or(i128::MAX));
    }

    fn put_down_less(&mut self, amount: u128) {
        self.deposit = self.deposit.saturating_sub(i128::try_from(amount).unwrap_or(i128::MAX));
    }
}

// Events by the names of their fields. What is not named here is not read.

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Success {
    dispatch_info: Info,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Info {
    weight: Weight,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Weight {
    ref_time: u64,
    proof_size: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Failure {
    dispatch_error: Value,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Fee {
    actual_fee: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Moved {
    from: AccountId32,
    to: AccountId32,
    amount: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Stored {
    deposit_held: u128,
}
