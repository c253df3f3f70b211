//! Creating a database, and opening one that is missing, foreign or newer. `fixtures` has an older one.

use core::time::Duration;
use std::fs;
use std::sync::Barrier;
use std::time::Instant;

use otp_store::{EngineErrorKind, Error, Sqlite, Store as _, conformance};
use rusqlite::Connection;

use crate::site::{NOW, Site, empty, mode, only_owner, replayed, set_mode, verify};

#[test]
fn sqlite_opening_a_missing_file_creates_nothing() {
    let (folder, path) = empty();
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    conformance::opening_creates_nothing(|| Sqlite::migrate(&path));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let Err(Error::Missing(place)) = Sqlite::open(&path) else { panic!("it is not missing") };
    let file = format!("{:?}", path.display().to_string());
    assert!(place.ends_with(&file), "{place}");
    // An empty file is missing, too.
    fs::write(&path, "").unwrap();
    only_owner(&path);
    conformance::opening_creates_nothing(|| Sqlite::open(&path));
    assert_eq!(fs::metadata(&path).unwrap().len(), 0, "the file is changed");
    drop(Sqlite::create(&path).unwrap());
    Sqlite::open(&path).unwrap();
}

#[test]
fn creating_makes_the_missing_last_folder() {
    let (_outer, folder) = empty();
    let path = folder.join("otp.db");
    assert!(matches!(Sqlite::open(&path), Err(Error::Missing(_))));
    assert!(matches!(Sqlite::create(path.join("otp.db")), Err(Error::File(_))));
    drop(Sqlite::create(&path).unwrap());
    Sqlite::open(&path).unwrap();
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn sqlite_creating_again_changes_nothing() {
    let site = Site::new();
    drop(Sqlite::create(&site.path).unwrap());
    replayed(verify(&site.path, NOW));
}

/// A slow machine may hold the file for long. No call gives up too early.
#[test]
fn concurrent_starts_succeed() {
    for _ in 0..20 {
        let ((_folder, path), barrier) = (empty(), Barrier::new(24));
        let open = || {
            barrier.wait();
            for _ in 0..100 {
                let began = Instant::now();
                match Sqlite::create(&path) {
                    Err(Error::Engine(error)) if error.kind() == EngineErrorKind::Busy => {
                        assert!(began.elapsed() >= Duration::from_secs(5), "busy too early");
                    }
                    opened => return drop(opened.unwrap()),
                }
            }
            panic!("the file is busy for ever")
        };
        std::thread::scope(|scope| {
            for opened in [(); 24].map(|()| scope.spawn(open)) {
                opened.join().unwrap();
            }
        });
    }
}

#[test]
fn foreign_file_is_refused_and_unchanged() {
    let (_folder, path) = empty();
    // A folder is refused whatever its mode.
    fs::create_dir(&path).unwrap();
    for mode in [0o755, 0o700] {
        set_mode(&path, mode);
        assert!(matches!(Sqlite::open(&path), Err(Error::Foreign)), "{mode:o}");
    }
    fs::remove_dir(&path).unwrap();
    for content in [&b"not a database at all, and long enough to have a header".repeat(9)[..], b"x"]
    {
        fs::write(&path, content).unwrap();
        only_owner(&path);
        assert!(matches!(Sqlite::create(&path), Err(Error::Foreign)));
        assert!(matches!(Sqlite::migrate(&path), Err(Error::Foreign)));
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    only_owner(&path);
    assert!(matches!(Sqlite::open(&path), Err(Error::Foreign)));
}

#[test]
fn newer_schema_is_refused() {
    let site = Site::new();
    site.change("PRAGMA user_version = 99");
    assert!(Sqlite::open(&site.path).is_ok(), "version 2 may still write");
    site.change("DELETE FROM schema; INSERT INTO schema VALUES (99)");
    assert!(matches!(Sqlite::open(&site.path), Err(Error::Newer)));
    assert!(matches!(Sqlite::create(&site.path), Err(Error::Newer)));
    assert!(matches!(Sqlite::migrate(&site.path), Err(Error::Newer)));
}

/// Deleted and replaced data may be a key.
#[test]
fn removed_data_is_overwritten() {
    let site = Site::new();
    let store = Sqlite::open(&site.path).unwrap();
    let is_there = || {
        let all = ["", "-wal"].map(|end| fs::read(site.beside(end)).unwrap_or_default());
        // The key in Base32.
        all.concat().windows(16).any(|bytes| bytes == b"GEZDGNBVGY3TQOJQ")
    };
    assert!(is_there());
    assert!(store.remove(&site.alice).unwrap());
    // The last connection to close merges the log into the file.
    drop(store);
    assert!(!is_there());
}
