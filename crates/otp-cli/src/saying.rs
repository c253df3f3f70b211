use otp_context::Record;
use otp_uri::migration::Page;
use otp_uri::{BareKey, ErrorKind, FindingKind, KeyUri, Part, Reading};

use crate::failure::{Failure, Kind};
use crate::record;

/// What a line says, whatever its form.
pub(crate) enum Saying {
    /// `otpauth://` or `steam://`.
    Uri(Box<Reading>),
    /// `otpauth-migration://`
    Export(Page),
    /// A record, and whether it is one of passlib's.
    Record(Box<Record>, bool),
}

impl Saying {
    /// Reads a line; if it is to be strict, a URI only as the specifications have it. The other
    /// forms have one reader each.
    pub(crate) fn read(text: &str, strict: bool) -> Result<Self, Failure> {
        if record::is_record(text) {
            return record::read(text).map(|(record, old)| Self::Record(Box::new(record), old));
        }
        match KeyUri::parse(text) {
            Err(error) if error.kind() == ErrorKind::Export => Ok(Self::Export(Page::parse(text)?)),
            Ok(reading) => {
                if strict {
                    KeyUri::parse_strict(text)?;
                }
                Ok(Self::Uri(Box::new(reading)))
            }
            Err(error) => Err(bare(text).unwrap_or_else(|| error.into())),
        }
    }
}

/// Says that a line is a key without a URI, which has no type and no names.
fn bare(text: &str) -> Option<Failure> {
    /// Shorter ones may be words.
    const SHORTEST: usize = 10;
    let how = match BareKey::parse(text) {
        Ok(key) if key.secret.len() >= SHORTEST => "",
        Err(error) if error.kind() == ErrorKind::Hexadecimal => " --hex",
        _ => return None,
    };
    let message = format!(
        "line is a secret alone, without a type and a name: otp code{how} makes its code; a URI is \
         otpauth://totp/NAME?secret=SECRET"
    );
    Some(Failure::new(Kind::Uri(ErrorKind::Malformed), "uri", message))
}

/// Reads a line that must be the URI of one credential.
pub(crate) fn uri(text: &str) -> Result<Reading, Failure> {
    let unsupported = Kind::Uri(ErrorKind::Unsupported);
    if record::is_record(text) {
        let message = "record is not read here; otp convert --to uri makes a URI of it";
        return Err(Failure::new(unsupported, "record", message));
    }
    KeyUri::parse(text).map_err(|error| match error.kind() {
        ErrorKind::Export => {
            let message = format!("{error}; otp convert --to uri takes them apart");
            Failure::new(Kind::Uri(error.kind()), error.part().name(), message)
        }
        _ => error.into(),
    })
}

/// Reads a line that must be a key in Base32.
pub(crate) fn bare_key(text: &str) -> Result<BareKey, Failure> {
    BareKey::parse(text).map_err(|error| match error.kind() {
        ErrorKind::Hexadecimal => {
            let message = format!("{error}; --hex reads it");
            Failure::new(Kind::Uri(error.kind()), error.part().name(), message)
        }
        _ => error.into(),
    })
}

/// Whether a reading is of `steam://SECRET`, which has no place for a name.
pub(crate) fn is_bare(reading: &Reading) -> bool {
    let mut findings = reading.findings.iter();
    findings.any(|it| it.kind() == FindingKind::SteamGuard && it.part() == Part::Scheme)
}
