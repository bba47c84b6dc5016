//! The dev node as a process of a test's own: started on a free port, asked over JSON-RPC, killed with its handle. Where the
//! test's process is killed and drops nothing, the node ends by itself: its standard input does.

use serde_json::{Value, json};
use std::{
    env, fmt, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// Names the node's binary, before the cache of `scripts/node`.
const VARIABLE: &str = "INKTENSOR_NODE";
/// How long a start or an answer may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);
/// Before the port in the line that tells of it.
const ANNOUNCEMENT: &str = "Running JSON-RPC server: addr=127.0.0.1:";

/// Which chain the node is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// `substrate-contracts-node`: 128-bit balances, deep call stacks.
    #[default]
    Contracts,
    /// Bittensor's: 64-bit balances, five frames, 128 KiB of code.
    Bittensor,
}

/// When the node makes a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seal {
    /// For each transaction.
    #[default]
    Instant,
    /// When `engine_createBlock` asks for one.
    Manual,
    /// Every so many ms, empty or not.
    Interval(u64),
}

/// What a block's timestamp is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The machine's time, plus what it was advanced by.
    #[default]
    Real,
    /// The parent's, until it is moved.
    Manual,
}

/// How a node is to be.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which chain it is like.
    pub profile: Profile,
    /// When it makes blocks.
    pub seal: Seal,
    /// What their timestamps are.
    pub clock: Clock,
    /// How many blocks finality lies behind the best block.
    pub finalise_after: u32,
    /// Where the chain is kept. Without it, in a folder that is removed with the handle.
    pub base_path: Option<PathBuf>,
}

/// Why a node does not run or answer.
#[derive(Debug)]
pub enum NodeError {
    /// There is no binary at this path.
    Missing(PathBuf),
    /// The node ended, or took another port, or said nothing for three minutes; what it said.
    NotStarted(String),
    /// The node cannot be reached, or what it sends is no answer.
    Unreachable(String),
    /// The node refused the request.
    Refused {
        /// Which method.
        method: String,
        /// Its error.
        error: Value,
    },
}

impl NodeError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) => "scripts/node builds it",
            Self::NotStarted(_) => "the node's own words are above",
            Self::Unreachable(_) => "the node was killed, or died: see its log",
            Self::Refused { .. } => "the node's error says what it wants",
        }
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "no node at {}", path.display())?,
            Self::NotStarted(log) => write!(f, "the node did not start:\n{log}")?,
            Self::Unreachable(reason) => write!(f, "the node does not answer: {reason}")?,
            Self::Refused { method, error } => write!(f, "the node refused {method}: {error}")?,
        }
        write!(f, " ({})", self.hint())
    }
}

impl std::error::Error for NodeError {}

/// A running node. Dropped, it is killed.
pub struct DevNode {
    options: Options,
    base_path: PathBuf,
    port: u16,
    child: Child,
    log: Log,
}

/// What a node has said so far.
type Log = Arc<Mutex<String>>;

impl DevNode {
    /// Starts a node on a free port and waits until it answers. Errors: `Missing`, `NotStarted`, `Unreachable`.
    pub fn start(options: Options) -> Result<Self, NodeError> {
        let base_path = options.base_path.clone().unwrap_or_else(own_folder);
        let log = Log::default();
        let (child, port) = spawn(&options, &base_path, 0, &log)?;
        let node = Self { options, base_path, port, child, log };
        node.rpc("system_health", json!([]))?;
        Ok(node)
    }

    /// Kills the node, if it still runs, and starts it on the same port and chain. Errors as [`DevNode::start`].
    pub fn restart(&mut self) -> Result<(), NodeError> {
        self.kill();
        let (child, _) = spawn(&self.options, &self.base_path, self.port, &self.log)?;
        self.child = child;
        self.rpc("system_health", json!([])).map(drop)
    }

