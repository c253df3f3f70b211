//! Damaged, foreign, shared and unwritable SQLite files.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

extern crate alloc;

mod patience;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use otp_context::OtpContext;
use otp_core::{Algorithm, Digits, Secret, UnixTime};
use otp_store::{
    CredentialId, EngineErrorKind, Error, Sqlite, Store, Verdict, Verifier, VerifierOptions,
};
use otp_uri::OtpKind;
use rusqlite::Connection;

use crate::patience::patiently;

struct File {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    File { path: folder.path().join("otp.db"), _folder: folder }
}

fn verifier(file: &File) -> Verifier<Sqlite> {
    let store = Sqlite::create(&file.path).unwrap();
    Verifier::new(store, OtpContext::new().with_plain_keys(), VerifierOptions::new()).unwrap()
}

fn enrolled() -> (File, CredentialId) {
    let file = file();
    let alice = CredentialId::new("alice").unwrap();
    let secret = Secret::new(b"a canary in the mine").unwrap();
    let verifier = verifier(&file);
    let credential = verifier.context().import(OtpKind::default(), secret).with_account("alice");
    verifier.enroll(&alice, &credential).unwrap();
    (file, alice)
}

/// Returns the failures in the file, even if other values are damaged.
fn failures(file: &File) -> i64 {
    let connection = Connection::open(&file.path).unwrap();
    connection
        .query_row("SELECT max(failures, 0) % 4294967296 FROM throttle", [], |row| row.get(0))
        .unwrap()
}

/// Changes the file as another program could.
fn changed(file: &File, change: &str) {
    let connection = Connection::open(&file.path).unwrap();
    connection.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {change}")).unwrap();
}

#[test]
fn concurrent_starts_succeed() {
    for _ in 0..20 {
        let file = file();
        let barrier = std::sync::Barrier::new(24);
        std::thread::scope(|scope| {
            let open = || {
                barrier.wait();
                drop(patiently(|| Sqlite::create(&file.path)));
            };
            let opened: Vec<_> = (0..24).map(|_| scope.spawn(open)).collect();
            for opened in opened {
                opened.join().unwrap();
            }
        });
    }
}

/// Deleted and replaced data may be a key.
#[test]
fn removed_data_is_overwritten() {
    let (file, alice) = enrolled();
    let key = Secret::new(b"a canary in the mine").unwrap().reveal_base32();
    let key = key.as_str();
    let is_there = || {
        let all = ["", "-wal"].map(|end| {
            let mut path = file.path.clone().into_os_string();
            path.push(end);
            fs::read(path).unwrap_or_default()
        });
        all.concat().windows(key.len()).any(|bytes| bytes == key.as_bytes())
    };
    assert!(is_there());
    let store = Sqlite::open(&file.path).unwrap();
    assert!(store.remove(&alice).unwrap());
    // The last connection to close merges the log into the file.
    drop(store);
    assert!(!is_there());
}

#[cfg(unix)]
#[test]
fn file_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let (file, _) = enrolled();
    assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Permissions)));
}

/// SQLite would create unwritable files beside it, which would stay.
#[cfg(unix)]
#[test]
fn read_only_file_is_refused_and_gets_no_log() {
    use std::os::unix::fs::PermissionsExt;

    let (file, store) = enrolled();
    drop(store);
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o400)).unwrap();
    let Err(Error::Engine(refused)) = Sqlite::open(&file.path) else {
        panic!("a read-only file is opened")
    };
    assert_eq!(refused.kind(), EngineErrorKind::ReadOnly);
    assert_eq!(fs::read_dir(file.path.parent().unwrap()).unwrap().count(), 1);
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(Sqlite::open(&file.path).is_ok());
}

/// A user with write access could replace the file, or put a log beside it.
#[cfg(unix)]
#[test]
fn folder_that_others_may_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let (enrolled, _) = enrolled();
    let new = file();
    for file in [&enrolled, &new] {
        let there = file.path.exists();
        let folder = file.path.parent().unwrap();
        for mode in [0o770, 0o720, 0o702, 0o777, 0o1777] {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Sqlite::create(&file.path), Err(Error::Folder(_))), "{mode:o}");
            assert_eq!(file.path.exists(), there, "the file is created or removed");
        }
        for mode in [0o755, 0o700] {
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(Sqlite::create(&file.path).is_ok(), "{mode:o}");
        }
    }
}

#[cfg(unix)]
#[test]
fn symbolic_link_is_refused_and_not_followed() {
    let (file, _) = enrolled();
    let link = file.path.with_file_name("link");
    for target in ["otp.db", "nowhere"] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(matches!(Sqlite::open(&link), Err(Error::Link)), "{target}");
        assert!(matches!(Sqlite::create(&link), Err(Error::Link)), "{target}");
        fs::remove_file(&link).unwrap();
    }
    assert!(!file.path.with_file_name("nowhere").exists());
    assert!(Sqlite::open(&file.path).is_ok());
}

