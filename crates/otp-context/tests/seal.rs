//! Sealed keys: the pinned form, and every way of changing one.
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::string_slice
)]

use otp_context::wallet::{ApplicationSecrets, KeyOwner, SealedKey, Tag, Wallet, WalletError};
use otp_context::{EntropyError, fill};
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
        let digits = Digits::new(case["digits"].as_u64().unwrap() as u8);
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

/// Every single-bit flip, every truncation, on any judge of a sealed key's bytes.
fn survivors(bytes: &[u8], accepts: impl Fn(&[u8]) -> bool) -> usize {
    assert!(accepts(bytes), "the key itself must open");
    let flips = (0..bytes.len() * 8).filter(|bit| {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        accepts(&changed)
    });
    let heads = (0..bytes.len()).filter(|end| accepts(&bytes[..*end]));
    let tails = (1..=bytes.len()).filter(|start| accepts(&bytes[*start..]));
    flips.count() + heads.count() + tails.count()
}

#[test]
fn no_change_of_the_text_opens() {
    let (wallet, sealed) = sealed();
    let opens = |text: &[u8]| {
        let text = std::str::from_utf8(text).ok();
        let sealed = text.and_then(|text| text.parse::<SealedKey>().ok());
        sealed.is_some_and(|sealed| wallet.unseal(&sealed, KIND, ALICE).is_ok())
    };
    assert_eq!(survivors(sealed.to_string().as_bytes(), opens), 0);
}

#[test]
fn no_change_of_the_bytes_opens() {
    let (wallet, sealed) = sealed();
    let with_nonce = |nonce: &[u8]| {
        let nonce = nonce.try_into().ok();
        nonce.is_some_and(|nonce| {
            let changed =
                SealedKey::from_parts(sealed.tag().clone(), nonce, sealed.body().to_vec());
            wallet.unseal(&changed.unwrap(), KIND, ALICE).is_ok()
        })
    };
    assert_eq!(survivors(sealed.nonce(), with_nonce), 0);
    let with_body = |body: &[u8]| {
        SealedKey::from_parts(sealed.tag().clone(), *sealed.nonce(), body.to_vec())
            .is_ok_and(|changed| wallet.unseal(&changed, KIND, ALICE).is_ok())
    };
    assert_eq!(survivors(sealed.body(), with_body), 0);
}

/// Changes keys that passlib encrypted: all 160 flips go through, and most
/// truncations.
#[cfg(feature = "passlib")]
#[test]
fn control_passlib_notices_nothing() {
    use otp_context::wallet::ApplicationSecret;
    use otp_context::wallet::passlib::{PasslibKey, PasslibWallet};

    let secrets = ApplicationSecrets::new()
        .with("1".parse().unwrap(), ApplicationSecret::new("abcdef").unwrap());
    let wallet = PasslibWallet::new(secrets.unwrap()).unwrap().with_cost(0).unwrap();
    let key = wallet.seal(&Secret::new(b"12345678901234567890").unwrap(), fill).unwrap();
    let body = Secret::from_base32(&key.key_base32()).unwrap();
    let opens = |body: &[u8]| {
        let Ok(body) = Secret::new(body) else { return false };
        let body = body.reveal_base32();
        PasslibKey::from_fields(1, 0, "1", &key.salt_base32(), body.as_str())
            .is_ok_and(|changed| wallet.open(&changed).is_ok())
    };
    assert_eq!(survivors(body.reveal(), opens), 160 + 19 + 19);
}

#[test]
fn every_bound_field_is_bound() {
    let (wallet, sealed) = sealed();
    let totp = |algorithm, digits, period| OtpKind::Totp { algorithm, digits, period };
    let (sha1, six, thirty) = (Algorithm::Sha1, Digits::SIX, Period::THIRTY);
    let kinds = [
        totp(Algorithm::Sha256, six, thirty),
        totp(Algorithm::Sha512, six, thirty),
        totp(sha1, Digits::EIGHT, thirty),
        totp(sha1, six, Period::from_secs(60).unwrap()),
        totp(sha1, six, Period::from_secs(3).unwrap()),
        OtpKind::Hotp { algorithm: sha1, digits: six, counter: 0 },
        OtpKind::Steam,
    ];
    for kind in kinds {
        assert_eq!(wallet.unseal(&sealed, kind, ALICE).unwrap_err(), WalletError::Tampered);
    }
    let bindings = [
        KeyOwner::new("mallory", "phone").with_namespace("shop"),
        KeyOwner::new("alice", "token").with_namespace("shop"),
        KeyOwner::new("alice", "phone").with_namespace("blog"),
        KeyOwner::new("alice", "phone"),
        KeyOwner::new("phone", "alice").with_namespace("shop"),
        // Equal characters, split elsewhere.
        KeyOwner::new("alicep", "hone").with_namespace("shop"),
        KeyOwner::new("alic", "ephone").with_namespace("shop"),
        KeyOwner::new("palice", "phone").with_namespace("sho"),
        KeyOwner::new("", "alicephone").with_namespace("shop"),
    ];
    for owner in bindings {
        assert_eq!(wallet.unseal(&sealed, KIND, owner).unwrap_err(), WalletError::Tampered);
    }
    // The tag: of a secret that is there, and of none.
    let retagged = |tag: &str| {
        let tag: Tag = tag.parse().unwrap();
        SealedKey::from_parts(tag, *sealed.nonce(), sealed.body().to_vec()).unwrap()
    };
    assert_eq!(refusal(&wallet, &retagged("2025")), WalletError::WrongSecret);
    assert_eq!(refusal(&wallet, &retagged("2024")), WalletError::UnknownTag);
    // The version and the cipher.
    let text = sealed.to_string();
    for (part, other) in [("v=2", "v=1"), ("v=2", "v=3"), ("xc20p", "a256g"), ("v=2", "v=02")] {
        let changed = text.replacen(part, other, 1).parse::<SealedKey>();
        assert_eq!(changed.unwrap_err(), WalletError::Version);
    }
    // A swap of two users' keys.
    let secret = Secret::new(&[7; 20]).unwrap();
    let theirs = wallet.seal(&secret, KIND, KeyOwner::new("bob", "phone"), fill).unwrap();
    assert_eq!(refusal(&wallet, &theirs), WalletError::Tampered);
}

