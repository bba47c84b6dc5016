//! The runtime and its blocks, without threads or async.
//!
//! `ink_sandbox` provides the runtime (system, balances, timestamp, contracts pallets). Blocks are sealed here, because
//! its own block builder takes the time from the machine's clock, in seconds.

use crate::{
    AccountId, Action, ChainError, Events, Execution, Gas, Head, Limits, RawCall, RawCode, RawEvent, Receipt, Returned,
    Stage,
};
use ink_sandbox::{
    AccountId32, DefaultSandbox, DispatchError, H256, RuntimeEventOf, RuntimeOf, TestExternalities, Weight,
    frame_support::{
        sp_runtime::BuildStorage,
        storage::{TransactionOutcome, transactional::with_transaction_unchecked},
        traits::{Hooks, fungible::Mutate, tokens::Preservation},
    },
    frame_system, pallet_balances, pallet_contracts, pallet_timestamp,
};
use pallet_contracts::{
    Code, CollectEvents, ContractInstantiateResult, DebugInfo, Determinism, ExecReturnValue, StorageDeposit,
};
use std::collections::BTreeMap;

type System = frame_system::Pallet<RuntimeOf<DefaultSandbox>>;
type Balances = pallet_balances::Pallet<RuntimeOf<DefaultSandbox>>;
type Timestamp = pallet_timestamp::Pallet<RuntimeOf<DefaultSandbox>>;
type Contracts = pallet_contracts::Pallet<RuntimeOf<DefaultSandbox>>;

/// What one message may take: the part of a block of 2 s that contracts-node and Bittensor's chain leave to messages.
const BLOCK: Weight = Weight::from_parts(1_500_000_000_000, u64::MAX);
/// Native tokens of whoever signs; deposits are one unit a byte.
const POCKET: u128 = 1_000_000_000_000_000;

struct Block {
    hash: [u8; 32],
    events: Vec<RawEvent>,
}

/// A block's state, and by how many it is held.
struct Held {
    state: TestExternalities,
    holders: usize,
}

/// The chain's state and its blocks from genesis on.
pub(super) struct Runtime {
    state: TestExternalities,
    genesis: [u8; 32],
    /// Block 1 and later.
    blocks: Vec<Block>,
    head: Head,
    /// Blocks that are held for reading, by number.
    held: BTreeMap<u32, Held>,
}

impl Runtime {
    /// Block 1 at a time, with nothing on it.
    pub(super) fn new(timestamp_ms: u64) -> Result<Self, ChainError> {
        let storage = frame_system::GenesisConfig::<RuntimeOf<DefaultSandbox>>::default()
            .build_storage()
            .map_err(ChainError::Broken)?;
        let mut state = TestExternalities::new(storage);
        let genesis = state.execute_with(|| System::block_hash(0)).0;
        let head = Head { number: 0, hash: genesis, timestamp_ms };
        let mut runtime = Self { state, genesis, blocks: Vec::new(), head, held: BTreeMap::new() };
        runtime.seal(timestamp_ms, || ())?;
        Ok(runtime)
    }

    pub(super) fn head(&self) -> Head {
        self.head
    }

