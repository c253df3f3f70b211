//! New keys and application secrets, and keys that are weak.

use std::collections::BTreeSet;

use otp_context::wallet::{ApplicationSecret, WalletError};
use otp_context::{EntropyError, Error, KeyWeakness};
use otp_core::{Algorithm, Secret};
use otp_uri::OtpKind;

use crate::{ALICE, STRONG, context, key, wallet};

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
        let new = context.new_credential("a", context.totp_kind(), bytes);
        assert_eq!(new.is_ok(), fits, "{bytes}");
        assert_eq!(otp_context::new_secret(bytes).is_ok(), fits, "{bytes}");
    }
    assert!(matches!(context.new_totp(" "), Err(Error::Uri(_))));
}

#[test]
fn keys_are_random() {
    let new = |_| otp_context::new_secret(20).unwrap().reveal().to_vec();
    let keys: BTreeSet<_> = (0..10_000).map(new).collect();
    assert_eq!(keys.len(), 10_000, "the same key twice");
    assert!(keys.iter().all(|key| KeyWeakness::of(key).count() == 0));
    // 800,000 of 1.6 million bits on average; six standard deviations.
    let ones: u32 = keys.iter().flatten().map(|byte| byte.count_ones()).sum();
    assert!(ones.abs_diff(800_000) < 6 * 633, "{ones}");
}

#[test]
fn without_entropy_there_is_no_key() {
    let unavailable = EntropyError::Unavailable;
    let context = context().0.with_entropy(move |_| Err(unavailable));
    let failing = context.with_wallet(wallet(&format!("1: {STRONG}"), "1"));
    assert_eq!(failing.new_totp("a").unwrap_err(), Error::Entropy(unavailable));
    assert_eq!(failing.new_hotp("a").unwrap_err(), Error::Entropy(unavailable));
    let sealed = failing.import(OtpKind::default(), key()).seal(ALICE).map(|_| ());
    assert_eq!(sealed, Err(Error::Wallet(WalletError::Entropy(unavailable))));
    // At once, and half way.
    for mut left in [1, 5] {
        let made = ApplicationSecret::generate(128, ApplicationSecret::ALPHANUMERIC, |buffer| {
            left -= 1;
            if left == 0 { Err(unavailable) } else { otp_context::fill(buffer) }
        });
        assert_eq!(made.unwrap_err(), unavailable);
    }
}

#[test]
fn application_secrets_are_drawn_evenly() {
    // A byte above the last whole multiple of the alphabet's size would favour its first letters.
    for (alphabet, drawn, made) in [
        ("abc", &[255, 1][..], "b"),
        ("abc", &[254][..], "c"),
        ("0123456789", &[250, 255, 249][..], "9"),
        ("ab", &[255, 2, 1][..], "bab"),
    ] {
        let mut drawn = drawn.iter();
        // One bit a letter is the least that each alphabet carries.
        let secret = ApplicationSecret::generate(made.len() as u32, alphabet, |buffer| {
            buffer.copy_from_slice(&[*drawn.next().unwrap()]);
            Ok(())
        });
        assert_eq!(secret.unwrap().reveal(), made.as_bytes());
        assert_eq!(drawn.next(), None);
    }
}

#[test]
fn application_secrets_have_the_length_that_holds_the_bits() {
    let ascii: String = (0..128).map(char::from).collect();
    let made = |bits, alphabet: &str| {
        ApplicationSecret::generate(bits, alphabet, |buffer| {
            buffer.fill(0);
            Ok(())
        })
    };
    for size in [2, 3, 10, 16, 26, 62, 64, 95, 127, 128] {
        for bits in (1..=300).chain([1024, 4095, 4096]) {
            // No power of these sizes is near a power of two without being one.
            let letters = (f64::from(bits) / (size as f64).log2() - 1e-9).ceil();
            let length = made(bits, &ascii[..size]).unwrap().len();
            assert_eq!(length as f64, letters, "{bits} bits of {size}");
        }
    }
    for bits in [0, 4097] {
        assert_eq!(made(bits, "ab").unwrap_err(), EntropyError::Bits);
    }
    for alphabet in ["", "a", "aa", "aé", "abca"] {
        assert_eq!(made(8, alphabet).unwrap_err(), EntropyError::Alphabet);
    }
}

#[test]
fn weak_keys_are_found() {
    let of = |key: &[u8]| KeyWeakness::of(key).collect::<Vec<_>>();
    // Keys that passlib's own documentation and tests print.
    for key in ["S3JDVB7QD2R7JPXX", "4AOGGDBBQSYHNTUZ"] {
        let secret = Secret::from_base32(key).unwrap();
        assert_eq!(of(secret.reveal()), [KeyWeakness::Short, KeyWeakness::SharedBits]);
    }
    // A key drawn as passlib draws: eight random bits a byte, three bits further each time.
    let mut bits = [0; 8];
    otp_context::fill(&mut bits).unwrap();
    let word = u128::from(u64::from_be_bytes(bits)) * 0x1_0000_0001;
    let drawn: Vec<u8> = (0..20).map(|place| (word >> (3 * place)) as u8).collect();
    assert_eq!(of(&drawn), [KeyWeakness::SharedBits]);
    // One byte is another; the last time by two differences that are the same, at both neighbours.
    for (place, by) in (0..20).map(|place| (place, 0x88)).chain([(7, 0x24)]) {
        let mut sound = drawn.clone();
        sound[place] ^= by;
        assert_eq!(of(&sound), [], "{place}");
    }
    assert_eq!(of(&[0; 9]), [KeyWeakness::Short]);
    assert_eq!(of(b"123456789012345"), [KeyWeakness::Short]);
    assert_eq!(of(b"1234567890123456"), []);
    let uri = "otpauth://totp/a?secret=S3JDVB7QD2R7JPXX";
    let credential = context().0.from_uri(uri).unwrap();
    assert_eq!(credential.weaknesses().count(), 2);
    assert!(credential.findings().any(|finding| finding.code() == "short_key"));
}
