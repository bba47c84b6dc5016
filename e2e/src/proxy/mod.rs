//! A bad line between a client and a node: a websocket proxy that loses, delays, repeats, cuts and forges.
//!
//! What happens to a frame is drawn from a seed, so a failing run can be repeated as far as the frames come in the same
//! order. [`Tally`] counts what was done, so a test can tell that the trouble really came. A [`Trap`] strikes at one
//! method's requests instead of at random.

mod line;

pub use line::{Faults, Tally, Trap};

use futures_util::{SinkExt, Stream, StreamExt, stream::SplitSink};
use line::{Fate, Line, Trapped};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async_with_config, client_async_with_config,
    tungstenite::{Error, Message, protocol::WebSocketConfig},
};

/// A proxy in front of one node. It ends, with its connections, when it is dropped.
pub struct Proxy {
    port: u16,
    line: Arc<Line>,
    cuts: watch::Sender<()>,
    listener: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of the loopback interface, in front of the node on port `upstream` there. The line is good
    /// until [`Proxy::set`].
    pub async fn start(upstream: u16, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let line = Arc::new(Line::new(upstream, seed));
        let (cuts, cut) = watch::channel(());
        let listener = tokio::spawn(accept(listener, line.clone(), cut));
        Ok(Self { port, line, cuts, listener })
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Makes the line this bad from now on.
    pub fn set(&self, faults: Faults) {
        self.line.set(faults);
    }

    /// Sets a trap for requests of a method. Those under way already are safe.
    pub fn trap(&self, method: &str, trap: Trap) {
        self.line.trap(method, trap);
    }

    /// Removes all traps. Requests that have run into one stay in it.
    pub fn disarm(&self) {
        self.line.disarm();
    }

    /// Cuts all present connections.
    pub fn cut_all(&self) {
        self.cuts.send_replace(());
    }

    /// What was done so far.
    pub fn tally(&self) -> &Tally {
        self.line.tally()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
        self.cut_all();
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>, cut: watch::Receiver<()>) {
    while let Ok((client, _)) = listener.accept().await {
        if line.down() {
            continue;
        }
        let (line, mut cut) = (line.clone(), cut.clone());
        cut.mark_unchanged();
        tokio::spawn(async move {
            // However a connection ends, its sockets are dropped where they are, with no word of farewell.
            tokio::select! {
                _ = carry(client, &line) => {}
                _ = cut.changed() => {}
            }
        });
    }
}

/// Joins a client to the node until one of them leaves or the line is cut.
async fn carry(client: TcpStream, line: &Line) -> Result<(), Error> {
    // Metadata takes megabytes: the sizes of messages are the node's business.
    let config = Some(WebSocketConfig::default().max_message_size(None).max_frame_size(None));
    let node = TcpStream::connect(("127.0.0.1", line.upstream())).await?;
    let url = format!("ws://127.0.0.1:{}", line.upstream());
    let client = accept_async_with_config(client, config).await?;
    let (node, _) = client_async_with_config(url, node, config).await?;
    let (to_client, from_client) = client.split();
    let (to_node, from_node) = node.split();
    let trapped = Trapped::default();
    tokio::select! {
        ended = pump(line, from_client, to_node, |frame| line.request(frame, &trapped)) => ended,
        ended = pump(line, from_node, to_client, |frame| line.answer(frame, &trapped)) => ended,
    }
}

/// Carries frames one way until the connection ends or is cut.
async fn pump<S: AsyncRead + AsyncWrite + Unpin>(
    line: &Line,
    mut from: impl Stream<Item = Result<Message, Error>> + Unpin,
    mut to: SplitSink<WebSocketStream<S>, Message>,
    trap: impl Fn(&Message) -> Option<Fate>,
) -> Result<(), Error> {
    while let Some(frame) = from.next().await {
        let mut frame = frame?;
        match trap(&frame).unwrap_or_else(|| line.fate()) {
            Fate::Pass => {}
            Fate::Lose => continue,
            Fate::Delay(pause) => sleep(pause).await,
            Fate::Repeat => to.send(frame.clone()).await?,
            Fate::Forge(text) => frame = Message::text(text),
            Fate::Cut => break,
        }
        to.send(frame).await?;
        line.passed();
    }
    Ok(())
}
