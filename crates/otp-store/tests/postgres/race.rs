//! Concurrent calls, on separate stores as processes have them. The conformance suite has more of them.

use alloc::sync::Arc;

use otp_store::{AsyncStore, Postgres, SpendReply};

use crate::requests::{CALLS, at_once, call_about, entry, id, spend};
use crate::server::{Database, WAITS, patient, start};

/// Returns stores with connections of their own, as processes have them.
async fn stores(database: &Database) -> Vec<Arc<Postgres>> {
    let mut stores = Vec::new();
    for _ in 0..8 {
        stores.push(Arc::new(Postgres::create_with(&database.url, patient(8)).await.unwrap()));
    }
    stores
}

/// Calls name two credentials in either order, at once. None ends in a deadlock, and one spends each
/// counter. If the default of transactions is serializable, the store's own statements override it.
#[tokio::test(flavor = "multi_thread")]
async fn spends_of_two_credentials_do_not_deadlock() {
    for (name, isolation) in [("spend_all", "read committed"), ("serializable", "serializable")] {
        let database = Database::new(name).await;
        database.alter(&format!("SET default_transaction_isolation = '{isolation}'")).await;
        let stores = stores(&database).await;
        for name in ["", "phone"] {
            let id = id("alice").with_name(name).unwrap();
            assert!(stores[0].insert(&id, &entry(7)).await.unwrap());
        }
        for counter in 1..=20 {
            let replies = at_once(96, |task| {
                let (store, spend) = (Arc::clone(&stores[task % 8]), spend(7, counter));
                async move {
                    let mut spends = [("", spend), ("phone", spend)];
                    spends.rotate_left(task / 8 % 2);
                    store.spend_all(id("alice").account(), &spends).await.unwrap()
                }
            });
            let done = replies.await.into_iter().filter(|reply| *reply == SpendReply::Done).count();
            assert_eq!(done, 1, "{isolation}, counter {counter}");
        }
    }
}

/// All calls at once on one account: no two block each other, and no credential is left without its
/// throttle.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_do_not_deadlock() {
    let database = Database::new("mixed").await;
    let stores = stores(&database).await;
    let ids = ["", "phone"].map(|name| id("alice").with_name(name).unwrap());
    let calls = at_once(32, |task| {
        let (store, ids) = (Arc::clone(&stores[task % stores.len()]), ids.clone());
        async move {
            for round in 0..100_usize {
                let id = &ids[(task + round) % 2];
                let name = CALLS.split(' ').cycle().nth(task * 7 + round).unwrap();
                let called = call_about(id, &store, name).await;
                assert!(called.is_ok(), "{name}: {called:?}");
                let found = store.find(id).await.unwrap();
                assert!(found.is_none_or(|entry| entry.generation == 7));
            }
        }
    });
    calls.await;
    let alone = "SELECT count(*) FROM otp_throttle AS t WHERE recovery_set IS NULL
         AND NOT EXISTS (SELECT FROM otp_credential AS c WHERE c.account = t.account)";
    assert_eq!(database.number(alone).await, 0);
}

/// A removal of the last credential waits for a concurrent enrolment, and leaves the account's
/// throttle to it.
#[tokio::test(flavor = "multi_thread")]
async fn removal_waits_for_an_enrolment() {
    let (database, store) = Database::enrolled("removal").await;
    let other = database.client().await;
    other
        .batch_execute(
            "BEGIN; INSERT INTO otp_credential SELECT account, 'phone', record, hotp, length,
                 generation, confirmed, next, drift, attempt FROM otp_credential",
        )
        .await
        .unwrap();
    let removing = start(&store, "remove");
    database.until(1, WAITS).await;
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(removing.await.unwrap().unwrap(), "true");
    assert!(store.find(&id("alice")).await.unwrap().is_none());
    let phone = id("alice").with_name("phone").unwrap();
    assert_eq!(store.find(&phone).await.unwrap(), Some(entry(7)));
}

/// A removal locks the credential before the throttle, as every other call does, so no two
/// deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn removal_locks_the_credential_before_the_throttle() {
    let (database, store) = Database::enrolled("removal_order").await;
    let other = database.hold("otp_credential").await;
    let removing = start(&store, "remove");
    database.until(1, WAITS).await;
    other.batch_execute("UPDATE otp_throttle SET failures = 1; COMMIT").await.unwrap();
    assert_eq!(removing.await.unwrap().unwrap(), "true");
}
