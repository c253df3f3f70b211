use arbitrary::{Result, Unstructured};
use otp_core::{Hotp, Totp, UnixTime};
use otp_uri::{Generator, KeyUri, OtpKind};

use crate::text::{SEPARATORS, damaged};

/// Returns a typed code near the time `now`. It is often exactly the due code. Otherwise it is up to
/// four steps early or late, so it may be spent already, or it has a typing error.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn due_code(bytes: &mut Unstructured<'_>, totp: &Totp, now: UnixTime) -> Result<String> {
    let steps = steps(bytes)?;
    let seconds = totp.period().as_secs().saturating_mul(steps.unsigned_abs());
    let then = if steps < 0 { now.saturating_sub(seconds) } else { now.saturating_add(seconds) };
    typed(bytes, totp.generate(then).code().text().as_str())
}

/// Returns a typed code near the counter `next`. It is often exactly the next code. Otherwise it is up
/// to four counters lower, so spent already, or higher, or it has a typing error.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn due_hotp_code(bytes: &mut Unstructured<'_>, hotp: &Hotp, next: u64) -> Result<String> {
    let counter = next.saturating_add_signed(steps(bytes)?);
    typed(bytes, hotp.generate(counter).text().as_str())
}

/// Returns a typed code of an authenticator with this URI at the time `now`, as [`due_code`] does, or
/// [`due_hotp_code`] with the counter of the URI.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn due_uri_code(bytes: &mut Unstructured<'_>, uri: &KeyUri, now: UnixTime) -> Result<String> {
    match (uri.generator(), uri.kind()) {
        (Generator::Totp(totp), _) => due_code(bytes, &totp, now),
        (Generator::Hotp(hotp), OtpKind::Hotp { counter, .. }) => {
            due_hotp_code(bytes, &hotp, *counter)
        }
        (Generator::Hotp(hotp), _) => due_hotp_code(bytes, &hotp, 0),
    }
}

/// Returns the number of steps early or late. Five in eight are on time.
fn steps(bytes: &mut Unstructured<'_>) -> Result<i64> {
    Ok(match bytes.int_in_range(0..=7)? {
        0..=4 => 0,
        5 => -1,
        6 => 1,
        _ => bytes.int_in_range(-4..=4)?,
    })
}

/// Returns a typed code: correct, in two groups, or with a typing error.
fn typed(bytes: &mut Unstructured<'_>, code: &str) -> Result<String> {
    let mut text = code.to_owned();
    match bytes.int_in_range(0..=7)? {
        0..=4 => Ok(text),
        5 => {
            text.insert(text.len() / 2, ' ');
            Ok(text)
        }
        _ => damaged(bytes, text, &SEPARATORS),
    }
}
