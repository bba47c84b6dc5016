//! Reading a chain: its newest block, the state of a block, the events of many.

use super::{
    Inner, dispatch,
    events::Record,
    rpc::{Rpc, RpcError},
    runtime::{CONTRACTS, Runtime, undecodable},
    wire,
};
use crate::{AccountId, ChainError, Events, Execution, Head, RawCall, RawCode, RawEvent};
use std::sync::{Arc, atomic::Ordering};
use subxt::ext::{
    futures::future::try_join_all,
    scale_decode::{self, DecodeAsType},
};
use tokio::time::{Instant, timeout};

/// Blocks whose events are fetched at a time.
const CHUNK: usize = 32;
/// Times that events are read where the chain is exchanged meanwhile. An endpoint that lies could go on for ever.
const READINGS: usize = 8;

impl Inner {
    /// Number and hash of the newest block. It is not lower than one that was seen before, unless the chain stays that
    /// low: then it was reorganised, or kept by nobody who answers.
    pub(super) async fn newest(&self) -> Result<(u32, [u8; 32]), ChainError> {
        let deadline = Instant::now() + self.options.settle;
        let mut changes = self.pool.changes();
        loop {
            changes.borrow_and_update();
            let hash = self.pool.best_hash().await?;
            let number = self.pool.header(hash).await?.number;
            let seen = self.seen();
            if number >= seen {
                self.saw(number);
                return Ok((number, hash));
            }
            if Instant::now() >= deadline {
                tracing::warn!(seen, number, "the chain is shorter than it was");
                self.forget(number);
                return Ok((number, hash));
            }
            let _ = timeout(self.options.poll.min(self.options.settle), changes.changed()).await;
        }
    }

    /// The newest block with its time.
    pub(super) async fn head(&self) -> Result<(Head, Arc<Runtime>), ChainError> {
        let (number, hash) = self.newest().await?;
        self.head_at(number, hash).await
    }

    /// The newest final block with its time. It is not lower than one that was seen before: what is final stays.
    pub(super) async fn final_head(&self) -> Result<(Head, Arc<Runtime>), ChainError> {
        let deadline = Instant::now() + self.options.patience;
        let mut changes = self.pool.changes();
        loop {
            changes.borrow_and_update();
            let hash = self.pool.final_hash().await?;
            let number = self.pool.header(hash).await?.number;
            let seen = self.seen_final.fetch_max(number, Ordering::Relaxed);
            if number >= seen {
                return self.head_at(number, hash).await;
            }
            if Instant::now() >= deadline {
                let reason = format!("block {seen} was final, and those that answer are at {number}");
                return Err(ChainError::Unreachable(reason));
            }
            let _ = timeout(self.options.poll, changes.changed()).await;
        }
    }

    async fn head_at(&self, number: u32, hash: [u8; 32]) -> Result<(Head, Arc<Runtime>), ChainError> {
        let runtime = self.runtimes.at(&self.pool, hash).await?;
        let now = self.pool.storage(&runtime.key("Timestamp", "Now")?, hash).await?;
        let timestamp_ms = match now {
            Some(now) => runtime.value("Timestamp", "Now", &now)?,
            // The first block has none.
            None => 0,
        };
        Ok((Head { number, hash, timestamp_ms }, runtime))
    }

    /// Hash of a block of the best chain.
    pub(super) async fn hash_of(&self, number: u32) -> Result<[u8; 32], ChainError> {
        let hash = self.pool.hashes(vec![number]).await?.into_iter().next().flatten();
        hash.ok_or(ChainError::NoSuchBlock(number))
    }

    /// Executes a call on a block's state and forgets it.
    pub(super) async fn dry_run(
        &self,
        (number, block): (u32, [u8; 32]),
        runtime: &Runtime,
        origin: AccountId,
        call: &RawCall,
    ) -> Result<Execution, ChainError> {
        let input = wire::call(origin, call, runtime.balance_bytes).ok_or_else(|| too_much(call.name))?;
        let answer = self.pool.runtime_call("ContractsApi_call", &input, block).await;
        let answer = answer.map_err(|error| gone(error, number))?;
        let outcome = wire::called(&answer, runtime.balance_bytes).map_err(|error| undecodable("dry run", error))?;
        let returned = outcome.result.map_err(|error| failed(call.name, &error, runtime))?;
        Ok(Execution { returned, gas: outcome.gas, deposit: outcome.deposit })
    }

    /// Runs a constructor on the newest state and forgets it.
    pub(super) async fn dry_instantiate(
        &self,
        origin: AccountId,
        code: &RawCode,
    ) -> Result<(AccountId, Execution), ChainError> {
        let (number, block) = self.newest().await?;
        let runtime = self.runtimes.at(&self.pool, block).await?;
        let what = match self.stored(&code.code, &runtime, block).await? {
            Some(hash) => wire::Code::Existing(hash),
            None => wire::Code::Upload(&code.code),
        };
        let width = runtime.balance_bytes;
        let input = wire::instantiate(origin, code, &what, width).ok_or_else(|| too_much(code.name))?;
        let answer = self.pool.runtime_call("ContractsApi_instantiate", &input, block).await;
        let answer = answer.map_err(|error| gone(error, number))?;
        let outcome = wire::instantiated(&answer, width).map_err(|error| undecodable("dry run", error))?;
        let (returned, address) = outcome.result.map_err(|error| failed(code.name, &error, &runtime))?;
        Ok((address, Execution { returned, gas: outcome.gas, deposit: outcome.deposit }))
    }