    /// Kills the node at once (SIGKILL): it writes nothing more. Its chain stays until the handle is dropped.
    pub fn kill(&mut self) {
        // A node that has ended already cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Port of its JSON-RPC, for websockets and HTTP.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address for websocket clients.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// What the node has logged, over all its starts.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Moves chain time by so many ms and seals a block at the new time. Errors: `Unreachable`, `Refused`.
    pub fn advance_time(&self, ms: u64) -> Result<(), NodeError> {
        self.rpc("dev_advanceTime", json!([ms])).map(drop)
    }

    /// Asks the node by JSON-RPC and waits for the answer. Errors: `Unreachable`, `Refused`.
    pub fn rpc(&self, method: &str, params: Value) -> Result<Value, NodeError> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let unreachable = |error: io::Error| NodeError::Unreachable(error.to_string());
        let body = post(self.port, &request.to_string()).map_err(unreachable)?;
        let mut answer: Value = serde_json::from_str(&body).map_err(|_| NodeError::Unreachable(body))?;
        match answer.get("error") {
            Some(error) => Err(NodeError::Refused { method: method.into(), error: error.clone() }),
            None => Ok(answer["result"].take()),
        }
    }
}

impl Drop for DevNode {
    fn drop(&mut self) {
        self.kill();
        if self.options.base_path.is_none() {
            let _ = fs::remove_dir_all(&self.base_path);
        }
    }
}

/// A folder that no other node of this or another process has.
fn own_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("inktensor-node-{}-{count}", std::process::id()))
}

/// Where the node's binary is.
fn binary() -> Result<PathBuf, NodeError> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let path = named.unwrap_or_else(|| {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        cache.unwrap_or_default().join("inktensor/node/current/inktensor-node")
    });
    if path.is_file() { Ok(path) } else { Err(NodeError::Missing(path)) }
}

fn arguments(options: &Options, base_path: &Path, port: u16) -> Vec<String> {
    let chain = match options.profile {
        Profile::Contracts => "contracts",
        Profile::Bittensor => "bittensor",
    };
    let clock = match options.clock {
        Clock::Real => "real",
        Clock::Manual => "manual",
    };
    let seal = match options.seal {
        Seal::Instant => vec!["instant".to_string()],
        Seal::Manual => vec!["manual".to_string()],
        Seal::Interval(ms) => ["interval", "--block-time", &ms.to_string()].map(String::from).to_vec(),
    };
    let mut arguments = ["--chain", chain, "--clock", clock, "--seal"].map(String::from).to_vec();
    arguments.extend(seal);
    arguments.extend(["--finalise-after".into(), options.finalise_after.to_string()]);
    arguments.extend(["--base-path".into(), base_path.display().to_string()]);
    arguments.extend(["--rpc-port".into(), port.to_string(), "--end-with-stdin".into()]);
    arguments
}

/// Starts the process and waits until it tells its port, which must be `port` unless that is 0.
fn spawn(options: &Options, base_path: &Path, port: u16, log: &Log) -> Result<(Child, u16), NodeError> {
    let mut command = Command::new(binary()?);
    command.args(arguments(options, base_path, port));
    // The handle of the child holds the pipe's other end, and nobody else does.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| NodeError::NotStarted(error.to_string()))?;
    let told = listen(&mut child, log.clone());
    match told.recv_timeout(PATIENCE) {
        Ok(told) if port == 0 || told == port => Ok((child, told)),
        _ => {
            let _ = child.kill();
            let _ = child.wait();
            Err(NodeError::NotStarted(log.lock().unwrap_or_else(PoisonError::into_inner).clone()))
        }
    }
}

/// Keeps what the node says, for as long as it runs, and tells its port once.
fn listen(child: &mut Child, log: Log) -> mpsc::Receiver<u16> {
    let (tell, told) = mpsc::channel();
    if let Some(words) = child.stderr.take() {
        thread::spawn(move || {
            // A line that is not text ends the log, as the end of the node does.
            for line in BufReader::new(words).lines().map_while(Result::ok) {
                if let Some(port) = announced(&line) {
                    // Nobody listens any more after a start that took too long.
                    let _ = tell.send(port);
                }
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
    }
    told
}

fn announced(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(ANNOUNCEMENT)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

/// The body of the answer to an HTTP POST. Version 1.0, so that the body comes in one piece and ends the connection.
fn post(port: u16, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_line_that_tells_it() {
        let line = "2026-01-01 00:00:00 Running JSON-RPC server: addr=127.0.0.1:40123,[::1]:40123";
        assert_eq!(announced(line), Some(40_123));
        assert_eq!(announced("Running JSON-RPC server: addr=127.0.0.1:9944"), Some(9_944));
        assert_eq!(announced("Running JSON-RPC server: addr=127.0.0.1:,"), None);
        assert_eq!(announced("Idle (0 peers), best: #0"), None);
    }
}
