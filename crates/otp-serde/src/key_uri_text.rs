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
    // With `collect_str` a format would make its own text of the URI, which is not wiped.
    serializer.serialize_str(uri.reveal().as_str())
}

/// Reads a URI of any dialect, as [`KeyUri::parse`] does, and drops its findings.
///
/// # Errors
///
/// The value is not text, and the errors of [`KeyUri::parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyUri, D::Error> {
    text::read(deserializer, WANTED, |text| KeyUri::parse(text).map(|reading| reading.uri))
}

crate::option::with_option!(KeyUri);
