//! Sealed keys: the pinned form, and wallets. `laws.rs` has every way of changing a key.
#![cfg(test)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

use otp_context::fill;
use otp_context::wallet::{ApplicationSecrets, KeyOwner, SealedKey, Tag, Wallet, WalletError};
use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::OtpKind;
use serde_json::Value;

const STRONG: &str = "pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";
const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone").with_namespace("shop");
const KIND: OtpKind =
    OtpKind::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY };

fn wallet(text: &str, current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(text).unwrap()).unwrap()
}

fn ours() -> Wallet {
    wallet(&format!("2025: old{STRONG}\n2026: {STRONG}"), "2026")
}

fn sealed() -> (Wallet, SealedKey) {
    let wallet = ours();
    let secret = Secret::new(b"12345678901234567890").unwrap();
    let sealed = wallet.seal(&secret, KIND, ALICE, fill).unwrap();
    (wallet, sealed)
}

fn refusal(wallet: &Wallet, sealed: &SealedKey) -> WalletError {
    wallet.unseal(sealed, KIND, ALICE).expect_err("a changed key opens")
}

#[test]
fn the_form_is_that_of_a_separate_implementation() {
    let all: Value = serde_json::from_str(include_str!("sealed-keys.json")).unwrap();
    for case in all["cases"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let wallet = wallet(&format!("{}: {}", text("tag"), text("secret")), text("tag"));
        let algorithm = text("algorithm").parse().unwrap();
        let digits = Digits::new(case["digits"].as_u64().unwrap().try_into().unwrap());
        let kind = match text("type") {
            "totp" => OtpKind::Totp {
                algorithm,
                digits: digits.unwrap(),
                period: Period::from_secs(case["period"].as_u64().unwrap()).unwrap(),
            },
            "hotp" => OtpKind::Hotp { algorithm, digits: digits.unwrap(), counter: 9 },
            _ => OtpKind::Steam,
        };
        let owner =
            KeyOwner::new(text("user"), text("credential")).with_namespace(text("namespace"));
        let secret = Secret::from_hex(text("key_hex")).unwrap();
        let nonce = Secret::from_hex(text("nonce_hex")).unwrap();
        let sealed = wallet.seal(&secret, kind, owner, |buffer| {
            buffer.copy_from_slice(nonce.reveal());
            Ok(())
        });
        assert_eq!(sealed.unwrap().to_string(), text("sealed"));
        let opened = wallet.unseal(&text("sealed").parse().unwrap(), kind, owner).unwrap();
        assert!(*opened.secret() == secret);
        assert_eq!(opened.reseal(), None);
    }
}

#[test]
fn a_key_of_another_secret_version_or_tag_is_refused() {
    let (mine, sealed) = sealed();
    let other = wallet(&format!("2026: not{STRONG}"), "2026");
    assert_eq!(refusal(&other, &sealed), WalletError::WrongSecret);
    // The tag of a secret that is there, and of none.
    let text = sealed.to_string();
    for (tag, error) in [("2025", WalletError::WrongSecret), ("2024", WalletError::UnknownTag)] {
        assert_eq!(refusal(&mine, &text.replacen("2026", tag, 1).parse().unwrap()), error);
    }
    for (part, other) in [("v=2", "v=1"), ("v=2", "v=3"), ("xc20p", "a256g"), ("v=2", "v=02")] {
        let changed = text.replacen(part, other, 1).parse::<SealedKey>();
        assert_eq!(changed.unwrap_err(), WalletError::Version);
    }
}

#[test]
fn a_sealed_key_has_a_key_of_1_to_256_bytes() {
    let tag: Tag = "1".parse().unwrap();
    for (length, fits) in [(32, false), (33, true), (288, true), (289, false)] {
        let sealed = SealedKey::from_parts(tag.clone(), [0; 24], vec![0; length]);
        assert_eq!(sealed.is_ok(), fits, "{length}");
    }
    let longest = Secret::new(&[7; 256]).unwrap();
    let sealed = ours().seal(&longest, KIND, ALICE, fill).unwrap();
    assert!(ours().unseal(&sealed, KIND, ALICE).unwrap().into_secret() == longest);
    let long = Secret::new(&[0; 257]).unwrap();
    assert_eq!(ours().seal(&long, KIND, ALICE, fill).unwrap_err(), WalletError::KeyLength);
}

