//! Hostile text costs no more memory than a few times its length, and no more work than a bound.
#![cfg(test)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects)]

use std::hint::black_box;

use allocation_counter::measure;
use otp_context::recovery::{RecoveryCode, SealedRecoveryKey};
use otp_context::wallet::passlib::{PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{ApplicationSecrets, SealedKey, Tag, Wallet};

/// The longest line that the command reads.
const LONGEST: usize = 64 * 1024;

/// Bytes at once for each byte that is read.
fn factor(text: &str, read: impl FnOnce(&str)) -> u64 {
    let cost = measure(|| read(black_box(text)));
    assert_eq!(cost.bytes_current, 0, "something is kept");
    cost.bytes_max.div_ceil(text.len() as u64)
}

fn filled(head: &str, part: &str) -> String {
    format!("{head}{}", part.repeat((LONGEST - head.len()) / part.len()))
}

/// A reader by name; what it makes of a text is dropped.
type Reader = (&'static str, fn(&str));

fn readers() -> [Reader; 8] {
    [
        ("recovery code", |text| drop(black_box(RecoveryCode::parse(text)))),
        ("sealed recovery key", |text| drop(black_box(text.parse::<SealedRecoveryKey>()))),
        ("sealed key", |text| drop(black_box(text.parse::<SealedKey>()))),
        ("tag", |text| drop(black_box(text.parse::<Tag>()))),
        ("secrets", |text| drop(black_box(ApplicationSecrets::parse(text)))),
        ("a wallet of the secrets", |text| {
            let secrets = ApplicationSecrets::parse(text).unwrap_or_default();
            let current = secrets.iter().next().map(|(tag, _)| tag.clone());
            drop(black_box(current.map(|tag| Wallet::new(tag, &secrets))));
        }),
        ("passlib's key", |text| {
            drop(black_box(PasslibKey::from_fields(1, 4, "1", text, text)));
            drop(black_box(PasslibKey::from_fields(1, 4, text, "MFRGG", "MFRGG")));
        }),
        ("passlib's predecessor", |text| {
            black_box(UnreleasedFormat::recognise(text));
        }),
    ]
}

#[test]
fn hostile_text_is_read_in_bounded_memory() {
    let secrets: String = (1000..3900).map(|number| format!("{number}:{number:016}\n")).collect();
    assert!((LONGEST - 2000..=LONGEST).contains(&secrets.len()));
    let begun = [
        ("1: ", "x"),
        ("$otp$v=2$xc20p$1$", "a"),
        ("$otp$v=2$xc20p$1$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$", "a"),
        ("$otp-recovery$v=1$xc20p$1$", "a"),
        ("1-", "0"),
        ("1-4-", "A-"),
    ];
    let same = ["a", "A", "$", ":", "\n", "é"].map(|part| ("", part));
    for (head, part) in same.into_iter().chain(begun) {
        let text = filled(head, part);
        for (name, read) in readers() {
            let factor = factor(&text, read);
            assert!(factor <= 4, "{name}: {factor} times {:.20}", text.escape_debug());
        }
    }
    // A wallet derives a key for each of its secrets: an owner's file, and still bounded.
    for (name, read) in readers() {
        let factor = factor(&secrets, read);
        assert!(factor <= 64, "{name}: {factor} times many secrets");
    }
}

/// The control: a reader that copies too much is seen.
#[test]
fn a_wasteful_reader_is_noticed() {
    let wasteful = |text: &str| drop(black_box(vec![text.to_owned(); 5]));
    assert!(factor(&filled("", "a"), wasteful) > 4);
}

/// One unit of cost doubles the rounds of the derivation, so it is bounded before any is done.
#[test]
fn no_cost_above_the_bound_is_obeyed() {
    for cost in [25, 60, 64, 255, 256, u64::MAX] {
        let read = PasslibKey::from_fields(1, cost, "1", "MFRGG", "MFRGG");
        assert_eq!(read.map(|_| ()), Err(PasslibError::Cost), "{cost}");
    }
    let secrets = ApplicationSecrets::parse("1: of the application").unwrap();
    let wallet = PasslibWallet::new(secrets).unwrap();
    let key = |cost| PasslibKey::from_fields(1, cost, "1", "MFRGG", "MFRGG").unwrap();
    assert_eq!(wallet.open(&key(21)).map(|_| ()), Err(PasslibError::Cost));
    let wallet = wallet.with_most_cost(4).unwrap();
    assert_eq!(wallet.open(&key(24)).map(|_| ()), Err(PasslibError::Cost));
    // The control: the bound itself is obeyed.
    assert_eq!(wallet.open(&key(4)).map(|_| ()), Ok(()));
}
