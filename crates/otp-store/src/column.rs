//! Numbers and other values in columns of signed integers.

use otp_context::recovery::RecoverySetId;
use otp_context::replay::{Lock, Throttle};
use otp_core::UnixTime;

use crate::{AttemptId, Error, LastCharge};

/// Returns a number that fits into a column.
pub(crate) fn signed(value: u64, part: &'static str) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::TooLarge(part))
}

/// Returns the first counter of a credential as a column. The counter after it must fit, too:
/// otherwise its first code could never be spent.
pub(crate) fn first_counter(value: u64) -> Result<i64, Error> {
    signed(value.saturating_add(1), "counter").map(|next| next.saturating_sub(1))
}

/// Reads a number from a column.
pub(crate) fn unsigned(value: i64, part: &'static str) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_| Error::Corrupt(part))
}

/// Reads a lock: 0 is open, the largest integer is a hard lock, and a number between is a time.
fn lock(locked_until: i64) -> Result<Lock, Error> {
    Ok(match locked_until {
        0 => Lock::Open,
        i64::MAX => Lock::Hard,
        until => Lock::Until(UnixTime::from_secs(unsigned(until, "lock")?)),
    })
}

/// Reads a throttle.
pub(crate) fn throttle(failures: i64, locked_until: i64) -> Result<Throttle, Error> {
    Ok(Throttle::resume(count(failures, "failures")?, lock(locked_until)?))
}

/// Reads a count.
pub(crate) fn count(value: i64, part: &'static str) -> Result<u32, Error> {
    u32::try_from(value).map_err(|_| Error::Corrupt(part))
}

/// Reads the id of a set of recovery codes.
pub(crate) fn recovery_set(value: Option<i64>) -> Result<Option<RecoverySetId>, Error> {
    let id = |value| RecoverySetId::new(unsigned(value, "set")?).ok_or(Error::Corrupt("set"));
    value.map(id).transpose()
}

/// Reads the last charge.
pub(crate) fn last_charge(
    charged: Option<&[u8]>,
    found_until: Option<i64>,
    found_guesses: Option<i64>,
) -> Result<Option<LastCharge>, Error> {
    match (attempt(charged)?, found_until, found_guesses) {
        (Some(attempt), Some(until), Some(guesses)) => {
            let guesses = count(guesses, "charge")?;
            Ok(Some(LastCharge { attempt, found: lock(until)?, guesses }))
        }
        (None, None, None) => Ok(None),
        _ => Err(Error::Corrupt("charge")),
    }
}

/// Writes a lock. Times past the year 292 billion become a hard lock.
pub(crate) fn locked_until(lock: Lock) -> i64 {
    match lock {
        Lock::Open => 0,
        Lock::Until(until) => i64::try_from(until.as_secs()).unwrap_or(i64::MAX),
        Lock::Hard => i64::MAX,
    }
}

/// Reads the length of a code.
pub(crate) fn length(value: i64) -> Result<u8, Error> {
    let length = u8::try_from(value).ok().filter(|length| (5..=10).contains(length));
    length.ok_or(Error::Corrupt("length"))
}

/// Reads the attempt that spent last.
pub(crate) fn attempt(bytes: Option<&[u8]>) -> Result<Option<AttemptId>, Error> {
    let bytes = bytes.map(<[u8; 16]>::try_from).transpose();
    Ok(bytes.map_err(|_| Error::Corrupt("attempt"))?.map(AttemptId::from_bytes))
}
