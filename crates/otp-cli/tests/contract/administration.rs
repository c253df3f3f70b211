//! The commands that need no keys: `otp list`, `status`, `unlock` and `remove`.

use serde_json::json;

use crate::database::{Database, accepted, code, refused, wrong};

#[test]
fn accounts_are_listed_in_order() {
    let database = Database::new();
    database.confirmed("bob");
    for account in ["alice", "carol \u{202e}x"] {
        database.enroll(account);
    }
    database.otp("", &["enroll", "alice", "--name", "phone"]);
    let run = database.keyless(&["list"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let expected = [
        json!({"account": "alice", "confirmed": false}),
        json!({"account": "alice", "name": "phone", "confirmed": false}),
        json!({"account": "bob", "confirmed": true}),
        json!({"account": "carol \u{202e}x", "confirmed": false}),
    ];
    assert_eq!(run.objects(), expected);
    let lines = [
        "\"alice\" (not confirmed)\n",
        "\"alice\", name \"phone\" (not confirmed)\n",
        "\"bob\"\n",
        "\"carol \\u{202e}x\" (not confirmed)\n",
    ];
    assert_eq!(database.plainly(&["list"]).stdout, lines.concat());
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

#[test]
fn empty_database_lists_nothing() {
    let database = Database::new();
    database.keyless(&["list"]).failure(3, "io", "db");
    database.enroll("alice");
    assert_eq!(database.keyless(&["remove", "alice"]).status, 0);
    let run = database.keyless(&["list"]);
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
}

#[test]
fn status_shows_counter_failures_and_lock() {
    let database = Database::new();
    let uri = database.enroll("alice");
    let expected = json!({
        "account": "alice", "type": "hotp", "algorithm": "SHA1", "digits": 6, "counter": 0,
        "confirmed": false, "next": 0, "drift": 0, "failures": 0, "locked": false, "tag": "first",
    });
    assert_eq!(database.status("alice"), expected);

    accepted(&database.otp("", &["enroll", "alice", "--confirm", &code(&uri, 2)]));
    for _ in 0..2 {
        refused_any(&database, &wrong(&uri));
    }
    let status = database.status("alice");
    assert_eq!((&status["confirmed"], &status["next"]), (&true.into(), &3.into()));
    assert_eq!((&status["counter"], &status["failures"]), (&3.into(), &2.into()));
    assert_eq!(
        database.plainly(&["status", "alice"]).line(),
        "\"alice\": hotp, SHA1, 6 digits, counter 3; confirmed; next 3, drift 0; \
         key sealed under first; 2 failed attempts"
    );

    for _ in 0..2 {
        refused_any(&database, &wrong(&uri));
    }
    let status = database.status("alice");
    assert_eq!(status["locked"], true);
    assert!(status["locked_until"].as_u64().unwrap() > 1_700_000_000);
    let text = database.plainly(&["status", "alice"]);
    assert!(text.line().contains("; 4 failed attempts; the next attempt may be made in "));

    database.lock(7);
    let status = database.status("alice");
    assert_eq!(status["locked"], true);
    assert!(status.as_object().unwrap().contains_key("locked_until"));
    assert!(status["locked_until"].is_null());
    let text = database.plainly(&["status", "alice"]);
    let end = "; 7 failed attempts; locked until an operator runs otp unlock ACCOUNT";
    assert!(text.line().ends_with(end));
}

fn refused_any(database: &Database, code: &str) {
    assert_eq!(database.verify("alice", code).status, 1);
}

/// A lock that has ended is not shown.
#[test]
fn ended_lock_is_not_shown() {
    let database = Database::new();
    database.enroll("alice");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.execute("UPDATE throttle SET failures = 4, locked_until = 1700000000", []).unwrap();
    let status = database.status("alice");
    assert_eq!((&status["failures"], &status["locked"]), (&4.into(), &false.into()));
    assert!(!status.as_object().unwrap().contains_key("locked_until"));
}

#[test]
fn unlocked_account_may_try_again() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    database.lock(33);
    refused(&database.verify("alice", &code(&uri, 1)), "locked", None, 33);
    let run = database.keyless(&["unlock", "alice"]);
    assert_eq!(run.status, 0);
    assert_eq!(run.object(), json!({"outcome": "unlocked", "account": "alice"}));
    let object = accepted(&database.verify("alice", &code(&uri, 1)));
    assert_eq!(object["failures_before"], 0);
    assert_eq!(database.plainly(&["unlock", "alice"]).line(), "unlocked");
}

#[test]
fn removed_credential_is_gone() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let run = database.keyless(&["remove", "alice"]);
    assert_eq!(run.status, 0);
    assert_eq!(run.object(), json!({"outcome": "removed", "account": "alice"}));
    refused(&database.verify("alice", &code(&uri, 1)), "rejected", Some("unknown"), 0);
    // The account may be enrolled again. Old codes do not match the new key.
    let new = database.confirmed("alice");
    assert_ne!(uri, new);
    assert_eq!(database.plainly(&["remove", "alice"]).line(), "removed");
}

#[test]
fn unknown_account_is_not_found() {
    let database = Database::new();
    database.enroll("alice");
    for command in ["status", "unlock", "remove"] {
        for id in [&["bob"][..], &["bob", "--name", "phone"], &["Alice"]] {
            let run = database.keyless(&[&[command], id].concat());
            assert_eq!(run.failure(1, "not_found", "account"), "account is not enrolled");
            let run = database.plainly(&[&[command], id].concat());
            assert_eq!((run.status, run.stdout.as_str()), (1, ""));
            assert_eq!(run.stderr, "otp: account is not enrolled\n");
        }
        let long = "a".repeat(256);
        for account in ["", "a\nb", &long] {
            database.keyless(&[command, account]).failure(2, "invalid", "account");
        }
        for name in ["a\nb", &long] {
            database.keyless(&[command, "alice", "--name", name]).failure(2, "invalid", "name");
        }
    }
    assert_eq!(database.status("alice")["account"], "alice");
}

/// An account's credentials share only its attempts.
#[test]
fn account_may_have_several_credentials() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let run = database.otp("", &["enroll", "alice", "--name", "key", "--type", "hotp"]);
    let key = run.object()["uri"].as_str().unwrap().to_owned();
    let confirm = ["enroll", "alice", "--name", "key", "--confirm"];
    accepted(&database.otp("", &[&confirm[..], &[&code(&key, 0)]].concat()));
    assert_eq!(database.verify("alice", &wrong(&uri)).status, 1);
    let status = database.keyless(&["status", "alice", "--name", "key"]).object();
    assert_eq!((&status["name"], &status["failures"]), (&"key".into(), &1.into()));
    accepted(&database.otp("", &["verify", "alice", "--name", "key", &code(&key, 1)]));
    assert_eq!(database.keyless(&["remove", "alice", "--name", "key"]).status, 0);
    accepted(&database.verify("alice", &code(&uri, 1)));
}

/// If an account has other credentials, the message says which name is missing.
#[test]
fn missing_name_of_a_known_account_is_reported() {
    let database = Database::new();
    for (account, name) in [("alice", "phone"), ("bob", "")] {
        database.otp("", &["enroll", account, "--name", name]).object();
    }
    for command in ["status", "remove"] {
        let missing = |arguments: &[&str], part| {
            database.keyless(&[&[command], arguments].concat()).failure(1, "not_found", part)
        };
        let without = "account has no credential without a name; give one with --name; otp list \
                       shows all";
        let other = "account has no credential of this name; otp list shows all";
        assert_eq!(missing(&["alice"], "name"), without);
        assert_eq!(missing(&["alice", "--name", "tablet"], "name"), other);
        assert_eq!(missing(&["bob", "--name", "phone"], "name"), other);
        for unknown in [&["ali"][..], &["alice "], &["carol", "--name", "phone"]] {
            assert_eq!(missing(unknown, "account"), "account is not enrolled");
        }
    }
    assert_eq!(database.keyless(&["list"]).objects().len(), 2);
    // Attempts are counted by account, so the whole account is unlocked.
    assert_eq!(database.plainly(&["unlock", "alice"]).line(), "unlocked");
}
