//! A missing schema.

use super::*;

fn missing<T: core::fmt::Debug>(answer: Result<T, Error>, prefix: &str) {
    let error = answer.unwrap_err();
    let Error::Missing(place) = &error else { panic!("{error:?}") };
    assert!(place.contains(&format!("{prefix}schema")), "{place}");
}

#[tokio::test]
async fn redis_empty_server_is_missing() {
    let prefix = prefix();
    missing(options(&prefix).connect().await, &prefix);
    missing(options(&prefix).migrate().await, &prefix);
    assert_eq!(all_keys(&prefix).await, BTreeSet::new(), "a key is created");
    // The control.
    open(&prefix).await;
    assert!(options(&prefix).connect().await.is_ok());
}

#[tokio::test]
async fn redis_creating_again_changes_nothing() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..8 {
        many.spawn(options(&prefix).create());
    }
    assert!(many.join_all().await.iter().all(Result::is_ok));
    assert_eq!(redis.find(&alice).await.unwrap().unwrap().next, 1);
}

#[tokio::test]
async fn redis_concurrent_creations_succeed() {
    let prefix = prefix();
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..16 {
        many.spawn(options(&prefix).create());
    }
    assert!(many.join_all().await.iter().all(Result::is_ok));
    assert_eq!(all_keys(&prefix).await, BTreeSet::from([format!("{prefix}schema")]));
}

/// `FLUSHDB` under a running service, or a server that starts empty.
#[tokio::test]
async fn redis_flushed_database_is_missing_in_every_call() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    for key in all_keys(&prefix).await {
        command(&[b"DEL", key.as_bytes()]).await;
    }
    let record = RecordText::new("record".to_owned());
    let charge = charge(&waits(), 9, 6, true);
    missing(redis.find(&alice).await, &prefix);
    missing(redis.credentials(alice.account()).await, &prefix);
    missing(redis.charge(&alice, &charge).await, &prefix);
    missing(redis.charge_account(alice.account(), &charge).await, &prefix);
    missing(redis.spend(&alice, &spend(7, 1, 0)).await, &prefix);
    let all = [("", spend(7, 1, 0))];
    missing(redis.spend_all(alice.account(), &all).await, &prefix);
    missing(redis.take_back(alice.account(), charge.attempt()).await, &prefix);
    missing(redis.reset_drift(&alice).await, &prefix);
    missing(redis.reseal(&alice, &record, &record).await, &prefix);
    missing(redis.unlock(alice.account()).await, &prefix);
    missing(redis.remove(&alice).await, &prefix);
    missing(redis.list(None, 9).await, &prefix);
    missing(redis.check_index().await, &prefix);
    missing(redis.revoke_trust(alice.account()).await, &prefix);
    let set = codes("alice");
    missing(redis.store_recovery(alice.account(), &set).await, &prefix);
    missing(redis.recovery(alice.account()).await, &prefix);
    missing(redis.charge_recovery(alice.account(), &charge).await, &prefix);
    missing(redis.reseal_recovery(alice.account(), set.id(), "", "key").await, &prefix);
    missing(redis.remove_recovery(alice.account()).await, &prefix);
    missing(redis.list_recovery(None, 9).await, &prefix);
    missing(redis.insert(&alice, &entry("record", 7, 0, true)).await, &prefix);
    assert_eq!(all_keys(&prefix).await, BTreeSet::new(), "a key is written");
    // Created again, it is a store without credentials, also for existing connections.
    open(&prefix).await;
    assert_eq!(redis.find(&alice).await.unwrap(), None);
}
