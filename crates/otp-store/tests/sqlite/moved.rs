//! Files that are replaced, moved or deleted while a service has them open.

use std::fs;

use otp_store::{Error, Sqlite, Store as _};

use crate::site::{NOW, Site, accepted, code, verify};

#[test]
fn sqlite_replaced_file_accepts_no_code() {
    let replace = |site: &Site| {
        let copy = site.path.with_file_name("copy.db");
        Sqlite::open(&site.path).unwrap().backup_to(&copy).unwrap();
        for ending in ["-wal", "-shm"] {
            fs::remove_file(site.beside(ending)).unwrap();
        }
        fs::rename(&copy, &site.path).unwrap();
    };
    // The control: every other process accepts the code in the new file.
    assert_moved(replace, true);
}

#[test]
fn sqlite_deleted_or_moved_file_accepts_no_code() {
    assert_moved(|site| fs::remove_file(&site.path).unwrap(), false);
    for logs in [&["-wal"][..], &["-shm"], &["-wal", "-shm"]] {
        let delete = |site: &Site| {
            logs.iter().for_each(|ending| fs::remove_file(site.beside(ending)).unwrap());
        };
        assert_moved(delete, false);
    }
    let rename = |site: &Site| {
        let folder = site.folder.path();
        fs::rename(folder, folder.with_extension("moved")).unwrap();
    };
    assert_moved(rename, false);
}

#[test]
fn sqlite_unchanged_file_accepts_a_code() {
    let site = Site::new();
    let service = site.service(NOW + 60);
    // Other processes open and close the file, and merge the log into it.
    accepted(verify(&site.path, NOW + 30));
    accepted(service.verify(&site.alice, &code(NOW + 60)));
}

fn assert_moved(change: impl Fn(&Site), elsewhere: bool) {
    let site = Site::new();
    let service = site.service(NOW + 60);
    change(&site);
    if elsewhere {
        accepted(verify(&site.path, NOW + 60));
    }
    let store = service.store();
    let moved = |answer: Result<(), Error>| assert!(matches!(answer, Err(Error::Moved)));
    for _ in 0..2 {
        moved(service.verify(&site.alice, &code(NOW + 60)).map(drop));
    }
    // Also in calls without a commit.
    moved(service.verify(&site.alice, "123").map(drop));
    moved(store.find(&site.alice).map(drop));
    moved(store.list(None, 9).map(drop));
    moved(store.unlock(site.alice.account()).map(drop));
    moved(store.remove(&site.alice).map(drop));
    let folder = site.folder.path().with_extension("moved");
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
}
