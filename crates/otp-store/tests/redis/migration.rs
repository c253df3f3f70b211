//! The migration from schema 1 to schema 2.

use super::*;

/// Creates a credential of schema 1, with its account.
async fn first(prefix: &str, id: &CredentialId, next: u64, throttle: Option<(&str, &str)>) {
    let (account, name) = (id.account(), id.name());
    let credential = format!("{prefix}credential:{}:{account}:{name}", account.len());
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
    entry.throttle = Throttle::resume(failures, lock);
    entry
}

#[tokio::test]
async fn redis_schema_1_migrates_to_2_without_loss() {
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
        let outdated = matches!(refused, Err(Error::Outdated { found: 1, needed: 2 }));
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

/// Creates many credentials, which move one by one.
async fn many(prefix: &str) -> Vec<CredentialId> {
    let ids: Vec<_> = (0..200)
        .map(|n| id(&format!("user{}", n / 2), if n % 2 == 0 { "" } else { "phone" }))
        .collect();
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
    assert!(matches!(refused, Err(Error::Outdated { found: 1, needed: 2 })), "{refused:?}");
    command(&[b"RENAME", format!("{prefix}kept").as_bytes(), key.as_bytes()]).await;
    options(&prefix).migrate().await.unwrap();
    all_are_there(&prefix, &ids).await;
}

/// The migration is dropped after each of the first steps, and another process continues.
#[tokio::test]
async fn redis_migration_dropped_at_any_step_continues() {
    let prefix = prefix();
    let ids = many(&prefix).await;
    let moved = async || {
        let keys = all_keys(&prefix).await;
        keys.iter().filter(|key| key.contains("}:credential:")).count()
    };
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let before = moved().await;
        let mut migration = core::pin::pin!(options(&prefix).migrate());
        // It takes at most one reply of the server at a time.
        while moved().await == before {
            let once = core::future::poll_fn(|context| {
                core::task::Poll::Ready(migration.as_mut().poll(context).is_ready())
            });
            assert!(!once.await, "it ends before every credential has moved");
        }
        seen.insert(moved().await);
    }
    assert!(seen.len() == 20 && !seen.contains(&200), "{seen:?}");
    options(&prefix).migrate().await.unwrap();
    all_are_there(&prefix, &ids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_concurrent_migrations_succeed() {
    let prefix = prefix();
    let ids = many(&prefix).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        tasks.spawn(options(&prefix).migrate());
    }
    for migrated in tasks.join_all().await {
        migrated.unwrap();
    }
    all_are_there(&prefix, &ids).await;
}
