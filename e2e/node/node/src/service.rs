//! Puts the node together.

use std::sync::Arc;

use futures::channel::mpsc;
use futures::stream::{self, StreamExt};
use sc_basic_authorship::ProposerFactory;
use sc_chain_spec::GenesisBlockBuilder;
use sc_consensus::LongestChain;
use sc_consensus_manual_seal::import_queue;
use sc_network::config::FullNetworkConfiguration;
use sc_network::{Litep2pNetworkBackend, NetworkBackend};
use sc_service::{BuildNetworkParams, Configuration, SpawnTasksParams, TFullBackend, TFullClient, TaskManager};
use sc_transaction_pool::TransactionPoolHandle;
use sp_blockchain::HeaderBackend;

use crate::cli::Options;
use crate::clock::Clock;
use crate::executor::{Executor, executor};
use crate::genesis;
use crate::profile::Profile;
use crate::runtime_api::{Block, Hash, RuntimeApi};
use crate::seal::{Sealer, timestamp};

/// Stores blocks and states.
pub type Backend = TFullBackend<Block>;
/// The chain.
pub type Client = TFullClient<Block, RuntimeApi, Executor>;
/// Waiting transactions.
pub type Pool = TransactionPoolHandle<Block, Client>;
/// Fills blocks with them.
pub type Proposers = ProposerFactory<Pool, Client>;

/// Compiles a chain's runtime into the cache.
///
/// # Errors
/// The runtime does not work, or there is no cache.
pub fn prepare(profile: Profile) -> Result<(), sc_service::Error> {
    let executor = executor().map_err(application)?;
    genesis::storage(&executor, profile.runtime()).map(drop).map_err(application)
}

/// Starts the node; it runs until the task manager is dropped.
///
/// # Errors
/// The database, the network or the RPC server cannot be started.
pub fn start(config: Configuration, options: Options) -> Result<TaskManager, sc_service::Error> {
    let executor = executor().map_err(application)?;
    let backend = sc_service::new_db_backend(config.db_config())?;
    let genesis = genesis::storage(&executor, options.profile.runtime()).map_err(application)?;
    let genesis = GenesisBlockBuilder::new_with_storage(genesis, true, backend.clone(), executor.clone())?;
    let (client, backend, keystore, mut tasks) =
        sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
            &config, None, executor, backend, genesis, false,
        )?;
    let client: Arc<Client> = Arc::new(client);
    let select_chain = LongestChain::new(backend.clone());
    let is_validator = true;
    let pool = sc_transaction_pool::Builder::new(tasks.spawn_essential_handle(), client.clone(), is_validator.into());
    let pool: Arc<Pool> = Arc::new(pool.build());

    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config: FullNetworkConfiguration::<Block, Hash, Litep2pNetworkBackend>::new(&config.network, None),
            client: client.clone(),
            transaction_pool: pool.clone(),
            spawn_handle: tasks.spawn_handle(),
            spawn_essential_handle: tasks.spawn_essential_handle(),
            import_queue: import_queue(Box::new(client.clone()), &tasks.spawn_essential_handle(), None),
            block_announce_validator_builder: None,
            warp_sync_config: None,
            block_relay: None,
            metrics: <Litep2pNetworkBackend as NetworkBackend<Block, Hash>>::register_notification_metrics(None),
            gap_sync_body_policy: None,
        })?;

    let clock = Arc::new(Clock::starting_at(options.clock, timestamp(&client, client.info().best_hash)?));
    let (commands, asked) = mpsc::channel(1024);
    let rpc_builder = {
        let (client, pool, clock) = (client.clone(), pool.clone(), clock.clone());
        move |_| {
            let module = crate::rpc::module(client.clone(), pool.clone(), clock.clone(), commands.clone());
            module.map_err(application)
        }
    };
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut tasks,
        keystore: keystore.keystore(),
        transaction_pool: pool.clone(),
        rpc_builder: Box::new(rpc_builder),
        network,
        system_rpc_tx,
        tx_handler_controller,
        sync_service,
        telemetry: None,
        tracing_execute_block: None,
    })?;

    let proposers = ProposerFactory::new(tasks.spawn_handle(), client.clone(), pool.clone(), None, None);
    let own = options.seal.commands(&pool, options.block_time);
    let sealer = Sealer { client, select_chain, pool, proposers, clock, finality: options.finality };
    tasks.spawn_essential_handle().spawn_blocking("seal", None, sealer.run(stream::select(own, asked).boxed()));
    if options.end_with_stdin {
        tasks.spawn_essential_handle().spawn("stdin", None, crate::stdin::end());
    }
    Ok(tasks)
}

fn application(failure: impl std::error::Error + Send + Sync + 'static) -> sc_service::Error {
    sc_service::Error::Application(failure.into())
}
