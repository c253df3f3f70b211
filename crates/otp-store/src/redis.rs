mod answer;
mod failure;
mod keys;
mod link;
mod live;
mod options;
mod script;
mod server;

use core::fmt;

use ::redis::Cmd;
use otp_context::{Advance, Charge, Policy};

use self::answer::unexpected;
use self::link::Link;
pub use self::options::RedisOptions;
use crate::{Advanced, AsyncStore, Charged, CredentialId, Durability, Entry, Error, RecordText};

/// The latest time that can be charged: with the longest wait on top, a double still holds it.
const LATEST: u64 = (1 << 53) - (1 << 32);

/// Credentials and what is spent of them, in a Redis or Valkey server that many processes share.
///
/// Each call is one script, which the server runs on its own and to its end, in one round trip.
/// Keys lie under a prefix and never expire. One connection carries all calls at once; it is
/// opened anew when it is lost.
///
/// The server must be the primary, of version 7.0 or later, no part of a cluster, and must not
/// forget. Looked at whenever a connection is opened, and refused with
/// [`EngineErrorKind::Unsafe`](crate::EngineErrorKind::Unsafe):
///
/// - `maxmemory-policy` that evicts keys without a time to live, if there is a `maxmemory`;
/// - `appendonly no`;
/// - `appendfsync` other than `always`, also where the server does not show it;
/// - `no-appendfsync-on-rewrite yes`.
///
/// [`RedisOptions::with_weaker_durability`] does without all but the first. A setting that is
/// changed later is not noticed. What else shares the server may slow it down, and fill its memory.
///
/// ```no_run
/// use otp_context::{OtpContext, Rules};
/// use otp_store::{AsyncVerifier, CredentialId, Redis};
///
/// # async fn verify(context: OtpContext) -> Result<(), otp_store::Error> {
/// let store = Redis::connect("redis://127.0.0.1:6379").await?;
/// let verifier = AsyncVerifier::new(store, context, Rules::new())?;
/// let verdict = verifier.verify(&CredentialId::new("user-4711")?, "287082").await?;
/// # let _ = verdict;
/// # Ok(())
/// # }
/// ```
pub struct Redis {
    link: Link,
}

impl Redis {
    /// What it promises, unless it was opened with [`RedisOptions::with_weaker_durability`].
    ///
    /// Replicas are sent what happened after the answer is given. Whoever lets one take over
    /// may let a code in twice that was accepted in the last moments before; `min-replicas-to-write`
    /// makes the moments shorter.
    pub const DURABILITY: Durability = Durability::DiskExceptFailover;

    /// Connects to a server, within a runtime of tokio: `redis://`, `rediss://` for TLS (feature
    /// `tls`) or `unix:` for a socket, with user, password and number of the database if need be:
    /// `redis://user:password@host:port/0`.
    ///
    /// Another machine is talked to in plain text only if the URL says `sslmode=disable`, as one of
    /// PostgreSQL would: whoever is in between could answer that a code is right.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: the URL is not valid, or asks for TLS that is not built in.
    /// - [`Error::Foreign`]: under the prefix is something else than this library's.
    /// - [`Error::Newer`]: a newer version of this library wrote it.
    /// - [`Error::Engine`]: the server cannot be reached, refuses, is a replica or still loading,
    ///   does not answer within five seconds, or has a setting that is not safe; or it would be
    ///   talked to in plain text ([`EngineErrorKind::Insecure`](crate::EngineErrorKind::Insecure)).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options(url)?.connect().await
    }

    /// How to connect to a server, for those who want another prefix, timeout or trust.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: the URL is not valid, or asks for TLS that is not built in.
    /// - [`Error::Engine`]: another machine would be talked to in plain text.
    pub fn options(url: &str) -> Result<RedisOptions, Error> {
        RedisOptions::new(url)
    }

    async fn open(options: RedisOptions) -> Result<Self, Error> {
        Ok(Self { link: Link::open(options).await? })
    }

    /// The keys of a credential and of its account.
    fn keys(&self, id: &CredentialId) -> [String; 2] {
        let keys = self.link.keys();
        [keys.credential(id), keys.account(id)]
    }

    /// These and the index.
    fn all_keys(&self, id: &CredentialId) -> [String; 3] {
        let [credential, account] = self.keys(id);
        [credential, account, self.link.keys().index()]
    }
}

impl AsyncStore for Redis {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::place(id)).arg(entry.record.as_str()).arg(u8::from(entry.hotp));
            command.arg(entry.length).arg(entry.generation).arg(entry.next);
            command.arg(u8::from(entry.confirmed));
        };
        let script = &self.link.scripts().insert;
        self.link.run(script, &self.all_keys(id), arguments).await?.done("enrolled")
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let script = &self.link.scripts().find;
        let mut answer = self.link.run(script, &self.keys(id), |_| {}).await?;
        match answer.word()?.as_str() {
            "found" => answer.entry().map(Some),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        let now = charge.now().as_secs();
        if now > LATEST {
            return Err(Error::TooLarge("time"));
        }
        let arguments = |command: &mut Cmd| {
            command.arg(now).arg(charge.length()).arg(u8::from(charge.confirmed()));
            let policies = [charge.totp_policy(), charge.hotp_policy()];
            for policy in policies {
                command.arg(policy.step()).arg(policy.limit()).arg(policy.waits().len());
            }
            for wait in policies.into_iter().flat_map(Policy::waits) {
                command.arg(wait);
            }
        };
        let script = &self.link.scripts().charge;
        let mut answer = self.link.run(script, &self.keys(id), arguments).await?;
        match answer.word()?.as_str() {
            "permitted" => answer.entry().map(Charged::Permitted),
            "locked" => answer.throttle().map(Charged::Locked),
            "malformed" => {
                let length = answer.length()?;
                Ok(Charged::Malformed { length, throttle: answer.throttle()? })
            }
            "unknown" => Ok(Charged::Unknown),
            "enrolled" => Ok(Charged::Enrolled),
            _ => Err(unexpected()),
        }
    }

    async fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(advance.generation()).arg(advance.counter()).arg(advance.next());
            command.arg(advance.drift()).arg(&advance.attempt().as_bytes()[..]);
        };
        let script = &self.link.scripts().advance;
        match self.link.run(script, &self.keys(id), arguments).await?.word()?.as_str() {
            "done" => Ok(Advanced::Done),
            "replayed" => Ok(Advanced::Replayed),
            "stale" => Ok(Advanced::Stale),
            "unknown" => Ok(Advanced::Unknown),
            _ => Err(unexpected()),
        }
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
        let [credential, _] = self.keys(id);
        let script = &self.link.scripts().reseal;
        self.link.run(script, &[credential], arguments).await?.done("unknown")
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let [_, account] = self.keys(id);
        let script = &self.link.scripts().unlock;
        self.link.run(script, &[account], |_| {}).await?.done("unknown")
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(keys::place(id)).arg(&keys::places(id));
        };
        let script = &self.link.scripts().remove;
        self.link.run(script, &self.all_keys(id), arguments).await?.done("unknown")
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let after = after.map_or_else(|| "-".to_owned(), |id| format!("({}", keys::place(id)));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut command = ::redis::cmd("ZRANGEBYLEX");
        command.arg(self.link.keys().index()).arg(after).arg("+").arg("LIMIT").arg(0).arg(most);
        self.link.ask(&command).await?.map(|place| keys::id(place?)).collect()
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("link", &self.link).finish()
    }
}
