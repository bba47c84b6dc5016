//! The command line.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Parser, ValueEnum};
use sc_cli::{CliConfiguration, RpcEndpoint, RpcMethods, SharedParams, SubstrateCli, arg_enums::TracingReceiver};
use sc_service::config::{BlocksPruning, PruningMode, RpcBatchRequestConfig};
use sc_service::{BasePath, ChainSpec};

use crate::clock::Source;
use crate::profile::Profile;
use crate::seal::Seal;

/// Memory for the state's trie, in bytes.
const TRIE_CACHE: usize = 64 * 1024 * 1024;

/// A development chain for ink! contracts. The accounts //Alice to //Ferdie are funded, //Alice is sudo.
#[derive(Debug, Parser)]
#[command(group = ArgGroup::new("state").required(true).args(["tmp", "base_path", "prepare"]))]
pub struct Cli {
    /// Which chain to be.
    #[arg(long, value_enum, default_value_t = Profile::Contracts)]
    chain: Profile,
    /// Keeps the chain in a folder that is removed at the end.
    #[arg(long, visible_alias = "dev")]
    tmp: bool,
    /// Keeps the chain in this folder; it goes on there at the next start.
    #[arg(long, value_name = "DIR")]
    base_path: Option<PathBuf>,
    /// Only compiles the runtime into the cache, so that the next start is fast.
    #[arg(long)]
    pub prepare: bool,
    /// Port of the RPC server, for this machine only; 0 means any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 9944)]
    rpc_port: u16,
    /// When blocks are sealed.
    #[arg(long, value_enum, default_value_t = Seal::Instant)]
    seal: Seal,
    /// Milliseconds between blocks, for `--seal interval`.
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    block_time: u64,
    /// What moves the chain's time on.
    #[arg(long, value_enum, default_value_t = Source::Real)]
    clock: Source,
    /// Finalises a block when so many have followed it; with `--seal manual` blocks are final only when told.
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    finalise_after: u32,
    /// Ends the node when its standard input ends: with the process that holds the other end of the pipe, however that ends.
    #[arg(long)]
    end_with_stdin: bool,
    /// What to log, for example `warn` or `runtime::contracts=debug`.
    #[arg(short, long, value_name = "FILTER")]
    log: Vec<String>,
    /// Those who start other nodes choose a port for peers; this one has no peers.
    #[arg(long, hide = true)]
    port: Option<u16>,
    /// What the framework reads options from; none of its own are offered.
    #[arg(skip = no_more_options())]
    shared: SharedParams,
}

/// How blocks are made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// For which chain.
    pub profile: Profile,
    /// When.
    pub seal: Seal,
    /// How often, where blocks come by themselves.
    pub block_time: Duration,
    /// Where their time comes from.
    pub clock: Source,
    /// How many blocks finality is behind; none: it moves only when told.
    pub finality: Option<u32>,
    /// Whether the node ends with its standard input.
    pub end_with_stdin: bool,
}

impl Cli {
    /// How blocks are made.
    pub fn options(&self) -> Options {
        Options {
            profile: self.chain,
            seal: self.seal,
            block_time: Duration::from_millis(self.block_time),
            clock: self.clock,
            finality: (self.seal != Seal::Manual).then_some(self.finalise_after),
            end_with_stdin: self.end_with_stdin,
        }
    }
}

fn no_more_options() -> SharedParams {
    SharedParams {
        chain: None,
        dev: false,
        base_path: None,
        log: Vec::new(),
        detailed_log_output: false,
        disable_log_color: false,
        enable_log_reloading: false,
        tracing_targets: None,
        tracing_receiver: TracingReceiver::Log,
    }
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Inktensor development chain".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the Inktensor authors".into()
    }

    fn support_url() -> String {
        "e2e/node/README.md".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
        Ok(Box::new(Profile::from_str(id, false)?.chain_spec()))
    }
}

impl CliConfiguration for Cli {
    fn shared_params(&self) -> &SharedParams {
        &self.shared
    }

    fn chain_id(&self, _: bool) -> sc_cli::Result<String> {
        Ok(self.chain.id().into())
    }

    fn base_path(&self) -> sc_cli::Result<Option<BasePath>> {
        Ok(Some(match &self.base_path {
            Some(folder) => BasePath::new(folder),
            None => BasePath::new_temp_dir()?,
        }))
    }

    fn log_filters(&self) -> sc_cli::Result<String> {
        Ok(self.log.join(","))
    }

    fn rpc_addr(&self, _: u16) -> sc_cli::Result<Option<Vec<RpcEndpoint>>> {
        Ok(Some(vec![RpcEndpoint {
            listen_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, self.rpc_port)),
            batch_config: RpcBatchRequestConfig::Unlimited,
            max_connections: 1_000,
            max_payload_in_mb: 15,
            max_payload_out_mb: 64,
            max_subscriptions_per_connection: 1_024,
            max_buffer_capacity_per_connection: 1_024,
            rate_limit: None,
            rate_limit_trust_proxy_headers: false,
            rate_limit_whitelisted_ips: Vec::new(),
            // Any page may connect, so that wallets and explorers work.
            cors: None,
            rpc_methods: RpcMethods::Unsafe,
            is_optional: false,
            retry_random_port: false,
        }]))
    }

    // All blocks and states are kept, so that a client may read at any block.
    fn state_pruning(&self) -> sc_cli::Result<Option<PruningMode>> {
        Ok(Some(PruningMode::ArchiveAll))
    }

    fn blocks_pruning(&self) -> sc_cli::Result<BlocksPruning> {
        Ok(BlocksPruning::KeepAll)
    }

    fn trie_cache_maximum_size(&self) -> sc_cli::Result<Option<usize>> {
        Ok(Some(TRIE_CACHE))
    }
}
