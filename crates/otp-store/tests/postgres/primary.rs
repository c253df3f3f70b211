//! Two writable servers, and commits that a standby lacks.

use alloc::sync::Arc;
use core::time::Duration;

use otp_context::replay::ThrottlePolicy;
use otp_store::{AsyncStore, EngineErrorKind, Error, Postgres, SpendReply};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::proxy::{Answers, Proxy};
use crate::requests::{call, charge, entry, id, spend};
use crate::server::{Database, SERVER, WAITS, connect, kind, patient, start, variable};

fn place(url: &str) -> &str {
    url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0
}

/// Returns how many of eight concurrent calls spend a counter.
async fn spent_by_eight(store: &Arc<Postgres>, counter: u64) -> usize {
    let barrier = Arc::new(Barrier::new(8));
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
        tasks.spawn(async move {
            let spend = spend(7, counter);
            barrier.wait().await;
            store.spend(&id("alice"), &spend).await.unwrap()
        });
    }
    tasks.join_all().await.iter().filter(|answer| **answer == SpendReply::Done).count()
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
        let (login, _) = former.url.rsplit_once('@').unwrap();
        let hosts = format!("localhost:{},{}", proxy.port, place(&shown.url));
        let url = format!("{login}@{hosts}/{}", former.name);
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
    assert_eq!(store.spend(&id("alice"), &spend(7, 1)).await.unwrap(), SpendReply::Done);

    two.proxy.let_answers(Answers::Come);
    for counter in 2..6 {
        assert_eq!(spent_by_eight(&store, counter).await, 1, "counter {counter}");
    }
    // At the start, the server that was promoted last is used.
    let other = two.connect().await;
    assert_eq!(other.spend(&id("alice"), &spend(7, 5)).await.unwrap(), SpendReply::Replayed);
    // The controls: the former primary would accept, and alone it is not refused.
    let other = two.former.store().await;
    assert_eq!(other.spend(&id("alice"), &spend(7, 5)).await.unwrap(), SpendReply::Done);
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
    assert_eq!(store.spend(&id("alice"), &spend(7, 1)).await.unwrap(), SpendReply::Done);
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
    let quiet = format!("ALTER DATABASE {} SET client_min_messages = error", database.name);
    database.run(&quiet).await;
    let store = Arc::new(database.store().await);
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    let admin = database.client().await;
    admin.batch_execute("SET synchronous_commit = local").await.unwrap();
    let wait_for = async |names: &str| {
        let set = format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'");
        admin.batch_execute(&set).await.unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    };
    wait_for("no_standby").await;
    let waits = "wait_event = 'SyncRep'";
    let waiting = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'SyncRep'";
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'SyncRep'";
    let (spend, mut interrupted) = (spend(7, 1), 0);
    for _ in 0..2 {
        // The server applies the setting a moment later. A commit before that waits for nothing, so
        // the same attempt asks again.
        let spending = loop {
            let call = tokio::spawn({
                let store = Arc::clone(&store);
                async move { store.spend(&id("alice"), &spend).await }
            });
            while !call.is_finished() && database.number(waiting).await == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            if !call.is_finished() {
                break call;
            }
        };
        admin.query(cancel, &[]).await.unwrap();
        interrupted += i32::from(spending.await.unwrap().is_err_and(|error| error.is_transient()));
    }
    // A removal commits in another way.
    let removal = start(&store, "remove");
    database.until(1, waits).await;
    admin.query(cancel, &[]).await.unwrap();
    interrupted += i32::from(removal.await.unwrap().is_err_and(|error| error.is_transient()));
    wait_for("").await;
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
    let (login, rest) = publisher.url.split_once("://").unwrap().1.rsplit_once('@').unwrap();
    let ((user, password), (place, name)) =
        (login.split_once(':').unwrap(), rest.split_once('/').unwrap());
    let (host, port) = place.split_once(':').unwrap();
    subscriber
        .run(&format!(
            "CREATE SUBSCRIPTION codes CONNECTION
                 'host={host} port={port} user={user} password={password} dbname={name}'
             PUBLICATION codes WITH (create_slot = false, slot_name = NONE, enabled = false)"
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

/// A role whose rows are hidden by row level security gets an error, and never "no credential".
#[tokio::test(flavor = "multi_thread")]
async fn postgres_row_level_security_is_an_error() {
    let database = Database::new("row_security").await;
    database.store().await.insert(&id("alice"), &entry(7)).await.unwrap();
    database
        .run(
            "DROP ROLE IF EXISTS otp_policed; CREATE ROLE otp_policed LOGIN PASSWORD 'policed';
             GRANT SELECT ON otp_schema TO otp_policed;
             GRANT SELECT, INSERT, UPDATE, DELETE ON otp_throttle, otp_credential, otp_recovery
                 TO otp_policed",
        )
        .await;
    let url = database.url_for("otp_policed", "policed");
    let store = connect(&url).await.unwrap();
    assert!(store.find(&id("alice")).await.unwrap().is_some(), "the control");
    let all = "recovery charge_recovery remove_recovery list_recovery revoke_trust unlock remove";
    let of_a_log_in = "find list spend confirm reseal";
    for table in ["otp_credential", "otp_throttle", "otp_recovery"] {
        database.run(&format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")).await;
        // A log-in does not look at the codes.
        let calls = [all, of_a_log_in].join(" ");
        for name in if table == "otp_recovery" { all } else { &calls }.split(' ') {
            let kind = kind(call(&store, name).await);
            assert!(matches!(kind, EngineErrorKind::Unfit(why) if why.contains("row level")));
        }
        database.run(&format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")).await;
    }
    database.run("ALTER TABLE otp_schema ENABLE ROW LEVEL SECURITY").await;
    let refused = kind(connect(&url).await);
    assert!(matches!(refused, EngineErrorKind::Unfit(why) if why.contains("row level")));
    // The owner of the tables sees every row.
    let owner = connect(&database.url).await.unwrap();
    assert!(owner.find(&id("alice")).await.unwrap().is_some());
}

/// Unlogged tables are refused, since a crash would empty them.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_unlogged_tables_are_refused() {
    let database = Database::new("unlogged").await;
    drop(database.store().await);
    for (set, fits) in [
        ("ALTER TABLE otp_credential SET UNLOGGED", false),
        ("ALTER TABLE otp_credential SET LOGGED", true),
        ("ALTER TABLE otp_recovery SET UNLOGGED", false),
        ("ALTER TABLE otp_recovery SET LOGGED", true),
        ("ALTER TABLE otp_schema SET UNLOGGED", false),
    ] {
        database.run(set).await;
        match connect(&database.url).await {
            Ok(_) => assert!(fits, "{set}"),
            Err(error) => {
                let kind = kind::<()>(Err(error));
                assert!(
                    !fits && kind == EngineErrorKind::Unfit("its tables are UNLOGGED"),
                    "{set}"
                );
            }
        }
    }
}

/// A changed column type costs a connection, and not the service.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_changed_column_type_is_prepared_again() {
    let database = Database::new("changed_type").await;
    let store = Postgres::create_with(&database.url, patient(1)).await.unwrap();
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    assert!(store.find(&id("alice")).await.unwrap().is_some());
    let change = "ALTER TABLE otp_credential ALTER COLUMN record TYPE varchar COLLATE \"C\"";
    database.run(change).await;
    let error = store.find(&id("alice")).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(store.find(&id("alice")).await.unwrap().is_some());
}

/// A row that another session locks does not block the whole pool.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_locked_row_leaves_connections_to_other_accounts() {
    let database = Database::new("locked_row").await;
    // The database has a setting of its own.
    database.run(&format!("ALTER DATABASE {} SET lock_timeout = 1", database.name)).await;
    let store = Arc::new(database.store().await);
    for account in ["alice", "bob"] {
        store.insert(&id(account), &entry(7)).await.unwrap();
    }
    let blocker = database.client().await;
    let lock = "BEGIN; SELECT FROM otp_credential WHERE account = 'alice' FOR UPDATE;
         SELECT FROM otp_throttle WHERE account = 'alice' FOR UPDATE";
    blocker.batch_execute(lock).await.unwrap();
    let mut calls = JoinSet::new();
    for counter in 1..=64 {
        let store = Arc::clone(&store);
        calls.spawn(async move {
            if counter % 2 == 0 {
                let charge = charge(false, 9, ThrottlePolicy::unlimited());
                store.charge(&id("alice"), &charge).await.map(drop)
            } else {
                store.spend(&id("alice"), &spend(7, counter)).await.map(drop)
            }
        });
    }
    // A quarter of the sixteen begins, and as many finish.
    database.until(8, WAITS).await;
    assert_eq!(store.spend(&id("bob"), &spend(7, 1)).await.unwrap(), SpendReply::Done);
    database.until(8, WAITS).await;
    blocker.batch_execute("ROLLBACK").await.unwrap();
    for answer in calls.join_all().await {
        answer.unwrap();
    }
}

/// Calls that begin an attempt leave connections to those that finish one.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_attempts_are_finished_first() {
    let database = Database::new("finished_first").await;
    let store = Arc::new(Postgres::create_with(&database.url, patient(4)).await.unwrap());
    let accounts: Vec<String> = (0..64).map(|number| format!("user-{number}")).collect();
    for account in accounts.iter().map(String::as_str).chain(["alice"]) {
        store.insert(&id(account), &entry(7)).await.unwrap();
    }
    let charge = charge(false, 9, ThrottlePolicy::unlimited());
    let blocker = database.hold("otp_throttle WHERE account <> 'alice'").await;
    let mut calls = JoinSet::new();
    for account in accounts {
        let store = Arc::clone(&store);
        calls.spawn(async move { store.charge(&id(&account), &charge).await.map(drop) });
    }
    database.until(3, WAITS).await;
    assert_eq!(store.spend(&id("alice"), &spend(7, 1)).await.unwrap(), SpendReply::Done);
    // The control: a call that begins has to wait.
    let alice = id("alice");
    let begins = store.charge(&alice, &charge);
    assert!(timeout(Duration::from_millis(100), begins).await.is_err());
    blocker.batch_execute("ROLLBACK").await.unwrap();
    for answer in calls.join_all().await {
        answer.unwrap();
    }
}

