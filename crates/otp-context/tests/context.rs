//! The front end: credentials, their memory, their records.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_context::{
    ApplicationSecret, Binding, ClockError, EntropyError, Error, Leeway, OtpContext, PasslibError,
    PasslibKey, PasslibWallet, Predecessor, Record, Reseal, Secrets, StoredKey, Token, Wallet,
    WalletError, Weakness,
};
use otp_core::{Algorithm, Digits, Period, Rejected, Secret, UnixTime, Window};
use otp_uri::Kind;

const ALICE: Binding<'static> = Binding::new("alice", "phone");

/// A context whose clock the test moves.
fn context() -> (OtpContext, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(1_700_000_000));
    let hands = clock.clone();
    let context = OtpContext::new()
        .with_clock(move || Ok(UnixTime::from_secs(hands.load(Ordering::Relaxed))));
    (context, clock)
}

fn wallet(text: &str, current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &Secrets::parse(text).unwrap()).unwrap()
}

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
fn new_keys_have_the_length_of_the_hash() {
    let (context, _) = context();
    for (algorithm, bytes) in
        [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)]
    {
        let context = context.clone().with_algorithm(algorithm);
        for credential in [context.new_totp("a").unwrap(), context.new_hotp("a").unwrap()] {
            assert_eq!(credential.secret().len(), bytes);
            assert_eq!(credential.weaknesses().count(), 0);
        }
    }
    for (bytes, fits) in [(0, false), (15, false), (16, true), (128, true), (129, false)] {
        assert_eq!(context.enrol("a", context.totp_kind(), bytes).is_ok(), fits, "{bytes}");
        assert_eq!(otp_context::generate_bytes(bytes).is_ok(), fits, "{bytes}");
    }
    assert!(matches!(context.new_totp(" "), Err(Error::Uri(_))));
}

#[test]
fn keys_are_random() {
    let mut seen = BTreeSet::new();
    let (mut ones, keys) = (0, 20_000);
    for _ in 0..keys {
        let secret = otp_context::generate(Algorithm::Sha1).unwrap();
        ones += secret.reveal().iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        assert_eq!(Weakness::of(secret.reveal()).count(), 0);
        assert!(seen.insert(secret.reveal().to_vec()), "the same key twice");
    }
    // 1.6 million bits on average; six standard deviations.
    assert!(ones.abs_diff(keys * 80) < 6 * 900, "{ones}");
}

#[test]
fn without_entropy_there_is_no_key() {
    let (context, _) = context();
    let failing = context
        .with_entropy(|_| Err(EntropyError::Unavailable))
        .with_wallet(wallet("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d", "1"));
    let unavailable = EntropyError::Unavailable;
    assert_eq!(failing.new_totp("a").unwrap_err(), Error::Entropy(unavailable));
    assert_eq!(failing.new_hotp("a").unwrap_err(), Error::Entropy(unavailable));
    let credential = failing.import(Kind::default(), Secret::new([1; 20]).unwrap()).unwrap();
    let sealed = credential.seal(ALICE).map(|_| ());
    assert_eq!(sealed, Err(Error::Wallet(WalletError::Entropy(unavailable))));
    let alphabet = ApplicationSecret::ALPHANUMERIC;
    let made = ApplicationSecret::generate(128, alphabet, |_| Err(unavailable));
    assert_eq!(made.unwrap_err(), unavailable);
    // Not at once, but half way.
    let mut left = 5;
    let made = ApplicationSecret::generate(128, alphabet, |buffer| {
        left -= 1;
        if left == 0 { Err(unavailable) } else { otp_context::fill(buffer) }
    });
    assert_eq!(made.unwrap_err(), unavailable);
}

#[test]
fn without_a_clock_there_is_no_code() {
    let context = OtpContext::new().with_clock(|| Err(ClockError));
    let mut credential = context.new_totp("a").unwrap();
    assert_eq!(credential.token().unwrap_err(), Error::Clock(ClockError));
    assert_eq!(credential.advance().unwrap_err(), Error::Clock(ClockError));
    assert_eq!(credential.consume("123456").unwrap_err(), Error::Clock(ClockError));
    assert!(!credential.changed());
}

