//! Files of application secrets: many commands at once, and what is stored under them.

use std::fs;
use std::thread;

use crate::database::{Database, accepted, code};
use crate::otp::{Run, otp};

fn wallet(database: &Database, arguments: &[&str]) -> Run {
    let path = database.wallet_path().display().to_string();
    otp("", &[&["wallet"], arguments, &["--json", "--wallet", &path]].concat())
}

#[test]
fn existing_wallet_is_not_replaced() {
    let database = Database::new();
    let before = fs::read(database.wallet_path()).unwrap();
    wallet(&database, &["init"]).failure(3, "exists", "wallet");
    assert_eq!(fs::read(database.wallet_path()).unwrap(), before);
    // One of many parallel commands wins, and leaves a single file.
    fs::remove_file(database.wallet_path()).unwrap();
    let statuses: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> =
            (0..8).map(|_| scope.spawn(|| wallet(&database, &["init"]).status)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 1, "{statuses:?}");
    assert_eq!(fs::read_dir(database.wallet_path().parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn secrets_added_in_parallel_are_all_kept() {
    let database = Database::new();
    thread::scope(|scope| {
        for number in 0..8 {
            let database = &database;
            scope.spawn(move || database.wallet(&["add", "--tag", &format!("t{number}")]));
        }
    });
    assert_eq!(database.secrets().len(), 9);
    database.confirmed("alice");
    // Only one of them is added under the same tag.
    let statuses: Vec<_> = thread::scope(|scope| {
        let add = || wallet(&database, &["add", "--tag", "same"]).status;
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(add)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 0).count(), 1, "{statuses:?}");
}

#[test]
fn database_has_only_the_sealed_key() {
    let database = Database::new();
    let uri = database.confirmed("alice");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let record: String =
        connection.query_row("SELECT record FROM credential", [], |row| row.get(0)).unwrap();
    assert!(record.contains("$otp$v=2$xc20p$first$"), "{record}");
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let all: Vec<u8> = fs::read_dir(database.path().parent().unwrap())
        .unwrap()
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let found = |text: &str| all.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!found(secret));
    // A control: the search finds a text that the file has.
    assert!(found("alice") && found(&record));
}

/// A sealed key that was moved to another row does not open.
#[test]
fn moved_key_is_rejected() {
    let database = Database::new();
    database.confirmed("alice");
    let uri = database.confirmed("mallory");
    let connection = rusqlite::Connection::open(database.path()).unwrap();
    let swap = "UPDATE credential SET record =
                (SELECT record FROM credential WHERE account = 'mallory') WHERE account = 'alice'";
    connection.execute(swap, []).unwrap();
    let run = database.verify("alice", &code(&uri, 1));
    run.failure(3, "not_compared", "key");
    accepted(&database.verify("mallory", &code(&uri, 1)));
}

/// The README's program does this.
#[test]
fn library_opens_what_init_makes() {
    let database = Database::new();
    let wallet = otp_context::wallet::Wallet::open(database.wallet_path()).unwrap();
    assert_eq!(wallet.current().as_str(), "first");
    database.wallet(&["add", "--tag", "second"]);
    let wallet = otp_context::wallet::Wallet::open(database.wallet_path()).unwrap();
    assert_eq!((wallet.current().as_str(), wallet.tags().count()), ("second", 2));
}

#[test]
#[cfg(all(unix, not(target_os = "macos")))]
fn parallel_enrolments_share_one_new_wallet() {
    let home = tempfile::tempdir().unwrap();
    let at_home = &|arguments: &[&str]| {
        let mut command = crate::otp::command(arguments);
        command.env("XDG_DATA_HOME", home.path());
        crate::otp::run(command, b"")
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
