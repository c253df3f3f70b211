use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Cmd, ConnectionAddr, RedisError, Value};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

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
pub(super) struct Live {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
    /// Since when answers are waited for and none has come. A call that is dropped leaves it as it
    /// is: on a dead connection the next ones count on from there, and a sound one is opened anew at
    /// most once in the time that callers have.
    asked: Mutex<Option<Instant>>,
}

impl Live {
    /// Connects and authenticates.
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Error> {
        match options.server.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let stream =
                    TcpStream::connect((host.as_str(), *port)).await.map_err(unreachable)?;
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
        Ok(Self { connection, driver: tokio::spawn(driver), asked: Mutex::default() })
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
        let answer = self.connection.clone().send_packed_command(command).await;
        *self.asked() = None;
        answer?.extract_error()
    }

    fn asked(&self) -> MutexGuard<'_, Option<Instant>> {
        // Nothing in here can panic half-way.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

impl Drop for Live {
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
    #![allow(clippy::unwrap_used)]

    use core::time::Duration;

    use socket2::SockRef;
    use tokio::net::{TcpListener, TcpStream};

    use super::watch;

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
