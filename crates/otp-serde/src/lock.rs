use otp_context::replay::Lock;
use serde_core::de::{DeserializeSeed, EnumAccess, Error, VariantAccess, Visitor};
use serde_core::{Deserializer, Serialize, Serializer};

use crate::fields::FieldName;
use crate::time;

const NAME: &str = "Lock";
const VARIANTS: &[&str] = &["open", "hard", "until"];
const WANTED: &str = "lock must be open, hard or until a time";

/// Writes a lock: `"open"`, `"hard"` or `{"until":1700000000}`.
pub(crate) struct Serializable(pub(crate) Lock);

impl Serialize for Serializable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Lock::Open => serializer.serialize_unit_variant(NAME, 0, "open"),
            Lock::Hard => serializer.serialize_unit_variant(NAME, 1, "hard"),
            Lock::Until(until) => {
                serializer.serialize_newtype_variant(NAME, 2, "until", &time::Serializable(until))
            }
        }
    }
}

/// Reads a lock.
pub(crate) struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Lock;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Lock, D::Error> {
        // A format's own message may repeat the input.
        deserializer.deserialize_enum(NAME, VARIANTS, Seed).map_err(|_| Error::custom(WANTED))
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Lock;

    crate::form_error::unused_expecting!();

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Lock, A::Error> {
        match access.variant_seed(FieldName { names: VARIANTS, report: &|_, _| () })? {
            (Some(0), variant) => variant.unit_variant().map(|()| Lock::Open),
            (Some(1), variant) => variant.unit_variant().map(|()| Lock::Hard),
            (Some(2), variant) => variant.newtype_variant_seed(time::Seed).map(Lock::Until),
            _ => Err(Error::custom(WANTED)),
        }
    }
}
