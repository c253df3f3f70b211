mod connection;
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

use core::fmt;

use ::redis::Cmd;
use otp_context::replay::ThrottlePolicy;

pub use self::index::IndexDifference;
pub use self::options::RedisOptions;
use self::reconnecting::Reconnecting;
use self::reply::{Reply, unexpected};
use self::script::Script;
use crate::{
    AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, Durability, Entry, Error,
    RecordText, SpendReply, SpendRequest,
};

/// The latest time of a charge: a double holds it exactly, even with the longest wait added.
const LATEST: u64 = (1 << 53) - (1 << 32);

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

    /// Returns the keys of the schema, the account and the credential.
    fn keys(&self, id: &CredentialId) -> [String; 3] {
        let keys = self.reconnecting.keys();
        [keys.schema(), keys.account(id), keys.credential(id)]
    }

    /// Returns those keys and the index.
    fn all_keys(&self, id: &CredentialId) -> [String; 4] {
        let [schema, account, credential] = self.keys(id);
        [schema, account, credential, self.reconnecting.keys().index()]
    }

    /// Runs a script on the keys of a credential.
    async fn run(
        &self,
        script: &Script,
        id: &CredentialId,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Reply, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id));
            arguments(command);
        };
        self.reconnecting.run(script, &self.keys(id), arguments).await
    }
}

/// Returns step, limit and waits as bytes: one argument costs the server less than twenty, and four
/// bytes cost less than digits.
fn bytes(policy: &ThrottlePolicy) -> Vec<u8> {
    let numbers = [policy.linear_step(), policy.limit()];
    numbers.iter().chain(policy.backoff()).flat_map(|number| number.to_be_bytes()).collect()
}

impl AsyncStore for Redis {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id)).arg(keys::place(id));
            command.arg(entry.record.as_str()).arg(u8::from(entry.hotp));
            command.arg(entry.length).arg(entry.generation).arg(entry.next);
            command.arg(u8::from(entry.confirmed));
        };
        let script = &self.reconnecting.scripts().insert;
        self.reconnecting.run(script, &self.all_keys(id), arguments).await?.done("enrolled")
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let script = &self.reconnecting.scripts().find;
        let mut reply = self.run(script, id, |_| {}).await?;
        match reply.word()?.as_str() {
            "found" => reply.found().map(Some),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        let now = charge.now().as_secs();
        if now > LATEST {
            return Err(Error::TooLarge("time"));
        }
        let arguments = |command: &mut Cmd| {
            command
                .arg(&charge.attempt().as_bytes()[..])
                .arg(now)
                .arg(charge.length())
                .arg(u8::from(charge.confirmed()));
            command.arg(bytes(charge.totp_policy())).arg(bytes(charge.hotp_policy()));
        };
        let script = &self.reconnecting.scripts().charge;
        let mut reply = self.run(script, id, arguments).await?;
        match reply.word()?.as_str() {
            "permitted" => reply.permitted(charge).map(ChargeReply::Permitted),
            "locked" => reply.throttle().map(ChargeReply::Locked),
            "malformed" => {
                let length = reply.length()?;
                Ok(ChargeReply::Malformed { length, throttle: reply.throttle()? })
            }
            "unknown" => Ok(ChargeReply::Unknown),
            "enrolled" => Ok(ChargeReply::Enrolled),
            _ => Err(unexpected()),
        }
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(spend.generation()).arg(spend.counter()).arg(spend.next());
            command.arg(spend.drift()).arg(&spend.attempt().as_bytes()[..]);
        };
        let scripts = self.reconnecting.scripts();
        let script = if spend.confirms() { &scripts.confirm } else { &scripts.spend };
        match self.run(script, id, arguments).await?.word()?.as_str() {
            "done" => Ok(SpendReply::Done),
            "replayed" => Ok(SpendReply::Replayed),
            "stale" => Ok(SpendReply::Stale),
            "unknown" => Ok(SpendReply::Unknown),
            _ => Err(unexpected()),
        }
    }

    async fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(&attempt.as_bytes()[..]);
        };
        self.run(&self.reconnecting.scripts().take_back, id, arguments).await?.done("unknown")
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.run(&self.reconnecting.scripts().reset_drift, id, |_| {}).await?.done("unknown")
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(old.as_str()).arg(new.as_str());
        };
        self.run(&self.reconnecting.scripts().reseal, id, arguments).await?.done("unknown")
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.run(&self.reconnecting.scripts().unlock, id, |_| {}).await?.done("unknown")
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(id)).arg(keys::place(id));
        };
        let script = &self.reconnecting.scripts().remove;
        self.reconnecting.run(script, &self.all_keys(id), arguments).await?.done("unknown")
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let after = after.map_or_else(|| "-".to_owned(), |id| format!("({}", keys::place(id)));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let arguments = |command: &mut Cmd| {
            command.arg(&after).arg(most);
        };
        let keys = [self.reconnecting.keys().schema(), self.reconnecting.keys().index()];
        let places =
            self.reconnecting.run(&self.reconnecting.scripts().list, &keys, arguments).await?;
        places.map(|place| keys::id(place?)).collect()
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("reconnecting", &self.reconnecting).finish()
    }
}
