//! What a chain of today charges for what contracts do.
//!
//! drink 0.18 runs pallet-contracts 31, whose prices were measured in 2023: a byte of code costs 33,471 to load there and
//! 1,175 with pallet-contracts 51, six instructions 14,888 and 7,556, a call between contracts 500 and 304 million (the
//! `SubstrateWeight` of each, with the 25 and 100 million of `RocksDbWeight`'s read and write). These three are replaced
//! here by those of version 51. The budgets are held against that.
//!
//! The functions of the chain that a contract calls have changed as well: to read or write a cell costs 45 million more with
//! version 51. [`schedule`] has these prices where `INKTENSOR_RUNTIME` is [`TODAY`].
//!
//! The interpreter is always wasmi 0.31, and not 0.32 as on today's chains, which counts fewer instructions for the same code
//! but charges for translating each function that a call uses. `scripts/bench contracts --compare` shows what all this makes
//! of each message.

use crate::narrow::NarrowRuntime;
use drink::{
    Weight,
    pallet_contracts::{HostFnWeights, Schedule, WeightInfo},
};
use std::sync::LazyLock;

/// Ref_time of six Wasm instructions, in ps: `instr_i64_load_store`.
const SIX_INSTRUCTIONS: u64 = 7_556;
/// Ref_time of a call to another contract that transfers nothing, in ps: `seal_call`, with three reads and a write.
const CALL: u64 = 129_310_380 + 3 * 25_000_000 + 100_000_000;
/// Bytes of proof of a call to another contract.
const CALL_PROOF: u64 = 3_924;
/// Ref_time of loading one byte of code, in ps: `call_with_code_per_byte`.
const CODE_BYTE: u64 = 1_175;

/// Ref_time of calling any function of the chain, before what it does.
const FUNCTION: u64 = 52_863;
/// Ref_time of reading a cell.
const READ: u64 = 25_000_000;
/// Ref_time of writing a cell.
const WRITE: u64 = 100_000_000;
/// What a read costs more in a full trie than in an empty one: ref_time, and bytes of proof.
const FULL_READ: (u64, u64) = (55_592_000 - 13_116_000, 26_532 - 16_522);
/// The same of a write.
const FULL_WRITE: (u64, u64) = (57_931_000 - 14_725_000, 26_532 - 16_522);

/// With this value of `INKTENSOR_RUNTIME` the functions of the chain cost what they do with version 51.
pub const TODAY: &str = "u64-today";
/// As [`TODAY`], but an instruction costs twice the time and a byte of code twice the proof. What a message costs more is the
/// time of its instructions, and the bytes of code that it has loaded.
pub const TWICE: &str = "u64-today-twice";

static RUNTIME: LazyLock<String> = LazyLock::new(|| std::env::var("INKTENSOR_RUNTIME").unwrap_or_default());

static SCHEDULE: LazyLock<Schedule<NarrowRuntime>> = LazyLock::new(|| {
    let mut schedule = Schedule::default();
    if *RUNTIME == TODAY || *RUNTIME == TWICE {
        schedule.host_fn_weights = functions();
    }
    schedule.instruction_weights.base *= factor();
    schedule
});

/// The prices of instructions and of functions of the chain.
pub fn schedule() -> Schedule<NarrowRuntime> {
    SCHEDULE.clone()
}

fn factor() -> u32 {
    if *RUNTIME == TWICE { 2 } else { 1 }
}

/// What each function that the suite uses costs; the others are version 31's own.
fn functions() -> HostFnWeights<NarrowRuntime> {
    let plain = |ref_time: u64| Weight::from_parts(FUNCTION + ref_time, 0);
    let byte = |ref_time: u64| Weight::from_parts(ref_time, 0);
    // A byte of a cell is in the proof as well.
    let cell_byte = |ref_time: u64| Weight::from_parts(ref_time, 1);
    let read = |ref_time: u64| Weight::from_parts(FUNCTION + ref_time + READ + FULL_READ.0, 152 + FULL_READ.1);
    let write =
        |ref_time: u64| Weight::from_parts(FUNCTION + ref_time + READ + WRITE + FULL_WRITE.0, 152 + FULL_WRITE.1);
    HostFnWeights {
        caller: plain(756_000),
        is_contract: Weight::from_parts(FUNCTION + 8_224_000 + READ, 3_682),
        code_hash: Weight::from_parts(FUNCTION + 9_994_000 + READ, 3_775),
        own_code_hash: plain(920_000),
        address: plain(692_000),
        block_number: plain(728_000),
        now: plain(774_000),
        input: plain(430_440),
        input_per_byte: byte(113),
        r#return: plain(389_000),
        return_per_byte: byte(203),
        deposit_event: Weight::from_parts(FUNCTION + 4_143_031, 990),
        deposit_event_per_topic: Weight::from_parts(2_186_206 + READ + WRITE, 2_475),
        deposit_event_per_byte: byte(25 + 60_000),
        get_storage: read(7_581_087),
        get_storage_per_byte: cell_byte(557),
        contains_storage: read(6_872_699),
        contains_storage_per_byte: cell_byte(119),
        set_storage: write(8_075_772),
        set_storage_per_new_byte: byte(276),
        set_storage_per_old_byte: cell_byte(114),
        clear_storage: write(7_608_498),
        clear_storage_per_byte: cell_byte(137),
        take_storage: write(8_139_270),
        take_storage_per_byte: cell_byte(590),
        // Input goes in by one copy, output comes back by another.
        call: Weight::from_parts(FUNCTION + 129_310_380 + 3 * READ + WRITE + 389_000 + 430_440, 3_924),
        call_per_cloned_byte: byte(7),
        hash_blake2_256: plain(4_868_192),
        hash_blake2_256_per_byte: byte(1_458),
        hash_blake2_128: plain(814_000),
        hash_blake2_128_per_byte: byte(1_495),
        sr25519_verify: plain(41_107_222),
        sr25519_verify_per_byte: byte(4_949),
        set_code_hash: Weight::from_parts(FUNCTION + 20_330_000 + 2 * READ + WRITE, 3_734),
        ..Default::default()
    }
}