#[test]
fn application_secrets_are_drawn_evenly() {
    let mut counts = [0_u32; 3];
    for _ in 0..300 {
        let secret = ApplicationSecret::generate(160, "abc", otp_context::fill).unwrap();
        assert_eq!(secret.len(), 101); // 160 / log2(3), rounded up
        for letter in secret.reveal() {
            counts[usize::from(letter - b'a')] += 1;
        }
    }
    assert!(counts.iter().all(|count| count.abs_diff(10_100) < 500), "{counts:?}");
    let fail = |bits, alphabet| {
        ApplicationSecret::generate(bits, alphabet, otp_context::fill).unwrap_err()
    };
    assert_eq!(fail(0, "ab"), EntropyError::Bits);
    assert_eq!(fail(4097, "ab"), EntropyError::Bits);
    for alphabet in ["", "a", "aa", "aé", "abca"] {
        assert_eq!(fail(8, alphabet), EntropyError::Alphabet);
    }
    for (bits, alphabet, length) in [
        (1, "ab", 1),
        (32, "ab", 32),
        (33, "ab", 33),
        (4096, "abcd", 2048),
        (64, "0123456789abcdef", 16),
    ] {
        assert_eq!(
            ApplicationSecret::generate(bits, alphabet, otp_context::fill).unwrap().len(),
            length
        );
    }
}

#[test]
fn a_code_is_consumed_once() {
    let (context, clock) = context();
    let mut credential = context.new_totp("alice").unwrap();
    let typed = text(&credential.token().unwrap());
    assert_eq!((credential.last_counter(), credential.changed()), (None, false));
    let accepted = credential.consume(&typed).unwrap();
    assert_eq!(accepted.time().unwrap().as_secs(), 1_700_000_000);
    assert_eq!(accepted.counter(), 56_666_666);
    assert_eq!((accepted.skipped(), accepted.drift()), (0, 0));
    assert_eq!(accepted.expires().unwrap().as_secs(), 1_700_000_010);
    assert_eq!(accepted.remember_until().unwrap().as_secs(), 1_700_000_040);
    assert_eq!(accepted.remember_for(), Some(40));
    assert_eq!((credential.last_counter(), credential.changed()), (Some(56_666_666), true));
    assert_eq!(credential.spent_until(), accepted.expires());
    for _ in 0..2 {
        assert_eq!(credential.consume(&typed), Err(Error::Rejected(Rejected::Replayed)));
        clock.fetch_sub(7, Ordering::Relaxed);
    }
    assert!(matches!(credential.consume("12345"), Err(Error::Rejected(Rejected::Malformed(_)))));
    let reused = credential.consume_within(&typed, Leeway::default().with_reuse()).unwrap();
    assert_eq!(reused.next(), credential.next());
}

#[test]
fn advancing_never_goes_back() {
    let (context, clock) = context();
    let mut credential = context.new_totp("alice").unwrap();
    let first = credential.advance().unwrap();
    let until = first.totp().unwrap().expires();
    assert_eq!(credential.advance().unwrap_err(), Error::Used { until });
    assert_eq!(credential.token().unwrap(), first);
    clock.store(1_600_000_000, Ordering::Relaxed);
    assert_eq!(credential.advance().unwrap_err(), Error::Used { until });
    clock.store(until.as_secs(), Ordering::Relaxed);
    assert_eq!(credential.advance().unwrap().counter(), first.counter() + 1);
}

