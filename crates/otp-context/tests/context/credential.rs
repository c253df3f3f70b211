//! Credentials, their memory, their records.

use std::sync::atomic::Ordering;

use otp_context::wallet::passlib::{PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{ApplicationSecrets, KeyOwner, Reseal, Wallet, WalletError};
use otp_context::{ClockError, Error, OtpContext, Record, StoredKey, Token, Tolerance};
use otp_core::{Algorithm, Digits, Hotp, Period, Rejected, Secret, UnixTime};
use otp_uri::OtpKind;

use crate::{ALICE, context, wallet};

fn text(token: &Token) -> String {
    token.code().text().to_string()
}

#[test]
fn handles_go_anywhere() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<OtpContext>();
    shared::<otp_context::Credential>();
    shared::<Record>();
    shared::<Wallet>();
    shared::<PasslibWallet>();
    shared::<Error>();
}

#[test]
fn without_a_clock_there_is_no_code() {
    let context = OtpContext::new().with_clock(|| Err(ClockError));
    let mut credential = context.new_totp("a").unwrap();
    assert_eq!(credential.token().unwrap_err(), Error::Clock(ClockError));
    assert_eq!(credential.next_token().unwrap_err(), Error::Clock(ClockError));
    assert_eq!(
        credential.consume("123456", Tolerance::new()).unwrap_err(),
        Error::Clock(ClockError)
    );
    assert!(!credential.changed());
}

/// Of two counters with the same code the higher is spent, and the nearer one tells the drift.
#[test]
fn equal_codes_of_a_token_spend_the_higher() {
    let context = context().0;
    let tolerance = Tolerance::new().with_look_ahead(99);
    let twice = (0_u64..2000).find_map(|key| {
        let hotp = Hotp::new(Algorithm::Sha1, &key.to_be_bytes()).unwrap();
        let codes: Vec<_> = (0..100).map(|counter| hotp.generate(counter)).collect();
        let place = |code| codes.iter().position(|other| *other == code);
        let (far, code) =
            codes.iter().enumerate().find(|(far, code)| place(**code) != Some(*far))?;
        Some((key, place(*code)?, far, code.text().to_string()))
    });
    let (key, near, far, code) = twice.expect("two equal codes");
    let secret = Secret::new(&key.to_be_bytes()).unwrap();
    let mut credential = context.import(context.hotp_kind(), secret);
    let accepted = credential.consume(&code, tolerance).unwrap();
    assert_eq!(accepted.counter(), far as u64);
    assert_eq!(accepted.drift(), near as i64);
}

#[test]
fn a_code_is_consumed_once() {
    let (context, clock) = context();
    let mut credential = context.new_totp("alice").unwrap();
    let typed = text(&credential.token().unwrap());
    assert_eq!((credential.last_counter(), credential.changed()), (None, false));
    let accepted = credential.consume(&typed, Tolerance::new()).unwrap();
    assert_eq!(accepted.time().unwrap().as_secs(), 1_700_000_000);
    assert_eq!(accepted.counter(), 56_666_666);
    assert_eq!((accepted.counter(), accepted.drift()), (accepted.expected(), 0));
    assert_eq!(accepted.expires().unwrap().as_secs(), 1_700_000_010);
    assert_eq!(accepted.remember_until().unwrap().as_secs(), 1_700_000_040);
    assert_eq!(accepted.remember_for(), Some(40));
    assert_eq!((credential.last_counter(), credential.changed()), (Some(56_666_666), true));
    assert_eq!(credential.spent_until(), accepted.expires());
    for _ in 0..2 {
        assert_eq!(
            credential.consume(&typed, Tolerance::new()),
            Err(Error::Rejected(Rejected::Replayed))
        );
        clock.fetch_sub(7, Ordering::Relaxed);
    }
    assert!(matches!(
        credential.consume("12345", Tolerance::new()),
        Err(Error::Rejected(Rejected::Malformed(_)))
    ));
    let reused = credential.consume(&typed, Tolerance::new().with_reuse()).unwrap();
    assert_eq!(reused.next(), credential.next());
}

#[test]
fn advancing_never_goes_back() {
    let (context, clock) = context();
    let mut credential = context.new_totp("alice").unwrap();
    let first = credential.next_token().unwrap();
    let until = first.totp().unwrap().expires();
    assert_eq!(credential.next_token().unwrap_err(), Error::Used { until });
    assert_eq!(credential.token().unwrap(), first);
    clock.store(1_600_000_000, Ordering::Relaxed);
    assert_eq!(credential.next_token().unwrap_err(), Error::Used { until });
    clock.store(until.as_secs(), Ordering::Relaxed);
    assert_eq!(credential.next_token().unwrap().counter(), first.counter() + 1);
}

