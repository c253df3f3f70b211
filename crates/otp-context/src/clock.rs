#![cfg_attr(
    feature = "std",
    expect(
        clippy::disallowed_methods,
        clippy::disallowed_types,
        reason = "the file that reads the clock"
    )
)]

use core::fmt;

#[cfg(feature = "std")]
use otp_core::UnixTime;
#[cfg(feature = "std")]
use std::time::SystemTime;

/// Returns the time by the operating system's clock.
///
/// # Errors
///
/// [`ClockError`] if the clock is before 1970.
#[cfg(feature = "std")]
pub fn now() -> Result<UnixTime, ClockError> {
    unix_time(SystemTime::now())
}

/// Converts an instant of the standard library to whole seconds since 1970. The fraction is dropped.
///
/// # Errors
///
/// [`ClockError`] if the instant is before 1970.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_millis(59_999);
/// assert_eq!(otp_context::unix_time(time)?.as_secs(), 59);
/// # Ok::<(), otp_context::ClockError>(())
/// ```
#[cfg(feature = "std")]
pub fn unix_time(time: SystemTime) -> Result<UnixTime, ClockError> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => Ok(UnixTime::from_secs(since.as_secs())),
        Err(_) => Err(ClockError),
    }
}

/// The clock is before 1970, or cannot be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClockError;

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("clock cannot be read or is before 1970")
    }
}

impl core::error::Error for ClockError {}

otp_core::__debug_error!(struct ClockError);
