//! The migrations from schema 1 and schema 2 to schema 3.

use super::*;

/// Creates a credential of schema 1, with its account.
async fn first(prefix: &str, id: &CredentialId, next: u64, throttle: Option<(&str, &str)>) {
    let (account, name) = (id.account(), id.name());
    let credential = format!("{prefix}credential:{}:{account}:{name}", account.as_str().len());
    let mut fields = ::redis::cmd("HSET");
    fields.arg(credential).arg("record").arg(format!("record of {account} {name}"));
    for (field, value) in [("hotp", "0"), ("length", "6"), ("generation", "7"), ("drift", "-3")] {
        fields.arg(field).arg(value);
    }
    fields.arg("confirmed").arg("1").arg("next").arg(next).arg("attempt").arg("0123456789abcdef");
    fields.exec_async(&mut raw().await).await.unwrap();
    if let Some((failures, lock)) = throttle {
        let key = format!("{prefix}account:{account}");
        let fields = [b"failures", failures.as_bytes(), b"lock", lock.as_bytes()];
        command(&[&[b"HSET", key.as_bytes()], &fields[..]].concat()).await;
    }
    let place = format!("{account}\0{name}");
    command(&[b"ZADD", format!("{prefix}index").as_bytes(), b"0", place.as_bytes()]).await;
}

async fn set(prefix: &str, schema: &str) {
    command(&[b"SET", format!("{prefix}schema").as_bytes(), schema.as_bytes()]).await;
}

fn expected(id: &CredentialId, next: u64, failures: u32, lock: Lock) -> Entry {
    let record = format!("record of {} {}", id.account(), id.name());
    let mut entry = entry(&record, 7, next, false);
    entry.confirmed = true;
    entry.drift = -3;
    entry.attempt = Some(AttemptId::from_bytes(*b"0123456789abcdef"));
    entry.account.throttle = Throttle::resume(failures, lock);
    entry.account.guesses = failures.saturating_mul(3);
    entry
}

#[tokio::test]
async fn redis_schema_1_migrates_to_3_without_loss() {
    let prefix = format!("{}[1]*:", prefix());
    let large = u64::MAX - 1;
    let until = Lock::Until(UnixTime::from_secs(1_700_000_000));
    let accounts = [
        (id("alice", ""), 5, ("3", "1700000000"), expected(&id("alice", ""), 5, 3, until)),
        (
            id("alice", "a}:b"),
            large,
            ("3", "1700000000"),
            expected(&id("alice", "a}:b"), large, 3, until),
        ),
        (id("1:a", "é"), 1, ("33", "hard"), expected(&id("1:a", "é"), 1, 33, Lock::Hard)),
        (id("}{", ""), 9, ("0", "open"), expected(&id("}{", ""), 9, 0, Lock::Open)),
    ];
    for (id, next, throttle, _) in &accounts {
        first(&prefix, id, *next, Some(*throttle)).await;
    }
    // A credential that is missing in the index, one without its account, and an account without
    // one.
    first(&prefix, &id("carol", ""), 2, Some(("1", "open"))).await;
    command(&[b"ZREM", format!("{prefix}index").as_bytes(), b"carol\0"]).await;
    first(&prefix, &id("damaged", ""), 2, None).await;
    let left = format!("{prefix}account:left");
    command(&[b"HSET", left.as_bytes(), b"failures", b"2", b"lock", b"open"]).await;
    set(&prefix, "otp-store 1").await;
    for refused in [options(&prefix).connect().await, options(&prefix).create().await] {
        let outdated = matches!(refused, Err(Error::Outdated { found: 1, needed: 3 }));
        assert!(outdated, "{refused:?}");
    }
    for _ in 0..2 {
        options(&prefix).migrate().await.unwrap();
        let redis = options(&prefix).connect().await.unwrap();
        for (id, _, _, expected) in &accounts {
            assert_eq!(redis.find(id).await.unwrap().unwrap(), *expected, "{id}");
        }
        let carol = id("carol", "");
        assert_eq!(redis.find(&carol).await.unwrap().unwrap(), expected(&carol, 2, 1, Lock::Open));
        let damaged = id("damaged", "");
        let found = redis.find(&damaged).await;
        assert!(matches!(found, Err(Error::Corrupt("throttle"))), "{found:?}");
        assert_eq!(redis.list(None, 9).await.unwrap().len(), 6);
        assert_eq!(redis.check_index().await.unwrap(), [IndexDifference::Damaged(damaged)]);
    }
    for old in ["account:*", "credential:*"] {
        let mut keys = ::redis::cmd("KEYS");
        let pattern = prefix.replace('[', "\\[").replace('*', "\\*");
        keys.arg(pattern + old);
        let keys: Vec<String> = keys.query_async(&mut raw().await).await.unwrap();
        assert!(keys.is_empty(), "{keys:?}");
    }
    let redis = options(&prefix).connect().await.unwrap();
    let accepted = redis.spend(&id("alice", ""), &spend(7, 6, 0)).await.unwrap();
    assert_eq!(accepted, SpendReply::Done);
}

