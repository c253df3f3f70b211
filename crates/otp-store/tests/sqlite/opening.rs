//! Opening and creating are two calls.

use std::fs;

use otp_store::{Error, Sqlite, conformance};

use crate::site::{NOW, Site, replayed, verify};

#[test]
fn sqlite_missing_file_is_not_created_by_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    conformance::opening_creates_nothing(|| Sqlite::migrate(&path));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let Err(error) = Sqlite::open(&path) else { panic!("it is opened") };
    let file = format!("{:?}", path.display().to_string());
    let expected = format!("database is not created yet: there is no database in the file {file}");
    assert_eq!(error.to_string(), expected, "it says where it looked");
}

#[test]
fn sqlite_empty_file_is_not_taken_for_a_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    assert_eq!(fs::metadata(&path).unwrap().len(), 0, "it stays empty");
    drop(Sqlite::create(&path).unwrap());
    Sqlite::open(&path).unwrap();
}

#[test]
fn sqlite_creating_again_keeps_what_is_there() {
    let site = Site::new();
    drop(Sqlite::create(&site.path).unwrap());
    replayed(verify(&site.path, NOW));
}

#[test]
fn sqlite_older_schema_is_migrated_only_when_asked() {
    let site = Site::new();
    let connection = rusqlite::Connection::open(&site.path).unwrap();
    connection
        .execute_batch(
            "ALTER TABLE throttle DROP COLUMN charged;
             ALTER TABLE throttle DROP COLUMN found_until;
             DROP TABLE schema;
             PRAGMA user_version = 1",
        )
        .unwrap();
    drop(connection);
    let outdated = |opened| assert!(matches!(opened, Err(Error::Outdated { found: 1, needed: 2 })));
    for _ in 0..2 {
        outdated(Sqlite::open(&site.path).map(drop));
        outdated(Sqlite::create(&site.path).map(drop));
    }
    for _ in 0..2 {
        Sqlite::migrate(&site.path).unwrap();
    }
    replayed(verify(&site.path, NOW));
}
