//! [`Secret`] **in plain text**: Base32 in text formats, bytes in binary formats.
//!
//! Use this module only where a plain-text key may be written. To store a key, prefer a sealed key. The
//! copies that a format makes while it reads are not wiped.

use alloc::string::String;
use alloc::vec::Vec;

use otp_core::{Error as CoreError, Repairs, Secret};
use otp_uri::MAX_LENGTH;
use serde_core::de::{Error, Visitor};
use serde_core::{Deserializer, Serializer, ser};

use crate::text::wipe;

/// The most bytes of a key: its Base32 has the length of the longest URI.
const LONGEST: usize = MAX_LENGTH / 8 * 5;
const TOO_LONG: &str = "secret must be at most 5120 bytes";
const TEXT: &str = "secret must be text";
const BYTES: &str = "secret must be bytes";

/// Writes the key: upper-case Base32 without padding, or bytes.
///
/// # Errors
///
/// A key of more than 5120 bytes, and those of the format.
pub fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    if secret.len() > LONGEST {
        Err(ser::Error::custom(TOO_LONG))
    } else if serializer.is_human_readable() {
        serializer.serialize_str(secret.reveal_base32().as_str())
    } else {
        serializer.serialize_bytes(secret.reveal())
    }
}

/// Reads the key: Base32 in upper or lower case, with or without padding, or bytes.
///
/// # Errors
///
/// A key that is empty or longer than 5120 bytes; text that is not Base32, or has separators; text whose
/// length or unused bits do not come from a whole number of bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let (result, wanted) = if deserializer.is_human_readable() {
        (deserializer.deserialize_string(Key), TEXT)
    } else {
        (deserializer.deserialize_byte_buf(Key), BYTES)
    };
    match result {
        Ok(Some(secret)) => secret.map_err(Error::custom),
        Ok(None) => Err(Error::custom(TOO_LONG)),
        // A format's own message may repeat the input.
        Err(_) => Err(Error::custom(wanted)),
    }
}

crate::option::with_option!(Secret);

/// Reads text and bytes, since a format that buffers may confuse the two.
struct Key;

impl Visitor<'_> for Key {
    /// `None` is a key that is too long.
    type Value = Option<Result<Secret, CoreError>>;

    crate::form_error::unused_expecting!();

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((text.len() <= MAX_LENGTH).then(|| {
            let accept = Repairs::CASE | Repairs::PADDING;
            Secret::read_base32(text, accept).map(|(secret, _)| secret)
        }))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        let secret = self.visit_str(&text);
        wipe(text.into_bytes());
        secret
    }

    fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok((key.len() <= LONGEST).then(|| Secret::new(key)))
    }

    fn visit_byte_buf<E: Error>(self, key: Vec<u8>) -> Result<Self::Value, E> {
        // A key that is too long is wiped, too.
        let fits = key.len() <= LONGEST;
        let secret = Secret::try_from(key);
        Ok(fits.then_some(secret))
    }
}
