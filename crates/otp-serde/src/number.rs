use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, Visitor};

/// The message for a number that is not a `u64`, which begins with its name.
macro_rules! any_u64 {
    ($name:literal) => {
        concat!($name, " must be a whole number from 0 to 18446744073709551615")
    };
}
pub(crate) use any_u64;

/// Reads a whole number and converts it to a value.
///
/// Every failure has the text of `wanted`: a format's own message may repeat the input.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    wanted: &'static str,
    make: impl FnOnce(u64) -> Option<T>,
) -> Result<T, D::Error> {
    let number = deserializer.deserialize_u64(Whole).ok();
    number.and_then(make).ok_or_else(|| Error::custom(wanted))
}

/// A field that is a whole number: the message for a wrong one, and the conversion to a value.
pub(crate) struct Seed<T>(pub(crate) &'static str, pub(crate) fn(u64) -> Option<T>);

impl<'de, T> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        read(deserializer, self.0, self.1)
    }
}

/// Reads a whole number that may be negative, and converts it to a value, as [`read`] does.
pub(crate) fn read_signed<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    wanted: &'static str,
    make: impl FnOnce(i64) -> Option<T>,
) -> Result<T, D::Error> {
    let number = deserializer.deserialize_i64(Signed).ok();
    number.and_then(make).ok_or_else(|| Error::custom(wanted))
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = u64;

    crate::form_error::unused_expecting!();

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(Error::custom)
    }
}

struct Signed;

impl Visitor<'_> for Signed {
    type Value = i64;

    crate::form_error::unused_expecting!();

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(Error::custom)
    }
}
