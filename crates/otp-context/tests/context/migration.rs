//! Defaults and wallets that change, and keys that come from elsewhere.

use otp_context::wallet::passlib::{PasslibError, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{ApplicationSecrets, Reseal};
use otp_context::{Error, OtpContext, StoredKey};
use otp_core::{Algorithm, Digits, Period, UnixTime};
use otp_uri::OtpKind;

use crate::{ALICE, ANY, NOW, STEP, STRONG, context, key, typed, wallet};

fn passlib(secrets: &str) -> PasslibWallet {
    PasslibWallet::new(ApplicationSecrets::parse(secrets).unwrap()).unwrap()
}

#[test]
fn a_context_says_what_it_was_told() {
    let (plain, _) = context();
    let (algorithm, digits) = (Algorithm::Sha256, Digits::EIGHT);
    let period = Period::from_secs(60).unwrap();
    let told = plain
        .clone()
        .with_issuer(" ACME ")
        .with_algorithm(algorithm)
        .with_digits(digits)
        .with_period(period);
    assert_eq!(told.issuer(), Some("ACME"));
    assert_eq!(told.totp_kind(), OtpKind::Totp { algorithm, digits, period });
    assert_eq!(told.hotp_kind(), OtpKind::Hotp { algorithm, digits, counter: 0 });
    assert_eq!(told.now().unwrap(), UnixTime::from_secs(NOW));

    assert_eq!((plain.issuer(), plain.totp_kind()), (None, OtpKind::default()));
    assert_eq!(plain.clone().with_issuer("  ").issuer(), None);
    assert!(plain.wallet().is_none() && plain.passlib_wallet().is_none());
    let both = plain.with_wallet(wallet(&format!("1: {STRONG}"), "1"));
    let both = both.with_passlib_wallet(passlib("7: abcdef\n8: abcdeg"));
    assert_eq!(both.wallet().unwrap().current().as_str(), "1");
    assert_eq!(both.passlib_wallet().unwrap().current().as_str(), "8");
    assert_eq!(both.passlib_wallet().unwrap().secrets().iter().count(), 2);
    assert_eq!(OtpContext::default().totp_kind(), OtpContext::new().totp_kind());
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
    let bare = other.from_uri("otpauth://totp/bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let bare = bare.unwrap();
    assert_eq!((bare.issuer(), bare.kind()), (None, OtpKind::default()));
    let anonymous = other.import(OtpKind::default(), key());
    assert_eq!(anonymous.key_uri().unwrap_err(), Error::NoAccount);
}

#[test]
fn plain_keys_and_keys_under_an_old_tag_should_be_sealed_again() {
    let (plain, _) = context();
    let context =
        plain.clone().with_wallet(wallet(&format!("1: old-{STRONG}\n2: new-{STRONG}"), "2"));
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
    let before = plain.with_wallet(wallet(&format!("1: old-{STRONG}"), "1")).with_plain_keys();
    let sealed = before.open(&record, ALICE).unwrap().seal(ALICE).unwrap();
    assert_eq!(context.open(&sealed, ALICE).unwrap().reseal(), Some(Reseal::Tag));
}

/// A wrong secret opens a key that passlib encrypted, too: until a code has matched there is nothing to store.
#[test]
fn keys_of_passlib_should_be_sealed_once_a_code_matched() {
    let (plain, _) = context();
    let code = typed(&plain.import(OtpKind::default(), key()), STEP);
    let with_cost =
        |cost| plain.clone().with_passlib_wallet(passlib("1: abcdef").with_cost(cost).unwrap());
    let shared = with_cost(4);
    let encrypted = shared.import(OtpKind::default(), key()).seal_for_passlib().unwrap();
    assert!(matches!(encrypted.key(), StoredKey::Passlib(_)));
    assert!(!shared.open(&encrypted, ALICE).unwrap().changed());
    assert_eq!(plain.open(&encrypted, ALICE).unwrap_err(), Error::NoWallet);

    // A code that was spent before shows as well that the key is right.
    let mut opened = with_cost(5).open(&encrypted, ALICE).unwrap();
    assert_eq!((opened.reseal(), opened.changed()), (None, false));
    assert!(opened.consume(&code, ANY).is_ok());
    let spent = shared.open(&encrypted, ALICE).unwrap().seal_for_passlib().unwrap();
    let mut opened = with_cost(5).open(&spent.with_next(STEP + 1), ALICE).unwrap();
    let reused = opened.consume(&code, ANY.with_reuse()).unwrap();
    assert_eq!(reused.next(), opened.next());
    assert_eq!((opened.reseal(), opened.changed()), (Some(Reseal::Cost), true));

    let sealing = wallet(&format!("1: {STRONG}"), "1");
    let migrating = with_cost(4).with_wallet(sealing);
    let moved = shared.open(&encrypted, ALICE).unwrap().with_context(migrating.clone());
    for mut opened in [migrating.open(&encrypted, ALICE).unwrap(), moved] {
        assert!(opened.consume("12345", ANY).is_err());
        assert_eq!((opened.reseal(), opened.changed()), (None, false));
        assert!(opened.consume(&code, ANY).is_ok() && opened.changed());
        assert_eq!(opened.reseal(), Some(Reseal::Unauthenticated));
        let sealed = opened.seal(ALICE).unwrap();
        assert_eq!(sealed.next(), opened.next());
        assert!(!migrating.open(&sealed, ALICE).unwrap().changed());
    }
}

#[test]
fn costs_up_to_the_highest_are_taken() {
    let passlib = || passlib("1: abcdef");
    for (cost, fits) in [(0, true), (23, true), (24, true), (25, false), (u8::MAX, false)] {
        let expected = if fits { Ok(()) } else { Err(PasslibError::Cost) };
        assert_eq!(passlib().with_cost(cost).map(|_| ()), expected);
        assert_eq!(passlib().with_most_cost(cost).map(|_| ()), expected);
    }
    // What it writes it reads: a higher cost raises the bound, and a lower bound the cost. Low costs
    // show it as well as high ones, and take no time.
    let raised = passlib().with_most_cost(11).unwrap().with_cost(12).unwrap();
    for wallet in [raised, passlib().with_most_cost(3).unwrap()] {
        let sealed = wallet.seal(&key(), otp_context::fill).unwrap();
        assert!(wallet.open(&sealed).unwrap().into_secret() == key());
    }
}

#[test]
fn newest_tag_encrypts() {
    // Numbers by value, of equal ones the first; else by characters.
    for (secrets, current) in [
        ("9: a\n10: b", "10"),
        ("10: b\n9: a", "10"),
        ("007: a\n7: b\n6: c", "007"),
        ("7: a\n007: b\n12: c\n11: d", "12"),
        ("v10: a\nv9: b\n8: c", "v9"),
    ] {
        assert_eq!(passlib(secrets).current().as_str(), current, "{secrets}");
    }
    let missing = passlib("1: a").with_current("2".parse().unwrap());
    assert_eq!(missing.map(|_| ()), Err(PasslibError::UnknownTag));
    let one = passlib("1: a\n2: b").with_current("1".parse().unwrap()).unwrap();
    assert_eq!(one.current().as_str(), "1");
}

#[test]
fn texts_from_before_the_release_are_known_by_name() {
    for (enckey, known) in [
        ("1-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR", Some(UnreleasedFormat::XorText)),
        ("2-c-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR", Some(UnreleasedFormat::AesText)),
        ("3-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR", None),
        ("1-X-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR", None),
        ("1-C-EISCJBCQVL2V4C7!-KTTAWJP2RT4MYGWR", None),
        ("1-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGW!", None),
        ("1-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR-", None),
        ("1-C-EISCJBCQVL2V4C7B", None),
        ("", None),
    ] {
        assert_eq!(UnreleasedFormat::recognise(enckey), known, "{enckey}");
    }
}
