//! [`Digits`] as a number from 6 to 10.

use otp_core::Digits;
use serde_core::{Deserializer, Serializer};

use crate::number;

const WANTED: &str = "digits must be a whole number from 6 to 10";

/// Writes the number.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(digits: &Digits, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(digits.get().into())
}

/// Reads the number.
///
/// # Errors
///
/// The value is not a whole number from 6 to 10.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digits, D::Error> {
    number::read(deserializer, WANTED, |number| Digits::new(u8::try_from(number).ok()?).ok())
}

crate::option::with_option!(Digits);
