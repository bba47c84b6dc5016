//! What is written and read by metadata, held against the pallets themselves: the runtime of the chain in process.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use super::{
    events::Record,
    extrinsic,
    receipt::{self, Place},
    rpc::Version,
    runtime::{CONTRACTS, Runtime},
};
use crate::{AccountId, Action, ChainError, Gas, Limits, RawCall, RawCode, RawEvent, Receipt};
use ink_sandbox::{
    AccountId32, DefaultSandbox, DispatchError, H256, RuntimeCall, RuntimeEventOf, RuntimeOf, Sandbox, Weight,
    frame_support::dispatch::{DispatchClass, DispatchInfo, Pays},
    frame_system, pallet_contracts,
};
use proptest::{prelude::any, proptest};
use scale::Encode;
use std::sync::LazyLock;

type Chain = RuntimeOf<DefaultSandbox>;
type Event = RuntimeEventOf<DefaultSandbox>;
type Contracts = pallet_contracts::Event<Chain>;

const SIGNER: [u8; 32] = [1; 32];
const CONTRACT: [u8; 32] = [2; 32];
const PLACE: Place = Place { block: 7, block_hash: [7; 32], index: 1 };

fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let version = Version { spec_version: 1, transaction_version: 1 };
        Runtime::new(version, &DefaultSandbox::get_metadata().encode()).unwrap()
    });
    &RUNTIME
}

fn record(extrinsic: u32, event: impl Into<Event>) -> frame_system::EventRecord<Event, H256> {
    frame_system::EventRecord {
        phase: frame_system::Phase::ApplyExtrinsic(extrinsic),
        event: event.into(),
        topics: vec![H256([5; 32])],
    }
}

fn account(bytes: [u8; 32]) -> AccountId32 {
    AccountId32::new(bytes)
}

fn info() -> DispatchInfo {
    DispatchInfo { weight: Weight::from_parts(11, 12), class: DispatchClass::Normal, pays_fee: Pays::Yes }
}

fn success() -> frame_system::Event<Chain> {
    frame_system::Event::ExtrinsicSuccess { dispatch_info: info() }
}

fn emitted(data: &[u8]) -> Contracts {
    Contracts::ContractEmitted { contract: account(CONTRACT), data: data.to_vec() }
}

fn read(events: &[frame_system::EventRecord<Event, H256>]) -> Result<Receipt, ChainError> {
    receipt::read(&events.encode(), PLACE, AccountId::from(SIGNER), "token", runtime())
}

#[test]
fn calls_are_what_the_pallet_would_encode() {
    let limits = Limits { gas: Gas { ref_time: 3_000_000, proof_size: 70_000 }, deposit: Some(1 << 80) };
    let gas_limit = Weight::from_parts(3_000_000, 70_000);
    let (data, salt, code) = (vec![1, 2, 3], vec![4], vec![0; 300]);
    let (name, contract) = ("token", AccountId::from(CONTRACT));
    let call = Action::Call(RawCall { name, contract, value: 1 << 70, data: data.clone() });
    let pallet_s = RuntimeCall::<Chain>::from(pallet_contracts::Call::<Chain>::call {
        dest: account(CONTRACT).into(),
        value: 1 << 70,
        gas_limit,
        storage_deposit_limit: Some((1_u128 << 80).into()),
        data: data.clone(),
    });
    assert_eq!(extrinsic::call(&call, limits, None, runtime()).unwrap(), pallet_s.encode());

    let action = Action::Instantiate(RawCode { name, code: code.clone(), data: data.clone(), salt: salt.clone() });
    let unlimited = Limits { deposit: None, ..limits };
    let (value, storage_deposit_limit) = (0, None);
    let upload = pallet_contracts::Call::<Chain>::instantiate_with_code {
        value,
        gas_limit,
        storage_deposit_limit,
        code,
        data: data.clone(),
        salt: salt.clone(),
    };
    let upload = RuntimeCall::<Chain>::from(upload).encode();
    assert_eq!(extrinsic::call(&action, unlimited, None, runtime()).unwrap(), upload);
    let code_hash = H256([3; 32]);
    let existing =
        pallet_contracts::Call::<Chain>::instantiate { value, gas_limit, storage_deposit_limit, code_hash, data, salt };
    let existing = RuntimeCall::<Chain>::from(existing).encode();
    assert_eq!(extrinsic::call(&action, unlimited, Some([3; 32]), runtime()).unwrap(), existing);
}

