use arbitrary::{Result, Unstructured};
use otp_context::replay::{Drift, Lock, Throttle, ThrottlePolicy, Tracker};

use crate::{code_format, number, unix_time, window};

/// Returns a [`Tracker`] with any lowest unspent counter.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn tracker(bytes: &mut Unstructured<'_>) -> Result<Tracker> {
    number(bytes).map(Tracker::resume)
}

/// Returns a [`Throttle`] in any state that a row of a database may have.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn throttle(bytes: &mut Unstructured<'_>) -> Result<Throttle> {
    Ok(Throttle::resume(bytes.arbitrary()?, lock(bytes)?))
}

/// Returns any [`Lock`]: open, until a time, or hard.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn lock(bytes: &mut Unstructured<'_>) -> Result<Lock> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => Lock::Open,
        1 => Lock::Until(unix_time(bytes)?),
        _ => Lock::Hard,
    })
}

/// Returns a [`ThrottlePolicy`]: the default policy if it allows the window, or another one.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn policy(bytes: &mut Unstructured<'_>) -> Result<ThrottlePolicy> {
    let (format, window) = (code_format(bytes)?, window(bytes)?);
    let (which, number): (u8, u16) = (bytes.arbitrary()?, bytes.arbitrary()?);
    Ok(match which % 4 {
        0 => ThrottlePolicy::new(format, window).unwrap_or_else(|_| ThrottlePolicy::nist()),
        1 => ThrottlePolicy::with_risk(format, window, number.into())
            .unwrap_or_else(|_| ThrottlePolicy::nist()),
        2 => ThrottlePolicy::rfc4226(number.into()),
        _ => ThrottlePolicy::nist(),
    })
}

/// Returns a [`Drift`]: the known drift of a clock.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn drift(bytes: &mut Unstructured<'_>) -> Result<Drift> {
    Ok(Drift::resume(bytes.arbitrary()?, bytes.arbitrary()?))
}
