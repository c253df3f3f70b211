//! Calls that wait for a row or for a connection.

use alloc::sync::Arc;
use core::time::Duration;

use otp_store::{AsyncStore, EngineErrorKind, Postgres, PostgresOptions, SpendReply};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::requests::{call, call_about, entry, id, kind, spend, spent};
use crate::server::{Database, SHORT, WAITS, answered, patient, start};

#[tokio::test(flavor = "multi_thread")]
async fn waiting_times_out() {
    let (database, _) = Database::enrolled("waiting").await;
    let options = PostgresOptions::new().with_connections(1).with_timeout(SHORT);
    let store = answered(|| Postgres::connect_with(&database.url, options)).await;
    let blocker = database.hold("otp_credential, otp_throttle").await;
    let (alice, spend) = (id("alice"), spend(7, 1));
    // One call waits for the row, the other for the connection.
    let (charged, spent) = tokio::join!(call(&store, "confirm"), call(&store, "spend"));
    assert_eq!(kind(charged), EngineErrorKind::TimedOut);
    assert_eq!(kind(spent), EngineErrorKind::TimedOut);
    // The server ends the wait itself, though the row is still locked.
    database.until(0, WAITS).await;
    blocker.batch_execute("ROLLBACK").await.unwrap();
    let spent = answered(|| store.spend(&alice, &spend)).await;
    assert_eq!(spent, SpendReply::Done);
}

/// A row that another session locks does not block the whole pool.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_locked_row_leaves_connections_to_other_accounts() {
    let database = Database::new("locked_row").await;
    // The database has a setting of its own.
    database.alter("SET lock_timeout = 1").await;
    let store = Arc::new(database.store().await);
    for account in ["alice", "bob"] {
        store.insert(&id(account), &entry(7)).await.unwrap();
    }
    let rows = "otp_credential JOIN otp_throttle USING (account) WHERE account = 'alice'";
    let blocker = database.hold(rows).await;
    let calls = (0..64).map(|number| start(&store, ["confirm", "spend"][number % 2]));
    let calls: Vec<_> = calls.collect();
    // A quarter of the sixteen begins, and as many finish.
    database.until(8, WAITS).await;
    assert_eq!(store.spend(&id("bob"), &spend(7, 1)).await.unwrap(), SpendReply::Done);
    database.until(8, WAITS).await;
    blocker.batch_execute("ROLLBACK").await.unwrap();
    for call in calls {
        call.await.unwrap().unwrap();
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
    let blocker = database.hold("otp_throttle WHERE account <> 'alice'").await;
    let calls = accounts.into_iter().map(|account| {
        let store = Arc::clone(&store);
        async move { call_about(&id(&account), &store, "confirm").await.unwrap() }
    });
    let calls: JoinSet<_> = calls.collect();
    database.until(3, WAITS).await;
    assert_eq!(spent(&store, 1).await, SpendReply::Done);
    // The control: a call that begins has to wait.
    let begins = call(&store, "confirm");
    assert!(timeout(Duration::from_millis(100), begins).await.is_err());
    blocker.batch_execute("ROLLBACK").await.unwrap();
    calls.join_all().await;
}
