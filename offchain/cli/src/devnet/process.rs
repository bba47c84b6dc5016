//! The node's process: started so that it outlives this one, and never mistaken for another.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::place::{Place, Plan, Record, failed};
use super::{DevnetError, rpc};

/// How long a node may take to answer: its first start compiles a runtime.
const START: Duration = Duration::from_secs(120);
/// How long it may take to end.
const END: Duration = Duration::from_secs(60);
/// How often to look.
const LOOK: Duration = Duration::from_millis(50);
/// Lines of the log that tell why a node ended.
const LAST_LINES: usize = 10;

/// The node's binary: the one that `INKTENSOR_NODE` names, or the one that scripts/node built.
pub fn binary() -> Result<PathBuf, DevnetError> {
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let cache = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let built = || cache().map(|cache| cache.join("inktensor/node/current/inktensor-node"));
    let path = std::env::var_os("INKTENSOR_NODE").map(PathBuf::from).or_else(built).ok_or(DevnetError::NoHome)?;
    if path.is_file() { Ok(path) } else { Err(DevnetError::NoNode { path }) }
}

/// Starts a node.
pub fn start(place: &Place, plan: Plan) -> Result<(Record, Child), DevnetError> {
    let (binary, chain) = (binary()?, place.chain()?);
    let log = File::create(place.log()).map_err(failed(&place.log()))?;
    let mut node = Command::new(&binary);
    node.arg("--base-path").arg(chain).args(plan.arguments());
    node.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    // A group of its own: what interrupts this program does not reach the node.
    let child = node.process_group(0).spawn().map_err(failed(&binary))?;
    let pid = child.id();
    // Until somebody waits for it, an ended process can be told from others too.
    let birth = birth(pid)?.unwrap_or_default();
    Ok((Record { pid, birth, plan }, child))
}

/// Waits until the node answers. `child` is it, if this process started it.
pub fn wait_until_ready(place: &Place, record: &Record, mut child: Option<Child>) -> Result<(), DevnetError> {
    let began = Instant::now();
    while rpc::health(record.plan.port).is_err() {
        let status = child.as_mut().map(Child::try_wait).transpose().map_err(failed(Path::new("the node")))?.flatten();
        if let Some(status) = status {
            place.erase()?;
            let log = place.last_lines(LAST_LINES)?.join("\n");
            return Err(DevnetError::Ended { status: status.to_string(), log });
        }
        pause(began, START, "answer")?;
    }
    Ok(())
}

/// Ends a node, and waits until it has ended.
pub fn stop(record: &Record) -> Result<(), DevnetError> {
    let shell = Path::new("sh");
    let kill = Command::new(shell).arg("-c").arg(format!("kill {}", record.pid)).status().map_err(failed(shell))?;
    let began = Instant::now();
    while birth(record.pid)?.as_ref() == Some(&record.birth) {
        if !kill.success() {
            let source = std::io::Error::other(format!("cannot end process {}", record.pid));
            return Err(failed(shell)(source));
        }
        pause(began, END, "end")?;
    }
    Ok(())
}

fn pause(began: Instant, most: Duration, what: &'static str) -> Result<(), DevnetError> {
    if began.elapsed() > most {
        return Err(DevnetError::Slow { what, seconds: most.as_secs() });
    }
    std::thread::sleep(LOOK);
    Ok(())
}

/// When a process began, in ticks since which start of the machine; none if there is no such process.
///
/// # Errors
/// The system does not tell: it has no `/proc`.
pub fn birth(pid: u32) -> Result<Option<String>, DevnetError> {
    let boot = Path::new("/proc/sys/kernel/random/boot_id");
    let boot = fs::read_to_string(boot).map_err(failed(boot))?;
    let path = PathBuf::from(format!("/proc/{pid}/stat"));
    match fs::read_to_string(&path) {
        Ok(stat) => Ok(ticks(&stat).map(|ticks| format!("{ticks} after {}", boot.trim()))),
        // The second is what the system says of a process that ends at this moment.
        Err(failure) if failure.kind() == ErrorKind::NotFound || failure.raw_os_error() == Some(3) => Ok(None),
        Err(failure) => Err(failed(&path)(failure)),
    }
}

/// The start in what the system tells of a process; none if it has ended and nobody has waited for it.
fn ticks(stat: &str) -> Option<&str> {
    // The name comes second, in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    if state == "Z" { None } else { fields.nth(18) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
mod tests {
    use super::*;

    #[test]
    fn the_start_is_found_behind_any_name() {
        let stat = |name: &str, state: &str| format!("7 ({name}) {state} {} 4711 99", vec!["0"; 18].join(" "));
        assert_eq!(ticks(&stat("node", "S")), Some("4711"));
        assert_eq!(ticks(&stat("a) b (c", "S")), Some("4711"));
        assert_eq!(ticks(&stat("node", "Z")), None, "ended");
    }

    #[test]
    fn a_process_keeps_its_birth_and_has_none_after_its_end() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let born = birth(child.id()).unwrap();
        assert!(born.is_some());
        assert_eq!(birth(child.id()).unwrap(), born);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_ne!(birth(child.id()).unwrap(), born);
    }
}