#[test]
fn hotp_remembers_its_counter() {
    let (context, _) = context();
    let mut device = context.new_hotp("alice").unwrap();
    let mut server = context.open(&device.to_plain_record().unwrap(), ALICE).unwrap();
    let codes: Vec<_> = (0..9).map(|_| text(&device.next_token().unwrap())).collect();
    assert_eq!(server.consume(&codes[2], Tolerance::new()).unwrap().drift(), 2);
    assert_eq!(
        server.consume(&codes[2], Tolerance::new()),
        Err(Error::Rejected(Rejected::Replayed))
    );
    assert_eq!(
        server.consume(&codes[0], Tolerance::new()),
        Err(Error::Rejected(Rejected::Mismatch))
    );
    assert_eq!(
        server.kind(),
        OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 3 }
    );
    let narrow = Tolerance::new().with_look_ahead(0);
    assert_eq!(server.consume(&codes[4], narrow), Err(Error::Rejected(Rejected::Mismatch)));
    assert_eq!(server.resync(&[&codes[6], &codes[7]], 100).unwrap().next(), 8);
    assert_eq!(
        server.resync(&[&codes[7], &codes[8]], 100),
        Err(Error::Rejected(Rejected::Mismatch))
    );
    assert_eq!(server.consume(&codes[8], Tolerance::new()).unwrap().time(), None);
    assert_eq!(device.next(), server.next());

    let last = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: u64::MAX };
    let mut spent = context.import(last, Secret::new(&[1; 20]).unwrap());
    assert_eq!(spent.next_token().unwrap_err(), Error::Exhausted);
    assert_eq!(spent.next(), u64::MAX);
}

#[test]
fn a_clock_that_is_off_is_diagnosed_and_brought_back() {
    let (context, clock) = context();
    let mut credential = context.new_totp("alice").unwrap();
    let seen = |at: u64| {
        let token = credential.totp().unwrap().generate(UnixTime::from_secs(at));
        token.code().text().to_string()
    };
    let codes = [seen(1_700_000_310), seen(1_700_000_340)];
    let next = seen(1_700_000_370);
    assert!(credential.consume(&codes[0], Tolerance::new()).is_err());
    let offset = credential.diagnose(&codes[0], 30).unwrap().unwrap();
    assert_eq!((offset.earliest(), offset.latest()), (310, 339));
    assert_eq!(offset.to_string(), "clock is about 324 seconds ahead");
    assert_eq!(credential.diagnose("000000", 0).unwrap(), None);
    clock.fetch_add(30, Ordering::Relaxed);
    let accepted = credential.resync(&[&codes[0], &codes[1]], 30).unwrap();
    assert_eq!(accepted.drift(), 11);
    let skewed = Tolerance::new().with_skew(accepted.drift() as i32 * 30);
    assert!(credential.consume(&codes[1], skewed).is_err());
    clock.fetch_add(30, Ordering::Relaxed);
    assert!(credential.consume(&next, Tolerance::new()).is_err());
    assert!(credential.consume(&next, skewed).is_ok());
}