#[test]
fn widths_and_keys_are_the_chain_s() {
    let runtime = runtime();
    assert_eq!((runtime.balance_bytes, runtime.existential_deposit().unwrap()), (16, 1));
    let key = frame_system::Account::<Chain>::hashed_key_for(account(SIGNER));
    assert_eq!(runtime.key_under("System", "Account", SIGNER).unwrap(), key);
    let prefix = runtime.key_under(CONTRACTS, "PristineCode", [9; 32]).unwrap();
    assert!(prefix.ends_with(&[9; 32]));
    assert!(runtime.key("Contracts", "Nothing").is_err());
    assert!(!runtime.has("TransactionPayment"));
}

#[test]
fn a_receipt_is_the_sum_of_its_extrinsic_s_events() {
    let held = |from, amount| Contracts::StorageDepositTransferredAndHeld {
        from: account(from),
        to: account(CONTRACT),
        amount,
    };
    let released = |to, amount| Contracts::StorageDepositTransferredAndReleased {
        from: account(CONTRACT),
        to: account(to),
        amount,
    };
    let stored = Contracts::CodeStored { code_hash: H256([3; 32]), deposit_held: 1_000, uploader: account(SIGNER) };
    let made = Contracts::Instantiated { deployer: account(SIGNER), contract: account(CONTRACT) };
    let receipt = read(&[
        record(0, held(SIGNER, 1 << 90)),
        record(0, emitted(b"another extrinsic's")),
        record(1, stored),
        record(1, made),
        record(1, emitted(b"one")),
        record(1, held(SIGNER, 70)),
        record(1, released(SIGNER, 400)),
        record(1, held([8; 32], 5_000)),
        record(1, released([8; 32], 5_000)),
        record(1, emitted(b"two")),
        record(1, success()),
    ])
    .unwrap();
    assert_eq!((receipt.deposit, receipt.fee), (1_000 + 1 + 70 - 400, None));
    assert_eq!((receipt.gas, receipt.block_hash), (Gas { ref_time: 11, proof_size: 12 }, PLACE.block_hash));
    let event = |data: &[u8]| RawEvent {
        block: PLACE.block,
        contract: AccountId::from(CONTRACT),
        topics: vec![[5; 32]],
        data: data.to_vec(),
    };
    assert_eq!(receipt.events.0, [event(b"one"), event(b"two")]);
}

#[test]
fn a_failure_has_the_name_that_the_pallet_gives_it() {
    let failure =
        |dispatch_error| frame_system::Event::<Chain>::ExtrinsicFailed { dispatch_error, dispatch_info: info() };
    for (error, name) in [
        (DispatchError::from(pallet_contracts::Error::<Chain>::OutOfGas), "OutOfGas"),
        (pallet_contracts::Error::<Chain>::ContractTrapped.into(), "ContractTrapped"),
        (DispatchError::BadOrigin, "BadOrigin"),
    ] {
        let failed = Err(ChainError::Failed { contract: "token", error: name.into() });
        assert_eq!(read(&[record(0, success()), record(1, failure(error))]), failed);
    }
}

#[test]
fn an_extrinsic_without_an_outcome_is_not_believed() {
    assert!(matches!(read(&[record(0, success())]), Err(ChainError::Undecodable { .. })));
}

/// The length of these bytes is what the first of them says.
#[test]
fn metadata_that_tells_its_own_length_is_refused() {
    let version = Version { spec_version: 1, transaction_version: 1 };
    for bytes in [&[0x04][..], &[0x08, 0], &[0x0c, 0, 0]] {
        assert!(matches!(Runtime::new(version, bytes), Err(ChainError::Undecodable { .. })), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn no_change_of_the_events_breaks_the_reader(at: proptest::sample::Index, to: u8, cut: proptest::sample::Index) {
        let mut bytes = [record(0, emitted(&[1; 40])), record(1, emitted(b"two")), record(1, success())].encode();
        let at = at.index(bytes.len());
        bytes[at] = to;
        let runtime = runtime();
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            let _ = receipt::read(bytes, PLACE, AccountId::from(SIGNER), "token", runtime);
            for record in Record::all(bytes, runtime).unwrap_or_default() {
                let _ = record.emitted(1, runtime);
            }
        }
    }

    #[test]
    fn no_metadata_breaks_the_client(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let version = Version { spec_version: 1, transaction_version: 1 };
        assert!(Runtime::new(version, &bytes).is_err());
        // What begins as metadata does.
        assert!(Runtime::new(version, &[b"meta\x0e", &bytes[..]].concat()).is_err());
    }
}
