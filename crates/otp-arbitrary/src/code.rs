use arbitrary::{Error, Result, Unstructured};
use otp_core::{Code, Hotp, Totp, hazmat};

use crate::{algorithm, code_format, key_bytes, period, unix_time};

/// Returns a [`Code`] of any format.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn code(bytes: &mut Unstructured<'_>) -> Result<Code> {
    let format = code_format(bytes)?;
    Ok(hazmat::code(bytes.arbitrary()?, format))
}

/// Returns an [`Hotp`] generator.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn hotp(bytes: &mut Unstructured<'_>) -> Result<Hotp> {
    let (algorithm, format) = (algorithm(bytes)?, code_format(bytes)?);
    let hotp = Hotp::new(algorithm, &key_bytes(bytes)?).map_err(|_| Error::IncorrectFormat)?;
    Ok(hotp.with_format(format))
}

/// Returns a [`Totp`] generator. In one of eight, T0 is not 1970.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn totp(bytes: &mut Unstructured<'_>) -> Result<Totp> {
    let (algorithm, format, period) = (algorithm(bytes)?, code_format(bytes)?, period(bytes)?);
    // In this order, so that empty input gives no T0.
    let t0 = if bytes.ratio(7, 8)? { None } else { Some(unix_time(bytes)?) };
    let totp = Totp::new(algorithm, &key_bytes(bytes)?).map_err(|_| Error::IncorrectFormat)?;
    let totp = totp.with_format(format).with_period(period);
    Ok(match t0 {
        Some(t0) => totp.with_t0(t0),
        None => totp,
    })
}
