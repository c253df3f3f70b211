//! Opening does not create.

use std::fs;

use otp_store::{Error, Sqlite, conformance};

use crate::site::{NOW, Site, replayed, verify};

#[test]
fn sqlite_opening_a_missing_file_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    conformance::opening_creates_nothing(|| Sqlite::migrate(&path));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let Err(Error::Missing(place)) = Sqlite::open(&path) else { panic!("it is not missing") };
    let file = format!("{:?}", path.display().to_string());
    assert!(place.ends_with(&file), "{place}");
}

#[test]
fn sqlite_empty_file_is_missing() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    assert_eq!(fs::metadata(&path).unwrap().len(), 0, "the file is changed");
    drop(Sqlite::create(&path).unwrap());
    Sqlite::open(&path).unwrap();
}

#[test]
fn sqlite_creating_again_changes_nothing() {
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
             ALTER TABLE throttle DROP COLUMN guesses;
             ALTER TABLE throttle DROP COLUMN found_guesses;
             DROP INDEX recovery_account;
             DROP TABLE recovery;
             ALTER TABLE throttle DROP COLUMN trust_epoch;
             ALTER TABLE throttle DROP COLUMN recovery_set;
             ALTER TABLE throttle DROP COLUMN recovery_key;
             DROP TABLE schema;
             PRAGMA user_version = 1",
        )
        .unwrap();
    drop(connection);
    let outdated = |opened| assert!(matches!(opened, Err(Error::Outdated { found: 1, needed: 3 })));
    for _ in 0..2 {
        outdated(Sqlite::open(&site.path).map(drop));
        outdated(Sqlite::create(&site.path).map(drop));
    }
    for _ in 0..2 {
        Sqlite::migrate(&site.path).unwrap();
    }
    replayed(verify(&site.path, NOW));
}
