//! The values whose wire forms are pinned.

use otp_context::replay::{Drift, Lock, Throttle};
use otp_context::wallet::{SealedKey, Tag};
use otp_core::{Algorithm, Digits, Period, UnixTime, Window};
use otp_uri::{Label, OtpKind};

use super::Stored;

fn period_of(seconds: u64) -> Period {
    Period::from_secs(seconds).unwrap()
}

pub fn algorithm() -> Vec<Algorithm> {
    Algorithm::ALL.to_vec()
}

pub fn digits() -> Vec<Digits> {
    vec![Digits::SIX, Digits::TEN]
}

pub fn period() -> Vec<Period> {
    vec![Period::THIRTY, period_of(u64::MAX)]
}

pub fn window() -> Vec<Window> {
    vec![Window::ONE, Window::new(0, 255)]
}

pub fn counter() -> Vec<u64> {
    vec![0, 1 << 53, u64::MAX]
}

pub fn time() -> Vec<UnixTime> {
    vec![UnixTime::from_secs(1_700_000_000)]
}

pub fn tracker() -> Vec<u64> {
    vec![0, 56_666_667]
}

pub fn throttle() -> Vec<Throttle> {
    let until = Lock::Until(UnixTime::from_secs(1_700_000_030));
    vec![Throttle::default(), Throttle::resume(4, until), Throttle::resume(33, Lock::Hard)]
}

pub fn drift() -> Vec<Drift> {
    vec![Drift::OFF, Drift::resume(-2, 4)]
}

pub fn secret() -> Vec<Vec<u8>> {
    vec![b"Hello!\xde\xad\xbe\xef".to_vec(), vec![0xff]]
}

pub fn label() -> Vec<Label> {
    let label = Label::new("alice@example.com").unwrap();
    vec![label.clone(), label.with_issuer("Ünïted").unwrap()]
}

pub fn kind() -> Vec<OtpKind> {
    let (algorithm, digits) = (Algorithm::Sha512, Digits::EIGHT);
    vec![
        OtpKind::default(),
        OtpKind::Totp { algorithm, digits, period: period_of(60) },
        OtpKind::Hotp { algorithm: Algorithm::Sha256, digits: Digits::SIX, counter: 5 },
        OtpKind::Steam,
    ]
}

pub fn key_uri_text() -> Vec<(Label, Vec<u8>, OtpKind)> {
    label().into_iter().zip(secret()).zip(kind()).map(|((l, s), k)| (l, s, k)).collect()
}

pub fn key_uri_fields() -> Vec<(Label, Vec<u8>, OtpKind)> {
    key_uri_text()
}

pub fn tag() -> Vec<Tag> {
    vec!["2026-11".parse().unwrap()]
}

/// Returns a sealed key of ascending bytes, which no wallet opens.
fn sealed() -> SealedKey {
    let nonce = core::array::from_fn(|place| place.try_into().unwrap());
    SealedKey::from_parts("2026".parse().unwrap(), nonce, (0x80..0xb4).collect()).unwrap()
}

pub fn sealed_key() -> Vec<SealedKey> {
    vec![sealed()]
}

pub fn secrets() -> Vec<Vec<(Tag, String)>> {
    let entry = |tag: &str, secret: &str| (tag.parse().unwrap(), secret.to_owned());
    vec![vec![], vec![entry("2025", "first: secret"), entry("2026", "zweites Gehäimnis")]]
}

pub fn record() -> Vec<Stored> {
    let stored = |kind: OtpKind, account: Option<&str>, issuer: Option<&str>, next| Stored {
        kind,
        account: account.map(Into::into),
        issuer: issuer.map(Into::into),
        next,
        key: b"12345678901234567890".to_vec(),
        sealed: sealed(),
        is_sealed: false,
    };
    let [plain, long, hotp, steam] = kind().try_into().unwrap();
    vec![
        stored(plain, Some("alice@example.com"), Some("ACME Co"), 56_666_667),
        stored(long, Some("é\u{7f}🔑"), None, 0),
        stored(hotp, None, None, 5),
        stored(steam, None, Some("Steam"), 1),
    ]
}

pub fn revealed_record() -> Vec<Stored> {
    record()
}
