//! Connections that end during a call.

use alloc::sync::Arc;
use core::time::Duration;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{
    AsyncStore, AsyncVerifier, EngineErrorKind, Postgres, PostgresOptions, RecoveryVerdict,
    SpendReply, VerifierOptions,
};

use crate::proxy::{Answers, Proxy};
use crate::requests::{at_once, call, entry, id, kind, spend, spent};
use crate::server::{Database, SHORT, WAITS, answered, patient};

fn impatient() -> PostgresOptions {
    PostgresOptions::new().with_timeout(SHORT)
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_takes_two_round_trips() {
    let (_database, proxy, store) = Database::proxied("round_trips", patient(1)).await;
    // An attempt on an account takes as many. The first call on a connection also prepares its
    // statements.
    for (counter, charge, expected) in [
        (1, "confirm", 4),
        (2, "charge", 2),
        (3, "charge", 2),
        (4, "charge_account", 3),
        (5, "charge_account", 2),
    ] {
        proxy.round_trips();
        let charged = call(&store, charge).await.unwrap();
        assert!(charged.starts_with("Permitted"), "{charged}");
        assert_eq!(spent(&store, counter).await, SpendReply::Done);
        assert_eq!(proxy.round_trips(), expected, "counter {counter}");
    }
    // So do a code of several credentials, and one that another call has spent.
    for (counter, reply, expected) in
        [(6, SpendReply::Done, 2), (7, SpendReply::Done, 1), (7, SpendReply::Replayed, 1)]
    {
        let spends = [("", spend(7, counter))];
        let spent = store.spend_all(id("alice").account(), &spends).await.unwrap();
        assert_eq!((spent, proxy.round_trips()), (reply, expected), "{counter}");
    }
    // If another call has spent the counter since the charge, one more round trip finds out why.
    for expected in [3, 2] {
        assert_eq!(spent(&store, 3).await, SpendReply::Replayed);
        assert_eq!(proxy.round_trips(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_takes_two_round_trips() {
    let (_database, proxy, store) = Database::proxied("recovery_trips", patient(1)).await;
    let context = OtpContext::new().with_plain_keys();
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let verifier = AsyncVerifier::new(store, context, options).unwrap();
    let alice = id("alice");
    let codes = verifier.replace_recovery_codes(alice.account()).await.unwrap();
    // The first call on a connection also prepares its statements.
    for ((code, left), expected) in codes.iter().zip((7..10).rev()).zip([4, 2, 2]) {
        proxy.round_trips();
        let verdict = verifier.recover(alice.account(), code.reveal().as_str()).await.unwrap();
        let RecoveryVerdict::Accepted(recovered) = verdict else { panic!("{verdict:?}") };
        assert_eq!((recovered.left(), proxy.round_trips()), (left, expected));
    }
    // So does a code that is spent, and a wrong one.
    let spent = codes.iter().next().unwrap().reveal();
    let verdict = verifier.recover(alice.account(), spent.as_str()).await.unwrap();
    assert!(matches!(verdict, RecoveryVerdict::Rejected(_)));
    assert_eq!(proxy.round_trips(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn spend_with_a_lost_reply_is_repeated() {
    let (database, proxy, store) = Database::proxied("lost_answer", patient(16)).await;
    assert_eq!(spent(&store, 1).await, SpendReply::Done);

    let lost = spend(7, 2);
    proxy.let_answers(Answers::Cut);
    let error = store.spend(&id("alice"), &lost).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(database.number("SELECT next FROM otp_credential").await, 3, "it was not done");

    proxy.let_answers(Answers::Come);
    assert_eq!(store.spend(&id("alice"), &lost).await.unwrap(), SpendReply::Done);
    assert_eq!(spent(&store, 2).await, SpendReply::Replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_server_times_out() {
    let (database, proxy, store) = Database::proxied("silent", impatient()).await;
    proxy.let_answers(Answers::Vanish);
    let (alice, lost) = (id("alice"), spend(7, 2));
    assert_eq!(kind(store.spend(&alice, &lost).await), EngineErrorKind::TimedOut);
    let connecting = Postgres::connect_with(&database.url_at(&proxy.place), impatient()).await;
    assert_eq!(kind(connecting), EngineErrorKind::TimedOut);
    proxy.let_answers(Answers::Come);
    assert_eq!(answered(|| store.spend(&alice, &lost)).await, SpendReply::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_connection_is_replaced_after_all_callers_gave_up() {
    let options = impatient().with_connections(1);
    let (_database, proxy, store) = Database::proxied("given_up", options).await;
    let before = proxy.left();
    proxy.let_answers(Answers::Vanish);
    let (alice, lost) = (id("alice"), spend(7, 2));
    while proxy.left() == before {
        let asked = store.spend(&alice, &lost);
        let asked = tokio::time::timeout(Duration::from_millis(50), asked).await;
        assert!(!matches!(asked, Ok(Ok(_))), "{asked:?}");
    }
    proxy.let_answers(Answers::Come);
    assert_eq!(answered(|| store.spend(&alice, &lost)).await, SpendReply::Done);
}

/// A client that hangs up as fast as it asks gets no larger share of the database.
#[tokio::test(flavor = "multi_thread")]
async fn dropped_call_keeps_its_connection() {
    let (database, proxy, store) = Database::proxied("hung_up", patient(1)).await;
    assert_eq!(spent(&store, 1).await, SpendReply::Done);
    let blocker = database.hold("otp_credential").await;
    proxy.round_trips();
    for counter in 2..100 {
        let asked = tokio::time::timeout(Duration::from_millis(5), spent(&store, counter));
        assert!(asked.await.is_err());
    }
    assert!(proxy.round_trips() <= 1, "the database got more than one call at a time");
    blocker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(spent(&store, 99).await, SpendReply::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_backend_has_spent_nothing() {
    let (database, store) = Database::enrolled("killed").await;
    let blocker = database.hold("otp_credential").await;
    let killed = spend(7, 2);
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.spend(&id("alice"), &killed).await }
    });
    database.until(1, WAITS).await;
    database.end("pg_terminate_backend", WAITS).await;
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    blocker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(database.number("SELECT next FROM otp_credential").await, 0);
    assert_eq!(store.spend(&id("alice"), &killed).await.unwrap(), SpendReply::Done);
}

/// All connections of a pool end at once, as when a server restarts. One retry suffices.
#[tokio::test(flavor = "multi_thread")]
async fn first_retry_after_a_restart_gets_a_new_connection() {
    let (database, store) = Database::enrolled("restart").await;
    for round in 1..=10_u64 {
        // Each connection of the pool makes a call.
        let found = at_once(16, |task| {
            let store = Arc::clone(&store);
            async move { store.find(&id(&format!("user-{task}"))).await.unwrap() }
        });
        found.await;
        database.end("pg_terminate_backend", "true").await;
        let spend = spend(7, round);
        let spent = match store.spend(&id("alice"), &spend).await {
            Err(error) if error.is_transient() => store.spend(&id("alice"), &spend).await,
            answer => answer,
        };
        assert_eq!(spent.unwrap(), SpendReply::Done, "round {round}");
    }
}

/// A dropped future leaves no open transaction and no half removal.
#[tokio::test(flavor = "multi_thread")]
async fn dropped_removal_is_completed() {
    let database = Database::new("dropped").await;
    let store = Postgres::create_with(&database.url, patient(1)).await.unwrap();
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    let blocker = database.hold("otp_throttle").await;
    tokio::select! {
        removed = call(&store, "remove") => panic!("{removed:?}"),
        () = database.until(1, WAITS) => {}
    }
    blocker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(spent(&store, 1).await, SpendReply::Unknown);
    assert_eq!(database.number("SELECT count(*) FROM otp_throttle").await, 0, "not committed");
}

/// A client that falls silent between the statements of a removal does not keep the account locked.
#[tokio::test(flavor = "multi_thread")]
async fn silent_removal_is_rolled_back() {
    let (database, direct) = Database::enrolled("silent_removal").await;
    let proxy = Proxy::to(&database.url).await;
    let url = database.url_at(&proxy.place);
    let options = impatient().with_connections(1);
    // On a busy machine the call may be stopped before that point.
    loop {
        let blocker = database.hold("otp_throttle").await;
        let store = answered(|| Postgres::connect_with(&url, options)).await;
        let removal = tokio::spawn(async move { store.remove(&id("alice")).await });
        while database.count(WAITS).await == 0 && !removal.is_finished() {}
        proxy.let_answers(Answers::Gone);
        blocker.batch_execute("ROLLBACK").await.unwrap();
        let mut held = 0;
        while held == 0 && !removal.is_finished() {
            held = database.count("state = 'idle in transaction'").await;
        }
        if held == 1 {
            // The account replies, and still has its credential.
            let charged = call(&direct, "confirm").await.unwrap();
            assert!(charged.starts_with("Permitted"), "{charged}");
            break;
        }
        drop(removal.await);
        proxy.let_answers(Answers::Come);
    }
}
