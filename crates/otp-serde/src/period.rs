//! [`Period`] as whole seconds.

use otp_core::Period;
use serde_core::{Deserializer, Serializer};

use crate::number;

const WANTED: &str = "period must be a whole number from 1 to 18446744073709551615";

/// Writes the seconds.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(period: &Period, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(period.as_secs())
}

/// Reads the seconds.
///
/// # Errors
///
/// The value is not a whole number of at least 1.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Period, D::Error> {
    number::read(deserializer, WANTED, |seconds| Period::from_secs(seconds).ok())
}

crate::option::with_option!(Period);
