use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Cmd, ConnectionAddr, RedisError, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::failure::refusal;
use super::options::RedisOptions;
use crate::{EngineError, EngineErrorKind, Error};

/// A connection that many calls use at once, and the task that carries them.
///
/// The task matches answers to calls in their order, whether anybody still waits for them: a call
/// that is dropped half-way takes its answer with it.
#[derive(Debug)]
pub(super) struct Live {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
}

impl Live {
    /// Connects and authenticates.
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, Error> {
        match options.server.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let stream =
                    TcpStream::connect((host.as_str(), *port)).await.map_err(unreachable)?;
                stream.set_nodelay(true).map_err(unreachable)?;
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
        Ok(Self { connection, driver: tokio::spawn(driver) })
    }

    /// Whether the server has closed it, or the runtime it belongs to is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, RedisError> {
        self.connection.clone().send_packed_command(command).await?.extract_error()
    }
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
    connector.connect(name, stream).await.map_err(unreachable)
}

fn unreachable(error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::TimedOut => EngineErrorKind::TimedOut,
        _ => EngineErrorKind::Unreachable,
    };
    EngineError::new(kind, error).into()
}
