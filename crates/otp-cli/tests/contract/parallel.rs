//! Commands that run at the same time.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;

use serde_json::json;

use crate::database::{Database, accepted, code};
use crate::otp::{Run, command, otp, run};

fn wallet(database: &Database, arguments: &[&str]) -> Run {
    let path = database.wallet_path().display().to_string();
    otp("", &[&["wallet"], arguments, &["--json", "--wallet", &path]].concat())
}

fn rotate(database: &Database) -> Run {
    database.otp("", &["wallet", "rotate"])
}

/// Runs a command eight times at once, and checks that one of them succeeds.
fn one_of_eight(run: impl Fn() -> Run + Sync) {
    let runs: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(&run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(runs.iter().filter(|run| run.status == 0).count(), 1, "{runs:?}");
}

#[test]
fn one_of_many_parallel_attempts_is_accepted() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    for counter in 1..4 {
        let code = code(&uri, counter);
        one_of_eight(|| database.verify("alice", &code));
        // The others were failures, and may have locked the account.
        database.keyless(&["unlock", "alice"]).object();
    }
}

/// One command makes the wallet or adds a tag, and leaves a single file.
#[test]
fn wallet_is_made_and_changed_by_one_of_many_commands() {
    let database = Database::new();
    let before = fs::read(database.wallet_path()).unwrap();
    fs::remove_file(database.wallet_path()).unwrap();
    one_of_eight(|| wallet(&database, &["init"]));
    assert_ne!(fs::read(database.wallet_path()).unwrap(), before);
    one_of_eight(|| wallet(&database, &["add", "--tag", "same"]));
    assert_eq!(fs::read_dir(database.wallet_path().parent().unwrap()).unwrap().count(), 1);
    thread::scope(|scope| {
        for number in 0..8 {
            let database = &database;
            scope.spawn(move || database.wallet(&["add", "--tag", &format!("t{number}")]));
        }
    });
    assert_eq!(database.secrets().len(), 10);
    database.confirmed("alice");
}

/// Each report shows the keys at its end: the second rotation waits for the first.
#[test]
fn parallel_rotations_report_the_final_keys() {
    let database = Database::new();
    for n in 0..8 {
        database.enroll(&format!("user-{n}"));
    }
    database.wallet(&["add", "--tag", "second"]);
    thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| rotate(&database))).collect();
        let add = scope.spawn(|| wallet(&database, &["add", "--tag", "third"]));
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
    let object = rotate(&database).object();
    assert_eq!((&object["current"], &object["tags"]), (&json!("third"), &json!({"third": 8})));
}

/// While two rotations re-encrypt keys, each code is accepted once.
#[test]
fn codes_are_accepted_once_during_rotation() {
    let database = Database::new();
    let uris: Vec<_> = (0..6).map(|n| database.confirmed(&format!("user-{n}"))).collect();
    database.wallet(&["add", "--tag", "second"]);
    thread::scope(|scope| {
        let rotations: Vec<_> = (0..2).map(|_| scope.spawn(|| rotate(&database))).collect();
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
            (&database.status(&account)["next"], database.status(&account)["tag"].clone()),
            (&json!(2), json!("second"))
        );
        accepted(&database.verify(&account, &code(uri, 2)));
    }
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
        assert_eq!(database.otp("", &["wallet", "check"]).status, 0);
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

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn parallel_enrolments_share_one_new_wallet() {
    let home = tempfile::tempdir().unwrap();
    let at_home = &|arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("XDG_DATA_HOME", home.path());
        run(command, b"")
    };
    thread::scope(|scope| {
        let runs: Vec<_> = (0..6)
            .map(|number| {
                let account = format!("user-{number}");
                scope.spawn(move || at_home(&["enroll", &account]))
            })
            .collect();
        for run in runs {
            let run = run.join().unwrap();
            assert_eq!(run.status, 0, "{run:?}");
        }
    });
    let run = at_home(&["wallet", "rotate", "--json"]);
    let object = run.object();
    assert_eq!((&object["refused"], &object["plain"]), (&0.into(), &0.into()));
    assert_eq!(at_home(&["list"]).stdout.lines().count(), 6);
}
