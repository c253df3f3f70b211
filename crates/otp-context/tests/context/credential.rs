//! Credentials and their memory.

use std::sync::atomic::Ordering;

use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{KeyOwner, Wallet};
use otp_context::{ClockError, Credential, Error, OtpContext, Record, StoredKey, Tolerance};
use otp_core::{Algorithm, Digits, Rejected, Secret, UnixTime, Window};
use otp_uri::{Generator, OtpKind};

use crate::{ALICE, ANY, MISMATCH, NOW, REPLAYED, STEP, context, key, typed};

#[test]
fn handles_go_anywhere() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<(OtpContext, Credential, Record, Wallet, PasslibWallet, Error)>();
}

#[test]
fn without_a_clock_there_is_no_code() {
    let mut credential = OtpContext::new().with_clock(|| Err(ClockError)).new_totp("a").unwrap();
    let error = Error::Clock(ClockError);
    assert_eq!(credential.token().unwrap_err(), error);
    assert_eq!(credential.next_token().unwrap_err(), error);
    assert_eq!(credential.consume("123456", ANY).unwrap_err(), error);
    assert!(!credential.changed());
}

#[test]
fn a_code_is_consumed_once() {
    let (context, clock) = context();
    let mut credential = context.import(OtpKind::default(), key());
    let typed = typed(&credential, STEP);
    assert_eq!((credential.last_counter(), credential.changed()), (None, false));
    let accepted = credential.consume(&typed, ANY).unwrap();
    assert_eq!((accepted.counter(), accepted.expected(), accepted.drift()), (STEP, STEP, 0));
    assert_eq!(accepted.remember_for(), Some(40));
    let times = [accepted.time(), accepted.expires(), accepted.remember_until()];
    let times = times.map(|time| time.unwrap().as_secs());
    assert_eq!(times, [NOW, NOW + 10, NOW + 40]);
    assert_eq!((credential.last_counter(), credential.changed()), (Some(STEP), true));
    assert_eq!(credential.spent_until(), accepted.expires());
    for _ in 0..2 {
        assert_eq!(credential.consume(&typed, ANY), Err(REPLAYED));
        clock.fetch_sub(7, Ordering::Relaxed);
    }
    let malformed = credential.consume("12345", ANY);
    assert!(matches!(malformed, Err(Error::Rejected(Rejected::Malformed(_)))));
    let reused = credential.consume(&typed, ANY.with_reuse()).unwrap();
    assert_eq!(reused.next(), credential.next());
}

#[test]
fn hotp_remembers_its_counter() {
    let (context, _) = context();
    let hotp = |counter| OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter };
    let mut server = context.import(hotp(0), key());
    let codes: Vec<_> = (0..9).map(|counter| typed(&server, counter)).collect();
    // What a tolerance says of clocks and reuse is for TOTP.
    let tolerance = ANY.with_seconds(u32::MAX).with_skew(1).with_reuse();
    assert_eq!(server.consume(&codes[2], tolerance).unwrap().drift(), 2);
    assert_eq!(server.consume(&codes[2], tolerance), Err(REPLAYED));
    assert_eq!(server.consume(&codes[0], ANY), Err(MISMATCH));
    assert_eq!(server.kind(), hotp(3));
    assert_eq!(server.resync(&[&codes[6], &codes[7]], 100).unwrap().next(), 8);
    assert_eq!(server.resync(&[&codes[7], &codes[8]], 100), Err(MISMATCH));
    assert_eq!(server.consume(&codes[8], ANY).unwrap().time(), None);
    assert_eq!(server.next(), 9);

    let mut spent = context.import(hotp(u64::MAX), key());
    assert_eq!(spent.next_token().unwrap_err(), Error::Exhausted);
    assert_eq!(spent.next(), u64::MAX);
}

