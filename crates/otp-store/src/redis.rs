mod connection;
mod copy;
mod failure;
mod index;
mod keys;
mod migrate;
mod options;
mod reconnecting;
mod reply;
mod scan;
mod schema;
mod script;
mod server;
mod store;

use core::fmt;

pub use self::index::IndexDifference;
pub use self::options::RedisOptions;
use self::reconnecting::Reconnecting;
use crate::{Durability, Error};

/// Credentials and their spent counters in a Redis or Valkey server, which many processes share.
///
/// Each call is one script in one round trip. The server runs it alone and to its end. Keys lie
/// under a prefix and never expire. One connection carries all concurrent calls, and is reopened
/// after a loss.
///
/// The server must be a primary of version 7.0 or later and not part of a cluster, and must not
/// lose data. Each new connection checks its settings, and refuses these with
/// [`EngineErrorKind::Unsafe`](crate::EngineErrorKind::Unsafe):
///
/// - a `maxmemory-policy` that evicts keys without a time to live, if `maxmemory` is set;
/// - `appendonly no`;
/// - `appendfsync` other than `always`, or hidden by the server;
/// - `no-appendfsync-on-rewrite yes`.
///
/// [`RedisOptions::with_weaker_durability`] accepts all but the first. A setting that changes later
/// goes unnoticed. Other users of the server may slow it down, and fill its memory.
///
/// Each new connection also tries the commands that the user needs, on a scratch key: `GET`,
/// `EXISTS`, `HSET`, `HMGET`, `HKEYS`, `HDEL`, `DEL`, `ZADD`, `ZREM` and `ZRANGEBYLEX`, from a
/// script. The user also needs `EVAL`, `EVALSHA`, `INFO` and `CONFIG GET`. [`Redis::create`] needs
/// `SET`, too. [`Redis::check_index`] needs `SCAN` and `ZSCORE`. [`Redis::migrate`] needs all of
/// these, `HLEN`, `HGET` and `RENAME`.
///
/// ```no_run
/// use otp_store::{AsyncVerifier, CredentialId, OtpContext};
/// use otp_store::{Redis, VerifierOptions};
///
/// # async fn verify(context: OtpContext) -> Result<(), otp_store::Error> {
/// let store = Redis::connect("redis://127.0.0.1:6379").await?;
/// let verifier = AsyncVerifier::new(store, context, VerifierOptions::new())?;
/// let alice = CredentialId::new("user-4711")?;
/// let verdict = verifier.verify(&alice, "287082").await?;
/// # let _ = verdict;
/// # Ok(())
/// # }
/// ```
pub struct Redis {
    reconnecting: Reconnecting,
}

impl RedisOptions {
    /// Connects to an existing store. Needs a runtime of tokio, which then drives the connection.
    ///
    /// # Errors
    ///
    /// Those of [`Redis::connect`].
    pub async fn connect(self) -> Result<Redis, Error> {
        Reconnecting::open(self).await.map(|reconnecting| Redis { reconnecting })
    }

    /// Creates the store if it does not exist, and connects.
    ///
    /// # Errors
    ///
    /// Those of [`Redis::create`].
    pub async fn create(self) -> Result<Redis, Error> {
        Reconnecting::create(self).await.map(|reconnecting| Redis { reconnecting })
    }

    /// Migrates an older store to the schema of this version.
    ///
    /// # Errors
    ///
    /// Those of [`Redis::migrate`].
    pub async fn migrate(self) -> Result<(), Error> {
        migrate::run(&self).await
    }
}

impl Redis {
    /// How long the store keeps an acknowledged change, unless
    /// [`RedisOptions::with_weaker_durability`] is set.
    ///
    /// Replicas receive a change after the call returns. If a replica takes over, a code that was
    /// accepted in the last moments before may be accepted once more. `min-replicas-to-write` makes
    /// those moments shorter.
    pub const DURABILITY: Durability = Durability::DiskExceptFailover;

    /// Connects to an existing store, within a runtime of tokio. The URL is
    /// `redis://user:password@host:port/database`. Use `rediss://` for TLS (feature `tls`), and
    /// `unix:` for a socket. User, password and database number may be left out.
    ///
    /// Another machine is reached in plain text only if the URL sets `sslmode=disable`, a parameter
    /// of PostgreSQL URLs. Otherwise an attacker in between could reply that a code is right.
    ///
    /// An empty server is an error, since it may have lost everything. [`Redis::create`] creates
    /// the store.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: the URL is not valid, or needs TLS that is not built in.
    /// - [`Error::Missing`]: the prefix has no store. Calls return it, too, if the server loses the
    ///   store later.
    /// - [`Error::Outdated`]: an older version wrote the store ([`Redis::migrate`]).
    /// - [`Error::Foreign`]: another program's keys are under the prefix.
    /// - [`Error::Newer`]: a newer version of this library wrote the store.
    /// - [`Error::Engine`]: the server cannot be reached, refuses, is a replica or still loading,
    ///   does not answer within five seconds, or has a setting that is not safe. Or the user lacks
    ///   a right: the error's source names the command. Or the connection would be in plain text
    ///   ([`EngineErrorKind::Insecure`](crate::EngineErrorKind::Insecure)).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options(url)?.connect().await
    }

    /// Creates the store if it does not exist, and connects as [`Redis::connect`] does. Concurrent
    /// calls are safe. The user needs the right to `SET`.
    ///
    /// # Errors
    ///
    /// Those of [`Redis::connect`], except [`Error::Missing`].
    pub async fn create(url: &str) -> Result<Self, Error> {
        Self::options(url)?.create().await
    }

    /// Migrates a store of an older version to the current schema. If a call is interrupted, the
    /// next one continues. Concurrent calls are safe.
    ///
    /// First stop every program of the older version: from then on it cannot connect.
    ///
    /// # Errors
    ///
    /// Those of [`Redis::connect`], except [`Error::Outdated`], and [`Error::Corrupt`]: a key has
    /// another type or content than the older version wrote.
    pub async fn migrate(url: &str) -> Result<(), Error> {
        Self::options(url)?.migrate().await
    }

    /// Returns the options for a URL, to set another prefix, timeout or root certificates.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: the URL is not valid, or needs TLS that is not built in.
    /// - [`Error::Engine`]: another machine would be reached in plain text.
    pub fn options(url: &str) -> Result<RedisOptions, Error> {
        RedisOptions::new(url)
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("reconnecting", &self.reconnecting).finish()
    }
}
