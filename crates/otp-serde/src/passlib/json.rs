use core::fmt::{self, Write};

use otp_context::wallet::passlib::PasslibKey;
use otp_context::{Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret, base32};
use otp_uri::{MAX_LENGTH, OtpKind};

use super::encrypted;

/// Returns the text that passlib would store for a record with a key that passlib encrypted.
///
/// # Errors
///
/// - [`Unwritable::PlainKey`]: the key is in plain text; see [`reveal_json`].
/// - [`Unwritable::SealedKey`]: the key is sealed by a [`Wallet`](otp_context::wallet::Wallet).
/// - [`Unwritable::Type`]: the type is neither TOTP nor HOTP.
/// - [`Unwritable::Colon`]: a name has a colon, which passlib does not read.
/// - [`Unwritable::TooLong`]: a name or the key is longer than this module reads.
pub fn to_json(record: &Record) -> Result<Json<'_>, Unwritable> {
    match record.key() {
        StoredKey::Plain(_) => Err(Unwritable::PlainKey),
        _ => reveal_json(record),
    }
}

/// Returns the text that passlib would store for a record, **with the key if it is in plain text**.
///
/// # Errors
///
/// Those of [`to_json`], except [`Unwritable::PlainKey`].
///
/// ```
/// use otp_context::{Record, StoredKey};
/// use otp_core::Secret;
/// use otp_serde::passlib;
/// use otp_uri::OtpKind;
///
/// let key = StoredKey::Plain(Secret::from_base32("JBSWY3DPEHPK3PXP")?);
/// let record = Record::new(OtpKind::default(), key).with_account("é").with_next(8);
/// assert_eq!(
///     passlib::reveal_json(&record)?.to_string(),
///     r#"{"key":"JBSWY3DPEHPK3PXP","label":"\u00e9","last_counter":7,"type":"totp","v":1}"#,
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn reveal_json(record: &Record) -> Result<Json<'_>, Unwritable> {
    let kind = match record.kind() {
        kind @ (OtpKind::Totp { .. } | OtpKind::Hotp { .. }) => kind,
        _ => return Err(Unwritable::Type),
    };
    let (key, fits) = match record.key() {
        StoredKey::Plain(secret) => {
            (Key::Plain(secret), base32::encoded_len(secret.len()) <= MAX_LENGTH)
        }
        StoredKey::Passlib(key) => (Key::Encrypted(key), encrypted::fits(key)),
        _ => return Err(Unwritable::SealedKey),
    };
    let names = || [record.account(), record.issuer()].into_iter().flatten();
    if names().any(|name| name.contains(':')) {
        return Err(Unwritable::Colon);
    }
    if !fits || names().any(|name| name.len() > MAX_LENGTH) {
        return Err(Unwritable::TooLong);
    }
    Ok(Json { record, kind, key })
}

/// The reason why passlib has no form for a record.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unwritable {
    /// The key is in plain text, and the function must not reveal it.
    PlainKey,
    /// The key is sealed by a [`Wallet`](otp_context::wallet::Wallet), so passlib cannot open it.
    SealedKey,
    /// The type is neither TOTP nor HOTP.
    Type,
    /// The account or the issuer has a colon.
    Colon,
    /// The account, the issuer, the key or its salt is longer than this module reads.
    TooLong,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlainKey => "key must be encrypted",
            Self::SealedKey => "sealed key must be encrypted for passlib instead",
            Self::Type => "type must be totp or hotp",
            Self::Colon => "label and issuer must not have a colon",
            Self::TooLong => {
                "label and issuer must be at most 8192 bytes, key and salt 8192 and 512 in Base32"
            }
        })
    }
}

impl core::error::Error for Unwritable {}

otp_core::__debug_error!(
    enum Unwritable {
        PlainKey,
        SealedKey,
        Type,
        Colon,
        TooLong,
    }
);

/// A record in passlib's form: `Display` writes the text, byte for byte.
///
/// The fields are in the order of their names. Defaults are left out, and characters outside ASCII are
/// escaped. A TOTP record with a spent counter has `last_counter`, as in the `OTPContext` era. passlib
/// 1.7.4 reads that field and drops it.
pub struct Json<'a> {
    record: &'a Record,
    kind: OtpKind,
    key: Key<'a>,
}

enum Key<'a> {
    Plain(&'a Secret),
    Encrypted(&'a PasslibKey),
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithm = self.kind.algorithm();
        let (digits, period, counter, last) = match self.kind {
            OtpKind::Totp { digits, period, .. } => (digits, period, 0, self.record.next()),
            OtpKind::Hotp { digits, counter, .. } => (digits, Period::THIRTY, counter, 0),
            _ => return Err(fmt::Error),
        };
        // In passlib 0 means that no counter is spent, so a spent counter 0 cannot be written.
        let last = last.saturating_sub(1);
        f.write_char('{')?;
        if !is_sha1(algorithm) {
            write!(f, r#""alg":"{}","#, Lower(algorithm))?;
        }
        if counter != 0 {
            write!(f, r#""counter":{counter},"#)?;
        }
        if digits != Digits::SIX {
            write!(f, r#""digits":{digits},"#)?;
        }
        if let Key::Encrypted(key) = self.key {
            let (cost, tag) = (key.cost(), key.tag());
            let (text, salt, version) = (key.key_base32(), key.salt_base32(), PasslibKey::VERSION);
            write!(
                f,
                r#""enckey":{{"c":{cost},"k":"{text}","s":"{salt}","t":"{tag}","v":{version}}},"#
            )?;
        }
        if let Some(issuer) = self.record.issuer() {
            write!(f, r#""issuer":{},"#, Quoted(issuer))?;
        }
        if let Key::Plain(secret) = self.key {
            write!(f, r#""key":"{}","#, secret.reveal_base32().as_str())?;
        }
        if let Some(account) = self.record.account() {
            write!(f, r#""label":{},"#, Quoted(account))?;
        }
        if last != 0 {
            write!(f, r#""last_counter":{last},"#)?;
        }
        if period != Period::THIRTY {
            write!(f, r#""period":{period},"#)?;
        }
        write!(f, r#""type":"{}","v":{}}}"#, self.kind.name(), super::VERSION)
    }
}

/// Shows no key.
impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Json").field(self.record).finish()
    }
}

fn is_sha1(algorithm: Algorithm) -> bool {
    algorithm.name() == "SHA1"
}

/// Writes the name of an algorithm as passlib does, in lower case.
struct Lower(Algorithm);

impl fmt::Display for Lower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.name().chars().try_for_each(|letter| f.write_char(letter.to_ascii_lowercase()))
    }
}

/// Writes a text in quotation marks, with escapes for all characters outside ASCII.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str(r#"\""#)?,
                '\\' => f.write_str(r"\\")?,
                '\n' => f.write_str(r"\n")?,
                '\r' => f.write_str(r"\r")?,
                '\t' => f.write_str(r"\t")?,
                '\u{8}' => f.write_str(r"\b")?,
                '\u{c}' => f.write_str(r"\f")?,
                ' '..='~' => f.write_char(character)?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(f, r"\u{unit:04x}")?;
                    }
                }
            }
        }
        f.write_char('"')
    }
}
