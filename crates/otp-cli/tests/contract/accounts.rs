//! Accounts whose rows a test changes, many accounts at once, and times that pass.

use std::thread;

use serde_json::json;

use crate::database::{Database, accepted, code, refused};
use crate::otp::otp;

#[test]
fn one_of_many_parallel_attempts_is_accepted() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    for counter in 1..4 {
        let code = code(&uri, counter);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let runs: Vec<_> =
                (0..8).map(|_| scope.spawn(|| database.verify("alice", &code))).collect();
            runs.into_iter().map(|run| run.join().unwrap().object()["outcome"].clone()).collect()
        });
        let accepted = outcomes.iter().filter(|outcome| **outcome == "accepted").count();
        assert_eq!(accepted, 1, "{outcomes:?}");
        // The others were failures, and may have locked the account.
        database.keyless(&["unlock", "alice"]).object();
    }
}

#[test]
fn hard_lock_is_null() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    database.lock(16);
    let object = refused(&database.verify("alice", &code(&uri, 1)), "locked", None, 16);
    assert!(object.as_object().unwrap().contains_key("locked_until"));
    assert!(object["locked_until"].is_null());
    let run = database.otp("", &["resync", "alice", &code(&uri, 50), &code(&uri, 51)]);
    refused(&run, "locked", None, 16);

    let status = database.status("alice");
    assert_eq!(status["locked"], true);
    assert!(status.as_object().unwrap().contains_key("locked_until"));
    assert!(status["locked_until"].is_null());
    let text = database.plainly(&["status", "alice"]);
    let end = "; 16 failed attempts; locked until an operator runs otp unlock ACCOUNT";
    assert!(text.line().ends_with(end));
}

#[test]
fn totp_codes_follow_the_clock() {
    let database = Database::new();
    let enroll = ["enroll", "alice", "--issuer", "ACME", "--digits", "8", "--period", "3600"];
    let run = database.otp("", &enroll);
    let uri = run.object()["uri"].as_str().unwrap().to_owned();
    let codes = || {
        let run = otp(&uri, &["code", "--count", "2"]);
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    accepted(&database.otp("", &["enroll", "alice", "--confirm", &codes()[0]]));
    // The code of the next step is in the window.
    accepted(&database.verify("alice", &codes()[1]));
}

/// The list is longer than what the command fetches at a time.
#[test]
fn long_list_is_complete() {
    let database = Database::new();
    database.enroll("a");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let copies =
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number LIMIT 1001)
                  INSERT INTO throttle (account) SELECT printf('user-%06d', n) FROM number";
    connection.execute(copies, []).unwrap();
    let copies = "INSERT INTO credential (account, name, record, hotp, length, generation, next)
                  SELECT throttle.account, '', record, hotp, length, generation, next
                  FROM throttle, credential WHERE throttle.account <> 'a'";
    connection.execute(copies, []).unwrap();
    let listed = database.plainly(&["list"]).stdout;
    let mut lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines.len(), 1002);
    let both = ("\"a\" (not confirmed)", "\"user-001001\" (not confirmed)");
    assert_eq!((lines[0], lines[1001]), both);
    lines.dedup();
    assert_eq!(lines.len(), 1002);
}

/// A lock that has ended is not shown.
#[test]
fn ended_lock_is_not_shown() {
    let database = Database::new();
    database.enroll("alice");
    database.change("UPDATE throttle SET failures = 4, locked_until = 1700000000");
    let status = database.status("alice");
    assert_eq!((&status["failures"], &status["locked"]), (&4.into(), &false.into()));
    assert!(!status.as_object().unwrap().contains_key("locked_until"));
}

#[test]
fn damage_is_reported_by_every_command() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    database.confirmed("bob");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    connection.execute("DELETE FROM throttle WHERE account = 'alice'", []).unwrap();
    drop(connection);

    for arguments in [&["status", "alice"][..], &["unlock", "alice"], &["drift", "alice"]] {
        database.keyless(arguments).failure(3, "database", "db");
    }
    database.verify("alice", &code(&uri, 5)).failure(3, "not_compared", "db");
    for (run, last) in [
        (database.keyless(&["list"]), json!({"account": "bob", "confirmed": true})),
        (
            database.keyless(&["db", "check"]),
            json!({"outcome": "checked", "credentials": 1, "damaged": 1}),
        ),
        (
            database.keyless(&["unlock", "--all", "--yes"]),
            json!({"outcome": "unlocked", "accounts": 0}),
        ),
    ] {
        assert_eq!(run.status, 1, "{run:?}");
        let objects = run.objects();
        assert_eq!((&objects[0]["account"], &objects[0]["part"]), (&"alice".into(), &"db".into()));
        assert_eq!(objects[1], last);
    }
    // The key is counted, so the operator keeps the old secret.
    let run = database.otp("", &["wallet", "rotate"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.objects().last().unwrap()["refused"], 1);
}

#[test]
fn damaged_recovery_codes_are_reported() {
    let database = Database::new();
    database.confirmed("alice");
    assert_eq!(database.otp("", &["recovery", "new", "alice"]).status, 0);
    database.change("UPDATE throttle SET recovery_key = NULL");
    let run = database.keyless(&["db", "check"]);
    let objects = run.objects();
    assert_eq!((run.status, &objects[0]["account"]), (1, &"alice".into()), "{run:?}");
    assert_eq!(objects[1], json!({"outcome": "checked", "credentials": 1, "damaged": 1}));
}

#[test]
fn drift_is_reset() {
    let database = Database::new();
    database.enroll("alice");
    database.change("UPDATE credential SET drift = 7");
    let drift = |arguments: &[&str]| database.keyless(arguments).object();
    let known = json!({"outcome": "known", "account": "alice", "drift": 7});
    assert_eq!(drift(&["drift", "alice"]), known);
    let reset = json!({"outcome": "reset", "account": "alice", "drift": 0});
    assert_eq!(drift(&["drift", "alice", "--reset"]), reset);
    assert_eq!(database.status("alice")["drift"], 0);
}

/// The help names the feature to build with.
#[test]
#[cfg(not(any(feature = "postgres", feature = "redis")))]
fn server_without_its_feature_is_rejected() {
    for (db, feature) in [
        ("postgres://user@host/otp", "postgres"),
        ("postgresql://host", "postgres"),
        ("redis://host", "redis"),
        ("rediss://host:6379/1", "redis"),
    ] {
        let message = otp("", &["list", "--json", "--db", db]).failure(2, "usage", "db");
        assert!(message.contains(&format!("--features {feature}")), "{message}");
    }
    let mut list = crate::otp::command(&["list", "--json"]);
    list.env("OTP_DB", "redis://user:hunter2@host");
    let run = crate::otp::run(list, b"");
    run.failure(2, "usage", "db");
    run.assert_silent_on(&["hunter2"]);
}