/// The prices.
pub struct Prices;

macro_rules! as_before {
    ($($name:ident($($argument:ident),*)),+ $(,)?) => {
        $(fn $name($($argument: u32),*) -> Weight {
            <() as WeightInfo>::$name($($argument),*)
        })+
    };
}

impl WeightInfo for Prices {
    fn instr_i64_load_store(instructions: u32) -> Weight {
        Weight::from_parts(SIX_INSTRUCTIONS.saturating_mul(instructions.into()), 0)
    }

    fn seal_call(calls: u32) -> Weight {
        Weight::from_parts(CALL, CALL_PROOF).saturating_mul(calls.into())
    }

    fn call_with_code_per_byte(bytes: u32) -> Weight {
        Weight::from_parts(CODE_BYTE, factor().into()).saturating_mul(bytes.into())
    }

    as_before! {
    on_process_deletion_queue_batch(), on_initialize_per_trie_key(k), v9_migration_step(c), v10_migration_step(),
    v11_migration_step(k), v12_migration_step(c), v13_migration_step(), v14_migration_step(), v15_migration_step(),
    migration_noop(), migrate(), on_runtime_upgrade_noop(), on_runtime_upgrade_in_progress(), on_runtime_upgrade(),
    instantiate_with_code(c, i, s), instantiate(i, s), call(), upload_code_determinism_enforced(c),
    upload_code_determinism_relaxed(c), remove_code(), set_code(), seal_caller(r), seal_is_contract(r),
    seal_code_hash(r), seal_own_code_hash(r), seal_caller_is_origin(r), seal_caller_is_root(r), seal_address(r),
    seal_gas_left(r), seal_balance(r), seal_value_transferred(r), seal_minimum_balance(r), seal_block_number(r),
    seal_now(r), seal_weight_to_fee(r), seal_input(r), seal_input_per_byte(n), seal_return(r),
    seal_return_per_byte(n), seal_terminate(r), seal_random(r), seal_deposit_event(r),
    seal_deposit_event_per_topic_and_byte(t, n), seal_debug_message(r), seal_debug_message_per_byte(i),
    seal_set_storage(r), seal_set_storage_per_new_byte(n), seal_set_storage_per_old_byte(n), seal_clear_storage(r),
    seal_clear_storage_per_byte(n), seal_get_storage(r), seal_get_storage_per_byte(n), seal_contains_storage(r),
    seal_contains_storage_per_byte(n), seal_take_storage(r), seal_take_storage_per_byte(n), seal_transfer(r),
    seal_delegate_call(r), seal_call_per_transfer_clone_byte(t, c), seal_instantiate(r),
    seal_instantiate_per_transfer_input_salt_byte(t, i, s), seal_hash_sha2_256(r), seal_hash_sha2_256_per_byte(n),
    seal_hash_keccak_256(r), seal_hash_keccak_256_per_byte(n), seal_hash_blake2_256(r),
    seal_hash_blake2_256_per_byte(n), seal_hash_blake2_128(r), seal_hash_blake2_128_per_byte(n),
    seal_sr25519_verify_per_byte(n), seal_sr25519_verify(r), seal_ecdsa_recover(r), seal_ecdsa_to_eth_address(r),
    seal_set_code_hash(r), lock_delegate_dependency(r), unlock_delegate_dependency(r), seal_reentrance_count(r),
    seal_account_reentrance_count(r), seal_instantiation_nonce(r),
    }
}
