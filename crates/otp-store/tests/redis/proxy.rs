//! A proxy between a store and its server, which lets connections die silently.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Proxy {
    pub(crate) port: u16,
    opened: Arc<AtomicUsize>,
    dead: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn to(url: &str) -> Self {
        let server = url.strip_prefix("redis://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, opened: Arc::default(), dead: Arc::default() };
        let (opened, dead) = (Arc::clone(&proxy.opened), Arc::clone(&proxy.dead));
        drop(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&server).await.unwrap();
                let number = opened.fetch_add(1, Ordering::SeqCst);
                drop(tokio::spawn(carry(client, server, number, Arc::clone(&dead))));
            }
        }));
        proxy
    }

    /// Returns the number of connections so far.
    pub(crate) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Stops the traffic of all open connections, and keeps them open.
    pub(crate) fn let_all_die(&self) {
        self.dead.store(self.opened(), Ordering::SeqCst);
    }
}

async fn carry(client: TcpStream, server: TcpStream, number: usize, dead: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking =
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        let lives = number >= dead.load(Ordering::SeqCst);
        if lives && to_client.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    asking.abort();
}
