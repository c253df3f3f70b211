use alloc::collections::BTreeSet;
use core::fmt::Debug;
use core::ops::Deref;
use core::sync::atomic::{AtomicU32, Ordering};

use otp_context::replay::ThrottlePolicy;
use otp_store::{
    AccountId, AsyncStore, ChargeRequest, CredentialId, Entry, Error, Redis, RedisOptions,
    SpendReply,
};
use redis::{FromRedisValue, ToRedisArgs};

use crate::requests;
use crate::requests::{call, id, spent};
use crate::server::{PATIENCE, connection};

/// The keys of alice's credential without a name, of her account, and of her recovery codes.
pub(crate) const CREDENTIAL: &str = "{5:alice}:credential:";
pub(crate) const ACCOUNT: &str = "{5:alice}:account";
pub(crate) const CODES: &str = "{5:alice}:recovery";

/// Returns the URL of a server for tests.
pub(crate) fn url() -> String {
    std::env::var("OTP_TEST_REDIS").expect("set OTP_TEST_REDIS to the URL of a Redis server")
}

/// Returns a charge on a confirmed credential, with waits of 0, 0, 0 and 5 seconds.
pub(crate) fn charge() -> ChargeRequest {
    requests::charge(true, 9, ThrottlePolicy::unlimited().with_backoff(&[0, 0, 0, 5]))
}

pub(crate) fn entry() -> Entry {
    requests::entry(7)
}

/// Runs a command on the server, as another program.
pub(crate) async fn command<T: FromRedisValue>(words: &[&str]) -> T {
    let mut command = redis::Cmd::new();
    command.arg(words).query_async(&mut connection(&url()).await.unwrap()).await.unwrap()
}

/// The keys under a prefix that was not in use, for a store and for another program.
pub(crate) struct Keys {
    pub(crate) prefix: String,
}

impl Keys {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (count, process) = (COUNT.fetch_add(1, Ordering::Relaxed), std::process::id());
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        Self { prefix: format!("otp-test:{process}:{now}:{count}:") }
    }

    /// Returns keys whose prefix has special characters of a pattern.
    pub(crate) fn special() -> Self {
        Self { prefix: format!("{}[1]*:", Self::new().prefix) }
    }

    pub(crate) fn options(&self) -> RedisOptions {
        Redis::options(&url()).unwrap().with_prefix(&self.prefix).with_timeout(PATIENCE)
    }

    pub(crate) async fn create(&self) -> Redis {
        self.options().create().await.unwrap()
    }

    pub(crate) async fn connect(&self) -> Result<Redis, Error> {
        self.options().connect().await
    }

    /// Returns the errors of connecting and of creating.
    pub(crate) async fn refusals(&self) -> [Error; 2] {
        [self.connect().await.unwrap_err(), self.options().create().await.unwrap_err()]
    }

    /// Returns the name of a key on the server.
    pub(crate) fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Runs a command on a key.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        command: &str,
        key: &str,
        arguments: impl ToRedisArgs,
    ) -> T {
        let mut command = redis::cmd(command);
        command.arg(self.name(key)).arg(arguments);
        command.query_async(&mut connection(&url()).await.unwrap()).await.unwrap()
    }

    pub(crate) async fn set(&self, key: &str, field: impl ToRedisArgs, value: impl ToRedisArgs) {
        self.run::<()>("HSET", key, (field, value)).await;
    }

    pub(crate) async fn get(&self, key: &str, field: &str) -> Option<Vec<u8>> {
        self.run("HGET", key, field).await
    }

    pub(crate) async fn delete(&self, key: &str, field: impl ToRedisArgs) {
        self.run::<()>("HDEL", key, field).await;
    }

    pub(crate) async fn lose(&self, key: &str) {
        command::<()>(&["DEL", &self.name(key)]).await;
    }

    pub(crate) async fn text(&self, key: &str) -> String {
        command(&["GET", &self.name(key)]).await
    }

    pub(crate) async fn rename(&self, key: &str, to: &str) {
        self.run::<()>("RENAME", key, self.name(to)).await;
    }

    pub(crate) async fn set_schema(&self, text: &str) {
        self.run::<()>("SET", "schema", text).await;
    }

    /// Puts another program's key in the place of one of the store's, if it has one.
    pub(crate) async fn replace(&self, key: &str) {
        if self.all().await.contains(key) {
            self.rename(key, "aside").await;
        }
        self.run::<()>("SET", key, "x").await;
    }

    /// Checks that another program's key is unchanged, and puts the store's back.
    pub(crate) async fn put_back(&self, key: &str) {
        assert_eq!(self.text(key).await, "x", "{key}");
        self.rename("aside", key).await;
    }

    /// Returns every key under the prefix, without the prefix.
    pub(crate) async fn all(&self) -> BTreeSet<String> {
        let pattern = self.prefix.replace('[', "\\[").replace('*', "\\*") + "*";
        let keys: Vec<String> = command(&["KEYS", &pattern]).await;
        keys.iter().map(|key| key.strip_prefix(&self.prefix).unwrap().to_owned()).collect()
    }

    /// Returns the number of fields of a key.
    pub(crate) async fn fields(&self, key: &str) -> usize {
        command(&["HLEN", &self.name(key)]).await
    }

    /// Returns the failures of alice's account, even if other values are damaged.
    pub(crate) async fn failures(&self) -> u32 {
        self.run("HGET", ACCOUNT, "failures").await
    }

    /// Checks that these keys are left.
    pub(crate) async fn are_only(&self, keys: &[&str]) {
        let keys: BTreeSet<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(self.all().await, keys);
    }
}

/// A store, in which alice may have a credential.
pub(crate) struct Site {
    keys: Keys,
    pub(crate) redis: Redis,
    pub(crate) alice: CredentialId,
}

impl Deref for Site {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        &self.keys
    }
}

impl Site {
    /// Creates an empty store.
    pub(crate) async fn empty() -> Self {
        Self::under(Keys::new()).await
    }

    pub(crate) async fn under(keys: Keys) -> Self {
        Self { redis: keys.create().await, keys, alice: id("alice") }
    }

    /// Creates a store in which alice's credential is confirmed. Its lowest unspent counter is 1.
    pub(crate) async fn new() -> Self {
        let site = Self::empty().await;
        assert!(site.redis.insert(&site.alice, &entry()).await.unwrap());
        assert_eq!(spent(&site.redis, 0).await, SpendReply::Done);
        site
    }

    pub(crate) fn account(&self) -> &AccountId {
        self.alice.account()
    }

    /// Returns alice's credential.
    pub(crate) async fn find(&self) -> Entry {
        self.redis.find(&self.alice).await.unwrap().unwrap()
    }

    /// Adds another credential of alice.
    pub(crate) async fn add(&self, name: &str) -> CredentialId {
        let id = self.alice.clone().with_name(name).unwrap();
        assert!(self.redis.insert(&id, &entry()).await.unwrap());
        id
    }

    /// Makes calls about alice, each of which must fail because a part is corrupt.
    pub(crate) async fn all_corrupt(&self, calls: &str, part: &str, case: &str) {
        for name in calls.split(' ') {
            corrupt(&call(&self.redis, name).await, part, &format!("{case}, {name}"));
        }
    }
}

/// Checks that a reply is the error that a part is corrupt.
#[track_caller]
pub(crate) fn corrupt<T: Debug>(reply: &Result<T, Error>, part: &str, case: &str) {
    assert!(matches!(reply, Err(Error::Corrupt(found)) if *found == part), "{case}: {reply:?}");
}