#[test]
fn hotp_remembers_its_counter() {
    let (context, _) = context();
    let mut device = context.new_hotp("alice").unwrap();
    let mut server = context.open(&device.to_plain_record().unwrap(), ALICE).unwrap();
    let codes: Vec<_> = (0..9).map(|_| text(&device.advance().unwrap())).collect();
    assert_eq!(server.consume(&codes[2]).unwrap().skipped(), 2);
    assert_eq!(server.consume(&codes[2]), Err(Error::Rejected(Rejected::Replayed)));
    assert_eq!(server.consume(&codes[0]), Err(Error::Rejected(Rejected::Mismatch)));
    assert_eq!(
        server.kind(),
        Kind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 3 }
    );
    assert_eq!(server.consume_within(&codes[4], Leeway::seconds(30)), Err(Error::Leeway));
    let narrow = Leeway::steps(Window::ZERO);
    assert_eq!(server.consume_within(&codes[4], narrow), Err(Error::Rejected(Rejected::Mismatch)));
    assert_eq!(server.resync(&[&codes[6], &codes[7]], 100).unwrap().next(), 8);
    assert_eq!(
        server.resync(&[&codes[7], &codes[8]], 100),
        Err(Error::Rejected(Rejected::Mismatch))
    );
    assert_eq!(server.consume(&codes[8]).unwrap().time(), None);
    assert_eq!(device.next(), server.next());

    let last = Kind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: u64::MAX };
    let mut spent = context.import(last, Secret::new([1; 20]).unwrap()).unwrap();
    assert_eq!(spent.advance().unwrap_err(), Error::Exhausted);
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
    assert!(credential.consume(&codes[0]).is_err());
    let offset = credential.diagnose(&codes[0], 30).unwrap().unwrap();
    assert_eq!((offset.earliest(), offset.latest()), (310, 339));
    assert_eq!(offset.to_string(), "clock is about 324 seconds ahead");
    assert_eq!(credential.diagnose("000000", 0).unwrap(), None);
    clock.fetch_add(30, Ordering::Relaxed);
    let accepted = credential.resync(&[&codes[0], &codes[1]], 30).unwrap();
    assert_eq!(accepted.drift(), 11);
    assert!(credential.consume_within(&codes[1], Leeway::default().with_skew(310)).is_err());
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
        other.load(&record, ALICE).unwrap(),
        other.load(uri.as_str(), ALICE).unwrap(),
        other.load(one.open(&record, ALICE).unwrap(), ALICE).unwrap(),
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
    assert_eq!((bare.issuer(), bare.kind()), (None, Kind::default()));
    let anonymous = other.import(Kind::default(), Secret::new([1; 20]).unwrap()).unwrap();
    assert_eq!(anonymous.key_uri().unwrap_err(), Error::NoAccount);
}

#[test]
fn one_call_verifies_against_what_is_stored() {
    let (context, _) = context();
    let context = context.with_wallet(wallet("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d", "1"));
    let credential = context.new_totp("alice").unwrap();
    let typed = text(&credential.token().unwrap());
    let record = credential.seal(ALICE).unwrap();
    let (accepted, after) = context.verify(&typed, &record, ALICE).unwrap();
    assert_eq!(accepted.next(), after.next());
    assert!(after.changed());
    let record = record.with_next(after.next());
    let again = context.verify(&typed, &record, ALICE).map(|_| ());
    assert_eq!(again, Err(Error::Rejected(Rejected::Replayed)));
    let mallory = context.verify(&typed, &record, Binding::new("mallory", "phone")).map(|_| ());
    assert_eq!(mallory, Err(Error::Wallet(WalletError::Tampered)));
}