    pub(super) fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        match number.checked_sub(1) {
            None => Ok(self.genesis),
            Some(index) => {
                self.blocks.get(index as usize).map(|block| block.hash).ok_or(ChainError::NoSuchBlock(number))
            }
        }
    }

    pub(super) fn events_since(&self, block: u32) -> Events {
        let from = block.saturating_sub(1) as usize;
        Events(self.blocks.iter().skip(from).flat_map(|block| block.events.iter().cloned()).collect())
    }

    pub(super) fn advance(&mut self, ms: u64) -> Result<Head, ChainError> {
        let timestamp_ms = self.head.timestamp_ms.checked_add(ms).ok_or(ChainError::TimeOverflow)?;
        self.seal(timestamp_ms, || ())?;
        Ok(self.head)
    }

    pub(super) fn fund(&mut self, account: AccountId, amount: u128) -> Result<(), ChainError> {
        self.seal(self.head.timestamp_ms, || Balances::mint_into(&native(account), amount))?
            .map(|_| ())
            .map_err(|error| failed("balances", error))
    }

    /// Holds the newest state.
    pub(super) fn pin(&mut self) -> Head {
        let held = self.held.entry(self.head.number).or_insert_with(|| {
            let mut state = TestExternalities::default();
            state.backend = self.state.backend.clone();
            Held { state, holders: 0 }
        });
        held.holders += 1;
        self.head
    }

    /// Lets a held state go.
    pub(super) fn release(&mut self, number: u32) {
        if let Some(held) = self.held.get_mut(&number) {
            held.holders -= 1;
            if held.holders == 0 {
                self.held.remove(&number);
            }
        }
    }

    pub(super) fn dry_run(&mut self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        dry_run(&mut self.state, origin, call)
    }

    /// A dry run on a held state.
    pub(super) fn dry_run_at(
        &mut self,
        number: u32,
        origin: AccountId,
        call: RawCall,
    ) -> Result<Execution, ChainError> {
        let held = self.held.get_mut(&number).ok_or(ChainError::StateGone(number))?;
        dry_run(&mut held.state, origin, call)
    }

    pub(super) fn dry_instantiate(
        &mut self,
        origin: AccountId,
        code: RawCode,
    ) -> Result<(AccountId, Execution), ChainError> {
        let name = code.name;
        let result = self.state.execute_with(|| {
            with_transaction_unchecked(|| TransactionOutcome::Rollback(instantiate(origin, code, BLOCK, None)))
        });
        let (gas, deposit) = (gas(result.gas_required), deposit(&result.storage_deposit));
        let done = result.result.map_err(|error| failed(name, error))?;
        Ok((address(done.account_id), Execution { returned: returned(done.result), gas, deposit }))
    }

    pub(super) fn submit(&mut self, origin: AccountId, action: Action, limits: Limits) -> Result<Receipt, ChainError> {
        let name = action.name();
        let weight = Weight::from_parts(limits.gas.ref_time, limits.gas.proof_size);
        let (result, consumed, storage) = self.seal(self.head.timestamp_ms, || match action {
            Action::Call(call) => {
                let done = execute(origin, call, weight, limits.deposit);
                (done.result.map(Some), done.gas_consumed, done.storage_deposit)
            }
            Action::Instantiate(code) => {
                let done = instantiate(origin, code, weight, limits.deposit);
                (done.result.map(|created| Some(created.result)), done.gas_consumed, done.storage_deposit)
            }
            Action::Upload(code) => {
                top_up(origin);
                let done =
                    Contracts::bare_upload_code(native(origin), code.code, limits.deposit, Determinism::Enforced);
                let held = done.as_ref().map_or(0, |done| done.deposit);
                (done.map(|_| None), Weight::zero(), StorageDeposit::Charge(held))
            }
            Action::Transfer { to, amount } => {
                top_up(origin);
                let done = Balances::transfer(&native(origin), &native(to), amount, Preservation::Preserve);
                (done.map(|_| None), Weight::zero(), StorageDeposit::Charge(0))
            }
        })?;
        let returned = result.map_err(|error| failed(name, error))?.map(returned);
        Ok(self.receipt(consumed, &storage, returned))
    }

    pub(super) fn code_hash(&mut self, contract: AccountId) -> Option<[u8; 32]> {
        self.state.execute_with(|| Contracts::code_hash(&native(contract))).map(|hash| hash.0)
    }

    pub(super) fn native_balance(&mut self, account: AccountId) -> u128 {
        self.state.execute_with(|| Balances::free_balance(native(account)))
    }

    /// Seals one block at a time around an action.
    fn seal<T>(&mut self, timestamp_ms: u64, action: impl FnOnce() -> T) -> Result<T, ChainError> {
        let number = self.head.number.checked_add(1).ok_or(ChainError::Broken("block numbers are used up".into()))?;
        let parent = H256(self.head.hash);
        let (outcome, events, hash) = self.state.execute_with(|| {
            System::reset_events();
            System::initialize(&number, &parent, &Default::default());
            Balances::on_initialize(number);
            Timestamp::set_timestamp(timestamp_ms);
            Timestamp::on_initialize(number);
            Contracts::on_initialize(number);
            System::note_finished_initialize();
            let outcome = action();
            let events = contract_events(number);
            Contracts::on_finalize(number);
            Timestamp::on_finalize(number);
            Balances::on_finalize(number);
            (outcome, events, System::finalize().hash().0)
        });
        self.state.commit_all().map_err(ChainError::Broken)?;
        self.blocks.push(Block { hash, events });
        self.head = Head { number, hash, timestamp_ms };
        Ok(outcome)
    }

    /// Receipt of what the newest block holds.
    fn receipt(&self, consumed: Weight, storage: &StorageDeposit<u128>, returned: Option<Returned>) -> Receipt {
        Receipt {
            stage: Stage::Finalised,
            block: self.head.number,
            block_hash: self.head.hash,
            gas: gas(consumed),
            deposit: deposit(storage),
            fee: None,
            returned,
            events: Events(self.blocks.last().map(|block| block.events.clone()).unwrap_or_default()),
        }
    }
}

