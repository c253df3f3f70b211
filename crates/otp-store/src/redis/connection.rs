use core::net::SocketAddr;
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Cmd, ConnectionAddr, RedisError, Value};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::failure::refusal;
use super::options::RedisOptions;
use crate::{EngineError, EngineErrorKind, Error};

/// How often to probe an idle connection, so that a dead one is found before it is needed.
const PROBE: Duration = Duration::from_secs(60);

/// A connection that concurrent calls share, and the task that drives it.
///
/// The task matches replies to calls in their order, even if a call no longer waits. The reply to a
/// dropped call is dropped, too.
#[derive(Debug)]
pub(super) struct Connection {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
    /// The schema key at the time of the check. Scripts do nothing under another schema.
    pub(super) schema: Vec<u8>,
    /// When calls began to wait without any reply. A dropped call does not reset it. So on a dead
    /// connection the wait continues with the next call, and a sound connection is reopened at most
    /// once per timeout.
    asked: Mutex<Option<Instant>>,
}

impl Connection {
    /// Connects and authenticates.
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Error> {
        match options.server.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let addresses = lookup_host((host.as_str(), *port)).await.map_err(unreachable)?;
                let stream = connect(&Vec::from_iter(addresses), options.patience).await?;
                watch(&stream, options.patience).map_err(unreachable)?;
                #[cfg(feature = "tls")]
                if options.tls {
                    return Self::over(options, encrypted(options, host, stream).await?).await;
                }
                Self::over(options, stream).await
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await.map_err(unreachable)?;
                Self::over(options, stream).await
            }
            _ => Err(Error::Url("syntax")),
        }
    }

    async fn over<S>(options: &RedisOptions, stream: S) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // The timeout applies to the whole call.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let settings = options.server.redis_settings();
        let opened = MultiplexedConnection::new_with_config(settings, stream, config).await;
        let (connection, driver) = opened.map_err(|error| refusal(&error))?;
        let (driver, schema) = (tokio::spawn(driver), Vec::new());
        Ok(Self { connection, driver, schema, asked: Mutex::default() })
    }

    /// Returns whether the server has closed the connection, or its runtime has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    /// Returns whether calls have waited for `patience` without any reply. The calls themselves may
    /// have given up before.
    pub(super) fn is_silent(&self, patience: Duration) -> bool {
        self.asked().is_some_and(|since| since.elapsed() >= patience)
    }

    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        self.asked().get_or_insert_with(Instant::now);
        let reply = self.connection.clone().send_packed_command(command).await;
        *self.asked() = None;
        reply?.extract_error()
    }

    fn asked(&self) -> MutexGuard<'_, Option<Instant>> {
        // A panic cannot leave the value half changed.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects to the first of a host's addresses that accepts. All but the last get a share of the
/// time, so that a dead address does not take all of it. The last address gets the rest.
async fn connect(addresses: &[SocketAddr], patience: Duration) -> Result<TcpStream, Error> {
    let Some((last, others)) = addresses.split_last() else {
        return Err(EngineError::from(EngineErrorKind::Unreachable).into());
    };
    let shares = u32::try_from(addresses.len()).unwrap_or(u32::MAX).saturating_add(1);
    let share = patience.checked_div(shares).unwrap_or(patience);
    for address in others {
        if let Ok(Ok(stream)) = timeout(share, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    TcpStream::connect(last).await.map_err(unreachable)
}

/// Lets the kernel notice a dead peer, even if no call waits.
fn watch(stream: &TcpStream, patience: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience))?;
    #[cfg(not(target_os = "linux"))]
    let _ = patience;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(PROBE))
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Otherwise the task would wait for replies without a receiver.
        self.driver.abort();
    }
}

#[cfg(feature = "tls")]
async fn encrypted(
    options: &RedisOptions,
    host: &str,
    stream: TcpStream,
) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, Error> {
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::ServerName;

    let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::Url("syntax"))?;
    let connector = TlsConnector::from(alloc::sync::Arc::new(options.roots.client()?));
    connector.connect(name, stream).await.map_err(|error| {
        let untrusted =
            error.get_ref().is_some_and(|cause| cause.is::<tokio_rustls::rustls::Error>());
        if untrusted {
            EngineError::new(EngineErrorKind::Insecure, error).into()
        } else {
            unreachable(error)
        }
    })
}

fn unreachable(error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::TimedOut => EngineErrorKind::TimedOut,
        _ => EngineErrorKind::Unreachable,
    };
    EngineError::new(kind, error).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use core::net::SocketAddr;
    use core::time::Duration;

    use socket2::SockRef;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};
    use tokio::time::timeout;

    use super::{connect, watch};
    use crate::{EngineErrorKind, Error};

    /// The queue of the first address is full, so the kernel drops new packets.
    #[tokio::test]
    async fn address_that_drops_packets_is_passed_over() {
        let full = TcpSocket::new_v4().unwrap();
        full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let full = full.listen(1).unwrap();
        let dead = full.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(dead)).await {
            queue.push(stream.unwrap());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        // This socket keeps its port and never listens.
        let deaf = TcpSocket::new_v4().unwrap();
        deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let closed = deaf.local_addr().unwrap();
        // Each address before the last gets a quarter of it.
        let patience = Duration::from_secs(8);
        let whole =
            async |addresses: &[SocketAddr]| timeout(patience, connect(addresses, patience)).await;
        assert!(whole(&[dead, closed, good]).await.unwrap().is_ok());
        for addresses in [&[closed][..], &[]] {
            let Ok(Err(Error::Engine(error))) = whole(addresses).await else {
                panic!("{addresses:?}");
            };
            assert_eq!(error.kind(), EngineErrorKind::Unreachable);
        }
        // The control: the first address is the dead one.
        assert!(timeout(Duration::from_millis(200), connect(&[dead], patience)).await.is_err());
    }

    #[tokio::test]
    async fn kernel_gets_the_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        for patience in [Duration::from_millis(7), Duration::from_secs(86_400)] {
            watch(&stream, patience).unwrap();
            #[cfg(target_os = "linux")]
            assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(patience));
        }
        assert!(SockRef::from(&stream).keepalive().unwrap() && stream.nodelay().unwrap());
    }
}
