//! A second hard link. SQLite's log lies beside the path, so each path would have a log of its own.

use std::fs;

use otp_store::{Error, Sqlite};

use crate::process::{command, kill, start};
use crate::site::{NOW, Site, accepted, code, number, replayed, verify};

fn refused(answer: Result<impl Sized, Error>) {
    assert!(matches!(answer, Err(Error::SecondPath(why)) if why.contains("hard link")));
}

#[test]
fn sqlite_second_path_is_refused() {
    let site = Site::new();
    let service = site.service(NOW + 60);
    let link = site.path.with_file_name("link.db");
    fs::hard_link(&site.path, &link).unwrap();
    accepted(service.verify(&site.alice, &code(NOW + 60)));
    for path in [&link, &site.path] {
        refused(Sqlite::open(path));
        refused(Sqlite::create(path));
        refused(Sqlite::migrate(path));
    }
    fs::remove_file(&link).unwrap();
    replayed(verify(&site.path, NOW + 60));
}

#[test]
fn sqlite_second_path_after_a_kill_is_refused() {
    let site = Site::new();
    let (service, verdict) = start(command(&site.path, NOW + 60));
    assert!(verdict.contains("Accepted"), "{verdict}");
    kill(service);
    assert!(fs::metadata(site.beside("-wal")).unwrap().len() > 0, "the log is empty");

    let link = site.path.with_file_name("link.db");
    fs::hard_link(&site.path, &link).unwrap();
    let (process, text) = start(command(&link, NOW + 60));
    kill(process);
    assert!(text.contains("second path"), "{text}");
    // The control: through that path the code is unspent, since the spend is only in the log.
    let next = |path| number(path, "next FROM credential").cast_unsigned();
    assert_eq!(next(&link), NOW / 30 + 1);
    fs::remove_file(&link).unwrap();
    assert_eq!(next(&site.path), (NOW + 60) / 30 + 1);
    replayed(verify(&site.path, NOW + 60));
}
