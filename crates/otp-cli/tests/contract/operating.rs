//! The commands for a whole database: `otp db`, `backup`, `drift` and `unlock --all`.

use std::fs;

use serde_json::json;

use crate::database::{Database, code, refused, wrong};
use crate::otp::otp;

#[test]
fn only_enroll_and_init_create_a_database() {
    let database = Database::new();
    for arguments in [
        &["list"][..],
        &["status", "alice"],
        &["unlock", "alice"],
        &["unlock", "--all", "--yes"],
        &["remove", "alice"],
        &["drift", "alice", "--reset"],
        &["db", "check"],
        &["db", "migrate"],
        &["backup", "nowhere"],
    ] {
        let message = database.keyless(arguments).failure(3, "io", "db");
        assert!(message.contains("there is no file") && message.contains("otp db init"));
        assert!(!database.path().exists(), "{arguments:?}");
    }
    for arguments in [
        &["verify", "alice", "123456"][..],
        &["enroll", "alice", "--confirm", "123456"],
        &["wallet", "rotate"],
    ] {
        database.otp("", arguments).failure(3, "io", "db");
        assert!(!database.path().exists(), "{arguments:?}");
    }
    for _ in 0..2 {
        assert_eq!(database.keyless(&["db", "init"]).object(), json!({"outcome": "created"}));
    }
    let checked = json!({"outcome": "checked", "credentials": 0, "damaged": 0});
    assert_eq!(database.keyless(&["db", "check"]).object(), checked);
}

#[cfg(unix)]
#[test]
fn empty_file_is_not_a_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let database = Database::new();
    fs::write(database.path(), "").unwrap();
    fs::set_permissions(database.path(), fs::Permissions::from_mode(0o600)).unwrap();
    for arguments in [&["list"][..], &["status", "alice"], &["unlock", "alice"]] {
        let message = database.keyless(arguments).failure(3, "database", "db");
        let path = database.path().display().to_string();
        assert!(message.contains("otp db init creates it") && message.contains(&path), "{message}");
    }
    assert_eq!(fs::metadata(database.path()).unwrap().len(), 0);
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
        let message = database.keyless(arguments).failure(3, "database", "db");
        assert!(message.contains("stored throttle is not valid"), "{message}");
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
fn wallet_without_the_secret_costs_no_attempt() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let (wallet, kept) = (database.wallet_path(), database.wallet_path().with_extension("kept"));
    fs::rename(&wallet, &kept).unwrap();
    database.wallet(&["init", "--tag", "second"]);
    for _ in 0..5 {
        let run = database.verify("alice", &code(&uri, 1));
        let message = run.failure(3, "not_compared", "wallet");
        assert!(message.contains("no application secret for the tag"), "{message}");
    }
    assert_eq!(database.status("alice")["failures"], 0);
    fs::rename(&kept, &wallet).unwrap();
    assert_eq!(database.verify("alice", &code(&uri, 1)).status, 0);
}

#[test]
fn backup_has_every_account() {
    let database = Database::new();
    database.confirmed("alice");
    database.enroll("bob");
    let file = database.path().with_extension("backup");
    let run = database.keyless(&["backup", &file.display().to_string()]);
    let expected = json!({"outcome": "backed_up", "accounts": 2, "credentials": 2});
    assert_eq!(run.object(), expected);
    let db = format!("sqlite:{}", file.display());
    let listed = otp("", &["list", "--db", &db]).stdout;
    assert_eq!(listed, "\"alice\"\n\"bob\" (not confirmed)\n");
    database.keyless(&["backup", &file.display().to_string()]).failure(3, "io", "backup");
    let elsewhere = ["backup", "x", "--json", "--db", "postgres://localhost/otp"];
    let message = otp("", &elsewhere).failure(2, "usage", "db");
    assert!(message.contains("pg_dump"), "{message}");
}

#[test]
fn drift_is_reset() {
    let database = Database::new();
    database.enroll("alice");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.execute("UPDATE credential SET drift = 7", []).unwrap();
    drop(connection);
    let drift = |arguments: &[&str]| database.keyless(arguments).object();
    let known = json!({"outcome": "known", "account": "alice", "drift": 7});
    assert_eq!(drift(&["drift", "alice"]), known);
    let reset = json!({"outcome": "reset", "account": "alice", "drift": 0});
    assert_eq!(drift(&["drift", "alice", "--reset"]), reset);
    assert_eq!(database.status("alice")["drift"], 0);
    database.keyless(&["drift", "bob", "--reset"]).failure(1, "not_found", "account");
}

#[test]
fn all_accounts_are_unlocked_after_consent() {
    let database = Database::new();
    for account in ["alice", "bob", "carol"] {
        database.confirmed(account);
    }
    let uri = database.enroll("dave");
    database.lock(7);
    assert_eq!(database.keyless(&["unlock", "carol"]).status, 0);
    let message = database.keyless(&["unlock", "--all"]).failure(2, "usage", "yes");
    assert!(message.starts_with("3 accounts have failures or a lock."), "{message}");
    assert_eq!(database.status("alice")["locked"], true, "it only counted");
    let unlocked = json!({"outcome": "unlocked", "accounts": 3});
    assert_eq!(database.keyless(&["unlock", "--all", "--yes"]).object(), unlocked);
    for account in ["alice", "bob", "carol", "dave"] {
        assert_eq!(database.status(account)["failures"], 0);
    }
    let none = json!({"outcome": "unlocked", "accounts": 0});
    assert_eq!(database.keyless(&["unlock", "--all"]).object(), none);
    let run = database.otp("", &["enroll", "dave", "--confirm", &wrong(&uri)]);
    refused(&run, "rejected", Some("mismatch"), 1);
    database.keyless(&["unlock", "alice", "--all"]).failure(2, "usage", "account");
}
