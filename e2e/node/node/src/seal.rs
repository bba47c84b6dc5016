//! Seals and finalises blocks, one command after the other.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use futures::channel::{mpsc, oneshot};
use futures::future;
use futures::stream::{self, BoxStream, StreamExt};
use jsonrpsee::core::async_trait;
use sc_client_api::{Finalizer, StorageProvider};
use sc_consensus_manual_seal::{
    CreatedBlock, EngineCommand, Error, FinalizeBlockParams, SealBlockParams, finalize_block, seal_block,
};
use sc_transaction_pool_api::TransactionPool;
use sp_blockchain::HeaderBackend;
use sp_core::storage::StorageKey;
use sp_inherents::CreateInherentDataProviders;
use sp_io::hashing::twox_128;
use tokio::time::MissedTickBehavior;

use crate::clock::Clock;
use crate::runtime_api::{Block, Hash};
use crate::service::{Backend, Client, Pool, Proposers};

/// When blocks are sealed. `engine_createBlock` and `dev_advanceTime` seal in every mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Seal {
    /// As soon as there is a transaction.
    Instant,
    /// Only when told to.
    Manual,
    /// Every so many milliseconds, with or without transactions.
    Interval,
}

/// The sending end of commands.
pub type Commands = mpsc::Sender<EngineCommand<Hash>>;

/// A command to seal a block on the best one. It is finalised as the mode has it.
pub fn seal_best(
    create_empty: bool,
    sender: Option<oneshot::Sender<Result<CreatedBlock<Hash>, Error>>>,
) -> EngineCommand<Hash> {
    EngineCommand::SealNewBlock { create_empty, finalize: false, parent_hash: None, sender }
}

impl Seal {
    /// The commands that come without anybody's telling.
    pub fn commands(self, pool: &Arc<Pool>, block_time: Duration) -> BoxStream<'static, EngineCommand<Hash>> {
        match self {
            Self::Manual => stream::pending().boxed(),
            Self::Instant => {
                // What an earlier block took needs no block of its own.
                let arrivals = pool.import_notification_stream();
                let pool = pool.clone();
                let waiting = move |_| future::ready((pool.status().ready > 0).then(|| seal_best(false, None)));
                arrivals.filter_map(waiting).boxed()
            }
            Self::Interval => {
                let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + block_time, block_time);
                // After a pause of the machine one block is due, not one for each interval that passed.
                ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
                stream::unfold(ticks, |mut ticks| async {
                    ticks.tick().await;
                    Some((seal_best(true, None), ticks))
                })
                .boxed()
            }
        }
    }
}

/// Seals blocks.
pub struct Sealer {
    /// The chain.
    pub client: Arc<Client>,
    /// Chooses the best block.
    pub select_chain: sc_consensus::LongestChain<Backend, Block>,
    /// Waiting transactions.
    pub pool: Arc<Pool>,
    /// Fills blocks.
    pub proposers: Proposers,
    /// Gives them their time.
    pub clock: Arc<Clock>,
    /// The best block's ancestor so many blocks before it is final; none: blocks are finalised only when told.
    pub finality: Option<u32>,
}

impl Sealer {
    /// Carries out commands until there are no more.
    pub async fn run(mut self, mut commands: BoxStream<'static, EngineCommand<Hash>>) {
        while let Some(command) = commands.next().await {
            match command {
                EngineCommand::SealNewBlock { create_empty, finalize, parent_hash, sender: Some(sender) } => {
                    let outcome = self.seal(create_empty, finalize, parent_hash).await;
                    // Whoever asked may be gone.
                    drop(sender.send(outcome));
                }
                EngineCommand::SealNewBlock { create_empty, sender: None, .. } => self.seal_unasked(create_empty).await,
                EngineCommand::FinalizeBlock { hash, sender, .. } => {
                    let finalizer = self.client.clone();
                    let params =
                        FinalizeBlockParams { hash, sender, justification: None, finalizer, _phantom: PhantomData };
                    finalize_block(params).await;
                }
            }
        }
    }

    /// Seals a block that nobody asked for by name, and others if the waiting transactions do not fit into one.
    async fn seal_unasked(&mut self, create_empty: bool) {
        loop {
            let block = match self.seal(create_empty, false, None).await {
                Ok(block) => block,
                // Another block took the transactions.
                Err(Error::EmptyTransactionPool) => return,
                Err(failure) => return log::error!("cannot seal a block: {failure}"),
            };
            if create_empty || self.pool.ready_at(block.hash).await.next().is_none() {
                return;
            }
        }
    }

    async fn seal(
        &mut self,
        create_empty: bool,
        finalize: bool,
        parent_hash: Option<Hash>,
    ) -> Result<CreatedBlock<Hash>, Error> {
        let (sender, outcome) = oneshot::channel();
        let times = Times { client: self.client.clone(), clock: self.clock.clone() };
        seal_block(SealBlockParams {
            create_empty,
            finalize,
            parent_hash,
            sender: Some(sender),
            pool: self.pool.clone(),
            client: self.client.clone(),
            env: &mut self.proposers,
            select_chain: &self.select_chain,
            block_import: &mut self.client.clone(),
            consensus_data_provider: None,
            create_inherent_data_providers: &times,
        })
        .await;
        let block = outcome.await??;
        self.finalize()?;
        Ok(block)
    }

    /// Finalises what is deep enough.
    fn finalize(&self) -> Result<(), sp_blockchain::Error> {
        let Some(depth) = self.finality else { return Ok(()) };
        let info = self.client.info();
        let number = info.best_number.saturating_sub(depth);
        if number <= info.finalized_number {
            return Ok(());
        }
        match self.client.hash(number)? {
            Some(hash) => self.client.finalize_block(hash, None, true),
            None => Err(sp_blockchain::Error::UnknownBlock(format!("{number} of the best chain"))),
        }
    }
}

/// Gives a block its time.
struct Times {
    client: Arc<Client>,
    clock: Arc<Clock>,
}

#[async_trait]
impl CreateInherentDataProviders<Block, ()> for Times {
    type InherentDataProviders = sp_timestamp::InherentDataProvider;

    async fn create_inherent_data_providers(
        &self,
        parent: Hash,
        (): (),
    ) -> Result<Self::InherentDataProviders, Box<dyn std::error::Error + Send + Sync>> {
        let parent = timestamp(&self.client, parent)?;
        Ok(sp_timestamp::InherentDataProvider::new(self.clock.time_after(parent).into()))
    }
}

/// Time of a block, in milliseconds since 1970.
///
/// # Errors
/// The state cannot be read, or holds no time.
pub fn timestamp(client: &Client, block: Hash) -> Result<u64, sp_blockchain::Error> {
    let key = StorageKey([twox_128(b"Timestamp"), twox_128(b"Now")].concat());
    let missing = || sp_blockchain::Error::Storage(format!("block {block} has no time"));
    let bytes = client.storage(block, &key)?.ok_or_else(missing)?;
    bytes.0.try_into().map(u64::from_le_bytes).map_err(|_| missing())
}
