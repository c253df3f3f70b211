use core::fmt;
use core::net::IpAddr;
use core::time::Duration;

use ::redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

#[cfg(feature = "tls")]
use crate::tls::Roots;
use crate::{EngineError, EngineErrorKind, Error};

/// The default timeout.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of a parameter and its value.
type Pair = (String, String);

/// Options for opening a [`Redis`](crate::Redis) store.
///
/// ```no_run
/// use otp_store::Redis;
///
/// # async fn open() -> Result<Redis, otp_store::Error> {
/// let options = Redis::options("rediss://app:password@redis.example.com")?;
/// options.with_prefix("shop:otp:").connect().await
/// # }
/// ```
#[derive(Clone)]
pub struct RedisOptions {
    pub(super) server: ConnectionInfo,
    pub(super) tls: bool,
    #[cfg(feature = "tls")]
    pub(super) roots: Roots,
    pub(super) prefix: String,
    pub(super) patience: Duration,
    pub(super) weaker: bool,
}

impl RedisOptions {
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let mut url = ::redis::parse_redis_url(url).ok_or(Error::Url("syntax"))?;
        let tls = matches!(url.scheme(), "rediss" | "valkeys");
        if tls && !cfg!(feature = "tls") {
            return Err(Error::Url("tls"));
        }
        // `#insecure` would trust every server.
        if url.fragment().is_some() || (tls && url.set_scheme("redis").is_err()) {
            return Err(Error::Url("syntax"));
        }
        let parameters = url.query_pairs().into_owned().collect();
        let (plain, parameters) = without_mode(parameters, tls)?;
        url.set_query(None);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        // The client's own error may repeat the URL with its password.
        let server = url.into_connection_info().map_err(|_| Error::Url("syntax"))?;
        if !tls && !plain && !is_local(server.addr()) {
            return Err(EngineError::from(EngineErrorKind::Insecure).into());
        }
        let settings = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        Ok(Self {
            server: server.set_redis_settings(settings),
            tls,
            #[cfg(feature = "tls")]
            roots: Roots::default(),
            prefix: "otp:".to_owned(),
            patience: PATIENCE,
            weaker: false,
        })
    }

    /// Sets the prefix of all keys. Default: `otp:`. In one database no prefix may be the beginning
    /// of another.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Sets the timeout of a call, which includes connecting. Default: 5 seconds, at most a day. A
    /// call that times out returns an error, but its request may still be carried out. If calls
    /// have waited that long without any reply, the store reconnects.
    #[must_use]
    pub fn with_timeout(self, patience: Duration) -> Self {
        // A longer timeout could overflow a clock or the kernel.
        Self { patience: patience.min(Duration::from_secs(86_400)), ..self }
    }

    /// Trusts only the certificates of a PEM text, instead of the system's.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`]: the text has no certificate, or an invalid one.
    #[cfg(feature = "tls")]
    pub fn with_root_certificates(self, pem: &[u8]) -> Result<Self, Error> {
        Ok(Self { roots: Roots::of_pem(pem)?, ..self })
    }

    /// Also accepts a server that may lose acknowledged changes when it or its machine stops. Such
    /// a server lacks `appendonly yes`, has `appendfsync everysec` or `no`, has
    /// `no-appendfsync-on-rewrite yes`, or hides its settings.
    ///
    /// A code whose acceptance was lost is accepted once more, and a lost attempt is no longer
    /// counted. [`Redis::DURABILITY`](crate::Redis::DURABILITY) does not hold then.
    #[must_use]
    pub fn with_weaker_durability(self) -> Self {
        Self { weaker: true, ..self }
    }
}

/// Returns whether a URL sets `sslmode=disable`, as one of PostgreSQL would, and its other
/// parameters. The client does not support `sslmode`.
fn without_mode(parameters: Vec<Pair>, tls: bool) -> Result<(bool, Vec<Pair>), Error> {
    let (modes, others): (Vec<_>, Vec<_>) =
        parameters.into_iter().partition(|(name, _)| name == "sslmode");
    match modes.as_slice() {
        [] => Ok((false, others)),
        [(_, mode)] if mode == "disable" && !tls => Ok((true, others)),
        _ => Err(Error::Url("sslmode")),
    }
}

