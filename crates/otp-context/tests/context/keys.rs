//! New keys and application secrets, and keys that are weak.

use std::collections::BTreeSet;

use otp_context::wallet::{ApplicationSecret, WalletError};
use otp_context::{EntropyError, Error, KeyWeakness};
use otp_core::{Algorithm, Secret};
use otp_uri::OtpKind;

use crate::{ALICE, context, wallet};

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
        assert_eq!(
            context.new_credential("a", context.totp_kind(), bytes).is_ok(),
            fits,
            "{bytes}"
        );
        assert_eq!(otp_context::new_secret(bytes).is_ok(), fits, "{bytes}");
    }
    assert!(matches!(context.new_totp(" "), Err(Error::Uri(_))));
}

#[test]
fn keys_are_random() {
    let mut seen = BTreeSet::new();
    let (mut ones, keys) = (0, 20_000);
    for _ in 0..keys {
        let secret = otp_context::new_secret(Algorithm::Sha1.output_size()).unwrap();
        ones += secret.reveal().iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        assert_eq!(KeyWeakness::of(secret.reveal()).count(), 0);
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
    let credential = failing.import(OtpKind::default(), Secret::new(&[1; 20]).unwrap());
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

/// A byte above the last whole multiple of the alphabet's size would favour its first letters.
#[test]
fn a_byte_that_would_favour_a_letter_is_drawn_again() {
    for (alphabet, drawn, made) in [
        ("abc", &[255, 1][..], "b"),
        ("abc", &[254][..], "c"),
        ("0123456789", &[250, 255, 249][..], "9"),
        ("ab", &[255][..], "b"),
    ] {
        let mut drawn = drawn.iter();
        let secret = ApplicationSecret::generate(1, alphabet, |buffer| {
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
    for size in [2, 3, 10, 16, 26, 62, 64, 95, 127, 128] {
        for bits in (1..=300).chain([1024, 4095, 4096]) {
            let secret = ApplicationSecret::generate(bits, &ascii[..size], |buffer| {
                buffer.fill(0);
                Ok(())
            });
            // No power of these sizes is near a power of two without being one.
            let letters = (f64::from(bits) / (size as f64).log2() - 1e-9).ceil();
            assert_eq!(secret.unwrap().len(), letters as usize, "{bits} bits of {size}");
        }
    }
}

#[test]
fn weak_keys_are_found() {
    // Keys that passlib's own documentation and tests print.
    for key in ["S3JDVB7QD2R7JPXX", "4AOGGDBBQSYHNTUZ"] {
        let secret = Secret::from_base32(key).unwrap();
        assert!(KeyWeakness::of(secret.reveal()).eq([KeyWeakness::Short, KeyWeakness::SharedBits]));
    }
    // A key drawn as passlib draws: eight random bits a byte, three bits further each time.
    let mut bits = Secret::new(&[0; 8]).unwrap().reveal().to_vec();
    otp_context::fill(&mut bits).unwrap();
    let word = u128::from(u64::from_be_bytes(bits.try_into().unwrap())) * 0x1_0000_0001;
    let drawn: Vec<u8> = (0..20).map(|place| (word >> (3 * place)) as u8).collect();
    assert!(KeyWeakness::of(&drawn).eq([KeyWeakness::SharedBits]));
    for place in 0..20 {
        let mut sound = drawn.clone();
        sound[place] ^= 0x88;
        assert_eq!(KeyWeakness::of(&sound).count(), 0, "{place}");
    }
    // Two differences that are the same, at both neighbours.
    let mut sound = drawn;
    sound[7] ^= 0x24;
    assert_eq!(KeyWeakness::of(&sound).count(), 0);
    assert!(KeyWeakness::of(&[0; 9]).eq([KeyWeakness::Short]));
    assert!(KeyWeakness::of(b"123456789012345").eq([KeyWeakness::Short]));
    assert_eq!(KeyWeakness::of(b"1234567890123456").count(), 0);
    assert_eq!(KeyWeakness::of(b"12345678901234567890").count(), 0);
    let (context, _) = context();
    let uri = "otpauth://totp/a?secret=S3JDVB7QD2R7JPXX";
    let credential = context.from_uri(uri).unwrap();
    assert_eq!(credential.weaknesses().count(), 2);
    assert!(credential.findings().any(|finding| finding.code() == "short_key"));
}
