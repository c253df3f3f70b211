use core::fmt;

use serde_core::Deserializer;
use serde_core::de::{Error, Visitor};

/// Reads a text and converts it to a value.
///
/// A failure has the text of `wanted` or of `make`: a format's own message may repeat the input.
pub(crate) fn read<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    deserializer: D,
    wanted: &'static str,
    make: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    // Some formats do not lend long text, and only give it away.
    #[cfg(feature = "alloc")]
    let text = deserializer.deserialize_string(Text(make));
    #[cfg(not(feature = "alloc"))]
    let text = deserializer.deserialize_str(Text(make));
    match text {
        Ok(made) => made.map_err(Error::custom),
        Err(_) => Err(Error::custom(wanted)),
    }
}

/// Wipes bytes that a format gave away: they may be a key.
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
