//! Asks a node on this machine a few things, by HTTP.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::DevnetError;

/// How long a node may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes of an answer.
const ANSWER: u64 = 64 * 1024;
/// Where the chain's state holds the time: hashes of `Timestamp` and `Now`.
const TIME: &str = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";

/// How far a chain is.
#[derive(Debug, Serialize)]
pub struct Heads {
    /// Height of the best block.
    pub best: u64,
    /// Height of the finalised block.
    pub finalised: u64,
    /// Time of the best block, in milliseconds since 1970.
    pub time: u64,
}

/// What listens on that port of this machine; none if nothing does.
pub fn listener(port: u16) -> Option<&'static str> {
    connect(port).ok()?;
    Some(if health(port).is_ok() { "a node that was not started here" } else { "another program" })
}

/// Whether a node answers.
///
/// # Errors
/// [`DevnetError::NoAnswer`].
pub fn health(port: u16) -> Result<(), DevnetError> {
    call(port, "system_health", &json!([])).map(drop)
}

/// How far the chain is.
///
/// # Errors
/// [`DevnetError::NoAnswer`].
pub fn heads(port: u16) -> Result<Heads, DevnetError> {
    let finalised = call(port, "chain_getFinalizedHead", &json!([]))?;
    let height = |parameters: Value| {
        let header = call(port, "chain_getHeader", &parameters)?;
        let number =
            header["number"].as_str().and_then(|number| u64::from_str_radix(number.strip_prefix("0x")?, 16).ok());
        number.ok_or_else(|| no_answer(port, "chain_getHeader", "no height"))
    };
    let time = call(port, "state_getStorage", &json!([TIME]))?;
    let time = time.as_str().and_then(|time| hex::decode(time.strip_prefix("0x")?).ok()?.try_into().ok());
    let time = time.ok_or_else(|| no_answer(port, "state_getStorage", "no time"))?;
    Ok(Heads { best: height(json!([]))?, finalised: height(json!([finalised]))?, time: u64::from_le_bytes(time) })
}

fn call(port: u16, method: &'static str, parameters: &Value) -> Result<Value, DevnetError> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
    let answer = post(port, &body).map_err(|failure| no_answer(port, method, failure))?;
    let (_, answer) = answer.split_once("\r\n\r\n").ok_or_else(|| no_answer(port, method, "not HTTP"))?;
    let mut answer: Value = serde_json::from_str(answer).map_err(|failure| no_answer(port, method, failure))?;
    match answer.get_mut("result").map(Value::take) {
        Some(result) => Ok(result),
        None => Err(no_answer(port, method, &answer["error"])),
    }
}

fn post(port: u16, body: &str) -> std::io::Result<String> {
    let mut stream = connect(port)?;
    let head = format!("Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
    write!(stream, "POST / HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.take(ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

fn connect(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn no_answer(port: u16, method: &'static str, reason: impl ToString) -> DevnetError {
    DevnetError::NoAnswer { port, method, reason: reason.to_string() }
}
