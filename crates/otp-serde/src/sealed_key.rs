//! [`SealedKey`] as its text, `"$otp$v=2$xc20p$…"`, in every format.

use otp_context::wallet::SealedKey;
use serde_core::{Deserializer, Serializer};

use crate::text;

const WANTED: &str = "sealed key must be text";

/// Writes the text.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(sealed: &SealedKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(sealed)
}

/// Reads the text: at most 512 bytes, in canonical form.
///
/// # Errors
///
/// The value is not text, and the errors of [`SealedKey::from_str`](core::str::FromStr::from_str).
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SealedKey, D::Error> {
    text::read(deserializer, WANTED, str::parse)
}

crate::option::with_option!(SealedKey);
