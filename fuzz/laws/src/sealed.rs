//! A sealed key has one text; the key comes out with what it was sealed with, and with nothing
//! else: not when the text, the user, the credential or the kind is changed.
//!
//! Input: a byte. If it is even, the rest is a text. If it is odd: what is changed, where, and by
//! how much, a byte each; the nonce, 24 bytes; the rest is the key.

use otp_context::wallet::{ApplicationSecrets, KeyOwner, SealedKey, Wallet, WalletError};
use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::OtpKind;

use crate::bytes::Bytes;
use crate::errors;

const SECRETS: &str =
    "2025: Iu6R0bJmGYdVTkBzhYdXKQaoZ1BfQ0Lk\n2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";
const USER: KeyOwner<'_> = KeyOwner::new("alice", "phone").with_namespace("shop");
/// Other owners, some with the same characters, split elsewhere: namespace, user and credential.
const OTHERS: [[&str; 3]; 10] = [
    ["shop", "alic", "ephone"],
    ["shop", "alicep", "hone"],
    ["shop", "phone", "alice"],
    ["", "", ""],
    ["shop", "mallory", "phone"],
    ["shop", "alice", "token"],
    ["blog", "alice", "phone"],
    ["", "alice", "phone"],
    ["sho", "palice", "phone"],
    ["shop", "", "alicephone"],
];