#[test]
fn foreign_file_is_refused_and_unchanged() {
    let file = file();
    for content in [&b"not a database at all, and long enough to have a header".repeat(9)[..], b"x"]
    {
        fs::write(&file.path, content).unwrap();
        private(&file);
        assert!(matches!(Sqlite::create(&file.path), Err(Error::Foreign)));
        assert!(matches!(Sqlite::migrate(&file.path), Err(Error::Foreign)));
        assert_eq!(fs::read(&file.path).unwrap(), content);
    }
    fs::remove_file(&file.path).unwrap();
    Connection::open(&file.path).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    private(&file);
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Foreign)));
}

/// A folder is refused whatever its mode.
#[test]
fn folder_in_place_of_a_file_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert!(matches!(Sqlite::open(&folder), Err(Error::Foreign)));
    #[cfg(unix)]
    for mode in [0o700, 0o755] {
        use std::os::unix::fs::PermissionsExt;

        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(Sqlite::open(&folder), Err(Error::Foreign)), "{mode:o}");
    }
}

#[test]
fn newer_schema_is_refused() {
    let (file, _) = enrolled();
    Connection::open(&file.path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let oldest = "DELETE FROM schema; INSERT INTO schema VALUES (99)";
    assert!(Sqlite::open(&file.path).is_ok(), "version 2 may still write");
    changed(&file, oldest);
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Newer)));
    assert!(matches!(Sqlite::create(&file.path), Err(Error::Newer)));
    assert!(matches!(Sqlite::migrate(&file.path), Err(Error::Newer)));
}

