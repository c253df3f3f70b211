//! A sealed key has one text; the key comes out with what it was sealed with, and with nothing
//! else: not when the text, the user, the credential or the kind is changed.
//!
//! Input: a byte. If it is even, the rest is a text. If it is odd: what is changed, where, and by
//! how much, a byte each; the nonce, 24 bytes; the rest is the key.

#[cfg(test)]
mod controls;

use otp_context::wallet::{ApplicationSecrets, KeyOwner, SealedKey, Wallet, WalletError};
use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::OtpKind;

use crate::bytes::Bytes;
use crate::errors;

const SECRETS: &str =
    "2025: Iu6R0bJmGYdVTkBzhYdXKQaoZ1BfQ0Lk\n2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";
const USER: KeyOwner<'_> = KeyOwner::new("alice", "phone");

/// What the laws are about; a control is another in one thing.
#[derive(Clone, Copy)]
struct Subject {
    write: fn(&SealedKey) -> String,
    open: fn(&Wallet, &SealedKey, OtpKind, KeyOwner<'_>) -> Result<Secret, WalletError>,
}

const WALLET: Subject = Subject { write: SealedKey::to_string, open };

/// The law.
pub fn check(data: &[u8]) {
    against(data, &WALLET);
}

fn open(
    wallet: &Wallet,
    sealed: &SealedKey,
    kind: OtpKind,
    owner: KeyOwner<'_>,
) -> Result<Secret, WalletError> {
    wallet.unseal(sealed, kind, owner).map(|it| it.into_secret())
}

fn wallet() -> Wallet {
    let secrets = ApplicationSecrets::parse(SECRETS).expect("two secrets");
    Wallet::new("2026".parse().expect("a tag"), &secrets).expect("a wallet")
}

fn against(data: &[u8], subject: &Subject) {
    let wallet = wallet();
    let mut bytes = Bytes(data);
    if bytes.byte().is_multiple_of(2) {
        if let Ok(text) = core::str::from_utf8(bytes.rest()) {
            reads(text, &wallet, subject);
        }
    } else {
        seals(bytes, &wallet, subject);
    }
}

/// A text that is read is the one text of what was read.
fn reads(text: &str, wallet: &Wallet, subject: &Subject) {
    match text.parse::<SealedKey>() {
        Ok(sealed) => {
            assert_eq!((subject.write)(&sealed), text, "there is another text of it");
            let again = SealedKey::from_parts(
                sealed.tag().clone(),
                *sealed.nonce(),
                sealed.body().to_vec(),
            );
            assert_eq!(again.as_ref(), Ok(&sealed));
            if let Err(error) = opens(text, wallet) {
                errors::keep_quiet_on_text(text, &error, |text| opens(text, wallet));
            }
        }
        Err(error) => errors::keep_quiet_on_text(text, &error, |text| opens(text, wallet)),
    }
}

fn opens(text: &str, wallet: &Wallet) -> Result<Secret, WalletError> {
    open(wallet, &text.parse()?, OtpKind::default(), USER)
}

fn seals(mut bytes: Bytes<'_>, wallet: &Wallet, subject: &Subject) {
    let (what, place, by) = (bytes.byte(), usize::from(bytes.byte()), bytes.byte());
    let nonce = bytes.some(24).to_vec();
    let key = bytes.rest();
    let Ok(secret) = Secret::new(key) else { return };
    let kind = OtpKind::default();
    let sealed = wallet.seal(&secret, kind, USER, |buffer| {
        buffer[..nonce.len()].copy_from_slice(&nonce);
        Ok(())
    });
    let Ok(sealed) = sealed else {
        assert!(key.len() > 256, "a key is not sealed");
        return;
    };
    let text = (subject.write)(&sealed);
    assert_eq!(text.parse().as_ref(), Ok(&sealed), "its text is read otherwise");
    let opened = (subject.open)(wallet, &sealed, kind, USER);
    assert!(opened.is_ok_and(|opened| opened == secret), "what is sealed does not open");

    let refuses = |what: &str, sealed: &SealedKey, kind: OtpKind, owner: KeyOwner<'_>| {
        let opened = (subject.open)(wallet, sealed, kind, owner);
        let refused = matches!(
            opened,
            Err(WalletError::WrongSecret | WalletError::Tampered | WalletError::UnknownTag)
        );
        assert!(refused, "a changed one opens: {what}");
    };
    match what % 4 {
        // One character of the text.
        0 => {
            let mut changed = text.clone().into_bytes();
            let place = place % changed.len();
            changed[place] ^= by & 0x7f;
            let Ok(changed) = String::from_utf8(changed) else { return };
            if changed != text
                && let Ok(changed) = changed.parse()
            {
                refuses("text", &changed, kind, USER);
            }
        }
        // The length of the body.
        1 => {
            let mut body = sealed.body().to_vec();
            body.truncate(place);
            body.resize(body.len() + usize::from(by % 3), by);
            let changed = SealedKey::from_parts(sealed.tag().clone(), *sealed.nonce(), body);
            if let Ok(changed) = changed
                && changed != sealed
            {
                refuses("length", &changed, kind, USER);
            }
        }
        // Whose it is, where one begins and the other ends included.
        2 => {
            let ids = [("alic", "ephone"), ("alicep", "hone"), ("phone", "alice"), ("", "")];
            let (user, credential) = ids[place % ids.len()];
            refuses("user", &sealed, kind, KeyOwner::new(user, credential));
            refuses("namespace", &sealed, kind, USER.with_namespace("shop"));
        }
        _ => refuses("kind", &sealed, other_kind(place, by), USER),
    }
}

/// A kind with another parameter than the usual.
fn other_kind(place: usize, by: u8) -> OtpKind {
    let (algorithm, digits, period) = (Algorithm::Sha1, Digits::SIX, Period::THIRTY);
    match place % 5 {
        0 => OtpKind::Steam,
        1 => OtpKind::Hotp { algorithm, digits, counter: by.into() },
        2 => OtpKind::Totp { algorithm: Algorithm::Sha256, digits, period },
        3 => OtpKind::Totp { algorithm, digits: Digits::EIGHT, period },
        _ => {
            let period = Period::from_secs(31 + u64::from(by)).expect("not 0");
            OtpKind::Totp { algorithm, digits, period }
        }
    }
}
