//! A counter as a number, over all of `u64`.

use serde_core::{Deserializer, Serializer};

use crate::number::{self, any_u64};

const WANTED: &str = any_u64!("counter");

/// Writes the number.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(counter: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(*counter)
}

/// Reads the number.
///
/// # Errors
///
/// The value is not a whole number of 64 bits.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    number::read(deserializer, WANTED, Some)
}

crate::option::with_option!(u64);
