//! [`Tag`] as its text.

use otp_context::wallet::Tag;
use serde_core::{Deserializer, Serializer};

use crate::text;

const WANTED: &str = "tag must be text";

/// Writes the text.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(tag: &Tag, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(tag.as_str())
}

/// Reads the text.
///
/// # Errors
///
/// The value is not text, or not a valid tag ([`Tag::from_str`](core::str::FromStr::from_str)).
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tag, D::Error> {
    text::read(deserializer, WANTED, str::parse)
}

crate::option::with_option!(Tag);
