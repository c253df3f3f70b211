//! [`KeyUri`] as the text of its canonical URI, **with the key**.

use otp_uri::KeyUri;
use serde_core::{Deserializer, Serializer};

use crate::text;

const WANTED: &str = "URI must be text";

/// Writes the canonical URI.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(uri: &KeyUri, serializer: S) -> Result<S::Ok, S::Error> {
    // No format makes a text of its own, which nobody would wipe.
    serializer.serialize_str(uri.reveal().as_str())
}

/// Reads a URI of any dialect, as [`KeyUri::parse`] does. What was odd about it is not told: use
/// that method where it matters.
///
/// # Errors
///
/// No text, and those of [`KeyUri::parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyUri, D::Error> {
    text::read(deserializer, WANTED, |text| KeyUri::parse(text).map(|reading| reading.uri))
}

crate::option::with_option!(KeyUri);
