//! [`Algorithm`] as its name: `"SHA1"`, `"SHA256"`, `"SHA512"`. Every spelling in use is read.

use otp_core::Algorithm;
use serde_core::{Deserializer, Serializer};

use crate::text;

const WANTED: &str = "algorithm must be SHA1, SHA256 or SHA512";

/// Writes the name that the Key URI Format uses.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(algorithm: &Algorithm, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(algorithm.name())
}

/// Reads a name ([`Algorithm::from_str`](core::str::FromStr::from_str)).
///
/// # Errors
///
/// The value is not text, or a name that this build does not know.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Algorithm, D::Error> {
    text::read(deserializer, WANTED, str::parse)
}

crate::option::with_option!(Algorithm);
