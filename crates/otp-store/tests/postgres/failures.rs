//! Every failure is an error with a kind, and accepts no code.

use otp_context::replay::ThrottlePolicy;
use otp_store::{
    AsyncStore, ChargeReply, EngineErrorKind, Error, Postgres, PostgresOptions, SpendReply,
};

use crate::requests::{call, charge, entry, id, spend};
use crate::server::{Database, SHORT, WAITS, answered, connect, kind};

const NIST: ThrottlePolicy = ThrottlePolicy::nist();

#[tokio::test(flavor = "multi_thread")]
async fn failed_connection_has_a_kind_and_hides_the_url() {
    let database = Database::new("connecting").await;
    let (server, _) = database.url.rsplit_once('/').unwrap();
    for (url, expected) in [
        ("postgres://otp:canary@127.0.0.1:1/otp".to_owned(), EngineErrorKind::Unreachable),
        (
            "postgres://otp:canary@canary.invalid/otp?sslmode=disable".to_owned(),
            EngineErrorKind::Unreachable,
        ),
        (database.url_for("otp", "canary"), EngineErrorKind::Denied),
        (database.url_for("canary", "canary"), EngineErrorKind::Denied),
        (format!("{server}/no_such_database"), EngineErrorKind::Unreachable),
        (format!("{}?channel_binding=require", database.url), EngineErrorKind::Denied),
    ] {
        let error = connect(&url).await.unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
        assert_eq!(kind::<()>(Err(error)), expected, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_is_never_printed() {
    let database = Database::new("debug").await;
    let (login, _) = database.url.rsplit_once('@').unwrap();
    let (_, password) = login.rsplit_once(':').unwrap();
    let shown = format!("{:?}", database.store().await);
    assert!(shown.starts_with("Postgres") && !shown.contains(password), "{shown}");
    let url = database.url_for("otp", "wrong-canary");
    let error = connect(&url).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
}

/// The states of a server, which a trigger raises in its place.
#[tokio::test(flavor = "multi_thread")]
async fn server_states_have_kinds() {
    let (database, store) = Database::enrolled("states").await;
    for (state, expected) in [
        ("53100", EngineErrorKind::Full),
        ("53200", EngineErrorKind::Full),
        ("25006", EngineErrorKind::ReadOnly),
        ("40001", EngineErrorKind::Interrupted),
        ("40P01", EngineErrorKind::Interrupted),
        ("42501", EngineErrorKind::Denied),
        ("XX001", EngineErrorKind::Damaged),
        ("58030", EngineErrorKind::Damaged),
        ("55P03", EngineErrorKind::Busy),
        ("XX000", EngineErrorKind::Other),
    ] {
        database
            .run(&format!(
                "CREATE OR REPLACE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS
                     $$ BEGIN RAISE 'canary' USING ERRCODE = '{state}'; END $$;
                 CREATE OR REPLACE TRIGGER say BEFORE UPDATE ON otp_throttle
                     FOR EACH ROW EXECUTE FUNCTION say()"
            ))
            .await;
        for name in ["confirm", "spend"] {
            let failed = call(&*store, name).await.unwrap_err();
            assert!(!failed.to_string().contains("canary"));
            assert_eq!(kind::<()>(Err(failed)), expected, "{state} {name}");
        }
    }
    assert_eq!(
        database.number("SELECT next + failures FROM otp_credential, otp_throttle").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn corrupt_row_is_an_error_that_names_its_part() {
    let (database, store) = Database::enrolled("corrupt").await;
    for (table, column, bad, good, part) in [
        ("credential", "length", "4", "6", "length"),
        ("credential", "generation", "-1", "7", "generation"),
        ("credential", "next", "-1", "0", "counter"),
        ("credential", "attempt", "'\\x00'", "NULL", "attempt"),
        ("throttle", "failures", "-1", "0", "failures"),
        ("throttle", "failures", "5000000000", "0", "failures"),
        ("throttle", "locked_until", "-1", "0", "lock"),
        ("throttle", "charged", "'\\x00'", "NULL", "attempt"),
        ("throttle", "guesses", "-1", "0", "guesses"),
        ("throttle", "guesses", "5000000000", "0", "guesses"),
        ("throttle", "found_until", "1", "NULL", "charge"),
        ("throttle", "found_guesses", "1", "NULL", "charge"),
        ("throttle", "trust_epoch", "-1", "0", "trust"),
        ("throttle", "recovery_set", "-1", "NULL", "set"),
    ] {
        database.run(&format!("UPDATE otp_{table} SET {column} = {bad}")).await;
        let found = call(&*store, "find").await;
        assert!(matches!(found, Err(Error::Corrupt(named)) if named == part), "{part}: {found:?}");
        // A charge replaces the last charge. It reads the others, and does not count if one is
        // invalid.
        if !matches!(column, "charged" | "found_until" | "found_guesses") {
            let charged = store.charge(&id("alice"), &charge(false, 9, NIST)).await;
            assert!(
                matches!(charged, Err(Error::Corrupt(_)) | Ok(ChargeReply::Malformed { .. })),
                "{part}: {charged:?}"
            );
        }
        database.run(&format!("UPDATE otp_{table} SET {column} = {good}")).await;
    }
    database.run("DROP TABLE otp_credential").await;
    assert!(matches!(call(&*store, "find").await, Err(Error::Foreign)));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_times_out() {
    let database = Database::new("waiting").await;
    database.store().await.insert(&id("alice"), &entry(7)).await.unwrap();
    let options = PostgresOptions::new().with_connections(1).with_timeout(SHORT);
    let store = answered(|| Postgres::connect_with(&database.url, options)).await;
    let blocker = database.hold("otp_credential, otp_throttle").await;
    let (alice, charge) = (id("alice"), charge(false, 9, NIST));
    let spend = spend(7, 1);
    // One call waits for the row, the other for the connection.
    let (charged, spent) = tokio::join!(store.charge(&alice, &charge), store.spend(&alice, &spend));
    assert_eq!(kind(charged), EngineErrorKind::TimedOut);
    assert_eq!(kind(spent), EngineErrorKind::TimedOut);
    // The server ends the wait itself, though the row is still locked.
    database.until(0, WAITS).await;
    blocker.batch_execute("ROLLBACK").await.unwrap();
    let spent = answered(|| store.spend(&alice, &spend)).await;
    assert_eq!(spent, SpendReply::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn server_without_free_connections_is_busy() {
    let database = Database::new("room").await;
    database.run(&format!("ALTER DATABASE {} CONNECTION LIMIT 0", database.name)).await;
    database
        .run("DROP ROLE IF EXISTS otp_guest; CREATE ROLE otp_guest LOGIN PASSWORD 'guest'")
        .await;
    let refused = connect(&database.url_for("otp_guest", "guest")).await;
    assert_eq!(kind(refused), EngineErrorKind::Busy);
}