#[test]
fn the_counter_of_hotp_may_move() {
    let (wallet, hotp) = (ours(), |counter| OtpKind::Hotp {
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        counter,
    });
    let secret = Secret::new(&[7; 20]).unwrap();
    let sealed = wallet.seal(&secret, hotp(0), ALICE, fill).unwrap();
    assert!(*wallet.unseal(&sealed, hotp(77), ALICE).unwrap().secret() == secret);
}

#[test]
fn a_wrong_secret_is_told_from_tampering_where_it_can_be() {
    let (mine, sealed) = sealed();
    let other = wallet(&format!("2026: not{STRONG}"), "2026");
    assert_eq!(refusal(&other, &sealed), WalletError::WrongSecret);
    let body = |place: usize| {
        let mut body = sealed.body().to_vec();
        body[place] ^= 1;
        SealedKey::from_parts(sealed.tag().clone(), *sealed.nonce(), body).unwrap()
    };
    for place in 0..sealed.body().len() {
        // The first sixteen bytes are the check value.
        let expected = if place < 16 { WalletError::WrongSecret } else { WalletError::Tampered };
        assert_eq!(refusal(&mine, &body(place)), expected, "byte {place}");
    }
    let mut nonce = *sealed.nonce();
    nonce[0] ^= 1;
    let changed =
        SealedKey::from_parts(sealed.tag().clone(), nonce, sealed.body().to_vec()).unwrap();
    assert_eq!(refusal(&mine, &changed), WalletError::WrongSecret);
}

#[test]
fn rotation_goes_one_way() {
    let old = wallet(&format!("2025: old{STRONG}"), "2025");
    let secret = Secret::new(&[7; 20]).unwrap();
    let sealed = old.seal(&secret, KIND, ALICE, fill).unwrap();
    let both = ours();
    let opened = both.unseal(&sealed, KIND, ALICE).unwrap();
    assert_eq!(opened.reseal(), Some(otp_context::wallet::Reseal::Tag));
    let again = both.seal(opened.secret(), KIND, ALICE, fill).unwrap();
    assert_eq!(both.unseal(&again, KIND, ALICE).unwrap().reseal(), None);
    let new = wallet(&format!("2026: {STRONG}"), "2026");
    assert!(new.unseal(&again, KIND, ALICE).is_ok());
    assert_eq!(refusal(&new, &sealed), WalletError::UnknownTag);
}

#[test]
fn forms_that_are_not_the_canonical_one_are_refused() {
    let text = sealed().1.to_string();
    let forms = [
        String::new(),
        "$".repeat(600),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}="),
        format!("{text}$"),
        format!("{text}$x"),
        text.replace("$otp$", "$OTP$"),
        text.replace('$', "$$"),
        text.replace("2026", ""),
        text.replace("2026", "20 26"),
        text.replace("2026", &"a".repeat(65)),
    ];
    for form in forms {
        assert!(form.parse::<SealedKey>().is_err(), "{form}");
    }
    let tag: Tag = "1".parse().unwrap();
    for (length, fits) in [(32, false), (33, true), (288, true), (289, false)] {
        let sealed = SealedKey::from_parts(tag.clone(), [0; 24], vec![0; length]);
        assert_eq!(sealed.is_ok(), fits, "{length}");
    }
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
    assert_eq!(made("1: short", "1"), Err(WalletError::ShortSecret));
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
    let full = |length: usize| wallet(&format!("1: {}", &STRONG[..length]), "1");
    assert_eq!(full(31).short_secrets().count(), 1);
    assert_eq!(full(32).short_secrets().count(), 0);
    assert!(ours().tags().map(Tag::as_str).eq(["2025", "2026"]));
    assert_eq!(ours().current().as_str(), "2026");
    let longest = Secret::new(&[7; 256]).unwrap();
    let sealed = ours().seal(&longest, KIND, ALICE, fill).unwrap();
    assert!(ours().unseal(&sealed, KIND, ALICE).unwrap().into_secret() == longest);
    let long = Secret::new(&[0; 257]).unwrap();
    assert_eq!(ours().seal(&long, KIND, ALICE, fill).unwrap_err(), WalletError::KeyLength);
}

#[test]
fn without_entropy_nothing_is_sealed() {
    let secret = Secret::new(&[7; 20]).unwrap();
    let failing = |_: &mut [u8]| Err(EntropyError::Unavailable);
    assert_eq!(
        ours().seal(&secret, KIND, ALICE, failing).unwrap_err(),
        WalletError::Entropy(EntropyError::Unavailable)
    );
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