/// A record of 100 MB is not read, and its attempt is not counted.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_overlong_record_is_not_read() {
    let (database, store) = Database::enrolled("overlong").await;
    let corrupt = |error: Error| assert!(matches!(error, Error::Corrupt("record")), "{error:?}");
    database.run("UPDATE otp_credential SET record = repeat('x', 100000000)").await;
    corrupt(store.find(&id("alice")).await.unwrap_err());
    let charge = charge(false, 9, ThrottlePolicy::nist());
    corrupt(store.charge(&id("alice"), &charge).await.unwrap_err());
    assert_eq!(database.number("SELECT failures FROM otp_throttle").await, 0);
    assert_eq!(store.list(None, 9).await.unwrap(), [id("alice")]);
    // The bound itself, and one above it.
    let record = |length| otp_store::RecordText::new("x".repeat(length));
    for (length, fits) in [(1 << 20, true), ((1 << 20) + 1, false)] {
        let mut entry = entry(7);
        entry.record = record(length);
        let inserted = store.insert(&id("alice"), &entry).await;
        assert_eq!(inserted.is_ok(), fits, "{inserted:?}");
        assert!(fits || matches!(inserted, Err(Error::TooLarge("record"))));
    }
    let found = store.find(&id("alice")).await.unwrap().unwrap();
    assert_eq!(found.record, record(1 << 20));
    let long = store.reseal(&id("alice"), &found.record, &record((1 << 20) + 1)).await;
    assert!(matches!(long, Err(Error::TooLarge("record"))), "{long:?}");
}
