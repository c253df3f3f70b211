//! Tests of the statements on a server.
#![allow(clippy::unwrap_used)]

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, NoTls, Row};

use super::Statement;
use crate::postgres::parameters::{Parameters, parameters};
use crate::postgres::schema::{STEPS, WAIT, create};

async fn client(schema: &str) -> Client {
    let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    let statements = format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema};
         SET search_path = {schema}"
    );
    client.batch_execute(&statements).await.unwrap();
    create(&mut client, STEPS, WAIT).await.unwrap();
    client
}

async fn ask(
    client: &Client,
    name: &str,
    question: Statement,
    parameters: &Parameters,
) -> Result<Row, Error> {
    let mut all: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&name, Type::TEXT)];
    for (value, of) in parameters {
        all.push((&**value, of.clone()));
    }
    let mut rows = client.query_typed(question.text(), &all).await?;
    assert_eq!(rows.len(), 1);
    Ok(rows.remove(0))
}

fn id() -> String {
    "alice".to_owned()
}

fn attempt() -> Vec<u8> {
    vec![7; 16]
}

fn insert(hotp: bool) -> Parameters {
    parameters![id(), String::new(), "{}".to_owned(), hotp, 6_i16, 1_i64, 1_i64, false]
}

/// Records the settings at the end of a transaction.
const WITNESS: &str = "
    CREATE TABLE seen (setting text, messages text);
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES
            (current_setting('synchronous_commit'), current_setting('client_min_messages'));
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_throttle
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
    CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_credential
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()";

/// The session has the settings of another program, as behind a pooler.
#[tokio::test]
async fn statement_is_durable_in_a_session_that_is_not() {
    let client = client("otp_durable").await;
    client.batch_execute(WITNESS).await.unwrap();
    let none = || vec![0_i64];
    let spend = || parameters![id(), String::new(), 1_i64, 1_i64, 2_i64, 0_i16, attempt(), false];
    let record = || "{}".to_owned();
    let charge = || {
        parameters![
            id(),
            String::new(),
            false,
            6_i16,
            1_i64,
            none(),
            1_i64,
            2_i64,
            none(),
            1_i64,
            2_i64,
            attempt(),
        ]
    };
    let statements: [(Statement, Parameters); 11] = [
        (Statement::Insert, insert(true)),
        (Statement::Charge, charge()),
        (Statement::TakeBack, parameters![id(), attempt()]),
        (Statement::Charge, charge()),
        (Statement::Clamp, parameters![id(), 2_i64, 1_i64]),
        (Statement::Spend, spend()),
        // A retry of the attempt, whose reply must not confirm what no standby has.
        (Statement::NotSpent, parameters![id(), String::new(), 1_i64, 2_i64, attempt()]),
        (Statement::Reseal, parameters![id(), String::new(), record(), record()]),
        (Statement::ResetDrift, parameters![id(), String::new()]),
        (Statement::Unlock, parameters![id()]),
        (Statement::Delete, parameters![id(), String::new()]),
    ];
    for (setting, messages, expected) in [
        ("off", "error", "on"),
        ("local", "notice", "on"),
        ("remote_write", "warning", "on"),
        ("remote_apply", "error", "remote_apply"),
    ] {
        let weaker =
            format!("SET synchronous_commit = {setting}; SET client_min_messages = {messages}");
        client.batch_execute(&weaker).await.unwrap();
        for (question, parameters) in &statements {
            let name = question.name();
            client.batch_execute("DELETE FROM seen").await.unwrap();
            // The control: under another name it does nothing.
            ask(&client, "canary", *question, parameters).await.unwrap();
            let count = "SELECT count(*) FROM seen";
            let count: i64 = client.query_one(count, &[]).await.unwrap().get(0);
            assert_eq!(count, 0, "{name}");
            ask(&client, name, *question, parameters).await.unwrap();
            let seen = "SELECT DISTINCT setting, messages FROM seen";
            let seen = client.query(seen, &[]).await.unwrap();
            let seen: Vec<(&str, &str)> = seen.iter().map(|row| (row.get(0), row.get(1))).collect();
            assert_eq!(seen, [(expected, "warning")], "{setting}: {name}");
        }
        // The control: the session's own settings are unchanged.
        client.batch_execute("DELETE FROM seen; DELETE FROM otp_throttle").await.unwrap();
        let seen = client.query_one("SELECT setting, messages FROM seen", &[]).await.unwrap();
        assert_eq!((seen.get(0), seen.get(1)), (setting, messages));
    }
}

/// Shortening a lock must not undo a change that another call has made since it was read.
#[tokio::test]
async fn lock_that_changed_is_not_shortened() {
    let client = client("otp_clamp").await;
    ask(&client, "insert 2", Statement::Insert, &insert(true)).await.unwrap();
    client.batch_execute("UPDATE otp_throttle SET locked_until = 900").await.unwrap();
    for (seen, cut) in [(899_i64, false), (900, true)] {
        let parameters = parameters![id(), seen, 5_i64];
        let row = ask(&client, "clamp 2", Statement::Clamp, &parameters).await;
        assert_eq!(row.unwrap().get::<_, bool>("done"), cut);
        let lock = client.query_one("SELECT locked_until FROM otp_throttle", &[]).await;
        assert_eq!(lock.unwrap().get::<_, i64>(0), if cut { 5 } else { 900 });
    }
}

/// Each type waits by the waits and steps of its own policy.
#[tokio::test]
async fn each_type_waits_by_its_own_policy() {
    let client = client("otp_waits").await;
    for (hotp, waits, steps, expected) in [
        (true, [1_i64, 100], [0_i64, 0], 1_001_i64),
        (false, [1, 100], [0, 0], 1_100),
        (true, [0, 0], [7, 30], 1_007),
        (false, [0, 0], [7, 30], 1_030),
    ] {
        client.batch_execute("TRUNCATE otp_credential, otp_throttle").await.unwrap();
        ask(&client, "insert 2", Statement::Insert, &insert(hotp)).await.unwrap();
        let ([hotp_wait, totp_wait], [hotp_step, totp_step]) = (waits, steps);
        let charge = parameters![
            id(),
            String::new(),
            false,
            6_i16,
            1_000_i64,
            vec![hotp_wait],
            hotp_step,
            9_i64,
            vec![totp_wait],
            totp_step,
            9_i64,
            attempt(),
        ];
        let row = ask(&client, "charge 2", Statement::Charge, &charge).await.unwrap();
        assert_eq!(row.get::<_, i64>("counted_locked_until"), expected, "{hotp}");
    }
}
