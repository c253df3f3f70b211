use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use otp_core::{Algorithm, Digits, Period, Secret};
use prost::Message;

use super::wire;
use super::write::fits_alone;
use crate::error::{Error, ErrorKind};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;
use crate::{KeyUri, Label, OtpKind, ParsedUri, label};

/// A [`KeyUri`] in the form of an export. It is wiped on drop.
pub struct Account(Bytes);

impl Account {
    /// Converts a URI to the form of an export.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Inexpressible`] for values that an export cannot express: a period other than 30
    ///   seconds, 7, 9 or 10 digits, Steam Guard, a counter above 2^63 − 1.
    /// - [`ErrorKind::TooLong`] if a page with only this account is longer than
    ///   [`MAX_LENGTH`](crate::MAX_LENGTH).
    pub fn new(uri: &KeyUri) -> Result<Self, Error> {
        let inexpressible = |part| Error::new(ErrorKind::Inexpressible, part);
        let (kind, algorithm, digits, counter) = match *uri.kind() {
            OtpKind::Totp { algorithm, digits, period: Period::THIRTY } => {
                (wire::kind::TOTP, algorithm, digits, 0)
            }
            OtpKind::Totp { .. } => return Err(inexpressible(Part::Period)),
            OtpKind::Hotp { algorithm, digits, counter } => {
                let counter = i64::try_from(counter).map_err(|_| inexpressible(Part::Counter))?;
                (wire::kind::HOTP, algorithm, digits, counter)
            }
            #[cfg(feature = "sha1")]
            OtpKind::Steam => return Err(inexpressible(Part::Type)),
        };
        let digits = match digits {
            Digits::SIX => wire::digits::SIX,
            Digits::EIGHT => wire::digits::EIGHT,
            _ => return Err(inexpressible(Part::Digits)),
        };
        let algorithm = match algorithm {
            #[cfg(feature = "sha1")]
            Algorithm::Sha1 => wire::algorithm::SHA1,
            #[cfg(feature = "sha256")]
            Algorithm::Sha256 => wire::algorithm::SHA256,
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => wire::algorithm::SHA512,
            _ => return Err(inexpressible(Part::Algorithm)),
        };
        let message = wire::Account {
            secret: wire::wiped(uri.secret().reveal().into()),
            name: name(uri.label()).into_owned().into(),
            issuer: String::from(uri.label().issuer().unwrap_or_default()).into(),
            algorithm,
            digits,
            kind,
            counter,
        };
        let account = Self(wire::wiped(message.encode_to_vec()));
        if fits_alone(&account) {
            Ok(account)
        } else {
            Err(Error::new(ErrorKind::TooLong, Part::Uri))
        }
    }

    pub(super) const fn bytes(&self) -> &Bytes {
        &self.0
    }
}

/// Returns the account name, with a prefix if a reader would otherwise split it.
fn name(label: &Label) -> Cow<'_, str> {
    let account = label.account();
    match label.issuer() {
        // A reader removes the issuer and a colon once.
        Some(issuer) if label::strip_issuer(account, issuer).is_some() => {
            Cow::Owned([issuer, ":", account].concat())
        }
        // A reader splits at the first colon.
        None if account.contains(':') => Cow::Owned([":", account].concat()),
        _ => Cow::Borrowed(account),
    }
}

/// Reads an account of an export.
pub(super) fn read(bytes: &Bytes) -> Result<ParsedUri, Error> {
    let mut findings = Findings::default();
    let message = wire::Account::decode(bytes.clone())
        .map_err(|_| Error::new(ErrorKind::Malformed, Part::Data))?;
    let secret =
        Secret::new(&message.secret[..]).map_err(|error| Error::core(error, Part::Secret))?;
    findings.check_secret(&secret);
    let kind = kind(&message, &mut findings)?;
    let (label, prefix) = label(&message, &mut findings);
    let uri = KeyUri::new(label, secret, kind)?;
    Ok(ParsedUri { uri, findings, prefix, image: None, color: None, lock: None })
}

fn kind(message: &wire::Account, findings: &mut Findings) -> Result<OtpKind, Error> {
    let algorithm = algorithm(message.algorithm)?;
    let digits = match message.digits {
        wire::digits::UNSPECIFIED | wire::digits::SIX => Digits::SIX,
        wire::digits::EIGHT => Digits::EIGHT,
        _ => return Err(Error::new(ErrorKind::Unknown, Part::Digits)),
    };
    match message.kind {
        wire::kind::UNSPECIFIED | wire::kind::TOTP => {
            if message.counter != 0 {
                findings.add(FindingKind::IgnoredParameter, Part::Counter);
            }
            Ok(OtpKind::Totp { algorithm, digits, period: Period::THIRTY })
        }
        wire::kind::HOTP => {
            let counter = u64::try_from(message.counter)
                .map_err(|_| Error::new(ErrorKind::OutOfRange, Part::Counter))?;
            Ok(OtpKind::Hotp { algorithm, digits, counter })
        }
        _ => Err(Error::new(ErrorKind::Unknown, Part::Type)),
    }
}

fn algorithm(number: i32) -> Result<Algorithm, Error> {
    match number {
        #[cfg(feature = "sha1")]
        wire::algorithm::UNSPECIFIED | wire::algorithm::SHA1 => Ok(Algorithm::Sha1),
        #[cfg(feature = "sha256")]
        wire::algorithm::SHA256 => Ok(Algorithm::Sha256),
        #[cfg(feature = "sha512")]
        wire::algorithm::SHA512 => Ok(Algorithm::Sha512),
        // HMAC-MD5, and algorithms whose feature is off.
        wire::algorithm::UNSPECIFIED..=wire::algorithm::MD5 => {
            Err(Error::new(ErrorKind::Unsupported, Part::Algorithm))
        }
        _ => Err(Error::new(ErrorKind::Unknown, Part::Algorithm)),
    }
}

/// Returns the label, and the issuer in the name.
fn label(message: &wire::Account, findings: &mut Findings) -> (Label, Option<String>) {
    let mut text = |bytes: &[u8], part| {
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            findings.add(FindingKind::NotUtf8, part);
        }
        text.into_owned()
    };
    let name = text(&message.name, Part::Account);
    let issuer = text(&message.issuer, Part::Issuer);
    let issuer = label::name(&issuer);
    // Without an issuer, the name is split as a label. With an issuer, only that issuer is removed.
    let split = match issuer {
        None => name.split_once(':'),
        Some(issuer) => label::strip_issuer(&name, issuer).map(|account| (issuer, account)),
    };
    let (prefix, account) = split.map_or((None, name.as_str()), |(a, b)| (Some(a), b));
    let prefix = prefix.and_then(label::name);
    let label = Label::read(account, issuer.or(prefix));
    findings.check_label(&label, prefix);
    (label, prefix.map(String::from))
}

/// Shows no key.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}
