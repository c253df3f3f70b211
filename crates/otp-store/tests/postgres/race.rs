//! Concurrent calls, on separate stores as processes have them.

use alloc::sync::Arc;

use otp_context::replay::ThrottlePolicy;
use otp_store::{AsyncStore, ChargeReply, Postgres, RecordText, SpendReply};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::phone::{charge, entry, id, spend};
use crate::server::{Database, WAITS, patient};

const STORES: usize = 8;
const TASKS: usize = 12;

async fn stores(database: &Database) -> Vec<Arc<Postgres>> {
    let mut stores = Vec::new();
    for _ in 0..STORES {
        stores.push(Arc::new(Postgres::create_with(&database.url, patient(8)).await.unwrap()));
    }
    stores
}

async fn each_counter_is_spent_once(database: Database) {
    let stores = stores(&database).await;
    stores[0].insert(&id("alice"), &entry(7)).await.unwrap();
    for counter in 1..=20 {
        let barrier = Arc::new(Barrier::new(STORES * TASKS));
        let mut tasks = JoinSet::new();
        for store in &stores {
            for _ in 0..TASKS {
                let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
                tasks.spawn(async move {
                    let spend = spend(7, counter, 0);
                    barrier.wait().await;
                    store.spend(&id("alice"), &spend).await.unwrap()
                });
            }
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|answer| **answer == SpendReply::Done).count();
        let replayed = answers.iter().filter(|answer| **answer == SpendReply::Replayed).count();
        assert_eq!((done, replayed), (1, STORES * TASKS - 1), "counter {counter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_submitted_concurrently_is_accepted_once() {
    each_counter_is_spent_once(Database::new("spend").await).await;
}

/// The calls name the credentials in either order, and none ends in a deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn code_of_two_credentials_is_accepted_once() {
    let database = Database::new("spend_all").await;
    let stores = stores(&database).await;
    for name in ["", "phone"] {
        stores[0].insert(&id("alice").with_name(name).unwrap(), &entry(7)).await.unwrap();
    }
    for counter in 1..=20 {
        let barrier = Arc::new(Barrier::new(STORES * TASKS));
        let mut tasks = JoinSet::new();
        for task in 0..STORES * TASKS {
            let (store, barrier) = (Arc::clone(&stores[task % STORES]), Arc::clone(&barrier));
            tasks.spawn(async move {
                let spend = spend(7, counter, 0);
                let mut spends = [("", spend), ("phone", spend)];
                spends.rotate_left(task / STORES % 2);
                barrier.wait().await;
                store.spend_all(id("alice").account(), &spends).await.unwrap()
            });
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|answer| **answer == SpendReply::Done).count();
        let replayed = answers.iter().filter(|answer| **answer == SpendReply::Replayed).count();
        assert_eq!((done, replayed), (1, STORES * TASKS - 1), "counter {counter}");
    }
}

/// If the default of transactions is serializable, the store's own statements override it.
#[tokio::test(flavor = "multi_thread")]
async fn default_isolation_of_a_database_changes_nothing() {
    let database = Database::new("serializable").await;
    let change = "SET default_transaction_isolation = serializable";
    database.run(&format!("ALTER DATABASE {} {change}", database.name)).await;
    each_counter_is_spent_once(database).await;
}

/// The control: reading, checking and writing back accepts several.
#[tokio::test(flavor = "multi_thread")]
async fn control_reading_checking_and_writing_accepts_twice() {
    async fn naive(client: &Client, counter: i64, have_read: &Barrier) -> bool {
        let row = client.query_one("SELECT next FROM otp_credential", &[]).await.unwrap();
        have_read.wait().await;
        if row.get::<_, i64>(0) > counter {
            return false;
        }
        client.execute("UPDATE otp_credential SET next = $1", &[&(counter + 1)]).await.unwrap() == 1
    }
    let database = Database::new("naive").await;
    database.store().await.insert(&id("alice"), &entry(7)).await.unwrap();
    let barrier = Arc::new(Barrier::new(STORES));
    let mut tasks = JoinSet::new();
    for _ in 0..STORES {
        let (client, barrier) = (database.client().await, Arc::clone(&barrier));
        tasks.spawn(async move { naive(&client, 1, &barrier).await });
    }
    let accepted = tasks.join_all().await.into_iter().filter(|accepted| *accepted).count();
    assert_eq!(accepted, STORES);
}

async fn permitted_of_1920_at_once(
    database: &Database,
    policy: ThrottlePolicy,
    names: &[&str],
) -> usize {
    let stores = stores(database).await;
    for name in names {
        let mut entry = entry(7);
        entry.confirmed = true;
        stores[0].insert(&id("alice").with_name(*name).unwrap(), &entry).await.unwrap();
    }
    let several = names.len() > 1;
    let barrier = Arc::new(Barrier::new(1_920));
    let mut tasks = JoinSet::new();
    for place in 0..1_920 {
        let (store, barrier) = (Arc::clone(&stores[place % STORES]), Arc::clone(&barrier));
        tasks.spawn(async move {
            let charge = charge(true, 6, 1_000_000, policy);
            barrier.wait().await;
            let alice = id("alice");
            if several {
                match store.charge_account(alice.account(), &charge).await.unwrap() {
                    ChargeReply::Permitted(all) => Some(all[0].1.account.throttle.failures()),
                    ChargeReply::Locked(_) => None,
                    other => panic!("{other:?}"),
                }
            } else {
                match store.charge(&alice, &charge).await.unwrap() {
                    ChargeReply::Permitted(entry) => Some(entry.account.throttle.failures()),
                    ChargeReply::Locked(_) => None,
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    let mut counts: Vec<u32> = tasks.join_all().await.into_iter().flatten().collect();
    counts.sort_unstable();
    let each: Vec<u32> = (1..=counts.len() as u32).collect();
    assert_eq!(counts, each, "two permits have one count");
    counts.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_do_not_exceed_the_waits() {
    let database = Database::new("guess").await;
    let policy = ThrottlePolicy::unlimited().with_backoff(&[0, 0, 0, 5]);
    assert_eq!(permitted_of_1920_at_once(&database, policy, &[""]).await, 4);
    assert_eq!(database.number("SELECT failures FROM otp_throttle").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_do_not_exceed_the_limit() {
    let database = Database::new("limit").await;
    assert_eq!(permitted_of_1920_at_once(&database, ThrottlePolicy::nist(), &[""]).await, 100);
}

/// An attempt on four credentials costs as many guesses as four on one.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_do_not_exceed_the_budget() {
    let database = Database::new("budget").await;
    let names = ["", "phone", "tablet", "watch"];
    assert_eq!(permitted_of_1920_at_once(&database, ThrottlePolicy::nist(), &names).await, 25);
    let spent = "SELECT guesses FROM otp_throttle WHERE locked_until = 9223372036854775807";
    assert_eq!(database.number(spent).await, 300);
}

/// All calls at once on one account: no two block each other, and no credential is left without its
/// throttle.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_do_not_deadlock() {
    let database = Database::new("mixed").await;
    let stores = stores(&database).await;
    let mut tasks = JoinSet::new();
    for task in 0..32_usize {
        let store = Arc::clone(&stores[task % STORES]);
        tasks.spawn(async move {
            for round in 0..60_usize {
                let name = ["", "phone"][(task + round) % 2];
                let id = id("alice").with_name(name).unwrap();
                match (task * 7 + round) % 8 {
                    0 => _ = store.insert(&id, &entry(1)).await.unwrap(),
                    1 => _ = store.remove(&id).await.unwrap(),
                    2 => {
                        let charge = charge(false, 6, round as u64, ThrottlePolicy::unlimited());
                        drop(store.charge(&id, &charge).await.unwrap());
                    }
                    3 => {
                        let spend = spend(1, 500 + round as u64, 0);
                        let _any = store.spend(&id, &spend).await.unwrap();
                    }
                    4 => _ = store.unlock(id.account()).await.unwrap(),
                    5 => {
                        let charge = charge(true, 6, round as u64, ThrottlePolicy::unlimited());
                        drop(store.charge_account(id.account(), &charge).await.unwrap());
                    }
                    6 => {
                        let spend = spend(1, 500 + round as u64, 0);
                        let mut spends = [("", spend), ("phone", spend)];
                        spends.rotate_left(task % 2);
                        let _any = store.spend_all(id.account(), &spends).await.unwrap();
                    }
                    _ => {
                        let (old, new) = (entry(1).record, RecordText::new("{}".to_owned()));
                        let _any = store.reseal(&id, &old, &new).await.unwrap();
                    }
                }
                let found = store.find(&id).await.unwrap();
                assert!(found.is_none_or(|entry| entry.generation == 1));
            }
        });
    }
    tasks.join_all().await;
    let alone = "SELECT count(*) FROM otp_throttle
         WHERE NOT EXISTS (SELECT FROM otp_credential USING (account))";
    let alone = alone.replace("USING (account)", "AS c WHERE c.account = otp_throttle.account");
    assert_eq!(database.number(&alone).await, 0);
}

/// A removal of the last credential waits for a concurrent enrolment, and leaves the account's
/// throttle to it.
#[tokio::test(flavor = "multi_thread")]
async fn removal_waits_for_an_enrolment() {
    let database = Database::new("removal").await;
    let store = Arc::new(database.store().await);
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    let other = database.client().await;
    other
        .batch_execute(
            "BEGIN; INSERT INTO otp_credential SELECT account, 'phone', record, hotp, length,
                 generation, confirmed, next, drift, attempt FROM otp_credential",
        )
        .await
        .unwrap();
    let removing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.remove(&id("alice")).await }
    });
    database.until(1, WAITS).await;
    other.batch_execute("COMMIT").await.unwrap();
    assert!(removing.await.unwrap().unwrap());
    assert!(store.find(&id("alice")).await.unwrap().is_none());
    let phone = id("alice").with_name("phone").unwrap();
    assert_eq!(store.find(&phone).await.unwrap(), Some(entry(7)));
}

/// A removal locks the credential before the throttle, as every other call does, so no two
/// deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn removal_locks_the_credential_before_the_throttle() {
    let database = Database::new("removal_order").await;
    let store = Arc::new(database.store().await);
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    let other = database.client().await;
    other.batch_execute("BEGIN; SELECT FROM otp_credential FOR UPDATE").await.unwrap();
    let removing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.remove(&id("alice")).await }
    });
    database.until(1, WAITS).await;
    other.batch_execute("UPDATE otp_throttle SET failures = 1; COMMIT").await.unwrap();
    assert!(removing.await.unwrap().unwrap());
}
