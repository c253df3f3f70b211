//! Backups of a database in use.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::fs;
use std::thread;

use otp_store::{CredentialId, Error, Sqlite, Store as _};

use crate::site::{NOW, Site, accepted, code, mode, replayed, verifier, verify};

#[test]
fn sqlite_backup_includes_the_log() {
    let site = Site::new();
    let service = site.service(NOW + 60);
    for name in 1..=8 {
        let id = CredentialId::new(format!("user-{name}")).unwrap();
        let credential = service.context().new_totp("user").unwrap();
        service.enroll(&id, &credential).unwrap();
    }
    accepted(service.verify(&site.alice, &code(NOW + 60)));
    let (copy, backup) = (site.path.with_file_name("copy"), site.path.with_file_name("backup"));
    let done = service.store().backup_to(&backup).unwrap();
    assert_eq!((done.accounts(), done.credentials()), (9, 9));
    assert_eq!(mode(&backup), 0o600);
    replayed(verify(&backup, NOW + 60));
    assert_eq!(Sqlite::open(&backup).unwrap().list(None, 99).unwrap().len(), 9);

    // The control: data written since the file was last closed is only in the log.
    fs::copy(&site.path, &copy).unwrap();
    assert_eq!(Sqlite::open(&copy).unwrap().list(None, 99).unwrap().len(), 1);
}

#[test]
fn sqlite_backup_to_an_existing_file_is_rejected() {
    let site = Site::new();
    let store = Sqlite::open(&site.path).unwrap();
    let other = site.path.with_file_name("other");
    fs::write(&other, "kept").unwrap();
    for path in [&site.path, &other] {
        let before = fs::read(path).unwrap();
        let refused = store.backup_to(path);
        let exists = matches!(&refused, Err(Error::File(error))
            if error.kind() == std::io::ErrorKind::AlreadyExists);
        assert!(exists, "{refused:?}");
        assert_eq!(fs::read(path).unwrap(), before);
    }
    // No unfinished copy is left.
    let left: Vec<_> = fs::read_dir(site.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn sqlite_logins_continue_during_a_backup() {
    let site = Site::new();
    let (logins, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let store = Sqlite::open(&site.path).unwrap();
            let mut now = NOW;
            while !stop.load(Ordering::SeqCst) {
                now += 30;
                accepted(verifier(&store, now).verify(&site.alice, &code(now)));
                logins.fetch_add(1, Ordering::SeqCst);
            }
        });
        let store = Sqlite::open(&site.path).unwrap();
        for place in 0..5 {
            // At least one log-in ends between two backups, even on a slow machine.
            let before = logins.load(Ordering::SeqCst);
            let path = site.path.with_file_name(format!("backup-{place}"));
            assert_eq!(store.backup_to(path).unwrap().accounts(), 1);
            while logins.load(Ordering::SeqCst) == before {
                thread::yield_now();
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
}
