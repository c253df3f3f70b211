//! The statements of docs/guide/server.md for a database of your own, on SQLite.
#![cfg(feature = "sqlite")]
#![cfg(test)]

use rusqlite::{Connection, named_params};

const PAGE: &str = include_str!("../../../docs/guide/server.md");

/// Returns the statement with this beginning.
fn statement(begin: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(begin).unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once(';').unwrap().0
}

fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "CREATE TABLE otp (id TEXT, generation INT, next INT, failures INT, locked_until INT);
             INSERT INTO otp VALUES ('alice', 7, 100, 0, 0);",
        )
        .unwrap();
    database
}

fn charge(database: &Connection, now: i64) -> usize {
    let values = named_params! { ":id": "alice", ":now": now, ":limit": 5 };
    database.execute(statement("-- Charge"), values).unwrap()
}

fn spend(database: &Connection, generation: i64, matched: i64) -> usize {
    let values = named_params! { ":id": "alice", ":generation": generation, ":matched": matched };
    database.execute(statement("-- Spend"), values).unwrap()
}

#[test]
fn counter_is_spent_once_with_all_lower_ones() {
    let database = database();
    assert_eq!(spend(&database, 6, 100), 0, "another enrolment");
    assert_eq!(spend(&database, 7, 99), 0, "spent before");
    assert_eq!(spend(&database, 7, 102), 1);
    for spent in 100..=102 {
        assert_eq!(spend(&database, 7, spent), 0, "{spent}");
    }
    assert_eq!(spend(&database, 7, 103), 1);
}

#[test]
fn attempts_back_off_and_lock_until_a_success() {
    let database = database();
    let at_once = (0..9).map(|_| charge(&database, 1000)).sum::<usize>();
    assert_eq!(at_once, 4, "three without a wait, and the one that starts it");
    assert_eq!(charge(&database, 1029), 0);
    assert_eq!(spend(&database, 7, 100), 1);
    assert_eq!(charge(&database, 1000), 1, "a success clears the failures");
    let patient = (1..99).map(|turn| charge(&database, 1000 + turn * 30)).sum::<usize>();
    assert_eq!(patient, 4, "the limit is five");
}
