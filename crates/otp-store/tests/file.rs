//! Files that are not as they should be.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use otp_core::{Secret, UnixTime};
use otp_store::{CredentialId, Error, Sqlite, Verifier};
use otp_uri::{KeyUri, Kind, Label};
use rusqlite::Connection;

struct File {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    File { path: folder.path().join("otp.db"), _folder: folder }
}

fn enrolled() -> (File, CredentialId) {
    let file = file();
    let alice = CredentialId::new("alice").unwrap();
    let secret = Secret::new(&b"a canary in the mine"[..]).unwrap();
    let uri = KeyUri::new(Label::new("alice").unwrap(), secret, Kind::default()).unwrap();
    Sqlite::open(&file.path).unwrap().enroll(&alice, &uri).unwrap();
    (file, alice)
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
        ("algorithm = 'SHA333'", "algorithm"),
        ("digits = 5", "digits"),
        ("digits = NULL", "digits"),
        ("period = 0", "period"),
        ("period = -30", "period"),
        ("period = NULL", "period"),
    ] {
        let (file, alice) = enrolled();
        let change = format!("UPDATE credential SET {change}");
        Connection::open(&file.path).unwrap().execute_batch(&change).unwrap();
        let verifier = Verifier::new(Sqlite::open(&file.path).unwrap());
        let error = verifier.confirm(&alice, "123456", UnixTime::EPOCH).unwrap_err();
        assert_eq!(error.to_string(), format!("stored {part} is not valid"));
    }
}

#[test]
fn nothing_shows_the_key() {
    let (file, alice) = enrolled();
    let verifier = Verifier::new(Sqlite::open(&file.path).unwrap());
    let verdict = verifier.confirm(&alice, "123456", UnixTime::EPOCH);
    let shown = format!("{verifier:?} {verdict:?}");
    assert!(!shown.contains("canary") && !shown.contains("MEQGGYLOMFZHS"));
}

fn private(file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
