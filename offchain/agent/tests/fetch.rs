//! Downloads from servers that lie, stall and never end.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::time::Duration;

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use inktensor_agent::config::FetchLimits;
use inktensor_agent::validator::{Cache, FetchError, FetchFault, Fetcher, Size, Wanted};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The default limits, without a pause between attempts, for servers on the loopback interface.
fn limits() -> FetchLimits {
    FetchLimits { pause: Duration::ZERO, private_addresses: true, ..FetchLimits::default() }
}

const MODEL: &[u8] = b"sixteen bytes ok";

/// What a server writes after a request.
#[derive(Clone)]
struct Script {
    /// Sent as it is, headers included.
    answer: Vec<u8>,
    /// Sent again and again afterwards.
    endless: Vec<u8>,
    /// Whether the connection stays open, silent, at the end.
    stall: bool,
}

impl Script {
    fn answer(text: impl Into<Vec<u8>>) -> Self {
        Self { answer: text.into(), endless: Vec::new(), stall: false }
    }

    fn file(body: &[u8]) -> Self {
        let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(body);
        Self::answer(answer)
    }

    async fn play(self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await?;
        stream.write_all(&self.answer).await?;
        while !self.endless.is_empty() {
            stream.write_all(&self.endless).await?;
        }
        if self.stall {
            std::future::pending::<()>().await;
        }
        stream.shutdown().await
    }
}

async fn serve(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/models/x", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(script.clone().play(stream));
        }
    });
    uri
}

fn wanted(uri: String) -> Wanted {
    Wanted { digest: Blake2b::<U32>::digest(MODEL).into(), size: Size::Exactly(MODEL.len() as u64), uri }
}

fn fetcher(limits: FetchLimits) -> (Fetcher, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Fetcher::new(Cache::open(folder.path()).unwrap(), limits).unwrap(), folder)
}

/// The fault of a server, after which nothing may be left on the disk.
async fn fault_of(script: Script, limits: FetchLimits) -> FetchFault {
    let (fetcher, folder) = fetcher(limits);
    let outcome = fetcher.fetch(&wanted(serve(script).await)).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a failed download leaves nothing");
    match outcome {
        Err(FetchError::Fault(fault)) => fault,
        other => panic!("expected a fault, got {other:?}"),
    }
}

fn patience(idle_ms: u64, total_ms: u64) -> FetchLimits {
    let (idle, total) = (Duration::from_millis(idle_ms), Duration::from_millis(total_ms));
    FetchLimits { idle, total, ..limits() }
}

#[tokio::test]
async fn an_honest_file_is_kept_and_not_fetched_twice() {
    let (fetcher, _folder) = fetcher(limits());
    let mut wanted = wanted(serve(Script::file(MODEL)).await);
    fetcher.fetch(&wanted).await.unwrap();
    assert_eq!(fetcher.cache().read(&wanted.digest).unwrap().as_deref(), Some(MODEL));
    wanted.uri = "http://127.0.0.1:1/".to_owned();
    fetcher.fetch(&wanted).await.unwrap();
}

#[tokio::test]
async fn a_body_without_a_length_is_fine_when_it_is_whole() {
    let (fetcher, _folder) = fetcher(limits());
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n".to_vec();
    answer.extend_from_slice(MODEL);
    fetcher.fetch(&wanted(serve(Script::answer(answer)).await)).await.unwrap();
}

#[tokio::test]
async fn another_file_has_the_wrong_digest() {
    let fault = fault_of(Script::file(b"sixteen bytes 0k"), limits()).await;
    assert!(matches!(fault, FetchFault::WrongDigest { .. }), "{fault}");
}

#[tokio::test]
async fn a_shorter_file_is_truncated() {
    let committed = MODEL.len() as u64;
    let announced = fault_of(Script::file(&MODEL[..9]), limits()).await;
    assert_eq!(announced, FetchFault::Truncated { found: 9, committed });

    let mut cut = Script::file(MODEL);
    cut.answer.truncate(cut.answer.len() - 6);
    let cut = fault_of(cut, limits()).await;
    assert_eq!(cut, FetchFault::Truncated { found: 10, committed });
}

#[tokio::test]
async fn a_larger_file_is_refused_by_its_header() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    let script = Script { answer: answer.into(), endless: vec![7; 1024], stall: true };
    let fault = fault_of(script, limits()).await;
    assert_eq!(fault, FetchFault::TooLarge { limit: MODEL.len() as u64 });
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_committed_size() {
    let script = Script { answer: b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), endless: vec![7; 1024], stall: true };
    let fault = fault_of(script, limits()).await;
    assert_eq!(fault, FetchFault::TooLarge { limit: MODEL.len() as u64 });
}

#[tokio::test]
async fn a_commitment_above_the_validators_cap_is_not_even_asked_for() {
    let limits = FetchLimits { max_bytes: MODEL.len() as u64 - 1, ..limits() };
    let fault = fault_of(Script::file(MODEL), limits).await;
    assert_eq!(fault, FetchFault::TooLarge { limit: limits.max_bytes });
}

