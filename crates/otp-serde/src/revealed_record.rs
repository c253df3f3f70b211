//! [`Record`] in version 2, **with the key if it is in plain text**.
//!
//! Use this module only where a plain-text key may be written. In everything else it equals [`record`],
//! and that module reads what this one writes.

use otp_context::{Record, StoredKey};
use serde_core::{Deserializer, Serializer};

use crate::record;

/// Writes a record with its key: in plain text as [`secret`](crate::secret) writes it, or sealed.
///
/// # Errors
///
/// Those of [`record::serialize`], except for a plain-text key of at most 5120 bytes.
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