/// Returns two ids for each of a hundred accounts.
fn many_ids() -> Vec<CredentialId> {
    let name = |n| if n % 2 == 0 { "" } else { "phone" };
    (0..200).map(|n| id(&format!("user{}", n / 2), name(n))).collect()
}

/// Creates many credentials, which move one by one.
async fn many(prefix: &str) -> Vec<CredentialId> {
    let ids = many_ids();
    for (next, id) in ids.iter().enumerate() {
        first(prefix, id, next as u64, Some(("4", "open"))).await;
    }
    set(prefix, "otp-store 1").await;
    ids
}

async fn all_are_there(prefix: &str, ids: &[CredentialId]) {
    let redis = options(prefix).connect().await.unwrap();
    for (next, id) in ids.iter().enumerate() {
        let found = redis.find(id).await.unwrap().unwrap();
        assert_eq!(found, expected(id, next as u64, 4, Lock::Open));
    }
    assert_eq!(redis.check_index().await.unwrap(), []);
    assert_eq!(all_keys(prefix).await.len(), 2 + 200 + 100);
}

#[tokio::test]
async fn redis_interrupted_migration_continues() {
    let prefix = prefix();
    let ids = many(&prefix).await;
    // It loses a right between two steps, and then its connection.
    let key = format!("{prefix}credential:6:user99:");
    command(&[b"SET", format!("{prefix}aside").as_bytes(), b"x"]).await;
    command(&[b"RENAME", key.as_bytes(), format!("{prefix}kept").as_bytes()]).await;
    command(&[b"RENAME", format!("{prefix}aside").as_bytes(), key.as_bytes()]).await;
    let stopped = options(&prefix).migrate().await;
    assert!(matches!(stopped, Err(Error::Corrupt("key"))), "{stopped:?}");
    let refused = options(&prefix).connect().await;
    assert!(matches!(refused, Err(Error::Outdated { found: 1, needed: 3 })), "{refused:?}");
    command(&[b"RENAME", format!("{prefix}kept").as_bytes(), key.as_bytes()]).await;
    options(&prefix).migrate().await.unwrap();
    all_are_there(&prefix, &ids).await;
}

/// Drops the migration after each of its first steps on credentials or accounts, and lets another
/// process continue each time.
async fn drop_at_any_step(prefix: &str, taken: impl AsyncFn() -> usize) {
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let before = taken().await;
        let mut migration = core::pin::pin!(options(prefix).migrate());
        // It takes at most one reply of the server at a time.
        while taken().await == before {
            let once = core::future::poll_fn(|context| {
                core::task::Poll::Ready(migration.as_mut().poll(context).is_ready())
            });
            assert!(!once.await, "it ends before every step is taken");
        }
        seen.insert(taken().await);
    }
    assert!(seen.len() == 20 && !seen.contains(&100), "{seen:?}");
    options(prefix).migrate().await.unwrap();
}

#[tokio::test]
async fn redis_migration_dropped_at_any_step_continues() {
    let prefix = prefix();
    let ids = many(&prefix).await;
    drop_at_any_step(&prefix, async || {
        let keys = all_keys(&prefix).await;
        keys.iter().filter(|key| key.contains("}:credential:")).count()
    })
    .await;
    all_are_there(&prefix, &ids).await;
}

