//! The migrations from schema 1 and schema 2 to schema 3.

use alloc::collections::BTreeSet;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use otp_context::replay::{Lock, Throttle};
use otp_core::UnixTime;
use otp_store::{
    AsyncStore as _, AttemptId, CredentialId, Entry, Error, IndexDifference, RecordText, SpendReply,
};

use crate::requests::{at_once, codes, entry, id, spent};
use crate::site::{Keys, command, corrupt};

/// The attempt that every account and credential names.
const ATTEMPT: &str = "0123456789abcdef";
const UNTIL: Lock = Lock::Until(UnixTime::from_secs(1_700_000_000));

fn named(account: &str, name: &str) -> CredentialId {
    id(account).with_name(name).unwrap()
}

fn of(id: &CredentialId) -> String {
    format!("record of {} {}", id.account(), id.name())
}

/// The keys of a credential and of its account, in a schema.
fn keys_of(schema: u8, id: &CredentialId) -> [String; 2] {
    let (account, name) = (id.account(), id.name());
    let length = account.as_str().len();
    match schema {
        1 => [format!("credential:{length}:{account}:{name}"), format!("account:{account}")],
        _ => [
            format!("{{{length}:{account}}}:credential:{name}"),
            format!("{{{length}:{account}}}:account"),
        ],
    }
}

/// Creates a credential of a schema, with the failures and the lock of its account, if it has one.
async fn old(schema: u8, keys: &Keys, id: &CredentialId, next: u64, state: Option<(&str, &str)>) {
    let [credential, account] = keys_of(schema, id);
    let fields = [("hotp", "0"), ("length", "6"), ("generation", "7"), ("drift", "-3")];
    keys.run::<()>("HSET", &credential, &fields).await;
    let fields = [("confirmed", "1"), ("attempt", ATTEMPT), ("record", &of(id))];
    keys.run::<()>("HSET", &credential, &fields).await;
    keys.set(&credential, "next", next).await;
    if let Some((failures, lock)) = state {
        keys.run::<()>("HSET", &account, &[("failures", failures), ("lock", lock)]).await;
        if schema == 2 {
            let open = format!("{ATTEMPT}open");
            let charge = if failures == "0" { "" } else { &open };
            let name = format!("name:{}", id.name());
            keys.run::<()>("HSET", &account, &[("charge", charge), (&name, "")]).await;
        }
    }
    let place = format!("{}\0{}", id.account(), id.name());
    keys.run::<()>("ZADD", "index", (0, place)).await;
}

/// Marks the keys as those of a schema, which a store refuses to open.
async fn mark(schema: u8, keys: &Keys) {
    keys.set_schema(if schema == 1 { "otp-store 1" } else { "otp-store 2 2" }).await;
    for refused in keys.refusals().await {
        let found = u32::from(schema);
        assert!(
            matches!(refused, Error::Outdated { found: it, needed: 3 } if it == found),
            "{refused:?}"
        );
    }
}

fn expected(id: &CredentialId, next: u64, failures: u32, lock: Lock) -> Entry {
    let mut entry = entry(7);
    entry.record = RecordText::new(of(id));
    (entry.confirmed, entry.next, entry.drift) = (true, next, -3);
    entry.attempt = Some(AttemptId::from_bytes(*b"0123456789abcdef"));
    entry.account.throttle = Throttle::resume(failures, lock);
    entry.account.guesses = failures.saturating_mul(3);
    entry
}