#[test]
fn creating_makes_the_missing_last_folder() {
    let file = file();
    let path = file.path.join("otp.db");
    assert!(matches!(Sqlite::open(&path), Err(Error::Missing(_))));
    assert!(matches!(Sqlite::create(path.join("otp.db")), Err(Error::File(_))));
    drop(Sqlite::create(&path).unwrap());
    Sqlite::open(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn corrupt_row_is_an_error_that_names_its_part() {
    for (change, part) in [
        ("credential SET record = '{}'", "record"),
        ("credential SET record = replace(record, 'SHA1', 'SHA333')", "record"),
        ("credential SET length = 4", "length"),
        ("credential SET length = 300", "length"),
        ("credential SET generation = -1", "generation"),
        ("credential SET next = -1", "counter"),
        ("credential SET drift = 40000", "drift"),
        ("credential SET attempt = x'00'", "attempt"),
        ("throttle SET failures = -1", "failures"),
        ("throttle SET failures = 4294967296", "failures"),
        ("throttle SET locked_until = -1", "lock"),
    ] {
        let (file, alice) = enrolled();
        changed(&file, &format!("UPDATE {change}"));
        let error = verifier(&file).confirm(&alice, "123456").unwrap_err();
        let Error::NotCompared(why) = &error else { panic!("{change}: {error:?}") };
        assert!(matches!(**why, Error::Corrupt(named) if named == part), "{change}: {why}");
        assert_eq!(failures(&file), 0, "{change} costs an attempt");
    }
}

/// The schema keeps other programs from writing values that this one could not read.
#[test]
fn sqlite_schema_refuses_values_out_of_range() {
    let (file, alice) = enrolled();
    let before = Sqlite::open(&file.path).unwrap().find(&alice).unwrap();
    let connection = Connection::open(&file.path).unwrap();
    for (change, why) in [
        ("UPDATE credential SET hotp = 2", "CHECK"),
        ("UPDATE credential SET length = 4", "CHECK"),
        ("UPDATE credential SET length = 11", "CHECK"),
        ("UPDATE credential SET generation = -1", "CHECK"),
        ("UPDATE credential SET confirmed = 2", "CHECK"),
        ("UPDATE credential SET next = -1", "CHECK"),
        ("UPDATE credential SET attempt = x'00'", "CHECK"),
        ("UPDATE throttle SET failures = -1", "CHECK"),
        ("UPDATE throttle SET locked_until = -1", "CHECK"),
        ("UPDATE throttle SET charged = x'00'", "CHECK"),
        ("UPDATE throttle SET found_until = -1", "CHECK"),
        ("UPDATE credential SET next = 'x'", "cannot store TEXT"),
        ("UPDATE credential SET next = 1.5", "cannot store REAL"),
        ("UPDATE throttle SET failures = 'x'", "cannot store TEXT"),
        ("UPDATE credential SET account = 'bob'", "FOREIGN KEY"),
        ("DELETE FROM throttle", "FOREIGN KEY"),
    ] {
        let error = connection.execute(change, []).unwrap_err().to_string();
        assert!(error.contains(why), "{change}: {error}");
    }
    assert_eq!(Sqlite::open(&file.path).unwrap().find(&alice).unwrap(), before);
}

/// Only a change by hand leaves an unconfirmed credential with a drift or an attempt.
#[test]
fn sqlite_replaced_credential_keeps_no_drift_and_no_attempt() {
    let (file, alice) = enrolled();
    changed(&file, "UPDATE credential SET drift = 3, attempt = zeroblob(16)");
    let store = Sqlite::open(&file.path).unwrap();
    let entry = store.find(&alice).unwrap().unwrap();
    assert!(entry.drift == 3 && entry.attempt.is_some());
    assert!(store.insert(&alice, &entry).unwrap());
    assert_eq!(store.find(&alice).unwrap(), Some(entry.enrolled()));
}

#[test]
fn counters_above_the_last_are_an_error() {
    let (file, alice) = (file(), CredentialId::new("alice").unwrap());
    let verifier = verifier(&file);
    let last = u64::try_from(i64::MAX).unwrap();
    let hotp = |counter| OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter };
    let enroll = |counter| {
        let credential = verifier.context().new_credential("alice", hotp(counter), 20).unwrap();
        verifier.enroll(&alice, &credential).map(|()| credential)
    };
    // Such a credential could be enrolled but never confirmed.
    for counter in [last, last + 1, u64::MAX - 1] {
        assert!(matches!(enroll(counter), Err(Error::TooLarge("counter"))));
    }
    let credential = enroll(last - 1).unwrap();
    let code = credential.hotp().unwrap().generate(last - 1).text().to_string();
    assert!(matches!(verifier.confirm(&alice, &code).unwrap(), Verdict::Accepted(_)));
}

#[test]
fn failed_write_is_an_error_without_details() {
    let (file, alice) = enrolled();
    let store = Sqlite::open(&file.path).unwrap();
    changed(
        &file,
        "CREATE TRIGGER no BEFORE UPDATE ON throttle
        BEGIN SELECT RAISE(ABORT, 'canary'); END",
    );
    let verifier =
        Verifier::new(store, OtpContext::new().with_plain_keys(), VerifierOptions::new()).unwrap();
    let error = verifier.confirm(&alice, "123456").unwrap_err();
    assert!(matches!(&error, Error::Engine(engine) if engine.kind() == EngineErrorKind::Other));
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(verifier.store().find(&alice).unwrap().is_some());
}

#[test]
fn file_held_by_another_process_is_busy() {
    let (file, alice) = enrolled();
    let verifier = verifier(&file);
    let other = Connection::open(&file.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The wait for another thread and the wait for the file together take five seconds, not ten. A
    // busy machine may be late, but not each time.
    let in_time = (0..5).any(|_| {
        let began = Instant::now();
        std::thread::scope(|scope| {
            for waiting in [(); 3].map(|()| scope.spawn(|| verifier.confirm(&alice, "123456"))) {
                let Err(Error::Engine(error)) = waiting.join().unwrap() else { panic!("answered") };
                assert_eq!(error.kind(), EngineErrorKind::Busy);
            }
        });
        began.elapsed() < Duration::from_secs(9)
    });
    assert!(in_time, "a thread waits twice, for other threads and for the file");
    other.execute_batch("ROLLBACK").unwrap();
    let Verdict::Rejected(rejection) = verifier.confirm(&alice, "123456").unwrap() else {
        panic!("accepted");
    };
    assert_eq!(rejection.failures(), 1, "a failed attempt is counted");
}

/// Otherwise guesses could cause writes without end.
#[test]
fn attempt_on_a_locked_account_writes_nothing() {
    let file = file();
    let alice = CredentialId::new("alice").unwrap();
    let now = Arc::new(AtomicU64::new(1_000_000));
    let clock = Arc::clone(&now);
    let context =
        OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(clock.load(Ordering::SeqCst))));
    let store = Sqlite::create(&file.path).unwrap();
    let verifier = Verifier::new(store, context.with_plain_keys(), VerifierOptions::new()).unwrap();
    let credential = verifier.context().new_totp("alice").unwrap();
    verifier.enroll(&alice, &credential).unwrap();
    let attempt = || verifier.confirm(&alice, "123456");
    while !matches!(attempt().unwrap(), Verdict::Locked(_)) {}
    changed(
        &file,
        "CREATE TRIGGER no BEFORE UPDATE ON throttle
        BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    assert!(matches!(attempt().unwrap(), Verdict::Locked(_)));
    // The clock is set back, so the lock is shortened, and the shorter lock must be stored.
    now.store(1000, Ordering::SeqCst);
    assert!(attempt().is_err());
}

#[test]
fn key_is_never_printed() {
    let (file, alice) = enrolled();
    let verifier = verifier(&file);
    let verdict = verifier.confirm(&alice, "123456");
    let shown = format!("{verifier:?} {verdict:?} {:?}", verifier.store().find(&alice));
    assert!(!shown.contains("canary") && !shown.contains("MEQGGYLOMFZHS"));
}

fn private(file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