#[test]
fn what_should_be_sealed_again_says_so() {
    let (plain, _) = context();
    let old = "old-pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d";
    let both = format!("1: {old}\n2: new-{old}");
    let context = plain.clone().with_wallet(wallet(&both, "2"));
    assert!(context.can_encrypt() && !plain.can_encrypt());

    let credential = plain.new_totp("alice").unwrap();
    assert_eq!(credential.seal(ALICE).unwrap_err(), Error::NoWallet);
    let record = credential.to_plain_record().unwrap();
    assert_eq!(plain.open(&record, ALICE).unwrap().reseal(), None);
    let opened = context.open(&record, ALICE).unwrap();
    assert_eq!((opened.reseal(), opened.changed()), (Some(Reseal::Plain), true));

    let sealed = opened.seal(ALICE).unwrap();
    assert!(!context.open(&sealed, ALICE).unwrap().changed());
    assert_eq!(plain.open(&sealed, ALICE).unwrap_err(), Error::NoWallet);

    let before = plain.clone().with_wallet(wallet(&format!("1: {old}"), "1"));
    let sealed = before.open(&record, ALICE).unwrap().seal(ALICE).unwrap();
    assert_eq!(context.open(&sealed, ALICE).unwrap().reseal(), Some(Reseal::Tag));

    // A migration: passlib's key, once a code has shown that it is right.
    let secrets = || Secrets::parse("1: abcdef").unwrap();
    let passlib = PasslibWallet::new(secrets()).unwrap().with_cost(4).unwrap();
    let shared = plain.clone().with_passlib_wallet(passlib);
    let encrypted = shared.open(&record, ALICE).unwrap().seal_for_passlib().unwrap();
    assert!(matches!(encrypted.key(), StoredKey::Passlib(_)));
    assert!(!shared.open(&encrypted, ALICE).unwrap().changed());
    let passlib = PasslibWallet::new(secrets()).unwrap().with_cost(5).unwrap();
    let costlier = plain.clone().with_passlib_wallet(passlib);
    assert_eq!(costlier.open(&encrypted, ALICE).unwrap().reseal(), Some(Reseal::Cost));
    let passlib = PasslibWallet::new(secrets()).unwrap();
    let migrating = context.with_passlib_wallet(passlib);
    let mut opened = migrating.open(&encrypted, ALICE).unwrap();
    assert_eq!(opened.reseal(), Some(Reseal::Unauthenticated));
    let typed = text(&opened.token().unwrap());
    assert!(opened.consume(&typed).is_ok());
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
    let wallet = || PasslibWallet::new(Secrets::parse("1: abcdef").unwrap()).unwrap();
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
    assert_eq!(found, PasslibError::Predecessor(Predecessor::Xor));
    assert_eq!(
        found.to_string(),
        "encrypted key is an object of version 0, from before passlib's release"
    );
    assert_eq!(Predecessor::recognise("2-d-AAAA-aaaa"), Some(Predecessor::AesText));
    for text in ["", "3-C-AAAA-AAAA", "1-C-AAAA", "1-C-AAAA-AAAA-", "1-X-AAAA-AAAA", "1-C-A-AAAA"] {
        assert_eq!(Predecessor::recognise(text), None, "{text}");
    }
}

#[test]
fn weak_keys_are_found() {
    // Keys that passlib's own documentation and tests print.
    for key in ["S3JDVB7QD2R7JPXX", "4AOGGDBBQSYHNTUZ"] {
        let secret = Secret::from_base32(key).unwrap();
        assert!(Weakness::of(secret.reveal()).eq([Weakness::Short, Weakness::SharedBits]));
    }
    // A key drawn as passlib draws: eight random bits a byte, three bits further each time.
    let mut bits = Secret::new([0; 8]).unwrap().reveal().to_vec();
    otp_context::fill(&mut bits).unwrap();
    let word = u128::from(u64::from_be_bytes(bits.try_into().unwrap())) * 0x1_0000_0001;
    let drawn: Vec<u8> = (0..20).map(|place| (word >> (3 * place)) as u8).collect();
    assert!(Weakness::of(&drawn).eq([Weakness::SharedBits]));
    for place in 0..20 {
        let mut sound = drawn.clone();
        sound[place] ^= 0x88;
        assert_eq!(Weakness::of(&sound).count(), 0, "{place}");
    }
    assert!(Weakness::of(&[0; 9]).eq([Weakness::Short]));
    assert_eq!(Weakness::of(b"12345678901234567890").count(), 0);
    let (context, _) = context();
    let uri = "otpauth://totp/a?secret=S3JDVB7QD2R7JPXX";
    let credential = context.from_uri(uri).unwrap();
    assert_eq!(credential.weaknesses().count(), 2);
    assert!(credential.findings().any(|finding| finding.code() == "short_key"));
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
                    context.import(Kind::default(), Secret::new([1; 20]).unwrap()).unwrap();
                let code =
                    credential.totp().unwrap().generate(UnixTime::from_secs(at)).code().text();
                let found =
                    credential.consume_within(code.as_str(), Leeway::seconds(window as u32));
                let (low, high) = ((now - window) / 30, (now + window) / 30);
                assert_eq!(found.is_ok(), (low..=high).contains(&(at / 30)), "{now} {window} {at}");
            }
        }
    }
    let mut credential = context.new_totp("a").unwrap();
    let far = credential.consume_within("123456", Leeway::seconds(30 * 256));
    assert_eq!(far, Err(Error::Leeway));
}