type CallResult = ink_sandbox::ContractExecResultFor<RuntimeOf<DefaultSandbox>>;
type InstantiateResult =
    ContractInstantiateResult<AccountId32, u128, frame_system::EventRecord<RuntimeEventOf<DefaultSandbox>, H256>>;

fn dry_run(state: &mut TestExternalities, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
    let name = call.name;
    let result = state.execute_with(|| {
        with_transaction_unchecked(|| TransactionOutcome::Rollback(execute(origin, call, BLOCK, None)))
    });
    let gas = gas(result.gas_required);
    let deposit = deposit(&result.storage_deposit);
    let returned = result.result.map(returned).map_err(|error| failed(name, error))?;
    Ok(Execution { returned, gas, deposit })
}

fn instantiate(origin: AccountId, code: RawCode, weight: Weight, deposit: Option<u128>) -> InstantiateResult {
    top_up(origin);
    let RawCode { code, data, salt, .. } = code;
    let (debug, events) = (DebugInfo::Skip, CollectEvents::Skip);
    Contracts::bare_instantiate(native(origin), 0, weight, deposit, Code::Upload(code), data, salt, debug, events)
}

fn execute(origin: AccountId, call: RawCall, weight: Weight, deposit: Option<u128>) -> CallResult {
    top_up(origin);
    Contracts::bare_call(
        native(origin),
        native(call.contract),
        call.value,
        weight,
        deposit,
        call.data,
        DebugInfo::Skip,
        CollectEvents::Skip,
        Determinism::Enforced,
    )
}

/// Gives whoever signs what deposits may need.
fn top_up(account: AccountId) {
    let account = native(account);
    let missing = POCKET.saturating_sub(Balances::free_balance(&account));
    // Minting fails only when all balances together pass 2^128: then the deposit fails by its own name.
    let _ = Balances::mint_into(&account, missing);
}

fn contract_events(block: u32) -> Vec<RawEvent> {
    let emitted = System::read_events_no_consensus().filter_map(|record| match record.event {
        RuntimeEventOf::<DefaultSandbox>::Contracts(pallet_contracts::Event::ContractEmitted { contract, data }) => {
            let topics = record.topics.iter().map(|topic| topic.0).collect();
            Some(RawEvent { block, contract: address(contract), topics, data })
        }
        _ => None,
    });
    emitted.collect()
}

fn native(account: AccountId) -> AccountId32 {
    AccountId32::new(account.0)
}

fn address(account: AccountId32) -> AccountId {
    AccountId::from(<[u8; 32]>::from(account))
}

fn gas(weight: Weight) -> Gas {
    Gas { ref_time: weight.ref_time(), proof_size: weight.proof_size() }
}

fn deposit(deposit: &StorageDeposit<u128>) -> i128 {
    match deposit {
        StorageDeposit::Charge(amount) => i128::try_from(*amount).unwrap_or(i128::MAX),
        StorageDeposit::Refund(amount) => i128::try_from(*amount).map_or(i128::MIN, |amount| -amount),
    }
}

fn returned(value: ExecReturnValue) -> Returned {
    Returned { reverted: value.did_revert(), data: value.data }
}

/// The runtime's error by its name.
fn failed(contract: &'static str, error: DispatchError) -> ChainError {
    let error = match error {
        DispatchError::Module(module) => match module.message {
            Some(name) => name.to_owned(),
            None => format!("error {:02x?} of pallet {}", module.error, module.index),
        },
        DispatchError::Token(error) => format!("{error:?}"),
        DispatchError::Arithmetic(error) => format!("{error:?}"),
        other => format!("{other:?}"),
    };
    ChainError::Failed { contract, error }
}
