use arbitrary::{Error, Result, Unstructured};
use otp_uri::{KeyUri, Label, OtpKind};

use crate::{algorithm, digits, number, period, secret, text};

/// Returns an [`OtpKind`]: the type of codes and their parameters.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn kind(bytes: &mut Unstructured<'_>) -> Result<OtpKind> {
    Ok(match bytes.int_in_range(0..=4)? {
        0 | 1 => OtpKind::Totp {
            algorithm: algorithm(bytes)?,
            digits: digits(bytes)?,
            period: period(bytes)?,
        },
        2 | 3 => OtpKind::Hotp {
            algorithm: algorithm(bytes)?,
            digits: digits(bytes)?,
            counter: number(bytes)?,
        },
        _ => OtpKind::Steam,
    })
}

/// Returns a [`Label`]: an account, and often an issuer.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn label(bytes: &mut Unstructured<'_>) -> Result<Label> {
    let account = text::name(bytes)?;
    let label = Label::new(&account).unwrap_or_else(|_| Label::unnamed());
    let issuer = text::name(bytes)?;
    Ok(label.clone().with_issuer(&issuer).unwrap_or(label))
}

/// Returns a [`KeyUri`] of any kind and label.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn key_uri(bytes: &mut Unstructured<'_>) -> Result<KeyUri> {
    let (label, kind, secret) = (label(bytes)?, kind(bytes)?, secret(bytes)?);
    // A name is at most a tenth of the longest URI, so the URI is short enough.
    KeyUri::new(label, secret, kind).map_err(|_| Error::IncorrectFormat)
}