/// Of two counters with the same code the higher is spent, and the nearer one tells the drift.
#[test]
fn equal_codes_spend_the_higher() {
    let (context, clock) = context();
    let (near, far) = (56_666_597, 56_666_617);
    clock.store(near * 30, Ordering::Relaxed);
    let hotp = context.hotp_kind();
    for (kind, tolerance) in
        [(hotp, ANY.with_look_ahead(20)), (OtpKind::default(), ANY.with_window(Window::new(0, 20)))]
    {
        let key = Secret::from_hex("2b751fae29639e64e3f4f18b6d57ab258efd604a").unwrap();
        let record = Record::new(kind, StoredKey::Plain(key)).with_next(near);
        let hit = context.open(&record, ALICE).unwrap().consume("007392", tolerance).unwrap();
        assert_eq!((hit.counter(), hit.drift()), (far, 0));
    }
}

#[test]
fn a_clock_that_is_off_is_diagnosed_and_brought_back() {
    let (context, clock) = context();
    let mut credential = context.import(OtpKind::default(), key());
    let [one, two, next] = [11, 12, 13].map(|more| typed(&credential, STEP + more));
    assert!(credential.consume(&one, ANY).is_err());
    let offset = credential.diagnose(&one, 30).unwrap().unwrap();
    assert_eq!((offset.earliest(), offset.latest()), (310, 339));
    assert_eq!(offset.to_string(), "clock is about 324 seconds ahead");
    assert_eq!(credential.diagnose("000000", 0).unwrap(), None);
    clock.fetch_add(30, Ordering::Relaxed);
    let accepted = credential.resync(&[&one, &two], 30).unwrap();
    assert_eq!(accepted.drift(), 11);
    let skewed = ANY.with_skew(accepted.drift() as i32 * 30);
    assert!(credential.consume(&two, skewed).is_err());
    clock.fetch_add(30, Ordering::Relaxed);
    assert!(credential.consume(&next, ANY).is_err());
    assert!(credential.consume(&next, skewed).is_ok());
}

#[test]
fn seconds_become_steps_at_the_edge() {
    let (context, clock) = context();
    for now in NOW..NOW + 30 {
        clock.store(now, Ordering::Relaxed);
        for window in [0_u64, 1, 14, 15, 29, 30, 31, 45, 60] {
            for at in (now - 100..now + 100).step_by(10) {
                let mut credential = context.import(OtpKind::default(), key());
                let tolerance = ANY.with_seconds(window as u32);
                let found = credential.consume(&typed(&credential, at / 30), tolerance);
                let steps = (now - window) / 30..=(now + window) / 30;
                assert_eq!(found.is_ok(), steps.contains(&(at / 30)), "{now} {window} {at}");
            }
        }
    }
    let mut credential = context.import(OtpKind::default(), key());
    let far = credential.consume("123456", ANY.with_seconds(30 * 256));
    assert_eq!(far, Err(Error::Tolerance));
    let near = credential.consume("000000", ANY.with_seconds(30 * 255));
    assert_ne!(near, Err(Error::Tolerance));
}

#[test]
fn a_credential_looks_as_far_as_the_tolerance() {
    let (context, _) = context();
    let (totp, hotp) = (OtpKind::default(), context.hotp_kind());
    assert_eq!(ANY, Tolerance::default());
    for (kind, tolerance, counters) in [
        (totp, ANY.with_window(Window::ZERO), STEP..=STEP),
        (totp, ANY, STEP - 1..=STEP + 1),
        (totp, ANY.with_window(Window::new(2, 0)), STEP - 2..=STEP),
        (hotp, ANY.with_look_ahead(0), 0..=0),
        (hotp, ANY.with_look_ahead(5), 0..=5),
    ] {
        for counter in counters.start().saturating_sub(2)..counters.end() + 3 {
            let mut credential = context.import(kind, key());
            let found = credential.consume(&typed(&credential, counter), tolerance);
            assert_eq!(found.is_ok(), counters.contains(&counter), "{counter} {counters:?}");
        }
    }
}

