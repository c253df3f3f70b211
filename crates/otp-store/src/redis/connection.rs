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

/// How often an idle connection is probed, so that a dead one is known before it is needed.
const PROBE: Duration = Duration::from_secs(60);

/// A connection that many calls use at once, and the task that carries them.
///
/// The task matches answers to calls in their order, whether anybody still waits for them: a call
/// that is dropped half-way takes its answer with it.
#[derive(Debug)]
pub(super) struct Connection {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
    /// What the schema key held when the server was checked: scripts do nothing under another.
    pub(super) schema: Vec<u8>,
    /// Since when answers are waited for and none has come. A call that is dropped leaves it as it
    /// is: on a dead connection the next ones count on from there, and a sound one is opened anew at
    /// most once in the time that callers have.
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
        // Time is kept where a whole call is waited for.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let settings = options.server.redis_settings();
        let opened = MultiplexedConnection::new_with_config(settings, stream, config).await;
        let (connection, driver) = opened.map_err(|error| refusal(&error))?;
        let (driver, schema) = (tokio::spawn(driver), Vec::new());
        Ok(Self { connection, driver, schema, asked: Mutex::default() })
    }

    /// Whether the server has closed it, or the runtime it belongs to is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    /// Whether the server has answered nothing for so long, though it was asked: those who asked may
    /// all have given up before that.
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
        // Nothing in here can panic half-way.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first of a host's addresses that takes a connection. All but the last have a share of the time,
/// so that a dead one does not take all of it; the last has what is left.
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

/// Lets the kernel notice that the other end is gone, whether somebody waits for it or not.
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
        // It would wait for answers that nobody else does.
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

    /// The queue of the first address is full, so the kernel drops what comes.
    #[tokio::test]
    async fn an_address_whose_packets_vanish_is_passed_over() {
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
        // Nobody else gets its port, and it listens to none.
        let deaf = TcpSocket::new_v4().unwrap();
        deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let closed = deaf.local_addr().unwrap();
        // A fourth of it goes to each address that comes before.
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
        // The control: it is the first that is dead.
        assert!(timeout(Duration::from_millis(200), connect(&[dead], patience)).await.is_err());
    }

    #[tokio::test]
    async fn the_kernel_is_told_how_long_to_wait() {
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
