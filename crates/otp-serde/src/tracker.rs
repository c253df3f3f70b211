//! [`Tracker`] as a number: the lowest unspent counter.

use otp_context::replay::Tracker;
use serde_core::{Deserializer, Serializer};

use crate::number::{self, any_u64};

const WANTED: &str = any_u64!("lowest unspent counter");

/// Writes [`Tracker::next`].
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(tracker: &Tracker, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(tracker.next())
}

/// Reads a tracker ([`Tracker::resume`]).
///
/// # Errors
///
/// The value is not a whole number of 64 bits.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tracker, D::Error> {
    number::read(deserializer, WANTED, |next| Some(Tracker::resume(next)))
}

crate::option::with_option!(Tracker);
