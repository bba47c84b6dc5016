//! `inktensor devnet`: a development chain on this machine that outlives the terminal.
//!
//! One chain runs at a time. It is kept until `reset`, so that a stop or a restart of the machine loses nothing.

mod error;
mod place;
mod process;
mod rpc;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::error::CliError;
pub use error::DevnetError;
use place::{Chain, Place, Plan, Record, Seal};
pub use process::binary;

/// Arguments of `inktensor devnet`.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
    /// Prints one JSON object.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Starts the chain, or says that it runs. It goes on where it stopped.
    Up {
        /// Which chain to be: as contracts-node, or as Bittensor's own with balances of 64 bits.
        #[arg(long, value_enum, default_value_t = Chain::Contracts)]
        chain: Chain,
        /// When blocks are sealed: with a transaction, when told, or regularly.
        #[arg(long, value_enum, default_value_t = Seal::Instant)]
        seal: Seal,
        /// Milliseconds between blocks, for `--seal interval`.
        #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
        block_time: u64,
        /// Port of the node's RPC server.
        #[arg(long, default_value_t = 9944, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
    },
    /// Stops the chain and keeps it.
    Down,
    /// Tells whether the chain runs, and how far it is; fails if it does not.
    Status,
    /// Prints what the node said last.
    Logs {
        /// How many lines.
        #[arg(long, value_name = "N", default_value_t = 50)]
        lines: usize,
    },
    /// Stops the chain and forgets it.
    Reset,
}

/// Does what the arguments say.
pub fn run(options: &Options) -> Result<(), CliError> {
    let place = Place::find()?;
    let (text, result) = match &options.action {
        Action::Up { chain, seal, block_time, port } => {
            up(&place, Plan { chain: *chain, seal: *seal, block_time: *block_time, port: *port })?
        }
        Action::Down => down(&place)?,
        Action::Status => return status(&place, options.json),
        Action::Logs { lines } => logs(&place, *lines)?,
        Action::Reset => reset(&place)?,
    };
    print(options.json, &text, &result);
    Ok(())
}

/// What to tell a human and a program.
type Told = (String, serde_json::Value);

fn print(json: bool, text: &str, result: &serde_json::Value) {
    if json {
        println!("{result}");
    } else {
        println!("{text}");
    }
}

fn up(place: &Place, plan: Plan) -> Result<Told, DevnetError> {
    if let Some(record) = running(place)? {
        if record.plan != plan {
            return Err(DevnetError::RunsOtherwise { plan: record.plan });
        }
        process::wait_until_ready(place, &record, None)?;
        return Ok(told(&record, false));
    }
    if let Some(what) = rpc::listener(plan.port) {
        return Err(DevnetError::PortTaken { port: plan.port, what });
    }
    let (record, child) = process::start(place, plan)?;
    place.write(&record)?;
    process::wait_until_ready(place, &record, Some(child))?;
    Ok(told(&record, true))
}

fn told(record: &Record, started: bool) -> Told {
    let (url, plan, pid) = (record.plan.url(), &record.plan, record.pid);
    let how = if started { "runs" } else { "runs already" };
    let result = json!({ "url": url, "pid": pid, "started": started, "plan": plan });
    (format!("{plan} {how} at {url} (process {pid})"), result)
}

fn down(place: &Place) -> Result<Told, DevnetError> {
    let stopped = stop(place)?;
    let text = if stopped { "stopped; the chain is kept" } else { "no chain runs" };
    Ok((text.to_owned(), json!({ "stopped": stopped })))
}

fn status(place: &Place, json: bool) -> Result<(), CliError> {
    let Some(record) = running(place)? else {
        if json {
            println!("{}", json!({ "running": false }));
        }
        return Err(DevnetError::NotRunning.into());
    };
    let heads = rpc::heads(record.plan.port)?;
    let url = record.plan.url();
    let text = format!(
        "{} runs at {url} (process {}): block {}, final {}, time {} ms",
        record.plan, record.pid, heads.best, heads.finalised, heads.time
    );
    let result = json!({ "running": true, "url": url, "pid": record.pid, "plan": record.plan, "heads": heads });
    print(json, &text, &result);
    Ok(())
}

fn logs(place: &Place, lines: usize) -> Result<Told, DevnetError> {
    let lines = place.last_lines(lines)?;
    Ok((lines.join("\n"), json!({ "file": place.log(), "lines": lines })))
}

fn reset(place: &Place) -> Result<Told, DevnetError> {
    let stopped = stop(place)?;
    place.forget()?;
    Ok(("the chain is forgotten".to_owned(), json!({ "stopped": stopped })))
}

/// The node that was started here, if it still runs.
fn running(place: &Place) -> Result<Option<Record>, DevnetError> {
    let Some(record) = place.read()? else { return Ok(None) };
    Ok(if process::birth(record.pid)?.as_ref() == Some(&record.birth) { Some(record) } else { None })
}

/// Stops the node, if it runs.
fn stop(place: &Place) -> Result<bool, DevnetError> {
    let running = running(place)?;
    if let Some(record) = &running {
        process::stop(record)?;
    }
    place.erase()?;
    Ok(running.is_some())
}