#[test]
fn a_credential_has_one_generator_and_says_what_is_spent() {
    let (context, clock) = context();
    let mut totp = context.import(OtpKind::default(), key());
    let mut hotp = context.import(context.hotp_kind(), key());
    assert!(totp.totp().is_some() && totp.hotp().is_none());
    assert!(hotp.totp().is_none() && hotp.hotp().is_some());
    assert!(matches!(
        (totp.generator(), hotp.generator()),
        (Generator::Totp(_), Generator::Hotp(_))
    ));
    assert_eq!((totp.spent_until(), hotp.spent_until()), (None, None));
    assert_eq!((totp.account(), totp.issuer(), hotp.last_counter()), (None, None, None));

    assert_eq!((hotp.token().unwrap().counter(), hotp.token().unwrap().totp()), (0, None));
    assert!(hotp.next_token().is_ok() && hotp.changed());
    assert_eq!((hotp.last_counter(), hotp.spent_until(), hotp.next()), (Some(0), None, 1));
    let second = hotp.next_token().unwrap();
    assert_eq!((second.counter(), second.code().text().as_str()), (1, "287082"));
    assert_eq!(hotp.diagnose("123456", 9).unwrap(), None);
    assert!(matches!(hotp.diagnose("12345", 9), Err(Error::Rejected(Rejected::Malformed(_)))));

    let first = totp.token().unwrap();
    assert_eq!((first.counter(), first.totp().unwrap().counter()), (STEP, STEP));
    assert!(totp.next_token().is_ok() && totp.changed());
    clock.fetch_add(30, Ordering::Relaxed);
    assert!(totp.next_token().is_ok());
    assert_eq!(totp.spent_until(), Some(UnixTime::from_secs((STEP + 2) * 30)));
}

/// What is stored need be written only if a code was spent that was not.
#[test]
fn changed_is_what_must_be_stored() {
    let (context, _) = context();
    let stored = |kind, next| Record::new(kind, StoredKey::Plain(key())).with_next(next);
    let mut credential = context.open(&stored(OtpKind::default(), STEP + 1), ALICE).unwrap();
    let [before, again, ahead] = [STEP - 1, STEP, STEP + 1].map(|it| typed(&credential, it));
    assert!(credential.consume(&again, ANY).is_err() && !credential.changed());
    let reuse = ANY.with_reuse();
    assert_eq!(credential.consume(&again, reuse).unwrap().next(), credential.next());
    // Not the one before it.
    assert_eq!(credential.consume(&before, reuse), Err(REPLAYED));
    assert!(!credential.changed());
    assert!(credential.consume(&ahead, ANY).is_ok() && credential.changed());

    for (kind, next, first) in [(OtpKind::default(), 0, STEP + 9), (context.hotp_kind(), 3, 9)] {
        let mut credential = context.open(&stored(kind, next), ALICE).unwrap();
        let [one, two] = [first, first + 1].map(|counter| typed(&credential, counter));
        assert!(credential.resync(&[&one, &two], 5).is_err() && !credential.changed());
        let accepted = credential.resync(&[&one, &two], 20).unwrap();
        assert_eq!((accepted.next(), credential.next()), (first + 2, first + 2));
        assert!(credential.changed());
    }
    // Until when such a wide search could meet its last code again.
    let mut credential = context.import(OtpKind::default(), key());
    let [one, two] = [STEP, STEP + 1].map(|counter| typed(&credential, counter));
    let accepted = credential.resync(&[&one, &two], 20).unwrap();
    assert_eq!(accepted.remember_until(), Some(UnixTime::from_secs((STEP + 2 + 20) * 30)));
    assert_eq!(accepted.drift(), 1);
}

#[test]
fn blank_names_are_cleared() {
    let named = OtpContext::new().import(OtpKind::Steam, key());
    let named = named.with_account(" a ").with_issuer(" ");
    assert_eq!((named.account(), named.issuer()), (Some("a"), None));
    let plain = named.with_issuer(" b ").to_plain_record().unwrap();
    assert_eq!((plain.account(), plain.issuer(), plain.next()), (Some("a"), Some("b"), 0));
    let owner = KeyOwner::new("u", "c").with_namespace("n");
    assert_eq!((owner.namespace(), owner.user(), owner.credential()), ("n", "u", "c"));
}
