use core::fmt;

use serde_core::Deserializer;
use serde_core::de::{Error, Visitor};

/// Reads a text and makes a value of it.
///
/// A failure says what is wanted, or what `make` says, and nothing else: the text that a format
/// makes up itself may repeat what it found.
pub(crate) fn read<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    deserializer: D,
    wanted: &'static str,
    make: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    // Some formats lend no text that is long, and give it only.
    #[cfg(feature = "alloc")]
    let text = deserializer.deserialize_string(Text(make));
    #[cfg(not(feature = "alloc"))]
    let text = deserializer.deserialize_str(Text(make));
    match text {
        Ok(made) => made.map_err(Error::custom),
        Err(_) => Err(Error::custom(wanted)),
    }
}

/// Wipes what a format gave away: it may have been a key.
#[cfg(feature = "alloc")]
pub(crate) fn wipe(bytes: alloc::vec::Vec<u8>) {
    drop(otp_core::Secret::try_from(bytes));
}

struct Text<F>(F);

impl<T, E, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Text<F> {
    type Value = Result<T, E>;

    crate::form_error::unused_expecting!();

    fn visit_str<X: Error>(self, text: &str) -> Result<Self::Value, X> {
        Ok((self.0)(text))
    }

    #[cfg(feature = "alloc")]
    fn visit_string<X: Error>(self, text: alloc::string::String) -> Result<Self::Value, X> {
        let made = (self.0)(&text);
        wipe(text.into_bytes());
        Ok(made)
    }
}
