use arbitrary::{Error, Result, Unstructured};
use otp_core::{Algorithm, CodeFormat, Digits, Period, Repairs, UnixTime, Window};

use crate::number;

/// Returns any [`Algorithm`].
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn algorithm(bytes: &mut Unstructured<'_>) -> Result<Algorithm> {
    bytes.choose(Algorithm::ALL).copied()
}

/// Returns [`Digits`], 6 to 10.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn digits(bytes: &mut Unstructured<'_>) -> Result<Digits> {
    Digits::new(bytes.int_in_range(6..=10)?).map_err(|_| Error::IncorrectFormat)
}

/// Returns a [`CodeFormat`]: often six digits, otherwise another decimal format or Steam Guard's.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn code_format(bytes: &mut Unstructured<'_>) -> Result<CodeFormat> {
    Ok(match bytes.int_in_range(0..=7)? {
        0..=3 => CodeFormat::default(),
        4..=6 => digits(bytes)?.into(),
        _ => CodeFormat::Steam,
    })
}

/// Returns a [`Period`]: often 30 seconds, otherwise one second or more.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn period(bytes: &mut Unstructured<'_>) -> Result<Period> {
    if bytes.arbitrary()? {
        let seconds = number(bytes)?.max(1);
        Period::from_secs(seconds).map_err(|_| Error::IncorrectFormat)
    } else {
        Ok(Period::THIRTY)
    }
}

/// Returns a [`UnixTime`]: often of the present, otherwise any.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn unix_time(bytes: &mut Unstructured<'_>) -> Result<UnixTime> {
    if bytes.arbitrary()? {
        number(bytes).map(UnixTime::from_secs)
    } else {
        let seconds: u32 = bytes.arbitrary()?;
        Ok(UnixTime::from_secs(1_500_000_000_u64.saturating_add(seconds.into())))
    }
}

/// Returns a [`Window`]: often up to three steps on either side, otherwise up to 255.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn window(bytes: &mut Unstructured<'_>) -> Result<Window> {
    let wide: bool = bytes.arbitrary()?;
    let (behind, ahead): (u8, u8) = (bytes.arbitrary()?, bytes.arbitrary()?);
    Ok(if wide { Window::new(behind, ahead) } else { Window::new(behind % 4, ahead % 4) })
}

/// Returns any set of [`Repairs`] of a key's text.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn repairs(bytes: &mut Unstructured<'_>) -> Result<Repairs> {
    const EACH: [Repairs; 8] = [
        Repairs::CASE,
        Repairs::SEPARATORS,
        Repairs::WHITESPACE,
        Repairs::PADDING,
        Repairs::STRAY_PADDING,
        Repairs::TYPOS,
        Repairs::BITS,
        Repairs::LENGTH,
    ];
    let chosen: u8 = bytes.arbitrary()?;
    let chosen = EACH.into_iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1);
    Ok(chosen.fold(Repairs::NONE, |all, (_, one)| all | one))
}
