//! The formats that stored values come in.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A serde format.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// Text, which the reader borrows.
    Json,
    /// Binary, with the names of fields.
    Cbor,
    /// Binary, without them.
    Postcard,
    /// JSON that was parsed to a `Value` before: it gives text away, and does not lend it.
    Given,
}

impl Format {
    /// Reads a whole document.
    pub fn read<T: DeserializeOwned>(self, mut bytes: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
            Self::Given => serde_json::from_slice(bytes)
                .and_then(serde_json::from_value)
                .map_err(|error| error.to_string()),
            Self::Cbor => {
                let value = ciborium::from_reader(&mut bytes).map_err(|error| error.to_string());
                value.and_then(|value| whole(value, bytes))
            }
            Self::Postcard => {
                let read = postcard::take_from_bytes(bytes).map_err(|error| error.to_string());
                read.and_then(|(value, rest)| whole(value, rest))
            }
        }
    }

    /// Writes a document.
    pub fn write<T: Serialize>(self, value: &T) -> Result<Vec<u8>, String> {
        match self {
            Self::Json | Self::Given => {
                serde_json::to_vec(value).map_err(|error| error.to_string())
            }
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(value, &mut bytes).map_err(|error| error.to_string())?;
                Ok(bytes)
            }
            Self::Postcard => postcard::to_allocvec(value).map_err(|error| error.to_string()),
        }
    }
}

fn whole<T>(value: T, rest: &[u8]) -> Result<T, String> {
    if rest.is_empty() { Ok(value) } else { Err("trailing bytes".to_owned()) }
}