    /// Events of a block, encoded, and the runtime that made it: the one in its parent's state.
    pub(super) async fn events(&self, rpc: &impl Rpc, block: [u8; 32]) -> Result<(Vec<u8>, Arc<Runtime>), Trouble> {
        let parent = rpc.header(block).await?.parent;
        let runtime = self.runtimes.at(rpc, parent).await?;
        let key = runtime.key("System", "Events")?;
        // A block without events has the value of none: no bytes for a vector of length 0.
        let events = rpc.storage(&key, block).await?.unwrap_or_else(|| vec![0]);
        Ok((events, runtime))
    }

    /// Events of contracts in blocks `from` and later of the best chain. They are of one chain of blocks: where it was
    /// exchanged meanwhile, they are read again. Errors: `Unreachable` if that happens each time.
    pub(super) async fn events_since(&self, from: u32) -> Result<Events, ChainError> {
        for _ in 0..READINGS {
            let (best, _) = self.newest().await?;
            let (mut events, mut ends) = (Vec::new(), Vec::new());
            // The first block has no events.
            let mut next = from.max(1);
            while next <= best {
                let numbers: Vec<u32> = (next..=best).take(CHUNK).collect();
                let hashes = self.pool.hashes(numbers.clone()).await?;
                // A chain that became shorter meanwhile ends before.
                let blocks: Vec<_> = numbers.into_iter().zip(hashes.into_iter().map_while(|hash| hash)).collect();
                let Some(end) = blocks.last().copied() else { break };
                let found = blocks.into_iter().map(|(number, hash)| self.events_in(number, hash));
                events.extend(try_join_all(found).await?.into_iter().flatten());
                next = end.0.saturating_add(1);
                ends.push(end);
            }
            let (numbers, hashes): (Vec<u32>, Vec<_>) =
                ends.into_iter().map(|(number, hash)| (number, Some(hash))).unzip();
            if self.pool.hashes(numbers).await? == hashes {
                return Ok(Events(events));
            }
        }
        Err(ChainError::Unreachable("the chain was exchanged whenever its events were read".into()))
    }

    async fn events_in(&self, number: u32, hash: [u8; 32]) -> Result<Vec<RawEvent>, ChainError> {
        let (bytes, runtime) = self.events(&self.pool, hash).await.map_err(|trouble| match trouble {
            Trouble::Rpc(error) => gone(error, number),
            Trouble::Chain(error) => error,
        })?;
        let records = Record::all(&bytes, &runtime)?;
        records.iter().filter_map(|record| record.emitted(number, &runtime).transpose()).collect()
    }

    /// Hash of the code of the contract at an address.
    pub(super) async fn code_hash(&self, contract: AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        let info: Option<ContractInfo> = self.of(CONTRACTS, "ContractInfoOf", contract).await?;
        Ok(info.map(|info| info.code_hash))
    }

    /// Native tokens that an account can spend: what is free, but for what is frozen beyond the reserve.
    pub(super) async fn native_balance(&self, account: AccountId) -> Result<u128, ChainError> {
        let account: Option<Account> = self.of("System", "Account", account).await?;
        Ok(account.map_or(0, |Account { data }| data.free.saturating_sub(data.frozen.saturating_sub(data.reserved))))
    }

    /// What the newest state holds of an account.
    async fn of<T: DecodeAsType>(
        &self,
        pallet: &str,
        entry: &str,
        account: AccountId,
    ) -> Result<Option<T>, ChainError> {
        let (_, block) = self.newest().await?;
        let runtime = self.runtimes.at(&self.pool, block).await?;
        let value = self.pool.storage(&runtime.key_under(pallet, entry, account.0)?, block).await?;
        value.map(|value| runtime.value(pallet, entry, &value)).transpose()
    }
}

/// Why something could not be read: what a node said, or what it means.
pub(super) enum Trouble {
    Rpc(RpcError),
    Chain(ChainError),
}

impl From<RpcError> for Trouble {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

impl From<ChainError> for Trouble {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<Trouble> for ChainError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Rpc(error) => error.into(),
            Trouble::Chain(error) => error,
        }
    }
}

fn gone(error: RpcError, block: u32) -> ChainError {
    if error.lacks_block() { ChainError::StateGone(block) } else { error.into() }
}

/// The runtime's error by its name.
fn failed(contract: &'static str, error: &[u8], runtime: &Runtime) -> ChainError {
    let Some(kind) = runtime.metadata.dispatch_error_ty() else {
        return undecodable("dispatch error", "the chain's metadata has none");
    };
    match runtime.decode("dispatch error", kind, error) {
        Ok((error, _)) => ChainError::Failed { contract, error: dispatch::name(&error, runtime) },
        Err(error) => error,
    }
}

/// More native tokens than the chain can count: nobody holds them.
fn too_much(contract: &'static str) -> ChainError {
    ChainError::Failed { contract, error: "FundsUnavailable".into() }
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct ContractInfo {
    code_hash: [u8; 32],
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Account {
    data: AccountData,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct AccountData {
    free: u128,
    reserved: u128,
    frozen: u128,
}