/// Returns whether all traffic stays on this machine.
fn is_local(address: &ConnectionAddr) -> bool {
    match address {
        ConnectionAddr::Tcp(host, _) => {
            host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        ConnectionAddr::Unix(_) => true,
        _ => false,
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = f.debug_struct("RedisOptions");
        match self.server.addr() {
            ConnectionAddr::Tcp(host, port) => options.field("host", host).field("port", port),
            ConnectionAddr::Unix(path) => options.field("path", path),
            _ => &mut options,
        };
        options
            .field("database", &self.server.redis_settings().db())
            .field("tls", &self.tls)
            .field("prefix", &self.prefix)
            .field("timeout", &self.patience)
            .field("weaker_durability", &self.weaker)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::RedisOptions;
    use crate::{EngineErrorKind, Error};

    #[test]
    fn invalid_url_is_not_repeated() {
        for url in [
            "",
            "horse",
            "http://user:horse@localhost",
            "redis:horse",
            "redis://",
            "redis://user:horse@localhost:port",
            "redis://user:horse@localhost:70000",
            "redis://:horse@localhost/database",
            "redis://:horse@0.0.0.0",
            "redis://:horse@localhost?protocol=9",
            "rediss://:horse@localhost#insecure",
            "redis://:horse@localhost#insecure",
            "rediss://:horse@localhost/x",
            "unix:?pass=horse&db=x",
        ] {
            let error = RedisOptions::new(url).unwrap_err();
            assert!(matches!(error, Error::Url(_)), "{url}");
            assert!(!format!("{error} {error:?}").contains("horse"), "{url}");
        }
    }

    #[test]
    fn password_is_never_shown() {
        for url in [
            "redis://user:horse@localhost:6380/3",
            "redis://:horse@[::1]?protocol=resp3",
            "valkey://:horse@localhost",
            "unix:///run/redis.sock?pass=horse&db=3",
        ] {
            let options = RedisOptions::new(url).unwrap();
            assert_eq!(options.server.redis_settings().password(), Some("horse"), "{url}");
            assert!(!format!("{options:?}").contains("horse"), "{options:?}");
        }
    }

    #[test]
    fn plain_text_is_default_only_on_this_machine() {
        for (url, plain) in [
            ("redis://localhost", true),
            ("redis://127.0.0.1:6380/3", true),
            ("redis://[::1]", true),
            ("unix:///run/redis.sock", true),
            ("redis://redis.example.com", false),
            ("redis://:horse@10.0.0.1", false),
            ("valkey://localhost.example.com", false),
            ("redis://redis.example.com?protocol=resp3", false),
            ("redis://redis.example.com/3?sslmode=disable", true),
            ("redis://redis.example.com/3?protocol=resp3&sslmode=disable", true),
        ] {
            match RedisOptions::new(url) {
                Ok(options) => assert!(plain && !options.tls, "{url}"),
                Err(Error::Engine(error)) => {
                    assert!(!plain && error.kind() == EngineErrorKind::Insecure, "{url}");
                }
                Err(error) => panic!("{url}: {error}"),
            }
        }
        let options = RedisOptions::new("redis://u:horse@h:1/3?sslmode=disable").unwrap();
        assert_eq!(options.server.redis_settings().db(), 3);
        for url in [
            "redis://host?sslmode=require",
            "redis://host?sslmode=prefer",
            "redis://host?sslmode=disable&sslmode=disable",
            "redis://localhost?sslmode=",
        ] {
            let Err(Error::Url(part)) = RedisOptions::new(url) else { panic!("{url}") };
            assert_eq!(part, "sslmode");
        }
        #[cfg(feature = "tls")]
        assert!(RedisOptions::new("rediss://host?sslmode=disable").is_err());
    }

    #[test]
    fn encryption_needs_its_feature() {
        for url in ["rediss://localhost", "valkeys://localhost"] {
            let options = RedisOptions::new(url);
            assert!(options.is_ok_and(|options| options.tls) == cfg!(feature = "tls"), "{url}");
        }
        assert!(!RedisOptions::new("redis://localhost").unwrap().tls);
    }
}
