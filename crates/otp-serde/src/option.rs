use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, Visitor};

/// Reads the value of a seed, or a null.
pub(crate) struct OptionSeed<T>(pub(crate) T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for OptionSeed<T> {
    type Value = Option<T::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut entered = false;
        let visitor = Either { entered: &mut entered, seed: self.0 };
        match deserializer.deserialize_option(visitor) {
            Err(_) if !entered => Err(Error::custom("expected a value or null")),
            result => result,
        }
    }
}

struct Either<'a, T> {
    entered: &'a mut bool,
    seed: T,
}

impl<'de, T: DeserializeSeed<'de>> Visitor<'de> for Either<'_, T> {
    type Value = Option<T::Value>;

    crate::form_error::unused_expecting!();

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        *self.entered = true;
        self.seed.deserialize(deserializer).map(Some)
    }
}

/// Adds two types and a module to the `serialize` and `deserialize` of a module: `Serializable` and
/// `Seed`, for use in a larger form, and `option`, for an `Option` of the value.
macro_rules! with_option {
    ($value:ty) => {
        #[allow(dead_code, reason = "not every form is part of a larger one")]
        pub(crate) struct Serializable<'a>(pub(crate) &'a $value);

        impl serde_core::Serialize for Serializable<'_> {
            fn serialize<S: serde_core::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serialize(self.0, serializer)
            }
        }

        #[derive(Clone, Copy)]
        pub(crate) struct Seed;

        impl<'de> serde_core::de::DeserializeSeed<'de> for Seed {
            type Value = $value;

            fn deserialize<D: serde_core::Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<$value, D::Error> {
                deserialize(deserializer)
            }
        }

        /// Reads and writes an `Option` of the value.
        ///
        /// Add `default` to the attribute if the field may be absent.
        pub mod option {
            use super::*;

            /// Writes the value, or a null.
            ///
            /// # Errors
            ///
            /// Those of the module above and of the format.
            pub fn serialize<S: serde_core::Serializer>(
                value: &Option<$value>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serde_core::Serialize::serialize(&value.as_ref().map(Serializable), serializer)
            }

            /// Reads the value, or a null.
            ///
            /// # Errors
            ///
            /// Those of the module above and of the format.
            pub fn deserialize<'de, D: serde_core::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<$value>, D::Error> {
                use serde_core::de::DeserializeSeed;
                $crate::option::OptionSeed(Seed).deserialize(deserializer)
            }
        }
    };
}
pub(crate) use with_option;
