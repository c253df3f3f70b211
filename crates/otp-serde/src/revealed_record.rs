//! [`Record`] in version 2, **with the key where it is plain**.
//!
//! Naming this module is the decision to write a key where others may read it. It is
//! [`record`] in all else, and that module reads what this one writes.

use otp_context::{Record, StoredKey};
use serde_core::{Deserializer, Serializer};

use crate::record;

/// Writes a record, its key as it is: plain as in [`secret`](crate::secret), or sealed.
///
/// # Errors
///
/// Those of [`record::serialize`], but for the plain key; a plain key of more than 5120 bytes.
pub fn serialize<S: Serializer>(record: &Record, serializer: S) -> Result<S::Ok, S::Error> {
    match record.key() {
        StoredKey::Plain(secret) => record::write(record, Some(secret), serializer),
        _ => record::write(record, None, serializer),
    }
}

/// Reads a record.
///
/// # Errors
///
/// Those of [`record::deserialize`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
    record::deserialize(deserializer)
}

crate::option::with_option!(Record);
