use std::cell::Cell;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What a record says its version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Whole(u64),
    /// A number with a fraction or an exponent.
    Fraction,
    /// An object or an array.
    Nested,
    Other,
}

/// The version of a record, whatever else is right or wrong with it; of two, the first.
pub(crate) fn find(text: &str) -> Option<Version> {
    let found = Cell::new(None);
    // What follows the version is for the reader of that version to judge.
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(Fields(&found));
    found.get()
}

struct Fields<'a>(&'a Cell<Option<Version>>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_version) = map.next_key::<Name>()?.map(|Name(is_version)| is_version) {
            if is_version {
                // A value that the parser gives up on is none of those that are valid.
                self.0.set(Some(map.next_value().unwrap_or(Version::Other)));
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Whether a field has the version.
struct Name(bool);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name == "v"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Version, E> {
                Ok(Version::Whole(number))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Version, E> {
                Ok(Version::Fraction)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Version, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Version::Nested)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Version, A::Error> {
                while sequence.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Version::Nested)
            }
        }
        deserializer.deserialize_any(Value)
    }
}
