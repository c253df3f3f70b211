//! Every failure is an error with a kind, and accepts no code.

use otp_store::{AsyncStore, EngineErrorKind, Error, Postgres, RecordText};

use crate::requests::{call, entry, id, kind};
use crate::server::{Database, connect, patient};

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
        let words = format!("{error} {error:?}");
        assert!(!words.contains("canary"), "{words}");
        assert_eq!(kind::<()>(Err(error)), expected, "{url}");
    }
    let (_, password) = server.split_once('@').unwrap().0.rsplit_once(':').unwrap();
    let shown = format!("{:?}", database.store().await);
    assert!(shown.starts_with("Postgres") && !shown.contains(password), "{shown}");
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
            let failed = call(&store, name).await.unwrap_err();
            assert!(!failed.to_string().contains("canary"));
            assert_eq!(kind::<()>(Err(failed)), expected, "{state} {name}");
        }
    }
    let done = "SELECT next + failures FROM otp_credential, otp_throttle";
    assert_eq!(database.number(done).await, 0);
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
        let found = call(&store, "find").await;
        assert!(matches!(found, Err(Error::Corrupt(named)) if named == part), "{part}: {found:?}");
        // A charge replaces the last charge. It reads the others, and does not count if one is
        // invalid.
        if !matches!(column, "charged" | "found_until" | "found_guesses") {
            match call(&store, "confirm").await {
                Ok(reply) => assert!(reply.starts_with("Malformed"), "{part}: {reply}"),
                Err(error) => assert!(matches!(error, Error::Corrupt(_)), "{part}: {error:?}"),
            }
        }
        database.run(&format!("UPDATE otp_{table} SET {column} = {good}")).await;
    }
    database.run("DROP TABLE otp_credential").await;
    assert!(matches!(call(&store, "find").await, Err(Error::Foreign)));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_without_free_connections_is_busy() {
    let database = Database::new("room").await;
    database.alter("CONNECTION LIMIT 0").await;
    let guest = database.role("otp_guest").await;
    assert_eq!(kind(connect(&guest).await), EngineErrorKind::Busy);
}

/// A record of 100 MB is not read, and its attempt is not counted.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_overlong_record_is_not_read() {
    let (database, store) = Database::enrolled("overlong").await;
    database.run("UPDATE otp_credential SET record = repeat('x', 100000000)").await;
    for name in ["find", "confirm"] {
        let refused = call(&store, name).await;
        assert!(matches!(refused, Err(Error::Corrupt("record"))), "{name}: {refused:?}");
    }
    assert_eq!(database.number("SELECT failures FROM otp_throttle").await, 0);
    assert_eq!(store.list(None, 9).await.unwrap(), [id("alice")]);
    // The bound itself, and one above it.
    let record = |length| RecordText::new("x".repeat(length));
    let (mut fits, mut long) = (entry(7), entry(7));
    (fits.record, long.record) = (record(1 << 20), record((1 << 20) + 1));
    assert!(store.insert(&id("alice"), &fits).await.unwrap());
    assert_eq!(store.find(&id("alice")).await.unwrap().unwrap().record, fits.record);
    let inserted = store.insert(&id("alice"), &long).await;
    assert!(matches!(inserted, Err(Error::TooLarge("record"))), "{inserted:?}");
    let resealed = store.reseal(&id("alice"), &fits.record, &long.record).await;
    assert!(matches!(resealed, Err(Error::TooLarge("record"))), "{resealed:?}");
}

/// A changed column type costs a connection, and not the service.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_changed_column_type_is_prepared_again() {
    let (database, _) = Database::enrolled("changed_type").await;
    let store = Postgres::connect_with(&database.url, patient(1)).await.unwrap();
    assert!(store.find(&id("alice")).await.unwrap().is_some());
    let change = "ALTER TABLE otp_credential ALTER COLUMN record TYPE varchar COLLATE \"C\"";
    database.run(change).await;
    let error = store.find(&id("alice")).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(store.find(&id("alice")).await.unwrap().is_some());
}