#[tokio::test]
async fn silence_is_unreachable() {
    let mut script = Script::file(MODEL);
    script.answer.truncate(script.answer.len() - 6);
    script.stall = true;
    let fault = fault_of(script, patience(50, 60_000)).await;
    assert!(matches!(fault, FetchFault::Unreachable { .. }), "{fault}");
}

#[tokio::test]
async fn a_download_ends_at_its_deadline() {
    let script = Script { answer: Vec::new(), endless: Vec::new(), stall: true };
    let fault = fault_of(script, patience(60_000, 50)).await;
    assert!(matches!(fault, FetchFault::Unreachable { .. }), "{fault}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_a_few_times() {
    // Answers 503 on the first two connections, the file afterwards.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for connection in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            let busy = Script::answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let script = if connection < 2 { busy } else { Script::file(MODEL) };
            tokio::spawn(script.play(stream));
        }
    });
    let (impatient, _folder) = fetcher(FetchLimits { attempts: 2, ..limits() });
    let refused = impatient.fetch(&wanted(uri.clone())).await;
    assert!(matches!(refused, Err(FetchError::Fault(FetchFault::Refused { status: 503 }))), "{refused:?}");
    let (patient, _folder) = fetcher(limits());
    patient.fetch(&wanted(uri)).await.unwrap();
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let honest = serve(Script::file(MODEL)).await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {honest}\r\nContent-Length: 0\r\n\r\n");
    let fault = fault_of(Script::answer(answer), limits()).await;
    assert_eq!(fault, FetchFault::Refused { status: 302 });
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (fetcher, _folder) = fetcher(limits());
    let outcome = fetcher.fetch(&wanted(uri)).await;
    assert!(matches!(outcome, Err(FetchError::Fault(FetchFault::Unreachable { .. }))), "{outcome:?}");
}

#[tokio::test]
async fn other_schemes_and_nonsense_are_bad_uris() {
    let (fetcher, _folder) = fetcher(limits());
    for uri in ["file:///etc/passwd", "ftp://host/x", "not a uri", ""] {
        let outcome = fetcher.fetch(&wanted(uri.to_owned())).await;
        assert!(matches!(outcome, Err(FetchError::Fault(FetchFault::BadUri { .. }))), "{uri}: {outcome:?}");
    }
}

#[tokio::test]
async fn hosts_that_are_not_public_are_not_asked() {
    let here = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    here.set_nonblocking(true).unwrap();
    let port = here.local_addr().unwrap().port();
    let (fetcher, _folder) = fetcher(FetchLimits { attempts: 1, ..FetchLimits::default() });
    let this_machine = [
        "127.0.0.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "public.example@127.0.0.1",
        "localhost",
        "LocalHost",
        "public.example:80@localhost",
    ];
    let its_network =
        ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]"];
    for host in this_machine.into_iter().chain(its_network) {
        match fetcher.fetch(&wanted(format!("http://{host}:{port}/"))).await {
            Err(FetchError::Fault(fault @ FetchFault::NotPublic { .. })) => {
                assert!(!fault.may_be_ours() && fault.to_string().contains("private_addresses = true"), "{fault}");
            }
            outcome => panic!("{host}: {outcome:?}"),
        }
    }
    // Whether the system knows this name is its own affair.
    let outcome = fetcher.fetch(&wanted(format!("http://localhost.:{port}/"))).await;
    assert!(matches!(outcome, Err(FetchError::Fault(_))), "{outcome:?}");
    assert_eq!(here.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "somebody has knocked");
}

#[tokio::test]
async fn an_operator_may_allow_hosts_that_are_not_public() {
    let (fetcher, _folder) = fetcher(limits());
    let uri = serve(Script::file(MODEL)).await;
    for uri in [uri.replace("127.0.0.1", "localhost"), uri] {
        let wanted = wanted(uri);
        fetcher.fetch(&wanted).await.unwrap();
        std::fs::remove_file(fetcher.cache().path(&wanted.digest)).unwrap();
    }
}

#[tokio::test]
async fn a_file_of_unknown_size_may_be_as_large_as_allowed() {
    let endless = Script { answer: b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), endless: vec![7; 1000], stall: false };
    for (script, most, fault) in [
        (Script::file(MODEL), 16, None),
        (Script::file(MODEL), 1000, None),
        (Script::file(MODEL), 15, Some(FetchFault::TooLarge { limit: 15 })),
        (endless, 1000, Some(FetchFault::TooLarge { limit: 1000 })),
    ] {
        let (fetcher, _folder) = fetcher(limits());
        let file = Wanted { size: Size::AtMost(most), ..wanted(serve(script).await) };
        match (fetcher.fetch(&file).await, fault) {
            (Ok(()), None) => assert!(fetcher.cache().read(&file.digest).unwrap().is_some()),
            (Err(FetchError::Fault(found)), Some(expected)) => assert_eq!(found, expected),
            (outcome, expected) => panic!("{outcome:?} where {expected:?} was due"),
        }
    }
}
