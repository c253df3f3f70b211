//! Files, folders and links whose modes let others in.

use std::fs;
use std::os::unix::fs::symlink;

use otp_store::{EngineErrorKind, Error, Sqlite};

use crate::site::{Site, empty, mode, set_mode};

#[test]
fn file_is_private() {
    let site = Site::new();
    assert_eq!(mode(&site.path), 0o600);
    set_mode(&site.path, 0o640);
    assert!(matches!(Sqlite::open(&site.path), Err(Error::Permissions)));
}

/// SQLite would create unwritable files beside it, which would stay.
#[test]
fn read_only_file_is_refused_and_gets_no_log() {
    let site = Site::new();
    set_mode(&site.path, 0o400);
    let refused = Sqlite::open(&site.path);
    let Err(Error::Engine(refused)) = refused else { panic!("a read-only file is opened") };
    assert_eq!(refused.kind(), EngineErrorKind::ReadOnly);
    assert_eq!(fs::read_dir(site.folder.path()).unwrap().count(), 1);
    set_mode(&site.path, 0o600);
    assert!(Sqlite::open(&site.path).is_ok());
}

/// A user with write access could replace the file, or put a log beside it.
#[test]
fn folder_that_others_may_write_to_is_refused() {
    let (site, (folder, new)) = (Site::new(), empty());
    for (folder, path) in [(&site.folder, &site.path), (&folder, &new)] {
        let there = path.exists();
        for mode in [0o770, 0o720, 0o702, 0o777, 0o1777] {
            set_mode(folder.path(), mode);
            assert!(matches!(Sqlite::create(path), Err(Error::Folder(_))), "{mode:o}");
            assert_eq!(path.exists(), there, "the file is created or removed");
        }
        for mode in [0o755, 0o700] {
            set_mode(folder.path(), mode);
            assert!(Sqlite::create(path).is_ok(), "{mode:o}");
        }
    }
}

#[test]
fn symbolic_link_is_refused_and_not_followed() {
    let site = Site::new();
    let link = site.path.with_file_name("link");
    for target in ["otp.db", "nowhere"] {
        symlink(target, &link).unwrap();
        assert!(matches!(Sqlite::open(&link), Err(Error::Link)), "{target}");
        assert!(matches!(Sqlite::create(&link), Err(Error::Link)), "{target}");
        fs::remove_file(&link).unwrap();
    }
    assert!(!site.path.with_file_name("nowhere").exists());
    assert!(Sqlite::open(&site.path).is_ok());
}