#[tokio::test]
async fn redis_old_schema_migrates_to_3_without_loss() {
    let most = u32::MAX.to_string();
    let accounts = [
        (named("alice", ""), 5, ("3", "1700000000"), (3, UNTIL)),
        (named("alice", "a}:b"), u64::MAX - 1, ("3", "1700000000"), (3, UNTIL)),
        (named("1:a", "é"), 1, ("33", "hard"), (33, Lock::Hard)),
        (named("}{", ""), 9, ("0", "open"), (0, Lock::Open)),
        (named("much", ""), 9, (most.as_str(), "open"), (u32::MAX, Lock::Open)),
    ];
    for schema in [1, 2] {
        let keys = Keys::special();
        for (id, next, state, _) in &accounts {
            old(schema, &keys, id, *next, Some(*state)).await;
        }
        // One that is missing in the index, a damaged account, and one that belongs to another program.
        let [carol, damaged] = ["carol", "damaged"].map(id);
        let [_, foreign] = keys_of(schema, &id("foreign"));
        keys.run::<()>("HSET", &foreign, &[("failures", "2"), ("lock", "open")]).await;
        let (state, part) = match schema {
            1 => (None, "throttle"),
            _ => (Some(("many", "open")), "failures"),
        };
        old(schema, &keys, &damaged, 2, state).await;
        old(schema, &keys, &carol, 2, Some(("1", "open"))).await;
        if schema == 1 {
            keys.run::<()>("ZREM", "index", "carol\0").await;
        }
        mark(schema, &keys).await;
        for _ in 0..2 {
            keys.options().migrate().await.unwrap();
            let redis = keys.connect().await.unwrap();
            for (id, next, _, (failures, lock)) in &accounts {
                let expected = expected(id, *next, *failures, *lock);
                assert_eq!(redis.find(id).await.unwrap().unwrap(), expected, "{id}");
            }
            let found = redis.find(&carol).await.unwrap().unwrap();
            assert_eq!(found, expected(&carol, 2, 1, Lock::Open));
            corrupt(&redis.find(&damaged).await, part, "migrated");
            assert_eq!(redis.list(None, 9).await.unwrap().len(), 7);
            let differences = redis.check_index().await.unwrap();
            let of_schema_1 = [IndexDifference::Damaged(damaged.clone())];
            assert_eq!(differences, if schema == 1 { &of_schema_1[..] } else { &[] });
        }
        let old_keys = |key: &str| key.starts_with("account:") || key.starts_with("credential:");
        assert_eq!(keys.all().await.iter().find(|key| old_keys(key)), None);
        if schema == 2 {
            assert_eq!(keys.fields(&foreign).await, 2);
        }
        let (redis, alice) = (keys.connect().await.unwrap(), &accounts[0].0);
        let account = alice.account();
        // The charge before the migration cannot be taken back.
        let charged = AttemptId::from_bytes(*b"0123456789abcdef");
        assert!(!redis.take_back(account, charged).await.unwrap());
        assert_eq!(spent(&redis, 6).await, SpendReply::Done);
        redis.store_recovery(account, &codes("alice")).await.unwrap();
        assert!(redis.revoke_trust(account).await.unwrap());
        let found = redis.find(alice).await.unwrap().unwrap().account;
        assert_eq!((found.trust_epoch, found.guesses), (1, 0));
    }
}

/// Returns two ids for each of a hundred accounts.
fn many_ids() -> Vec<CredentialId> {
    let name = |n| if n % 2 == 0 { "" } else { "phone" };
    (0..200).map(|n| named(&format!("user{}", n / 2), name(n))).collect()
}

/// Creates many credentials, which move one by one.
async fn many(schema: u8) -> Keys {
    let keys = Keys::new();
    for (next, id) in (0..).zip(&many_ids()) {
        old(schema, &keys, id, next, Some(("4", "open"))).await;
    }
    mark(schema, &keys).await;
    keys
}

async fn all_are_there(keys: &Keys) {
    let redis = keys.connect().await.unwrap();
    for (next, id) in (0..).zip(&many_ids()) {
        let found = redis.find(id).await.unwrap().unwrap();
        assert_eq!(found, expected(id, next, 4, Lock::Open));
    }
    assert_eq!(redis.check_index().await.unwrap(), []);
    assert_eq!(keys.all().await.len(), 2 + 200 + 100);
}

/// Another program's key interrupts the migration.
#[tokio::test]
async fn redis_interrupted_migration_continues() {
    for schema in [1, 2] {
        let keys = many(schema).await;
        let [credential, account] = keys_of(schema, &id("user99"));
        let key = if schema == 1 { credential } else { account };
        keys.replace(&key).await;
        corrupt(&keys.options().migrate().await, "key", "interrupted");
        for refused in keys.refusals().await {
            assert!(matches!(refused, Error::Outdated { needed: 3, .. }), "{refused:?}");
        }
        keys.put_back(&key).await;
        keys.options().migrate().await.unwrap();
        all_are_there(&keys).await;
    }
}

/// Drops the migration after each of its first steps on credentials or accounts, and lets another
/// process continue each time.
#[tokio::test]
async fn redis_migration_dropped_at_any_step_continues() {
    // Counts the credentials that have moved, and the accounts that have guesses.
    let script = "local count = 0
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
            if ARGV[2] == '1' or redis.call('HEXISTS', key, 'guesses') == 1 then
                count = count + 1
            end
        end
        return count";
    for (schema, moved) in [("1", "{*}:credential:*"), ("2", "{*:account")] {
        let keys = many(schema.parse().unwrap()).await;
        let pattern = keys.name(moved);
        let taken = async || -> usize { command(&["EVAL", script, "0", &pattern, schema]).await };
        let mut seen = BTreeSet::new();
        for _ in 0..20 {
            let before = taken().await;
            let mut migration = pin!(keys.options().migrate());
            // It takes at most one reply of the server at a time.
            while taken().await == before {
                let once =
                    poll_fn(|context| Poll::Ready(migration.as_mut().poll(context).is_ready()));
                assert!(!once.await, "it ends before every step is taken");
            }
            seen.insert(taken().await);
        }
        assert!(seen.len() == 20 && !seen.contains(&100), "{seen:?}");
        keys.options().migrate().await.unwrap();
        all_are_there(&keys).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_concurrent_migrations_succeed() {
    for schema in [1, 2] {
        let keys = many(schema).await;
        let migrated = at_once(4, |_| keys.options().migrate()).await;
        assert!(migrated.iter().all(Result::is_ok), "{migrated:?}");
        all_are_there(&keys).await;
    }
}
