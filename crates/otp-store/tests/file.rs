//! Files that are not as they should be.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::fs;
use std::path::PathBuf;

use otp_context::{OtpContext, Rules};
use otp_core::{Algorithm, Digits, Secret};
use otp_store::{CredentialId, EngineErrorKind, Error, Sqlite, Store, Verdict, Verifier};
use otp_uri::Kind;
use rusqlite::Connection;

struct File {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    File { path: folder.path().join("otp.db"), _folder: folder }
}

fn verifier(file: &File) -> Verifier<Sqlite> {
    let store = Sqlite::open(&file.path).unwrap();
    Verifier::new(store, OtpContext::new().with_plain_keys(), Rules::new()).unwrap()
}

fn enrolled() -> (File, CredentialId) {
    let file = file();
    let alice = CredentialId::new("alice").unwrap();
    let secret = Secret::new(&b"a canary in the mine"[..]).unwrap();
    let verifier = verifier(&file);
    let credential = verifier.context().import(Kind::default(), secret).with_account("alice");
    verifier.enroll(&alice, &credential).unwrap();
    (file, alice)
}

/// Somebody else at the file.
fn changed(file: &File, change: &str) {
    let connection = Connection::open(&file.path).unwrap();
    connection.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {change}")).unwrap();
}

#[cfg(unix)]
#[test]
fn it_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let (file, _) = enrolled();
    assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Permissions)));
}

#[test]
fn somebody_elses_file_is_refused_and_kept() {
    let file = file();
    for content in [&b"not a database at all, and long enough to have a header".repeat(9)[..], b"x"]
    {
        fs::write(&file.path, content).unwrap();
        private(&file);
        assert!(matches!(Sqlite::open(&file.path), Err(Error::Foreign)));
        assert_eq!(fs::read(&file.path).unwrap(), content);
    }
    fs::remove_file(&file.path).unwrap();
    Connection::open(&file.path).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    private(&file);
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Foreign)));
}

/// Whatever its mode.
#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Sqlite::open(folder.path()), Err(Error::Foreign)));
    #[cfg(unix)]
    for mode in [0o700, 0o755] {
        use std::os::unix::fs::PermissionsExt;

        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(Sqlite::open(folder.path()), Err(Error::Foreign)), "{mode:o}");
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let (file, _) = enrolled();
    Connection::open(&file.path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Sqlite::open(&file.path), Err(Error::Newer)));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let file = file();
    assert!(matches!(Sqlite::open(file.path.join("otp.db")), Err(Error::File(_))));
}

#[test]
fn a_corrupt_row_is_an_error_and_names_its_part() {
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
        assert_eq!(error.to_string(), format!("stored {part} is not valid"), "{change}");
    }
}

#[test]
fn the_last_counters_end_in_an_error() {
    let (file, alice) = (file(), CredentialId::new("alice").unwrap());
    let verifier = verifier(&file);
    let last = u64::try_from(i64::MAX).unwrap();
    let hotp = |counter| Kind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter };
    let enroll = |counter| {
        let credential = verifier.context().enrol("alice", hotp(counter), 20).unwrap();
        verifier.enroll(&alice, &credential).map(|()| credential)
    };
    assert!(matches!(enroll(last + 1), Err(Error::TooLarge("counter"))));
    let credential = enroll(last).unwrap();
    let code = credential.hotp().unwrap().generate(last).text().to_string();
    for _ in 0..2 {
        let answer = verifier.confirm(&alice, &code);
        assert!(matches!(answer, Err(Error::TooLarge("counter"))));
    }
    assert_eq!(verifier.status(&alice).unwrap().next(), last, "it stays unspent");
    let credential = enroll(last - 1).unwrap();
    let code = credential.hotp().unwrap().generate(last - 1).text().to_string();
    assert!(matches!(verifier.confirm(&alice, &code).unwrap(), Verdict::Accepted(_)));
}

#[test]
fn a_write_that_fails_is_an_error_and_tells_no_more() {
    let (file, alice) = enrolled();
    let store = Sqlite::open(&file.path).unwrap();
    changed(
        &file,
        "CREATE TRIGGER no BEFORE UPDATE ON throttle
        BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let verifier = Verifier::new(store, OtpContext::new().with_plain_keys(), Rules::new()).unwrap();
    let error = verifier.confirm(&alice, "123456").unwrap_err();
    assert!(matches!(&error, Error::Engine(engine) if engine.kind() == EngineErrorKind::Other));
    assert_eq!(error.to_string(), "database: failed");
    assert!(verifier.store().find(&alice).unwrap().is_some());
}

#[test]
fn a_file_that_somebody_holds_is_busy() {
    let (file, alice) = enrolled();
    let verifier = verifier(&file);
    let other = Connection::open(&file.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = verifier.confirm(&alice, "123456");
    assert!(matches!(answer, Err(Error::Engine(it)) if it.kind() == EngineErrorKind::Busy));
    other.execute_batch("ROLLBACK").unwrap();
    let Verdict::Rejected(rejection) = verifier.confirm(&alice, "123456").unwrap() else {
        panic!("accepted");
    };
    assert_eq!(rejection.failures(), 1, "what failed was not counted");
}

#[test]
fn nothing_shows_the_key() {
    let (file, alice) = enrolled();
    let verifier = verifier(&file);
    let verdict = verifier.confirm(&alice, "123456");
    let shown = format!("{verifier:?} {verdict:?} {:?}", verifier.store().find(&alice));
    assert!(!shown.contains("canary") && !shown.contains("MEQGGYLOMFZHS"));
}

#[test]
fn ids_are_bounded() {
    for id in ["", "a\nb", "a\0b", &"a".repeat(256)] {
        assert!(matches!(CredentialId::new(id), Err(Error::Id)));
        let named = CredentialId::new("a").unwrap().with_name(id);
        assert!(id.is_empty() == named.is_ok());
    }
    assert!(CredentialId::new("ålice:1").is_ok());
}

fn private(file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
