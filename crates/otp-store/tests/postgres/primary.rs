//! Two writable servers, and commits that a standby lacks.

use alloc::sync::Arc;
use core::time::Duration;

use otp_store::{AsyncStore, EngineErrorKind, Error, Postgres, SpendReply};

use crate::proxy::{Answers, Proxy};
use crate::requests::{at_once, entry, id, kind, spend, spent};
use crate::server::{Database, SERVER, WAITS, connect, patient, place, start, variable};

/// Returns how many of eight concurrent calls spend a counter.
async fn spent_by_eight(store: &Arc<Postgres>, counter: u64) -> usize {
    let replies = at_once(8, |_| {
        let store = Arc::clone(store);
        async move { spent(&store, counter).await }
    });
    replies.await.into_iter().filter(|reply| *reply == SpendReply::Done).count()
}

/// Two writable servers, each with alice and bob. A proxy, which is down, leads to one of them.
struct Two {
    former: Database,
    promoted: Database,
    proxy: Proxy,
    /// A store whose URL has the proxy and the other server.
    url: String,
}

impl Two {
    async fn new(name: &str, hides_former: bool) -> Self {
        let former = Database::new(name).await;
        let promoted = Database::on(&variable("OTP_TEST_POSTGRES_PROMOTED"), name).await;
        for database in [&former, &promoted] {
            let store = database.store().await;
            for account in ["alice", "bob"] {
                store.insert(&id(account), &entry(7)).await.unwrap();
            }
        }
        let (hidden, shown) =
            if hides_former { (&former, &promoted) } else { (&promoted, &former) };
        let proxy = Proxy::to(&hidden.url).await;
        proxy.let_answers(Answers::Down);
        let url = former.url_at(&format!("{},{}", proxy.place, place(&shown.url)));
        Self { former, promoted, proxy, url }
    }

    async fn connect(&self) -> Arc<Postgres> {
        Arc::new(Postgres::connect_with(&self.url, patient(8)).await.unwrap())
    }
}

/// The URL has two hosts. The second was promoted, and then the first returns.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_former_primary_is_refused() {
    let two = Two::new("former", true).await;
    let store = two.connect().await;
    assert_eq!(spent(&store, 1).await, SpendReply::Done);

    two.proxy.let_answers(Answers::Come);
    for counter in 2..6 {
        assert_eq!(spent_by_eight(&store, counter).await, 1, "counter {counter}");
    }
    // At the start, the server that was promoted last is used.
    let other = two.connect().await;
    assert_eq!(spent(&other, 5).await, SpendReply::Replayed);
    // The controls: the former primary would accept, and alone it is not refused.
    let other = two.former.store().await;
    assert_eq!(spent(&other, 5).await, SpendReply::Done);
    assert!(other.unchecked().is_empty());
}

/// The reverse: a store that uses the former primary meets the promoted server.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_connections_to_a_former_primary_are_dropped() {
    let two = Two::new("dropped_former", false).await;
    let (former, promoted, store) = (&two.former, &two.promoted, two.connect().await);
    // A waiting call holds its connection, so the next call opens a new one.
    let blocker = former.hold("otp_credential WHERE account = 'bob'").await;
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.spend(&id("bob"), &spend(7, 1)).await }
    });
    former.until(1, WAITS).await;
    two.proxy.let_answers(Answers::Come);
    assert_eq!(spent(&store, 1).await, SpendReply::Done);
    assert_eq!(promoted.number("SELECT sum(next)::bigint FROM otp_credential").await, 2);
    // The former primary replies, and that no longer accepts a code.
    blocker.batch_execute("ROLLBACK").await.unwrap();
    let answer = waiting.await.unwrap();
    assert!(answer.as_ref().is_err_and(Error::is_transient), "{answer:?}");
    for counter in 2..6 {
        assert_eq!(spent_by_eight(&store, counter).await, 1, "counter {counter}");
    }
    let next = "SELECT next FROM otp_credential WHERE account = 'alice'";
    assert_eq!((former.number(next).await, promoted.number(next).await), (0, 6));
}

/// A commit whose wait for a standby was cancelled is no success.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_cancelled_wait_for_a_standby_is_interrupted() {
    let _alone = SERVER.write().await;
    let database = Database::alone("cancelled").await;
    database.alter("SET client_min_messages = error").await;
    let store = Arc::new(database.store().await);
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    database.alter_system("SET synchronous_standby_names = 'no_standby'").await;
    let for_standby = "wait_event = 'SyncRep'";
    let (spend, mut interrupted) = (spend(7, 1), 0);
    for _ in 0..2 {
        // The server applies the setting a moment later. A commit before that waits for nothing, so
        // the same attempt asks again.
        let spending = loop {
            let call = tokio::spawn({
                let store = Arc::clone(&store);
                async move { store.spend(&id("alice"), &spend).await }
            });
            while !call.is_finished() && database.count(for_standby).await == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            if !call.is_finished() {
                break call;
            }
        };
        database.end("pg_cancel_backend", for_standby).await;
        interrupted += i32::from(spending.await.unwrap().is_err_and(|error| error.is_transient()));
    }
    // A removal commits in another way.
    let removal = start(&store, "remove");
    database.until(1, for_standby).await;
    database.end("pg_cancel_backend", for_standby).await;
    interrupted += i32::from(removal.await.unwrap().is_err_and(|error| error.is_transient()));
    database.alter_system("RESET synchronous_standby_names").await;
    assert_eq!(interrupted, 3, "a call reported success");
    // Other warnings do not matter.
    database
        .run(
            "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NEW; END $$;
             CREATE TRIGGER warn BEFORE INSERT ON otp_credential
                 FOR EACH ROW EXECUTE FUNCTION warn()",
        )
        .await;
    assert!(store.insert(&id("alice"), &entry(7)).await.unwrap());
}

/// Both a subscriber and its publisher are writable.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_subscriber_is_refused() {
    let publisher = Database::new("publisher").await;
    // The first hold covers the server. A second one could deadlock with a test that waits for the
    // first.
    let subscriber = Database::alone("subscriber").await;
    for database in [&publisher, &subscriber] {
        drop(database.store().await);
    }
    publisher.run("CREATE PUBLICATION codes FOR TABLE otp_credential").await;
    subscriber
        .run(&format!(
            "CREATE SUBSCRIPTION codes CONNECTION '{}' PUBLICATION codes
                 WITH (create_slot = false, slot_name = NONE, enabled = false)",
            publisher.url
        ))
        .await;
    let refused = connect(&subscriber.url).await;
    subscriber.run("DROP SUBSCRIPTION codes").await;
    let refused = kind(refused);
    assert!(matches!(refused, EngineErrorKind::Unfit(why) if why.contains("subscription")));
    // The controls: after the subscription is dropped, and the publisher at any time.
    for database in [&publisher, &subscriber] {
        connect(&database.url).await.unwrap();
    }
}
