//! A proxy between a store and its server, which counts requests and loses replies.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use core::time::Duration;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Answers {
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
    answers: AtomicU8,
    round_trips: AtomicUsize,
    left: AtomicUsize,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

impl Proxy {
    pub(crate) async fn to(url: &str) -> Self {
        let (_, place) = url.rsplit_once('@').unwrap();
        let server = place.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = Arc::clone(&proxy.state);
        drop(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if state.answers.load(Ordering::SeqCst) == Answers::Down as u8 {
                    continue;
                }
                let server = TcpStream::connect(&server).await.unwrap();
                drop(tokio::spawn(carry(client, server, Arc::clone(&state))));
            }
        }));
        proxy
    }

    pub(crate) fn let_answers(&self, answers: Answers) {
        self.state.answers.store(answers as u8, Ordering::SeqCst);
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
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let counted = Arc::clone(&state);
    let asking = tokio::spawn(async move {
        let mut first = true;
        while let Ok(message) = message(&mut from_client, !first).await {
            if !first && matches!(message[0], b'S' | b'Q') {
                counted.round_trips.fetch_add(1, Ordering::SeqCst);
            }
            let gone = counted.answers.load(Ordering::SeqCst) == Answers::Gone as u8;
            if !gone && to_server.write_all(&message).await.is_err() {
                break;
            }
            first = false;
        }
        counted.left.fetch_add(1, Ordering::SeqCst);
        while counted.answers.load(Ordering::SeqCst) == Answers::Gone as u8 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        match state.answers.load(Ordering::SeqCst) {
            0 | 3 if to_client.write_all(&buffer[..length]).await.is_ok() => {}
            0 | 1 | 3 => break,
            _ => {}
        }
    }
    // The request has reached the server; both ends close.
    asking.abort();
}
