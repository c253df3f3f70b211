//! What a context is told is what its credentials do, and what a credential says of itself.

use std::sync::atomic::Ordering;

use otp_context::wallet::passlib::{PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{ApplicationSecrets, KeyOwner};
use otp_context::{Credential, Error, OtpContext, Record, StoredKey, Tolerance};
use otp_core::{Algorithm, Digits, Period, Rejected, Secret, UnixTime, Window};
use otp_uri::OtpKind;

use crate::{ALICE, context, wallet};

const STRONG: &str = "1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d";

fn key() -> Secret {
    Secret::new(b"12345678901234567890").unwrap()
}

fn typed(credential: &Credential, counter: u64) -> String {
    let code = match (credential.totp(), credential.hotp()) {
        (Some(totp), None) => totp.hotp().generate(counter),
        (None, Some(hotp)) => hotp.generate(counter),
        _ => panic!("one generator"),
    };
    code.text().to_string()
}

#[test]
fn a_context_says_what_it_was_told() {
    let (plain, _) = context();
    let told = plain
        .clone()
        .with_issuer(" ACME ")
        .with_algorithm(Algorithm::Sha256)
        .with_digits(Digits::EIGHT)
        .with_period(Period::from_secs(60).unwrap());
    assert_eq!(told.issuer(), Some("ACME"));
    let (algorithm, digits) = (Algorithm::Sha256, Digits::EIGHT);
    let period = Period::from_secs(60).unwrap();
    assert_eq!(told.totp_kind(), OtpKind::Totp { algorithm, digits, period });
    assert_eq!(told.hotp_kind(), OtpKind::Hotp { algorithm, digits, counter: 0 });
    assert_eq!(told.now().unwrap(), UnixTime::from_secs(1_700_000_000));

    assert_eq!(plain.issuer(), None);
    assert_eq!(plain.totp_kind(), OtpKind::default());
    assert_eq!(plain.clone().with_issuer("  ").issuer(), None);
    assert!(plain.wallet().is_none() && plain.passlib_wallet().is_none());

    let secrets = ApplicationSecrets::parse("7: abcdef\n8: abcdeg").unwrap();
    let passlib = PasslibWallet::new(secrets).unwrap();
    let both = plain.with_wallet(wallet(STRONG, "1")).with_passlib_wallet(passlib);
    assert_eq!(both.wallet().unwrap().current().as_str(), "1");
    assert_eq!(both.passlib_wallet().unwrap().current().as_str(), "8");
    assert_eq!(both.passlib_wallet().unwrap().secrets().iter().count(), 2);
    assert_eq!(OtpContext::default().totp_kind(), OtpContext::new().totp_kind());
}

#[test]
fn a_credential_looks_as_far_as_the_tolerance() {
    let (context, _) = context();
    let counter = 56_666_666;
    for (tolerance, counters) in [
        (Tolerance::new().with_window(Window::ZERO), counter..=counter),
        (Tolerance::new(), counter - 1..=counter + 1),
        (Tolerance::new().with_window(Window::new(2, 0)), counter - 2..=counter),
    ] {
        for tried in counter - 4..=counter + 4 {
            let mut credential = context.import(OtpKind::default(), key());
            let typed = typed(&credential, tried);
            assert_eq!(
                credential.consume(&typed, tolerance).is_ok(),
                counters.contains(&tried),
                "{tried}"
            );
        }
    }
    for look_ahead in [0, 1, 5, 9] {
        let tolerance = Tolerance::new().with_look_ahead(look_ahead);
        for tried in 0..12 {
            let mut credential = context.import(context.hotp_kind(), key());
            let typed = typed(&credential, tried);
            let fits = tried <= look_ahead.into();
            assert_eq!(credential.consume(&typed, tolerance).is_ok(), fits, "{tried} {look_ahead}");
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
    assert_eq!((totp.spent_until(), hotp.spent_until()), (None, None));
    assert_eq!((totp.account(), totp.issuer(), hotp.last_counter()), (None, None, None));

    assert_eq!(hotp.token().unwrap().counter(), 0);
    assert_eq!(hotp.token().unwrap().totp(), None);
    assert!(hotp.next_token().is_ok() && hotp.changed());
    assert_eq!((hotp.last_counter(), hotp.spent_until(), hotp.next()), (Some(0), None, 1));
    let second = hotp.next_token().unwrap();
    assert_eq!((second.counter(), second.code().text().to_string()), (1, "287082".to_owned()));
    assert!(hotp.changed());
    assert_eq!(hotp.diagnose("123456", 9).unwrap(), None);
    assert!(matches!(hotp.diagnose("12345", 9), Err(Error::Rejected(Rejected::Malformed(_)))));

    let first = totp.token().unwrap();
    assert_eq!((first.counter(), first.totp().unwrap().counter()), (56_666_666, 56_666_666));
    assert!(totp.next_token().is_ok() && totp.changed());
    clock.fetch_add(30, Ordering::Relaxed);
    assert!(totp.next_token().is_ok() && totp.changed());
    assert_eq!(totp.spent_until().unwrap().as_secs(), 56_666_668 * 30);
}

/// What is stored need be written only if a code was spent that was not.
#[test]
fn changed_is_what_must_be_stored() {
    let (context, _) = context();
    let counter = 56_666_666;
    let stored = |kind, next| Record::new(kind, StoredKey::Plain(key())).with_next(next);
    let mut credential = context.open(&stored(OtpKind::default(), counter + 1), ALICE).unwrap();
    let again = typed(&credential, counter);
    assert!(credential.consume(&again, Tolerance::new()).is_err() && !credential.changed());
    let reuse = Tolerance::new().with_reuse();
    assert_eq!(credential.consume(&again, reuse).unwrap().next(), credential.next());
    assert!(!credential.changed());
    // Not the one before it.
    let before = typed(&credential, counter - 1);
    assert_eq!(credential.consume(&before, reuse), Err(Error::Rejected(Rejected::Replayed)));
    let ahead = typed(&credential, counter + 1);
    assert!(credential.consume(&ahead, Tolerance::new()).is_ok() && credential.changed());

    let pair = |credential: &Credential, first| [0, 1].map(|more| typed(credential, first + more));
    for (kind, next, first) in [(OtpKind::default(), 0, counter + 9), (context.hotp_kind(), 3, 9)] {
        let mut credential = context.open(&stored(kind, next), ALICE).unwrap();
        let codes = pair(&credential, first);
        let codes = codes.each_ref().map(String::as_str);
        assert!(credential.resync(&codes, 5).is_err() && !credential.changed());
        let accepted = credential.resync(&codes, 20).unwrap();
        assert_eq!((accepted.next(), credential.next()), (first + 2, first + 2));
        assert!(credential.changed());
    }
    // Until when such a wide search could meet its last code again.
    let mut credential = context.import(OtpKind::default(), key());
    let codes = pair(&credential, counter);
    let accepted = credential.resync(&codes.each_ref().map(String::as_str), 20).unwrap();
    let until = accepted.remember_until().unwrap().as_secs();
    assert_eq!(until, (counter + 2 + 20) * 30);
    assert_eq!(accepted.drift(), 1);
}

#[test]
fn blank_names_are_cleared() {
    let (context, _) = context();
    let named = context.import(OtpKind::Steam, key()).with_account(" a ").with_issuer(" ");
    assert_eq!((named.account(), named.issuer()), (Some("a"), None));
    let plain = named.with_issuer(" b ").to_plain_record().unwrap();
    assert_eq!((plain.account(), plain.issuer(), plain.next()), (Some("a"), Some("b"), 0));
    let owner = KeyOwner::new("u", "c").with_namespace("n");
    assert_eq!((owner.namespace(), owner.user(), owner.credential()), ("n", "u", "c"));
}

#[test]
fn a_passlib_key_is_its_fields() {
    let fields = |key| PasslibKey::from_fields(1, 13, "7", "MHCTEGSNPFN5CGBJ", key);
    let key = fields("6D7N7W53O7HHS37NLUFQ").unwrap();
    assert_eq!((key.cost(), key.tag().as_str()), (13, "7"));
    let texts = (key.salt_base32(), key.key_base32());
    assert_eq!(texts, ("MHCTEGSNPFN5CGBJ".to_owned(), "6D7N7W53O7HHS37NLUFQ".to_owned()));
    assert_eq!(fields("").unwrap_err(), PasslibError::Key);
}

#[test]
fn costs_up_to_the_highest_are_taken() {
    let passlib = || PasslibWallet::new(ApplicationSecrets::parse("1: abcdef").unwrap()).unwrap();
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
    let current = |text: &str| {
        let wallet = PasslibWallet::new(ApplicationSecrets::parse(text).unwrap()).unwrap();
        wallet.current().to_string()
    };
    // Numbers by value, of equal ones the first; else by characters.
    assert_eq!(current("9: a\n10: b"), "10");
    assert_eq!(current("10: b\n9: a"), "10");
    assert_eq!(current("007: a\n7: b\n6: c"), "007");
    assert_eq!(current("7: a\n007: b\n12: c\n11: d"), "12");
    assert_eq!(current("v10: a\nv9: b\n8: c"), "v9");
    let missing = passlib().with_current("2".parse().unwrap());
    assert_eq!(missing.map(|_| ()), Err(PasslibError::UnknownTag));
    let two = PasslibWallet::new(ApplicationSecrets::parse("1: a\n2: b").unwrap()).unwrap();
    let one = two.with_current("1".parse().unwrap()).unwrap();
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