#[test]
fn wallets_refuse_what_would_not_protect() {
    let made = |text: &str, current: &str| {
        ApplicationSecrets::parse(text)
            .and_then(|secrets| Wallet::new(current.parse()?, &secrets))
            .map(|_| ())
    };
    assert_eq!(made("1: sixteen bytes ok", "1"), Ok(()));
    assert_eq!(made("1: fifteen bytes .", "1"), Err(WalletError::ShortSecret));
    assert_eq!(made(&format!("1: {STRONG}"), "2"), Err(WalletError::UnknownTag));
    assert_eq!(made("", "1"), Err(WalletError::UnknownTag));
    assert_eq!(made(&format!("1: {STRONG}\n2: {STRONG}"), "1"), Err(WalletError::DuplicateSecret));
    for (tag, fits) in
        [("-x", false), (".x", false), ("_x", false), ("x-", true), ("9._-Z", true), ("", false)]
    {
        assert_eq!(tag.parse::<Tag>().is_ok(), fits, "{tag}");
    }
    assert!("a".repeat(64).parse::<Tag>().is_ok() && "a".repeat(65).parse::<Tag>().is_err());

    let short = wallet("1: sixteen bytes 16", "1");
    assert!(short.short_secrets().map(Tag::as_str).eq(["1"]));
    assert_eq!(ours().short_secrets().count(), 0);
    let full = |length: usize| wallet(&format!("1: {STRONG:.length$}"), "1");
    assert_eq!(full(31).short_secrets().count(), 1);
    assert_eq!(full(32).short_secrets().count(), 0);
    assert!(ours().tags().map(Tag::as_str).eq(["2025", "2026"]));
    assert_eq!(ours().current().as_str(), "2026");
}

#[test]
fn mac_is_of_one_tag_one_purpose_and_one_split() {
    let mac =
        |tag: &str, purpose, parts: &[&[u8]]| ours().mac(&tag.parse().unwrap(), purpose, parts);
    let first = mac("2026", "invite", &[b"alice", b"1"]).unwrap();
    let by_python = "426870f515c1bbb9c0f8120a376cb7158cab982b91a04d81ec6fd82ce001a696";
    assert_eq!(first, Secret::from_hex(by_python).unwrap().reveal());
    for other in [
        mac("2025", "invite", &[b"alice", b"1"]),
        mac("2026", "revoke", &[b"alice", b"1"]),
        mac("2026", "invite", &[b"alice1"]),
        mac("2026", "invite", &[b"alic", b"e1"]),
    ] {
        assert_ne!(other.unwrap(), first);
    }
    assert_eq!(mac("2024", "invite", &[]), Err(WalletError::UnknownTag));
}

#[cfg(feature = "passphrase")]
#[test]
fn passphrases_make_wallets() {
    use otp_context::wallet::ApplicationSecret;

    let derive = |phrase: &str, salt: &[u8]| ApplicationSecret::from_passphrase(phrase, salt);
    let one = derive("correct horse battery staple", b"0123456789abcdef").unwrap();
    assert_eq!(one.len(), 32);
    // By the reference implementation, with 64 MiB, three passes and one lane.
    let reference = "94c86f541abdb3d9aabfea59aa03963549483e9c0b1a79336e76b54cee6c917e";
    assert_eq!(one.reveal(), Secret::from_hex(reference).unwrap().reveal());
    assert!(one != derive("correct horse battery stable", b"0123456789abcdef").unwrap());
    assert_eq!(derive("", b"0123456789abcdef").unwrap_err(), WalletError::EmptySecret);
    for (length, fits) in [(0, false), (15, false), (16, true), (64, true), (65, false)] {
        let made = derive("x", &[7; 65][..length]).map(|_| ());
        assert_eq!(made, if fits { Ok(()) } else { Err(WalletError::Salt) }, "{length}");
    }
    let secrets = ApplicationSecrets::new().with("p".parse().unwrap(), one).unwrap();
    assert_eq!(Wallet::new("p".parse().unwrap(), &secrets).unwrap().short_secrets().count(), 0);
}
