//! Reads one text, and says which command reads what this one does not.

use otp_context::StoredKey;
use otp_serde::{Imported, Input, InputError, is_record};
use otp_uri::{BareKey, ErrorKind, FindingKind, KeyUri, ParsedUri, Part};

use crate::failure::{Failure, FailureKind};

/// Reads a line of any form. Strict concerns `otpauth` URIs only: the other forms have one reader.
pub(crate) fn any(text: &str, strict: bool) -> Result<Input, Failure> {
    let input = Input::read(text).map_err(|error| match error {
        InputError::Uri(_) => bare_key_failure(text).unwrap_or_else(|| error.into()),
        InputError::Record(_) => error.into(),
    })?;
    if let (Input::Uri(parsed), true) = (&input, strict) {
        parsed.check_strict()?;
    }
    Ok(input)
}

/// Reads a line that must be one credential, and whose key needs no wallet.
pub(crate) fn account(text: &str) -> Result<Imported, Failure> {
    let convert = "otp convert --to uri";
    match any(text, false)? {
        Input::Uri(parsed) => Ok((*parsed).into()),
        Input::Record(record) | Input::PasslibRecord(record) => {
            if matches!(record.key(), StoredKey::Passlib(_)) {
                let account = if record.account().is_none() { " --account NAME" } else { "" };
                let message =
                    format!("enckey is not opened here; {convert} --wallet FILE{account} opens it");
                return Err(Failure::new(
                    FailureKind::Uri(ErrorKind::Unsupported),
                    "enckey",
                    message,
                ));
            }
            Ok((*record).into())
        }
        Input::Page(_) => {
            let message = format!("uri is an export of accounts; {convert} takes them apart");
            Err(Failure::new(FailureKind::Uri(ErrorKind::Export), "uri", message))
        }
    }
}

/// Reads a line that must be the URI of one credential.
pub(crate) fn uri(text: &str) -> Result<ParsedUri, Failure> {
    let unsupported = FailureKind::Uri(ErrorKind::Unsupported);
    if is_record(text) {
        let message = "record is not read here; otp convert --to uri makes a URI of it";
        return Err(Failure::new(unsupported, "record", message));
    }
    KeyUri::parse(text).map_err(|error| match error.kind() {
        ErrorKind::Export => {
            let message = format!("{error}; otp convert --to uri takes them apart");
            Failure::new(FailureKind::Uri(error.kind()), error.part().name(), message)
        }
        _ => error.into(),
    })
}

/// Reads a line that must be a key in Base32.
pub(crate) fn bare_key(text: &str) -> Result<BareKey, Failure> {
    BareKey::parse(text).map_err(|error| match error.kind() {
        ErrorKind::Hexadecimal => {
            let message = format!("{error}; --hex reads it");
            Failure::new(FailureKind::Uri(error.kind()), error.part().name(), message)
        }
        _ => error.into(),
    })
}

/// Says that a line is a key without a URI, which has no type and no names.
fn bare_key_failure(text: &str) -> Option<Failure> {
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
    Some(Failure::new(FailureKind::Uri(ErrorKind::Malformed), "uri", message))
}

/// Whether a URI is `steam://SECRET`, which has no place for a name.
pub(crate) fn is_bare_steam(parsed: &ParsedUri) -> bool {
    let mut findings = parsed.findings.iter();
    findings.any(|it| it.kind() == FindingKind::SteamGuard && it.part() == Part::Scheme)
}
