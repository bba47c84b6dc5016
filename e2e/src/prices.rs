//! What a chain of today charges for what contracts do.
//!
//! drink 0.18 runs pallet-contracts 31, whose prices were measured in 2023: a byte of code costs 33,471 to load there and
//! 1,175 with pallet-contracts 51, six instructions 14,888 and 7,556, a call between contracts 500 and 304 million (the
//! `SubstrateWeight` of each, with the 25 and 100 million of `RocksDbWeight`'s read and write). These three are replaced
//! here by those of version 51; the others are version 31's own. Of what storage and events cost most is the database's,
//! which is the same in both.
//!
//! Instructions are still counted by wasmi 0.31, which charges every `local.get` and constant. Version 0.32, of
//! pallet-contracts 51, keeps them in registers and does not, so what is computed comes out dearer here than on a chain.

use drink::{Weight, pallet_contracts::WeightInfo};

/// Ref_time of six Wasm instructions, in ps: `instr_i64_load_store`.
const SIX_INSTRUCTIONS: u64 = 7_556;
/// Ref_time of a call to another contract that transfers nothing, in ps: `seal_call`, with three reads and a write.
const CALL: u64 = 129_310_380 + 3 * 25_000_000 + 100_000_000;
/// Bytes of proof of a call to another contract.
const CALL_PROOF: u64 = 3_924;
/// Ref_time of loading one byte of code, in ps: `call_with_code_per_byte`.
const CODE_BYTE: u64 = 1_175;

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
        Weight::from_parts(CODE_BYTE, 1).saturating_mul(bytes.into())
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