#[test]
fn changing_defaults_changes_nothing_that_exists() {
    let (context, _) = context();
    let one = context.clone().with_issuer("ACME Co").with_digits(Digits::EIGHT);
    let credential = one.new_totp("alice").unwrap();
    let record = credential.to_plain_record().unwrap();
    let uri = credential.key_uri().unwrap().to_string();
    let other = context
        .with_issuer("Other")
        .with_algorithm(Algorithm::Sha512)
        .with_period(Period::from_secs(60).unwrap());
    let loaded = [
        other.open(&record, ALICE).unwrap(),
        other.from_uri(&uri).unwrap(),
        one.open(&record, ALICE).unwrap().with_context(other.clone()),
    ];
    for loaded in loaded {
        assert_eq!(loaded.kind(), credential.kind());
        assert_eq!((loaded.issuer(), loaded.account()), (Some("ACME Co"), Some("alice")));
        assert_eq!(loaded.context().issuer(), Some("Other"));
        assert!(loaded.secret() == credential.secret());
        assert!(!loaded.changed());
    }
    let bare =
        other.from_uri("otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    assert_eq!((bare.issuer(), bare.kind()), (None, OtpKind::default()));
    let anonymous = other.import(OtpKind::default(), Secret::new(&[1; 20]).unwrap());
    assert_eq!(anonymous.key_uri().unwrap_err(), Error::NoAccount);
}

#[test]
fn a_stored_credential_accepts_a_code_once() {
    let (context, _) = context();
    let context = context.with_wallet(wallet("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d", "1"));
    let credential = context.new_totp("alice").unwrap();
    let typed = text(&credential.token().unwrap());
    let record = credential.seal(ALICE).unwrap();
    let mut opened = context.open(&record, ALICE).unwrap();
    assert_eq!(opened.consume(&typed, Tolerance::new()).unwrap().next(), opened.next());
    assert!(opened.changed());
    let mut again = context.open(&record.with_next(opened.next()), ALICE).unwrap();
    let replayed = Err(Error::Rejected(Rejected::Replayed));
    assert_eq!(again.consume(&typed, Tolerance::new()), replayed);
    let record = opened.seal(ALICE).unwrap();
    let mallory = context.open(&record, KeyOwner::new("mallory", "phone")).map(|_| ());
    assert_eq!(mallory, Err(Error::Wallet(WalletError::Tampered)));
}

#[test]
fn what_should_be_sealed_again_says_so() {
    let (plain, _) = context();
    let old = "old-pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d";
    let both = format!("1: {old}\n2: new-{old}");
    let context = plain.clone().with_wallet(wallet(&both, "2"));
    assert!(context.has_wallet() && !plain.has_wallet());

    let credential = plain.new_totp("alice").unwrap();
    assert_eq!(credential.seal(ALICE).unwrap_err(), Error::NoWallet);
    let record = credential.to_plain_record().unwrap();
    assert_eq!(plain.open(&record, ALICE).unwrap().reseal(), None);
    // An attacker with write access to the database could have inserted it.
    assert_eq!(context.open(&record, ALICE).unwrap_err(), Error::PlainKey);
    let tolerant = context.clone().with_plain_keys();
    assert!(tolerant.allows_plain_keys() && !context.allows_plain_keys());
    let opened = tolerant.open(&record, ALICE).unwrap();
    assert_eq!((opened.reseal(), opened.changed()), (Some(Reseal::Plain), true));
    // What comes from elsewhere is not sealed either.
    let uri = credential.key_uri().unwrap().to_string();
    let loaded = context.from_uri(&uri).unwrap();
    assert_eq!((loaded.reseal(), loaded.changed()), (Some(Reseal::Plain), true));
    assert_eq!(plain.from_uri(&uri).unwrap().reseal(), None);
    let loaded = plain.open(&record, ALICE).unwrap().with_context(context.clone());
    assert_eq!(loaded.reseal(), Some(Reseal::Plain));
    let back = context.from_uri(&uri).unwrap().with_context(plain.clone());
    assert_eq!((back.reseal(), back.changed()), (None, false));
    let moved = context.new_totp("alice").unwrap().with_context(context.clone());
    assert_eq!(moved.reseal(), None);

    let sealed = opened.seal(ALICE).unwrap();
    assert!(!context.open(&sealed, ALICE).unwrap().changed());
    assert_eq!(plain.open(&sealed, ALICE).unwrap_err(), Error::NoWallet);

    let before = plain.clone().with_wallet(wallet(&format!("1: {old}"), "1"));
    let sealed = before.with_plain_keys().open(&record, ALICE).unwrap().seal(ALICE).unwrap();
    assert_eq!(context.open(&sealed, ALICE).unwrap().reseal(), Some(Reseal::Tag));

    // A migration: passlib's key, once a code has shown that it is right.
    let secrets = || ApplicationSecrets::parse("1: abcdef").unwrap();
    let passlib = PasslibWallet::new(secrets()).unwrap().with_cost(4).unwrap();
    let shared = plain.clone().with_passlib_wallet(passlib);
    let encrypted = shared.open(&record, ALICE).unwrap().seal_for_passlib().unwrap();
    assert!(matches!(encrypted.key(), StoredKey::Passlib(_)));
    assert!(!shared.open(&encrypted, ALICE).unwrap().changed());
    let mut moved = shared.open(&encrypted, ALICE).unwrap().with_context(context.clone());
    let code = text(&moved.token().unwrap());
    assert_eq!(moved.reseal(), None);
    let _ = moved.consume(&code, Tolerance::new()).unwrap();
    assert_eq!(moved.reseal(), Some(Reseal::Unauthenticated));
    let passlib = PasslibWallet::new(secrets()).unwrap().with_cost(5).unwrap();
    let costlier = plain.clone().with_passlib_wallet(passlib);
    // A code that was spent before shows as well that the key is right.
    let spent = shared.open(&record, ALICE).unwrap().seal_for_passlib().unwrap();
    let mut opened = costlier.open(&spent.with_next(56_666_667), ALICE).unwrap();
    assert_eq!((opened.reseal(), opened.changed()), (None, false));
    let typed = text(&opened.token().unwrap());
    let reused = opened.consume(&typed, Tolerance::new().with_reuse()).unwrap();
    assert_eq!(reused.next(), opened.next());
    assert_eq!((opened.reseal(), opened.changed()), (Some(Reseal::Cost), true));
    let passlib = PasslibWallet::new(secrets()).unwrap();
    let migrating = context.with_passlib_wallet(passlib);
    let mut opened = migrating.open(&encrypted, ALICE).unwrap();
    let typed = text(&opened.token().unwrap());
    // A wrong secret opens it too: until a code has matched there is nothing to store.
    assert!(
        opened.consume("12345", Tolerance::new()).is_err()
            && !opened.changed()
            && opened.reseal().is_none()
    );
    assert!(opened.consume(&typed, Tolerance::new()).is_ok() && opened.changed());
    assert_eq!(opened.reseal(), Some(Reseal::Unauthenticated));
    let sealed = opened.seal(ALICE).unwrap();
    assert_eq!(sealed.next(), opened.next());
    assert!(!migrating.open(&sealed, ALICE).unwrap().changed());
    assert_eq!(plain.open(&encrypted, ALICE).unwrap_err(), Error::NoWallet);
}

#[test]
fn the_cost_of_a_hostile_record_is_capped() {
    let fields =
        |cost| PasslibKey::from_fields(1, cost, "1", "6D7N7W53O7HHS37NLUFQ", "MHCTEGSNPFN5CGBJ");
    for cost in [25, 40, 60, u64::MAX] {
        assert_eq!(fields(cost).unwrap_err(), PasslibError::Cost);
    }
    let wallet = || PasslibWallet::new(ApplicationSecrets::parse("1: abcdef").unwrap()).unwrap();
    let costly = fields(21).unwrap();
    assert_eq!(wallet().open(&costly).unwrap_err(), PasslibError::Cost);
    let strict = wallet().with_most_cost(12).unwrap();
    assert_eq!(strict.open(&fields(13).unwrap()).unwrap_err(), PasslibError::Cost);
    assert!(wallet().with_most_cost(13).unwrap().open(&fields(13).unwrap()).is_ok());
    assert_eq!(wallet().with_most_cost(25).unwrap_err(), PasslibError::Cost);
    assert_eq!(wallet().with_cost(25).unwrap_err(), PasslibError::Cost);
}

#[test]
fn predecessors_are_refused_by_name() {
    let found = PasslibKey::from_fields(0, 8, "1", "AAAA", "AAAA").unwrap_err();
    assert_eq!(found, PasslibError::UnreleasedFormat(UnreleasedFormat::Xor));
    assert_eq!(
        found.to_string(),
        "encrypted key is an object of version 0, from before passlib's release"
    );
    assert_eq!(UnreleasedFormat::recognise("2-d-AAAA-aaaa"), Some(UnreleasedFormat::AesText));
    for text in ["", "3-C-AAAA-AAAA", "1-C-AAAA", "1-C-AAAA-AAAA-", "1-X-AAAA-AAAA", "1-C-A-AAAA"] {
        assert_eq!(UnreleasedFormat::recognise(text), None, "{text}");
    }
}

#[test]
fn seconds_become_steps_at_the_edge() {
    let (context, clock) = context();
    for start in 0..30 {
        clock.store(1_700_000_010 + start, Ordering::Relaxed);
        let now = 1_700_000_010 + start;
        for window in [0_u64, 1, 14, 15, 29, 30, 31, 45, 60] {
            for at in (now - 100..now + 100).step_by(10) {
                let mut credential =
                    context.import(OtpKind::default(), Secret::new(&[1; 20]).unwrap());
                let code =
                    credential.totp().unwrap().generate(UnixTime::from_secs(at)).code().text();
                let found =
                    credential.consume(code.as_str(), Tolerance::new().with_seconds(window as u32));
                let (low, high) = ((now - window) / 30, (now + window) / 30);
                assert_eq!(found.is_ok(), (low..=high).contains(&(at / 30)), "{now} {window} {at}");
            }
        }
    }
    let mut credential = context.new_totp("a").unwrap();
    let far = credential.consume("123456", Tolerance::new().with_seconds(30 * 256));
    assert_eq!(far, Err(Error::Tolerance));
}
