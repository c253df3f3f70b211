//! A proxy between a store and its server, which lets connections die silently.

use alloc::sync::Arc;
use core::future::pending;
use core::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub(crate) struct Proxy {
    pub(crate) port: u16,
    opened: Arc<AtomicUsize>,
    death: Arc<Notify>,
}

impl Proxy {
    pub(crate) async fn to(url: &str) -> Self {
        let server = url.strip_prefix("redis://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, opened: Arc::default(), death: Arc::default() };
        let (opened, death) = (Arc::clone(&proxy.opened), Arc::clone(&proxy.death));
        drop(tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let mut server = TcpStream::connect(&server).await.unwrap();
                opened.fetch_add(1, Ordering::SeqCst);
                let dies = Arc::clone(&death).notified_owned();
                drop(tokio::spawn(async move {
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        // Both ends stay open.
                        () = dies => pending().await,
                    }
                }));
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
        self.death.notify_waiters();
    }
}
