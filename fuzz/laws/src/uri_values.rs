//! A URI is made of any names, key and parameters, is written as the rules say, and is read back
//! equal.
//!
//! Input: the kind, the algorithm, the digits, whether there is an issuer, its length and that of
//! the key: a byte each. Period or counter: eight bytes, big endian. The issuer, the key, and the
//! rest is the account.

use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::{Error, ErrorKind, KeyUri, Label, MAX_LENGTH, OtpKind};

use crate::bytes::Bytes;
use crate::uri;

/// The law.
pub fn check(data: &[u8]) {
    against(data, &text);
}

/// A name as bytes, and whether `@` stands for itself, as text.
type Escape = dyn Fn(&[u8], bool) -> String;

fn against(data: &[u8], escape: &Escape) {
    let mut bytes = Bytes(data);
    let (kind, algorithm, digits) = (bytes.byte(), bytes.byte(), bytes.byte());
    let (has_issuer, issuer, key) = (bytes.byte() % 2 == 1, bytes.byte(), bytes.byte());
    let number = bytes.number();
    let issuer = String::from_utf8_lossy(bytes.some(issuer.into())).into_owned();
    let key = bytes.some(key.into());
    let account = String::from_utf8_lossy(bytes.rest()).into_owned();

    let kind = kind_of(kind, algorithm, digits, number);
    let Ok(secret) = Secret::new(key) else {
        assert!(key.is_empty(), "a key is refused");
        return;
    };
    let issuer = has_issuer.then_some(issuer);
    let Ok(label) = label(&account, issuer.as_deref()) else {
        let empty = |name: &str| name.chars().all(char::is_whitespace);
        assert!(empty(&account) || issuer.as_deref().is_some_and(empty), "a name is refused");
        return;
    };
    let expected = written(&label, &secret, kind, escape);
    match KeyUri::new(label, secret, kind) {
        Ok(uri) => {
            assert!(uri.to_string() == expected, "{uri} should be {expected}");
            uri::survives(&uri);
            is_strict(&uri);
        }
        Err(error) if error.kind() == ErrorKind::Several => {
            let names = [Some(&account), issuer.as_ref()].into_iter().flatten();
            let holds = |name: &str| name.contains(':') || name.contains('=');
            // Or the colon between them makes a URI, as in `steam://`.
            let joins = issuer.is_some() && account.contains(['/', '%'])
                || account.to_ascii_lowercase().starts_with("offline");
            assert!(joins || names.map(String::as_str).any(holds), "a name is refused");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::TooLong);
            assert!(expected.len() > MAX_LENGTH, "a URI of {} bytes is too long", expected.len());
        }
    }
}

fn kind_of(kind: u8, algorithm: u8, digits: u8, number: u64) -> OtpKind {
    let algorithm = Algorithm::ALL[usize::from(algorithm % 3)];
    let digits = Digits::new(6 + digits % 5).expect("6 to 10 digits");
    match (kind % 3, Period::from_secs(number)) {
        (0, Ok(period)) => OtpKind::Totp { algorithm, digits, period },
        (0 | 1, _) => OtpKind::Hotp { algorithm, digits, counter: number },
        _ => OtpKind::Steam,
    }
}

fn label(account: &str, issuer: Option<&str>) -> Result<Label, Error> {
    let label = Label::new(account)?;
    issuer.map_or(Ok(label.clone()), |issuer| label.with_issuer(issuer))
}

/// The canonical form by the book.
fn written(label: &Label, secret: &Secret, kind: OtpKind, escape: &Escape) -> String {
    let (account, issuer) = (label.account(), label.issuer());
    let prefix = match issuer {
        Some(issuer) => escape(issuer.as_bytes(), true) + ":",
        None if account.contains(':') || account == "." || account == ".." => ":".to_owned(),
        None => String::new(),
    };
    let mut query = vec![format!("secret={}", secret.reveal_base32().as_str())];
    if let OtpKind::Totp { algorithm, digits, .. } | OtpKind::Hotp { algorithm, digits, .. } = kind
    {
        if algorithm != Algorithm::Sha1 {
            query.push(format!("algorithm={}", algorithm.name()));
        }
        if digits.get() != 6 {
            query.push(format!("digits={}", digits.get()));
        }
    }
    match kind {
        OtpKind::Totp { period, .. } if period.as_secs() != 30 => {
            query.push(format!("period={}", period.as_secs()));
        }
        OtpKind::Hotp { counter, .. } => query.push(format!("counter={counter}")),
        _ => {}
    }
    if let Some(issuer) = issuer {
        query.push(format!("issuer={}", escape(issuer.as_bytes(), false)));
    }
    let account = escape(account.as_bytes(), true);
    format!("otpauth://{}/{prefix}{account}?{}", kind.name(), query.join("&"))
}

fn text(name: &[u8], at: bool) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = |byte: &u8| match *byte {
        byte if plain(byte) || (at && byte == b'@') => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    name.iter().map(escaped).collect()
}

/// What is written is what the specifications have, unless they lack the value.
fn is_strict(uri: &KeyUri) {
    let (account, issuer) = (uri.label().account(), uri.label().issuer());
    let colon = account.contains(':') || issuer.is_some_and(|issuer| issuer.contains(':'));
    let dots = issuer.is_none() && matches!(account, "." | "..");
    let known = match *uri.kind() {
        OtpKind::Totp { digits, .. } | OtpKind::Hotp { digits, .. } => digits <= Digits::EIGHT,
        _ => false,
    };
    let strict = KeyUri::parse_strict(&uri.to_string());
    assert_eq!(strict.is_ok(), known && !colon && !dots, "{strict:?}");
}

#[cfg(test)]
mod tests {
    use super::{against, text};
    use crate::control::notices;

    const INPUT: &[u8] =
        b"\0\x01\x02\x01\x07\x14\0\0\0\0\0\0\0\x3cACME Co12345678901234567890alice@example.com";

    #[test]
    fn writer_of_plus_signs_does_not() {
        notices("should be", || against(INPUT, &|name, at| text(name, at).replace("%20", "+")));
    }
}
