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
    let mut rows = client.query_typed(question.text(), &typed(&name, parameters)).await?;
    assert_eq!(rows.len(), 1);
    Ok(rows.remove(0))
}

fn typed<'a>(name: &'a &str, parameters: &'a Parameters) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    let mut all: Vec<(&(dyn ToSql + Sync), Type)> = vec![(name, Type::TEXT)];
    for (value, of) in parameters {
        all.push((&**value, of.clone()));
    }
    all
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

/// Charges alice without a wait, by the step, the limit, the guesses and the budget of HOTP and of
/// TOTP. Lock-outs are hard.
fn charge(hotp: [i64; 4], totp: [i64; 4], now: i64) -> Parameters {
    charge_with_waits(hotp, totp, now, [0, 0])
}

fn charge_with_waits(hotp: [i64; 4], totp: [i64; 4], now: i64, waits: [i64; 2]) -> Parameters {
    let [hotp_wait, totp_wait] = waits;
    let rules = |first: [i64; 4], wait: i64| [&first[..], &[0, wait]].concat();
    let (hotp, totp) = (rules(hotp, hotp_wait), rules(totp, totp_wait));
    parameters![id(), 6_i16, now, hotp, totp, attempt(), String::new(), false]
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
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
    CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_recovery
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()";

/// Every statement that writes a table, in an order in which each finds something to do.
fn writes() -> [(Statement, Parameters); 25] {
    let rules = [1, 2, 0, 9];
    let spend =
        |counter: i64| parameters![id(), String::new(), 1_i64, counter, 2_i64, 0_i16, attempt()];
    let spend_all = || {
        let (names, attempts) = (vec![String::new()], vec![attempt()]);
        parameters![id(), names, vec![1_i64], vec![2_i64], vec![0_i64], attempts]
    };
    let record = || "{}".to_owned();
    let charge_account = || charge(rules, rules, 1).into_iter().take(6).collect();
    let (key, other_key) = (|| "key".to_owned(), || "other".to_owned());
    let code = || parameters![id(), 5_i64, vec![3_u8; 32], attempt()];
    let (state, none) = (vec![1_i64, 0, 0, -1, -1, 0, -1], Vec::<Vec<u8>>::new);
    let [names, records] = [Vec::<String>::new(), Vec::new()];
    let restore = parameters![
        "bob".to_owned(),
        state,
        Vec::<u8>::new(),
        key(),
        names,
        records,
        Vec::<i64>::new(),
        none(),
        none(),
        none(),
    ];
    [
        (Statement::Insert, insert(true)),
        (Statement::Charge, charge(rules, rules, 1)),
        (Statement::TakeBack, parameters![id(), attempt()]),
        (Statement::Charge, charge(rules, rules, 1)),
        (Statement::Clamp, parameters![id(), 2_i64, 1_i64, 0_i64]),
        (Statement::Confirm, spend(1)),
        (Statement::Spend, spend(2)),
        // A retry of the attempt, whose reply must not confirm what no standby has.
        (Statement::NotSpent, parameters![id(), String::new(), 1_i64, 2_i64, attempt()]),
        (Statement::ChargeAccount, charge_account()),
        (Statement::SpendAll, spend_all()),
        (Statement::SpendAll, spend_all()),
        (Statement::Reseal, parameters![id(), String::new(), record(), record()]),
        (Statement::ResetDrift, parameters![id(), String::new()]),
        (Statement::Unlock, parameters![id()]),
        (Statement::RevokeTrust, parameters![id()]),
        (Statement::StoreRecovery, parameters![id(), 5_i64, key()]),
        (Statement::StoreCodes, parameters![id(), vec![3_u8; 32]]),
        (Statement::ChargeRecovery, charge_account()),
        (Statement::SpendRecovery, code()),
        // The reply may have been lost here, too.
        (Statement::SpendRecovery, code()),
        (Statement::ResealRecovery, parameters![id(), 5_i64, key(), other_key()]),
        (Statement::RemoveRecovery, parameters![id()]),
        // It deletes the codes.
        (Statement::Tidy, parameters![id()]),
        (Statement::Delete, parameters![id(), String::new()]),
        (Statement::Restore, restore),
    ]
}

/// The session has the settings of another program, as behind a pooler.
#[tokio::test]
async fn statement_is_durable_in_a_session_that_is_not() {
    let client = client("otp_durable").await;
    client.batch_execute(WITNESS).await.unwrap();
    for (setting, messages, expected) in [
        ("off", "error", "on"),
        ("local", "notice", "on"),
        ("remote_write", "warning", "on"),
        ("remote_apply", "error", "remote_apply"),
    ] {
        let weaker =
            format!("SET synchronous_commit = {setting}; SET client_min_messages = {messages}");
        client.batch_execute(&weaker).await.unwrap();
        for (question, parameters) in &writes() {
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
        let seen =
            client.query_one("SELECT DISTINCT setting, messages FROM seen", &[]).await.unwrap();
        assert_eq!((seen.get(0), seen.get(1)), (setting, messages));
    }
}

/// Replacing a lock must not undo a change that another call has made since it was read.
#[tokio::test]
async fn lock_of_an_account_that_changed_is_not_replaced() {
    let client = client("otp_clamp").await;
    ask(&client, "insert 2", Statement::Insert, &insert(true)).await.unwrap();
    client.batch_execute("UPDATE otp_throttle SET locked_until = 900, guesses = 3").await.unwrap();
    for (seen, guesses, cut) in [(899_i64, 3_i64, false), (900, 0, false), (900, 3, true)] {
        let parameters = parameters![id(), seen, 5_i64, guesses];
        let row = ask(&client, "clamp 3", Statement::Clamp, &parameters).await;
        assert_eq!(row.unwrap().get::<_, bool>("done"), cut);
        let lock = client.query_one("SELECT locked_until FROM otp_throttle", &[]).await;
        assert_eq!(lock.unwrap().get::<_, i64>(0), if cut { 5 } else { 900 });
    }
}

/// Each type waits, locks and counts guesses by its own rules.
#[tokio::test]
async fn each_type_is_charged_by_its_own_rules() {
    let client = client("otp_rules").await;
    let hard = i64::MAX;
    for (hotp, rules, waits, lock, guesses) in [
        (true, [[0, 9, 6, 90], [0, 9, 3, 90]], [1, 100], 1_001, 6_i64),
        (false, [[0, 9, 6, 90], [0, 9, 3, 90]], [1, 100], 1_100, 3),
        (true, [[7, 9, 6, 90], [30, 9, 3, 90]], [0, 0], 1_007, 6),
        (false, [[7, 9, 6, 90], [30, 9, 3, 90]], [0, 0], 1_030, 3),
        (true, [[0, 1, 6, 90], [0, 9, 3, 90]], [0, 0], hard, 6),
        (false, [[0, 1, 6, 90], [0, 9, 3, 90]], [0, 0], 0, 3),
        (true, [[0, 9, 6, 11], [0, 9, 3, 90]], [0, 0], hard, 6),
        (false, [[0, 9, 6, 11], [0, 9, 3, 6]], [0, 0], 0, 3),
        (false, [[0, 9, 6, 11], [0, 9, 3, 5]], [0, 0], hard, 3),
    ] {
        client.batch_execute("TRUNCATE otp_credential, otp_recovery, otp_throttle").await.unwrap();
        ask(&client, "insert 2", Statement::Insert, &insert(hotp)).await.unwrap();
        let [of_hotp, of_totp] = rules;
        let charge = charge_with_waits(of_hotp, of_totp, 1_000, waits);
        let row = ask(&client, "charge 4", Statement::Charge, &charge).await.unwrap();
        assert!(row.get::<_, bool>("counted"), "{hotp} {rules:?}");
        let charged = (row.get("locked_until"), row.get("guesses"));
        assert_eq!(charged, (lock, guesses), "{hotp} {rules:?}");
    }
}

/// A log-in takes as long however many accounts there are: no statement reads a whole table.
#[tokio::test]
async fn statement_reads_its_account_alone() {
    async fn reads_all(client: &Client, name: &str, text: &str, parameters: &Parameters) -> bool {
        let plan = client.query_typed(&format!("EXPLAIN {text}"), &typed(&name, parameters)).await;
        let plan = plan.unwrap();
        plan.iter().any(|row| row.get::<_, &str>(0).contains("Seq Scan on otp_"))
    }
    let client = client("otp_plans").await;
    let rows = "INSERT INTO otp_throttle SELECT account FROM generate_series(1, 1000) AS account;
        INSERT INTO otp_credential SELECT account, name, '{}', false, 6, 1, true, 0, 0
            FROM generate_series(1, 1000) AS account, generate_series(1, 6) AS name;
        INSERT INTO otp_recovery SELECT account, decode(lpad(code::text, 64, '0'), 'hex')
            FROM generate_series(1, 1000) AS account, generate_series(1, 10) AS code;
        ANALYZE otp_throttle; ANALYZE otp_credential; ANALYZE otp_recovery";
    client.batch_execute(rows).await.unwrap();
    let reads = [
        (Statement::Find, parameters![id(), String::new()]),
        (Statement::Credentials, parameters![id()]),
        (Statement::Hold, parameters![id()]),
        (Statement::Tidy, parameters![id()]),
        (Statement::List, parameters![id(), String::new(), 9_i64]),
        (Statement::Recovery, parameters![id()]),
        (Statement::ListRecovery, parameters![id(), 9_i64]),
        (Statement::Copy, parameters![id()]),
    ];
    for (statement, parameters) in reads.into_iter().chain(writes()) {
        let (name, text) = (statement.name(), statement.text());
        assert!(!reads_all(&client, name, text, &parameters).await, "{name}");
    }
    // The control: the throttle joined by a column.
    let writes = writes();
    let charge = writes.iter().find(|(statement, _)| *statement == Statement::ChargeAccount);
    let charge = charge.unwrap();
    let (name, text) = (charge.0.name(), charge.0.text());
    let joined = text.replace("throttle.account = $2", "throttle.account = credential.account");
    assert_ne!(joined, text);
    assert!(reads_all(&client, name, &joined, &charge.1).await);
}