type Open = fn(&Wallet, &SealedKey, OtpKind, KeyOwner<'_>) -> Result<Secret, WalletError>;

/// What the laws are about; a control is another in one thing.
struct Subject {
    write: fn(&SealedKey) -> String,
    open: Open,
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
    if let Ok(sealed) = text.parse::<SealedKey>() {
        assert_eq!((subject.write)(&sealed), text, "there is another text of it");
        let (tag, body) = (sealed.tag().clone(), sealed.body().to_vec());
        assert_eq!(SealedKey::from_parts(tag, *sealed.nonce(), body).as_ref(), Ok(&sealed));
    }
    let opens = |text: &str| open(wallet, &text.parse()?, OtpKind::default(), USER);
    if let Err(error) = opens(text) {
        errors::keep_quiet_on_text(text, &error, opens);
    }
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

    // The counter of HOTP moves.
    let [before, after] = [0, u64::from(by)].map(|counter| OtpKind::Hotp {
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        counter,
    });
    let moving = wallet.seal(&secret, before, USER, |_| Ok(())).expect("no longer a key");
    let opened = (subject.open)(wallet, &moving, after, USER);
    assert!(opened.is_ok_and(|opened| opened == secret), "a moved counter does not open");

    let opens = |sealed: &SealedKey, kind, owner| (subject.open)(wallet, sealed, kind, owner).err();
    let refuses = |what: &str, changed: &SealedKey| {
        let error = opens(changed, kind, USER);
        // A tag, a nonce or a check value that was changed is that of another secret.
        let is_wrong = (changed.tag(), changed.nonce(), changed.body().get(..16))
            != (sealed.tag(), sealed.nonce(), sealed.body().get(..16));
        match error {
            Some(WalletError::Tampered) => assert!(!is_wrong, "another error: {what}"),
            Some(WalletError::WrongSecret) => assert!(is_wrong, "another error: {what}"),
            Some(WalletError::UnknownTag) => assert!(changed.tag() != sealed.tag()),
            error => panic!("a changed one opens: {what} {error:?}"),
        }
    };
    match what % 5 {
        // One character of the text.
        0 => {
            let mut changed = text.clone().into_bytes();
            let place = place % changed.len();
            changed[place] ^= by & 0x7f;
            let Ok(changed) = String::from_utf8(changed) else { return };
            if changed != text
                && let Ok(changed) = changed.parse()
            {
                refuses("text", &changed);
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
                refuses("length", &changed);
            }
        }
        // Whose it is.
        2 => {
            let [namespace, user, credential] = OTHERS[place % OTHERS.len()];
            let other = KeyOwner::new(user, credential).with_namespace(namespace);
            let error = opens(&sealed, kind, other);
            assert_eq!(error, Some(WalletError::Tampered), "a changed one opens: owner {other:?}");
        }
        3 => {
            let error = opens(&sealed, other_kind(place, by), USER);
            assert_eq!(error, Some(WalletError::Tampered), "a changed one opens: kind");
        }
        // The text breaks off, at its end or its beginning.
        _ => {
            let (head, tail) = text.split_at(place % text.len());
            for part in [head, tail].into_iter().filter(|part| *part != text) {
                if let Ok(changed) = part.parse() {
                    refuses("part", &changed);
                }
            }
        }
    }
}

/// A kind with another parameter than the usual.
fn other_kind(place: usize, by: u8) -> OtpKind {
    let (algorithm, digits, period) = (Algorithm::Sha1, Digits::SIX, Period::THIRTY);
    match place % 6 {
        5 => OtpKind::Totp { algorithm: Algorithm::Sha512, digits, period },
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

#[cfg(test)]
mod tests {
    use super::{KeyOwner, OtpKind, Secret, WalletError};
    use super::{Open, Subject, USER, WALLET, against, open, wallet};
    use crate::control::notices;

    const KEY: &[u8] = b"12345678901234567890";

    fn input(what: u8, place: u8) -> Vec<u8> {
        [&[1, what, place, 1][..], &[7; 24], KEY].concat()
    }

    /// A text that is read.
    fn text() -> Vec<u8> {
        let sealed =
            wallet().seal(&Secret::new(KEY).unwrap(), OtpKind::default(), USER, |_| Ok(()));
        [&[0], sealed.unwrap().to_string().as_bytes()].concat()
    }

    #[test]
    fn wallet_or_writer_with_one_flaw_does_not() {
        let is_noticed = |words, input: &[u8], flaw: fn(&mut Subject)| {
            let mut wallet = WALLET;
            flaw(&mut wallet);
            notices(words, || against(input, &wallet));
        };
        is_noticed("there is another text of it", &text(), |adds_a_space| {
            adds_a_space.write = |sealed| format!("{sealed} ");
        });
        is_noticed("its text is read otherwise", &input(0, 0), |writes_another_tag| {
            writes_another_tag.write = |sealed| sealed.to_string().replace("2026", "2025");
        });
        is_noticed("what is sealed does not open", &input(0, 0), |opens_nothing| {
            opens_nothing.open = |_, _, _, _| Err(WalletError::Tampered);
        });
        is_noticed("a moved counter does not open", &input(3, 0), |binds_the_counter| {
            binds_the_counter.open = |wallet, sealed, kind, owner| match kind {
                OtpKind::Hotp { counter: 1.., .. } => Err(WalletError::Tampered),
                kind => open(wallet, sealed, kind, owner),
            };
        });
    }

    /// The law looks at each place of what is sealed.
    #[test]
    fn wallet_that_does_not_notice_a_change_does_not() {
        let is_noticed = |words, what, open| {
            let subject = Subject { open, ..WALLET };
            notices(words, || (0..=255).for_each(|place| against(&input(what, place), &subject)));
        };
        // It opens what it should, and of what was changed gives the key as it was.
        let forgiving: Open = |wallet, sealed, kind, owner| {
            open(wallet, sealed, kind, owner).or_else(|_| Ok(Secret::new(KEY).unwrap()))
        };
        is_noticed("a changed one opens: text", 0, forgiving);
        is_noticed("a changed one opens: length", 1, forgiving);
        is_noticed("a changed one opens: part", 4, forgiving);
        is_noticed("a changed one opens: owner", 2, |wallet, sealed, kind, owner| {
            let owner =
                KeyOwner::new("alice", owner.credential()).with_namespace(owner.namespace());
            open(wallet, sealed, kind, owner)
        });
        is_noticed("a changed one opens: owner", 2, |wallet, sealed, kind, owner| {
            let owner = KeyOwner::new(owner.user(), owner.credential()).with_namespace("shop");
            open(wallet, sealed, kind, owner)
        });
        is_noticed("a changed one opens: kind", 3, |wallet, sealed, kind, owner| {
            let is_hotp = matches!(kind, OtpKind::Hotp { .. });
            open(wallet, sealed, if is_hotp { kind } else { OtpKind::default() }, owner)
        });
    }
}
