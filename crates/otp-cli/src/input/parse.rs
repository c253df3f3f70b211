//! Reads a text as a credential. If another command reads it, the message names that command.

use otp_context::StoredKey;
use otp_serde::{Imported, Input, InputError, is_record};
use otp_uri::{BareKey, ErrorKind, FindingKind, KeyUri, ParsedUri, Part};

use crate::failure::{Failure, FailureKind};

/// Reads a line of any form. `strict` concerns only `otpauth` URIs: the other forms have one reader.
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

/// Reads a line that must be a single credential with a key that needs no wallet.
pub(crate) fn account(text: &str) -> Result<Imported, Failure> {
    any(text, false).and_then(single)
}

/// Returns the credential of a line that was read, if it is a single one with such a key.
pub(crate) fn single(input: Input) -> Result<Imported, Failure> {
    let convert = "otp convert --to uri";
    match input {
        Input::Uri(parsed) => Ok((*parsed).into()),
        Input::Record(record) | Input::PasslibRecord(record) => {
            if matches!(record.key(), StoredKey::Passlib(_)) {
                let account = if record.account().is_none() { " --account NAME" } else { "" };
                let message =
                    format!("enckey is encrypted; {convert} --wallet FILE{account} opens it");
                return Err(Failure::new(
                    FailureKind::Uri(ErrorKind::Unsupported),
                    "enckey",
                    message,
                ));
            }
            Ok((*record).into())
        }
        Input::Page(_) => {
            let message = format!("uri is an export; {convert} makes a URI of each account");
            Err(Failure::new(FailureKind::Uri(ErrorKind::Export), "uri", message))
        }
    }
}

/// Reads a line that must be the URI of a single credential.
pub(crate) fn uri(text: &str) -> Result<ParsedUri, Failure> {
    let unsupported = FailureKind::Uri(ErrorKind::Unsupported);
    if is_record(text) {
        let message = "record is not a URI; otp convert --to uri makes one of it";
        return Err(Failure::new(unsupported, "record", message));
    }
    KeyUri::parse(text).map_err(|error| match error.kind() {
        ErrorKind::Export => {
            let message = format!("{error}; otp convert --to uri splits it");
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

/// Returns the failure of a line that is a bare key, if it is one: it has no type and no names.
fn bare_key_failure(text: &str) -> Option<Failure> {
    /// The fewest bytes of a key: a shorter text may be a word.
    const SHORTEST: usize = 10;
    let how = match BareKey::parse(text) {
        Ok(key) if key.secret.len() >= SHORTEST => "",
        Err(error) if error.kind() == ErrorKind::Hexadecimal => " --hex",
        _ => return None,
    };
    let message = format!(
        "line is a bare secret, without a type and a name; otp code{how} makes its code. A URI is \
         otpauth://totp/NAME?secret=SECRET"
    );
    Some(Failure::new(FailureKind::Uri(ErrorKind::Malformed), "uri", message))
}

/// Returns whether a URI is `steam://SECRET`, which has no place for a name.
pub(crate) fn is_bare_steam(parsed: &ParsedUri) -> bool {
    let mut findings = parsed.findings.iter();
    findings.any(|it| it.kind() == FindingKind::SteamGuard && it.part() == Part::Scheme)
}