#[tokio::test]
async fn redis_migration_of_schema_2_dropped_at_any_step_continues() {
    let prefix = prefix();
    let ids = many_second(&prefix).await;
    drop_at_any_step(&prefix, async || recounted(&prefix).await).await;
    all_are_there(&prefix, &ids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_concurrent_migrations_succeed() {
    for schema in [1, 2] {
        let prefix = prefix();
        let ids = if schema == 1 { many(&prefix).await } else { many_second(&prefix).await };
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            tasks.spawn(options(&prefix).migrate());
        }
        for migrated in tasks.join_all().await {
            migrated.unwrap();
        }
        all_are_there(&prefix, &ids).await;
    }
}

/// Creates a credential of schema 2, with its account.
async fn second(prefix: &str, id: &CredentialId, next: u64, (failures, lock): (&str, &str)) {
    let (account, name) = (id.account(), id.name());
    let keys = format!("{prefix}{{{}:{account}}}:", account.as_str().len());
    let (mut fields, mut connection) = (::redis::cmd("HSET"), raw().await);
    fields.arg(format!("{keys}credential:{name}")).arg("next").arg(next);
    fields.arg("record").arg(format!("record of {account} {name}"));
    fields.arg(&["hotp", "0", "length", "6", "generation", "7", "drift", "-3", "confirmed", "1"]);
    fields.arg("attempt").arg("0123456789abcdef").exec_async(&mut connection).await.unwrap();
    let charge = if failures == "0" { "" } else { "0123456789abcdefopen" };
    let mut fields = ::redis::cmd("HSET");
    fields.arg(format!("{keys}account")).arg("failures").arg(failures).arg("lock").arg(lock);
    fields.arg("charge").arg(charge).arg(format!("name:{name}")).arg("");
    fields.exec_async(&mut connection).await.unwrap();
    let mut place = ::redis::cmd("ZADD");
    place.arg(format!("{prefix}index")).arg(0).arg(format!("{account}\0{name}"));
    place.exec_async(&mut connection).await.unwrap();
}

/// Creates many credentials of schema 2.
async fn many_second(prefix: &str) -> Vec<CredentialId> {
    let ids = many_ids();
    for (next, id) in ids.iter().enumerate() {
        second(prefix, id, next as u64, ("4", "open")).await;
    }
    set(prefix, "otp-store 2 2").await;
    ids
}

/// Returns the number of accounts that have guesses.
async fn recounted(prefix: &str) -> usize {
    let script = b"local count = 0
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
            count = count + redis.call('HEXISTS', key, 'guesses')
        end
        return count";
    let accounts = format!("{prefix}{{*:account");
    let count = command(&[b"EVAL", script, b"0", accounts.as_bytes()]).await;
    ::redis::from_redis_value(count).unwrap()
}

#[tokio::test]
async fn redis_schema_2_migrates_to_3_without_loss() {
    let prefix = format!("{}[1]*:", prefix());
    let until = Lock::Until(UnixTime::from_secs(1_700_000_000));
    let most = u32::MAX.to_string();
    let accounts = [
        (id("alice", ""), ("3", "1700000000"), (3, until)),
        (id("alice", "a}:b"), ("3", "1700000000"), (3, until)),
        (id("1:a", "é"), ("33", "hard"), (33, Lock::Hard)),
        (id("}{", ""), ("0", "open"), (0, Lock::Open)),
        (id("much", ""), (most.as_str(), "open"), (u32::MAX, Lock::Open)),
    ];
    for (next, (id, throttle, _)) in accounts.iter().enumerate() {
        second(&prefix, id, next as u64, *throttle).await;
    }
    // A damaged account, and another program's.
    let damaged = id("damaged", "");
    second(&prefix, &damaged, 9, ("many", "open")).await;
    let foreign = format!("{prefix}{{7:foreign}}:account");
    command(&[b"HSET", foreign.as_bytes(), b"failures", b"2", b"lock", b"open"]).await;
    set(&prefix, "otp-store 2 2").await;
    for refused in [options(&prefix).connect().await, options(&prefix).create().await] {
        let outdated = matches!(refused, Err(Error::Outdated { found: 2, needed: 3 }));
        assert!(outdated, "{refused:?}");
    }
    for _ in 0..2 {
        options(&prefix).migrate().await.unwrap();
        let redis = options(&prefix).connect().await.unwrap();
        for (next, (id, _, (failures, lock))) in accounts.iter().enumerate() {
            let expected = expected(id, next as u64, *failures, *lock);
            assert_eq!(redis.find(id).await.unwrap().unwrap(), expected, "{id}");
        }
        let found = redis.find(&damaged).await;
        assert!(matches!(found, Err(Error::Corrupt("failures"))), "{found:?}");
        assert_eq!(redis.check_index().await.unwrap(), []);
    }
    assert_eq!(command(&[b"HLEN", foreign.as_bytes()]).await, ::redis::Value::Int(2));
    // The charge before the migration cannot be taken back.
    let redis = options(&prefix).connect().await.unwrap();
    redis.store_recovery(accounts[0].0.account(), &codes("alice")).await.unwrap();
    assert!(redis.revoke_trust(accounts[0].0.account()).await.unwrap());
    assert_eq!(redis.find(&accounts[0].0).await.unwrap().unwrap().account.trust_epoch, 1);
    let charged = AttemptId::from_bytes(*b"0123456789abcdef");
    assert!(!redis.take_back(accounts[0].0.account(), charged).await.unwrap());
    assert_eq!(redis.unlock(accounts[0].0.account()).await.ok(), Some(true));
    assert_eq!(redis.find(&accounts[0].0).await.unwrap().unwrap().account.guesses, 0);
}

#[tokio::test]
async fn redis_interrupted_migration_of_schema_2_continues() {
    let prefix = prefix();
    let ids = many_second(&prefix).await;
    let key = format!("{prefix}{{6:user99}}:account");
    let kept = format!("{prefix}kept");
    command(&[b"RENAME", key.as_bytes(), kept.as_bytes()]).await;
    command(&[b"SET", key.as_bytes(), b"x"]).await;
    let stopped = options(&prefix).migrate().await;
    assert!(matches!(stopped, Err(Error::Corrupt("key"))), "{stopped:?}");
    let refused = options(&prefix).connect().await;
    assert!(matches!(refused, Err(Error::Outdated { found: 2, needed: 3 })), "{refused:?}");
    command(&[b"RENAME", kept.as_bytes(), key.as_bytes()]).await;
    options(&prefix).migrate().await.unwrap();
    all_are_there(&prefix, &ids).await;
}
