mod answer;
mod failure;
mod keys;
mod link;
mod live;
mod options;
mod script;
mod server;

use core::fmt;

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

    /// Connects to a server, within a runtime of tokio: `redis://`, `rediss://` for TLS (feature `tls`) or `unix:` for a
    /// socket, with user, password and number of the database if need be:
    /// `redis://user:password@host:port/0`.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: the URL is not valid, or asks for TLS that is not built in.
    /// - [`Error::Foreign`]: under the prefix is something else than this library's.
    /// - [`Error::Newer`]: a newer version of this library wrote it.
    /// - [`Error::Engine`]: the server cannot be reached, refuses, is a replica or still loading,
    ///   does not answer within five seconds, or has a setting that is not safe.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options(url)?.connect().await
    }

    /// How to connect to a server, for those who want another prefix, timeout or trust.
    ///
    /// # Errors
    ///
    /// [`Error::Url`]: the URL is not valid, or asks for TLS that is not built in.
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
        let place = keys::place(id);
        let numbers = [entry.length.to_string(), entry.generation.to_string()];
        let ([length, generation], next) = (&numbers, entry.next.to_string());
        let arguments = [
            place.as_bytes(),
            entry.record.as_str().as_bytes(),
            flag(entry.hotp),
            length.as_bytes(),
            generation.as_bytes(),
            next.as_bytes(),
        ];
        let insert = &self.link.scripts().insert;
        self.link.run(insert, &self.all_keys(id), &arguments).await?.done("enrolled")
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let mut answer = self.link.run(&self.link.scripts().find, &self.keys(id), &[]).await?;
        match answer.word()?.as_str() {
            "found" => answer.entry().map(Some),
            "unknown" => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        if charge.now().as_secs() > LATEST {
            return Err(Error::TooLarge("time"));
        }
        let mut numbers = vec![charge.now().as_secs(), charge.length().into()];
        numbers.push(charge.confirmed().into());
        let policies = [charge.totp_policy(), charge.hotp_policy()];
        numbers.extend(policies.into_iter().flat_map(bounds));
        let waits = policies.into_iter().flat_map(Policy::waits);
        numbers.extend(waits.map(|wait| u64::from(*wait)));
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let arguments: Vec<&[u8]> = numbers.iter().map(String::as_bytes).collect();
        let script = &self.link.scripts().charge;
        let mut answer = self.link.run(script, &self.keys(id), &arguments).await?;
        match answer.word()?.as_str() {
            "permitted" => answer.entry().map(Charged::Permitted),
            "locked" => answer.throttle().map(Charged::Locked),
            "malformed" => Ok(Charged::Malformed { length: answer.length()? }),
            "unknown" => Ok(Charged::Unknown),
            "enrolled" => Ok(Charged::Enrolled),
            _ => Err(unexpected()),
        }
    }

    async fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let (counter, next) = (advance.counter().to_string(), advance.next().to_string());
        let (generation, drift) = (advance.generation().to_string(), advance.drift().to_string());
        let attempt = advance.attempt();
        let arguments = [
            generation.as_bytes(),
            counter.as_bytes(),
            next.as_bytes(),
            drift.as_bytes(),
            attempt.as_bytes(),
        ];
        let script = &self.link.scripts().advance;
        match self.link.run(script, &self.keys(id), &arguments).await?.word()?.as_str() {
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
        let arguments = [old.as_str().as_bytes(), new.as_str().as_bytes()];
        let [credential, _] = self.keys(id);
        let script = &self.link.scripts().reseal;
        self.link.run(script, &[credential], &arguments).await?.done("unknown")
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.link.run(&self.link.scripts().unlock, &self.keys(id), &[]).await?.done("unknown")
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let (place, [first, end]) = (keys::place(id), keys::places(id));
        let arguments = [place.as_bytes(), first.as_bytes(), end.as_bytes()];
        let script = &self.link.scripts().remove;
        self.link.run(script, &self.all_keys(id), &arguments).await?.done("unknown")
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

/// What a script needs of a policy before its waits.
fn bounds(policy: &Policy) -> [u64; 4] {
    let waits = u64::try_from(policy.waits().len()).unwrap_or(u64::MAX);
    [policy.step().into(), policy.limit().into(), policy.longest_wait().into(), waits]
}

const fn flag(value: bool) -> &'static [u8] {
    if value { b"1" } else { b"0" }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("link", &self.link).finish()
    }
}
