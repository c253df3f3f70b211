//! `otp wallet rotate`: keys are re-encrypted, end to end.

use std::thread;

use serde_json::{Value, json};

use crate::database::{Database, accepted, code};
use crate::otp::Run;

fn rotate(database: &Database, options: &[&str]) -> Run {
    database.otp("", &[&["wallet", "rotate"], options].concat())
}

fn tag(database: &Database, account: &str) -> Value {
    database.status(account)["tag"].clone()
}

/// A key that does not open is named, and the others are still re-encrypted.
#[test]
fn keys_that_do_not_open_are_named() {
    let database = Database::new();
    for account in ["alice", "bob", "carol"] {
        database.confirmed(account);
    }
    database.wallet(&["add", "--tag", "second"]);
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let change = "UPDATE credential SET record = replace(record, '$first$', '$third$')
                  WHERE account = 'bob'";
    assert_eq!(connection.execute(change, []).unwrap(), 1);
    connection.execute("UPDATE credential SET record = '{}' WHERE account = 'carol'", []).unwrap();

    let run = rotate(&database, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let objects = run.objects();
    let refusals: Vec<_> =
        objects.iter().map(|it| (it["account"].as_str(), it["part"].as_str())).collect();
    assert_eq!(
        refusals,
        [(Some("bob"), Some("wallet")), (Some("carol"), Some("db")), (None, None)]
    );
    let expected = json!({
        "outcome": "rotated", "current": "second", "resealed": 1, "refused": 2,
        "tags": {"second": 1, "third": 1}, "plain": 0,
    });
    assert_eq!(objects[2], expected);
    let wallet = database.wallet_path().display().to_string();
    let run = database.plainly(&["wallet", "rotate", "--wallet", &wallet]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.starts_with("otp: \"bob\": "));
    run.assert_silent_on(&[&database.secrets()[0].1, &database.secrets()[1].1]);
}

/// `--seal-plain` encrypts a plain-text key that an application has stored.
#[test]
fn plain_keys_are_sealed() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let record: String =
        connection.query_row("SELECT record FROM credential", [], |row| row.get(0)).unwrap();
    let mut record: Value = serde_json::from_str(&record).unwrap();
    let fields = record.as_object_mut().unwrap();
    fields.remove("sealed").unwrap();
    fields.insert("secret".into(), secret.into());
    connection.execute("UPDATE credential SET record = ?1", [record.to_string()]).unwrap();
    assert!(tag(&database, "alice").is_null());
    // Anyone with write access to the database could have inserted it.
    let run = database.verify("alice", &code(&uri, 1));
    run.failure(3, "not_compared", "db");

    for command in [&["--dry-run"][..], &["--dry-run", "--seal-plain"]] {
        let run = rotate(&database, command);
        let refused = i32::from(command.len() == 1);
        let objects = run.objects();
        let counted = objects.last().unwrap();
        assert_eq!((run.status, &counted["plain"]), (refused, &json!(1)), "{run:?}");
        assert_eq!(&counted["refused"], &json!(refused));
    }
    // A rotation refuses it, too, without `--seal-plain`.
    let run = rotate(&database, &[]);
    assert_eq!(run.status, 1);
    let objects = run.objects();
    assert_eq!((&objects[0]["account"], &objects[0]["part"]), (&json!("alice"), &json!("db")));
    assert_eq!((&objects[1]["resealed"], &objects[1]["plain"]), (&json!(0), &json!(1)));
    database.verify("alice", &code(&uri, 1)).failure(3, "not_compared", "db");

    assert_eq!(rotate(&database, &["--seal-plain"]).object()["resealed"], 1);
    assert_eq!(tag(&database, "alice"), "first");
    accepted(&database.verify("alice", &code(&uri, 1)));
}

/// While two rotations re-encrypt keys, each code is accepted once.
#[test]
fn codes_are_accepted_once_during_rotation() {
    let database = Database::new();
    let uris: Vec<_> = (0..6).map(|n| database.confirmed(&format!("user-{n}"))).collect();
    database.wallet(&["add", "--tag", "second"]);
    thread::scope(|scope| {
        let rotations: Vec<_> = (0..2).map(|_| scope.spawn(|| rotate(&database, &[]))).collect();
        for (n, uri) in uris.iter().enumerate() {
            accepted(&database.verify(&format!("user-{n}"), &code(uri, 1)));
        }
        let mut resealed = 0;
        for rotation in rotations {
            let run = rotation.join().unwrap();
            assert_eq!(run.status, 0, "{run:?}");
            resealed += run.object()["resealed"].as_u64().unwrap();
        }
        assert_eq!(resealed, 6);
    });
    for (n, uri) in uris.iter().enumerate() {
        let account = format!("user-{n}");
        assert_eq!(
            (&database.status(&account)["next"], tag(&database, &account)),
            (&json!(2), json!("second"))
        );
        accepted(&database.verify(&account, &code(uri, 2)));
    }
}
