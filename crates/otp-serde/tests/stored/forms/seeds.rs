//! The seeds of values.

use otp_context::replay::{Drift, Lock, Throttle};
use otp_context::wallet::{SealedKey, Tag};
use otp_core::{Algorithm, Digits, Period, UnixTime, Window};
use otp_uri::{KeyUri, Label, OtpKind};
use proptest::prelude::*;

use super::Stored;

pub fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL)
}

pub fn digits() -> impl Strategy<Value = Digits> {
    (6_u8..=10).prop_map(|digits| Digits::new(digits).unwrap())
}

/// Numbers of every length, including the lowest and the highest.
pub fn counter() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(u64::MAX),
        Just(1 << 53),
        (any::<u64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift)
    ]
}

pub fn period() -> impl Strategy<Value = Period> {
    counter().prop_map(|seconds| Period::from_secs(seconds.max(1)).unwrap())
}

pub fn window() -> impl Strategy<Value = Window> {
    any::<(u8, u8)>().prop_map(|(behind, ahead)| Window::new(behind, ahead))
}

pub fn time() -> impl Strategy<Value = UnixTime> {
    counter().prop_map(UnixTime::from_secs)
}

pub fn tracker() -> impl Strategy<Value = u64> {
    counter()
}

pub fn throttle() -> impl Strategy<Value = Throttle> {
    let lock = prop_oneof![Just(Lock::Open), Just(Lock::Hard), time().prop_map(Lock::Until)];
    (any::<u32>(), lock).prop_map(|(failures, lock)| Throttle::resume(failures, lock))
}

pub fn drift() -> impl Strategy<Value = Drift> {
    any::<(i16, u8)>().prop_map(|(steps, bound)| Drift::resume(steps, bound))
}

pub fn secret() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..130),
        prop::collection::vec(any::<u8>(), 5119..=5120)
    ]
}

/// Trimmed names of any Unicode characters.
pub fn name() -> impl Strategy<Value = String> {
    let text = prop_oneof![".{1,40}", r#"[a-c:"\\/\n\u{0}\u{7f}é漢🔑]{1,12}"#];
    text.prop_map(|name: String| name.trim().to_owned())
        .prop_filter("a name is not empty", |name| !name.is_empty())
}

pub fn label() -> impl Strategy<Value = Label> {
    (prop::option::weighted(0.9, name()), prop::option::of(name())).prop_map(|(account, issuer)| {
        let label = match account {
            Some(account) => Label::new(&account).unwrap(),
            None => nameless(),
        };
        match issuer {
            Some(issuer) => label.with_issuer(&issuer).unwrap(),
            None => label,
        }
    })
}

fn nameless() -> Label {
    KeyUri::parse("otpauth://totp/?secret=AA").unwrap().uri.into_parts().0
}

pub fn kind() -> impl Strategy<Value = OtpKind> {
    (algorithm(), digits(), period(), counter(), 0_u8..3).prop_map(
        |(algorithm, digits, period, counter, of)| match of {
            0 => OtpKind::Totp { algorithm, digits, period },
            1 => OtpKind::Hotp { algorithm, digits, counter },
            _ => OtpKind::Steam,
        },
    )
}

pub fn key_uri_text() -> impl Strategy<Value = (Label, Vec<u8>, OtpKind)> {
    (label(), prop::collection::vec(any::<u8>(), 1..130), kind())
}

pub fn key_uri_fields() -> impl Strategy<Value = (Label, Vec<u8>, OtpKind)> {
    key_uri_text()
}

pub fn tag() -> impl Strategy<Value = Tag> {
    "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}".prop_map(|tag| tag.parse().unwrap())
}

pub fn sealed_key() -> impl Strategy<Value = SealedKey> {
    (tag(), any::<[u8; 24]>(), prop::collection::vec(any::<u8>(), 33..=288))
        .prop_filter_map("the text fits", |(tag, nonce, body)| {
            SealedKey::from_parts(tag, nonce, body).ok()
        })
        .prop_filter("the text fits", |sealed| sealed.to_string().len() <= 512)
}

pub fn secrets() -> impl Strategy<Value = Vec<(Tag, String)>> {
    prop::collection::btree_map(tag(), ".{1,60}", 0..5).prop_map(|entries| {
        let numbered = entries.into_iter().enumerate();
        // Secrets differ.
        numbered.map(|(number, (tag, secret))| (tag, format!("{number}{secret}"))).collect()
    })
}

pub fn record() -> impl Strategy<Value = Stored> {
    let names = (prop::option::of(name()), prop::option::of(name()));
    (kind(), names, counter(), secret(), sealed_key(), any::<bool>()).prop_map(
        |(kind, (account, issuer), next, key, sealed, is_sealed)| Stored {
            kind,
            account,
            issuer,
            next,
            key,
            sealed,
            is_sealed,
        },
    )
}

pub fn revealed_record() -> impl Strategy<Value = Stored> {
    record()
}
