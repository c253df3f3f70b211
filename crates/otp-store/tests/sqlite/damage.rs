//! Rows that another program has changed, and calls that fail.

use otp_core::{Algorithm, Digits};
use otp_store::{EngineErrorKind, Error, Sqlite, Store as _, conformance};
use otp_uri::OtpKind;
use rusqlite::Connection;

use crate::site::{NOW, Site, accepted, code, number};

const NO_UPDATES: &str = "CREATE TRIGGER no BEFORE UPDATE ON throttle
    BEGIN SELECT RAISE(ABORT, 'canary'); END";

#[test]
fn sqlite_missing_account_row_is_reported() {
    let site = Site::new();
    let damage = |account: &str| {
        site.change(&format!("DELETE FROM throttle WHERE account = '{account}'"));
    };
    let open = || Sqlite::open(&site.path).unwrap();
    conformance::damage_is_said(open, |id| damage(id.account().as_str()));
    let (service, alice) = (site.service(NOW + 60), &site.alice);
    damage("alice");
    let damaged = |answer| assert!(matches!(answer, Err(Error::Corrupt("throttle"))));
    damaged(service.status(alice).map(drop));
    damaged(service.reseal(alice).map(drop));
    damaged(service.unlock(alice.account()));
    let answer = service.verify(alice, &code(NOW + 60));
    assert!(matches!(answer, Err(Error::NotCompared(_))));
    // The remedy: the credential can be removed.
    assert!(service.store().remove(alice).unwrap());
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
        let site = Site::new();
        site.change(&format!("UPDATE {change}"));
        let error = site.service(NOW).verify(&site.alice, "123456").unwrap_err();
        let Error::NotCompared(why) = &error else { panic!("{change}: {error:?}") };
        assert!(matches!(**why, Error::Corrupt(named) if named == part), "{change}: {why}");
        let failures = number(&site.path, "max(failures, 0) % 4294967296 FROM throttle");
        assert_eq!(failures, 0, "{change}");
    }
}

/// The schema keeps other programs from writing values that this one could not read.
#[test]
fn sqlite_schema_refuses_values_out_of_range() {
    let site = Site::new();
    let before = Sqlite::open(&site.path).unwrap().find(&site.alice).unwrap();
    let connection = Connection::open(&site.path).unwrap();
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
    assert_eq!(Sqlite::open(&site.path).unwrap().find(&site.alice).unwrap(), before);
}

/// Only a change by hand leaves an unconfirmed credential with a drift or an attempt.
#[test]
fn sqlite_replaced_credential_keeps_no_drift_and_no_attempt() {
    let site = Site::new();
    site.change("UPDATE credential SET confirmed = 0, drift = 3, attempt = zeroblob(16)");
    let store = Sqlite::open(&site.path).unwrap();
    let entry = store.find(&site.alice).unwrap().unwrap();
    assert!(entry.drift == 3 && entry.attempt.is_some());
    assert!(store.insert(&site.alice, &entry).unwrap());
    assert_eq!(store.find(&site.alice).unwrap(), Some(entry.enrolled()));
}

#[test]
fn counters_above_the_last_are_an_error() {
    let site = Site::new();
    let (service, bob) = (site.service(NOW), otp_store::CredentialId::new("bob").unwrap());
    let last = u64::try_from(i64::MAX).unwrap();
    let hotp = |counter| OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter };
    let enroll = |counter| {
        let credential = service.context().new_credential("bob", hotp(counter), 20).unwrap();
        service.enroll(&bob, &credential).map(|()| credential)
    };
    // Such a credential could be enrolled but never confirmed.
    for counter in [last, last + 1, u64::MAX - 1] {
        assert!(matches!(enroll(counter), Err(Error::TooLarge("counter"))));
    }
    let credential = enroll(last - 1).unwrap();
    let code = credential.hotp().unwrap().generate(last - 1).text().to_string();
    accepted(service.confirm(&bob, &code));
}

#[test]
fn failed_write_is_an_error_without_details() {
    let site = Site::new();
    site.change(NO_UPDATES);
    let service = site.service(NOW);
    let error = service.verify(&site.alice, "123456").unwrap_err();
    assert!(matches!(&error, Error::Engine(engine) if engine.kind() == EngineErrorKind::Other));
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(service.store().find(&site.alice).unwrap().is_some());
}

/// Otherwise guesses could cause writes without end.
#[test]
fn attempt_on_a_locked_account_writes_nothing() {
    let site = Site::new();
    let attempt = |now| site.service(now).verify(&site.alice, "123456");
    while !matches!(attempt(NOW).unwrap(), otp_store::Verdict::Locked(_)) {}
    site.change(NO_UPDATES);
    assert!(matches!(attempt(NOW).unwrap(), otp_store::Verdict::Locked(_)));
    // The clock is set back, so the lock is shortened, and the shorter lock must be stored.
    assert!(attempt(1000).is_err());
}
