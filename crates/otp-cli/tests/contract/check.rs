//! `otp wallet check` and `otp wallet rotate --dry-run`: every key is opened, and nothing changes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::database::Database;
use crate::otp::{Run, command, otp};

/// Runs both commands, which must agree. Returns the answer without the outcome.
fn check(database: &Database) -> (Run, Value) {
    let before = fs::read(database.path()).unwrap();
    let [checked, counted] = [&["wallet", "check"][..], &["wallet", "rotate", "--dry-run"]]
        .map(|arguments| database.otp("", arguments));
    let last = |run: &Run, outcome| {
        let mut object = run.objects().pop().unwrap();
        let fields = object.as_object_mut().unwrap();
        assert_eq!(fields.remove("outcome"), Some(outcome), "{run:?}");
        fields.remove("resealed");
        object
    };
    let found = last(&checked, json!("checked"));
    assert_eq!(found, last(&counted, json!("counted")));
    assert_eq!(checked.status, counted.status);
    assert_eq!(fs::read(database.path()).unwrap(), before, "nothing is changed");
    (checked, found)
}

/// If an account's row is gone, its key must still be counted under the old secret.
#[test]
fn damaged_credentials_are_counted() {
    let database = Database::new();
    for account in ["alice", "bob", "carol"] {
        database.enroll(account);
    }
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute("DELETE FROM throttle WHERE account = 'bob'", []).unwrap();
    connection.execute("UPDATE credential SET length = 8 WHERE account = 'carol'", []).unwrap();
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection.query_row(checkpoint, [], |_| Ok(())).unwrap();
    drop(connection);
    let (run, found) = check(&database);
    assert_eq!((run.status, &found["refused"]), (1, &json!(2)), "{run:?}");
    let named = |run: &Run| {
        let objects = run.objects();
        objects.iter().map(|it| it["account"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(named(&run), [json!("bob"), json!("carol"), json!(null)]);

    database.wallet(&["add", "--tag", "second"]);
    let run = database.otp("", &["wallet", "rotate"]);
    assert_eq!((run.status, named(&run)), (1, vec![json!("bob"), json!("carol"), json!(null)]));
    assert_eq!(run.objects()[2]["refused"], 2);
}

/// Each report shows the keys at its end: the second rotation waits for the first.
#[test]
fn parallel_rotations_report_the_final_keys() {
    let database = Database::new();
    for n in 0..8 {
        database.enroll(&format!("user-{n}"));
    }
    database.wallet(&["add", "--tag", "second"]);
    let path = database.wallet_path().display().to_string();
    thread::scope(|scope| {
        let rotate = || database.otp("", &["wallet", "rotate"]);
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(rotate)).collect();
        let add = scope.spawn(|| otp("", &["wallet", "add", "--tag", "third", "--wallet", &path]));
        for run in runs {
            let run = run.join().unwrap();
            let object = run.object();
            assert_eq!((run.status, &object["refused"]), (0, &json!(0)), "{run:?}");
            let current = object["current"].as_str().unwrap();
            assert_eq!(object["tags"], json!({current: 8}), "{run:?}");
        }
        assert_eq!(add.join().unwrap().status, 0);
    });
    // The last report names every secret that encrypts a key.
    let object = database.otp("", &["wallet", "rotate"]).object();
    assert_eq!((&object["current"], &object["tags"]), (&json!("third"), &json!({"third": 8})));
}

/// `rotate` and `add` wait for the lock of the wallet. `check` changes nothing and does not wait.
#[test]
fn rotate_and_add_wait_for_a_locked_wallet() {
    let database = Database::new();
    database.enroll("alice");
    let wallet = database.wallet_path().display().to_string();
    let url = database.url();
    for (rest, ending) in [
        (&["rotate", "--db", &url][..], "rotated: 0 re-encrypted, 0 refused"),
        (&["add", "--tag", "second"], "added: tag second"),
    ] {
        let lock = fs::File::open(database.wallet_path()).unwrap();
        lock.lock().unwrap();
        assert_eq!(check(&database).0.status, 0);
        let mut child = command(&[&["wallet"], rest, &["--wallet", &wallet]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.starts_with("otp: waiting for another command"), "{line}");
        drop(lock);
        let output = child.wait_with_output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && answer.starts_with(ending), "{answer}");
    }
}
