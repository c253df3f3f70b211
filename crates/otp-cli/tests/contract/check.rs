//! `otp wallet check` and `otp wallet rotate --dry-run`: every key is opened, and nothing changes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;

use serde_json::{Value, json};

use crate::database::{Database, accepted, code};
use crate::otp::{Run, command, otp};

/// Runs both commands, which must agree. Returns the answer without the outcome.
fn check(database: &Database, options: &[&str]) -> (Run, Value) {
    let before = fs::read(database.path()).unwrap();
    let [checked, counted] = [&["wallet", "check"][..], &["wallet", "rotate", "--dry-run"]]
        .map(|name| database.otp("", &[name, options].concat()));
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

#[test]
fn keys_that_open_are_counted_by_tag() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    database.wallet(&["add", "--tag", "second"]);
    database.enroll("bob");
    let (run, found) = check(&database, &[]);
    let expected = json!({
        "current": "second", "refused": 0, "tags": {"first": 1, "second": 1}, "plain": 0,
    });
    assert_eq!((run.status, found), (0, expected));
    // No attempt was counted, and no code was spent.
    accepted(&database.verify("alice", &code(&uri, 1)));
    let wallet = database.wallet_path().display().to_string();
    let run = database.plainly(&["wallet", "check", "--wallet", &wallet]);
    let expected = "       1  under first\n       1  under second (current)\n";
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
}

/// The tags are equal, so a count of tags would not show the problem.
#[test]
fn keys_of_another_wallet_are_named() {
    let database = Database::new();
    for account in ["alice", "bob"] {
        database.enroll(account);
    }
    let own = fs::read(database.wallet_path()).unwrap();
    fs::remove_file(database.wallet_path()).unwrap();
    database.wallet(&["init", "--tag", "first"]);
    let (run, found) = check(&database, &[]);
    assert_eq!(run.status, 1);
    let accounts: Vec<_> = run.objects().iter().map(|it| it["account"].clone()).collect();
    assert_eq!(accounts, [json!("alice"), json!("bob"), json!(null)]);
    assert_eq!(run.objects()[0]["error"], "wallet");
    assert_eq!((&found["refused"], &found["tags"]), (&json!(2), &json!({"first": 2})));
    // If no key opens, there may be another reason.
    assert!(found["advice"].as_str().unwrap().contains("--namespace"), "{found}");
    let wallet = database.wallet_path().display().to_string();
    let run = database.plainly(&["wallet", "check", "--wallet", &wallet]);
    assert!(run.stderr.starts_with("otp: \"alice\": ") && run.stderr.contains("--namespace"));
    assert_eq!(run.stdout, "       2  under first (current)\n       2  refused\n");

    // If a key opens, there is no such advice.
    database.enroll("carol");
    let (run, found) = check(&database, &[]);
    assert_eq!((run.status, &found["refused"], &found["advice"]), (1, &json!(2), &json!(null)));
    fs::write(database.wallet_path(), own).unwrap();
    assert_eq!(check(&database, &[]).1["refused"], 1);
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
    let (run, found) = check(&database, &[]);
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

#[test]
fn keys_of_a_namespace_open_only_in_it() {
    let database = Database::new();
    let shop = ["--namespace", "shop"];
    let run = |command: &[&str]| database.otp("", &[command, &shop[..]].concat());
    let object = run(&["enroll", "alice", "--type", "hotp"]).object();
    let uri = object["uri"].as_str().unwrap();
    accepted(&run(&["enroll", "alice", "--confirm", &code(uri, 0)]));
    accepted(&run(&["verify", "alice", &code(uri, 1)]));
    accepted(&run(&["resync", "alice", &code(uri, 8), &code(uri, 9)]));
    database.wallet(&["add", "--tag", "second"]);
    assert_eq!(check(&database, &shop).0.status, 0);
    for options in [&[][..], &["--namespace", ""], &["--namespace", "shopp"]] {
        let (run, found) = check(&database, options);
        assert_eq!((run.status, &found["refused"]), (1, &json!(1)));
        assert!(found["advice"].as_str().unwrap().contains("--namespace"), "{found}");
        let code = code(uri, 10);
        let verify = [&["verify", "alice", &code], options].concat();
        assert_eq!(database.otp("", &verify).status, 3);
        assert_eq!(database.otp("", &[&["wallet", "rotate"], options].concat()).status, 1);
    }
    assert_eq!(run(&["wallet", "rotate"]).object()["resealed"], 1);
    accepted(&run(&["verify", "alice", &code(uri, 10)]));
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
        assert_eq!(check(&database, &[]).0.status, 0);
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

/// Two wallets have different secrets under one tag, so no lock helps. The counts show what opens.
#[test]
fn rotation_counts_keys_of_another_wallet_as_refused() {
    let database = Database::new();
    for account in ["alice", "bob"] {
        database.enroll(account);
    }
    let other = Database::new();
    let run = otp(
        "",
        &[
            &["enroll", "carol", "--json", "--db", &database.url()][..],
            &["--wallet", &other.wallet_path().display().to_string()],
        ]
        .concat(),
    );
    assert_eq!(run.status, 0, "{run:?}");
    let run = database.otp("", &["wallet", "rotate"]);
    assert_eq!((run.status, &run.objects()[0]["account"]), (1, &json!("carol")));
    assert_eq!(run.objects()[1]["refused"], 1);
}
