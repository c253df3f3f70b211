//! [`UnixTime`] as whole seconds since the beginning of 1970.

use otp_core::UnixTime;
use serde_core::{Deserializer, Serializer};

use crate::number::{self, any_u64};

const WANTED: &str = any_u64!("time");

/// Writes the seconds.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}

/// Reads the seconds.
///
/// # Errors
///
/// The value is not a whole number of 64 bits, so neither a time before 1970 nor a fraction is read.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    number::read(deserializer, WANTED, |seconds| Some(UnixTime::from_secs(seconds)))
}

crate::option::with_option!(UnixTime);
