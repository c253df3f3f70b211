//! A proxy between a store and its server, which counts requests and loses replies.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::io;
use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::server::place;

#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Answers {
    #[default]
    Come,
    /// Replies end with the connection.
    Cut,
    /// Replies never come.
    Vanish,
    /// New connections end at once.
    Down,
    /// No traffic passes in either direction, and neither end sees the other close.
    Gone,
}

#[derive(Default)]
struct State {
    answers: Mutex<Answers>,
    round_trips: AtomicUsize,
    left: AtomicUsize,
}

impl State {
    fn answers(&self) -> Answers {
        *self.answers.lock().unwrap()
    }
}

pub(crate) struct Proxy {
    pub(crate) place: String,
    state: Arc<State>,
}

impl Proxy {
    pub(crate) async fn to(url: &str) -> Self {
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        let serve = move |client, server| carry(client, server, Arc::clone(&shared));
        let (place, _) = listen(url, serve).await;
        Self { place, state }
    }

    pub(crate) fn let_answers(&self, answers: Answers) {
        *self.state.answers.lock().unwrap() = answers;
    }

    /// Returns the number of requests for a reply since the last call: messages `Sync` and `Query`.
    pub(crate) fn round_trips(&self) -> usize {
        self.state.round_trips.swap(0, Ordering::SeqCst)
    }

    /// Returns the number of clients that have disconnected.
    pub(crate) fn left(&self) -> usize {
        self.state.left.load(Ordering::SeqCst)
    }
}

/// Serves each client by a connection of its own to the server of a URL. Returns where it listens.
pub(crate) async fn listen<F: Future<Output: Send> + Send + 'static>(
    url: &str,
    serve: impl Fn(TcpStream, TcpStream) -> F + Send + 'static,
) -> (String, JoinHandle<()>) {
    let server = place(url).to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("localhost:{}", listener.local_addr().unwrap().port());
    let listening = tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            drop(tokio::spawn(serve(client, server)));
        }
    });
    (here, listening)
}

/// Reads a message with its kind. A client's first message has none.
pub(crate) async fn message(
    from: &mut (impl AsyncRead + Unpin),
    kind: bool,
) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    if kind {
        message.push(from.read_u8().await?);
    }
    let length = from.read_u32().await?;
    message.extend(length.to_be_bytes());
    let begin = message.len();
    message.resize(begin + length as usize - 4, 0);
    from.read_exact(&mut message[begin..]).await?;
    Ok(message)
}

async fn carry(client: TcpStream, server: TcpStream, state: Arc<State>) {
    if state.answers() == Answers::Down {
        return;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let counted = Arc::clone(&state);
    let asking = tokio::spawn(async move {
        let mut first = true;
        while let Ok(message) = message(&mut from_client, !first).await {
            if !first && matches!(message[0], b'S' | b'Q') {
                counted.round_trips.fetch_add(1, Ordering::SeqCst);
            }
            let gone = counted.answers() == Answers::Gone;
            if !gone && to_server.write_all(&message).await.is_err() {
                break;
            }
            first = false;
        }
        counted.left.fetch_add(1, Ordering::SeqCst);
        while counted.answers() == Answers::Gone {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        match state.answers() {
            Answers::Vanish | Answers::Gone => {}
            Answers::Cut => break,
            Answers::Come | Answers::Down => {
                if to_client.write_all(&buffer[..length]).await.is_err() {
                    break;
                }
            }
        }
    }
    // The request has reached the server; both ends close.
    asking.abort();
}
