use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, Visitor};

/// Reads what a seed reads, or nothing.
pub(crate) struct Maybe<T>(pub(crate) T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Maybe<T> {
    type Value = Option<T::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut entered = false;
        let visitor = Either { entered: &mut entered, seed: self.0 };
        match deserializer.deserialize_option(visitor) {
            Err(_) if !entered => Err(Error::custom("value must be something or nothing")),
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

    crate::flaw::unsaid!();

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

/// What stands beside the `serialize` and `deserialize` of a module: the two as values, for use in
/// a larger form, and their twin for an `Option`.
macro_rules! twin {
    ($value:ty) => {
        #[allow(dead_code, reason = "not every form is part of a larger one")]
        pub(crate) struct Out<'a>(pub(crate) &'a $value);

        impl serde_core::Serialize for Out<'_> {
            fn serialize<S: serde_core::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serialize(self.0, serializer)
            }
        }

        #[derive(Clone, Copy)]
        pub(crate) struct In;

        impl<'de> serde_core::de::DeserializeSeed<'de> for In {
            type Value = $value;

            fn deserialize<D: serde_core::Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<$value, D::Error> {
                deserialize(deserializer)
            }
        }

        /// The same for an `Option`.
        ///
        /// Add `default` to the attribute if the field may be absent.
        pub mod option {
            use super::*;

            /// Writes the value, or that there is none.
            ///
            /// # Errors
            ///
            /// Those of the module above and of the format.
            pub fn serialize<S: serde_core::Serializer>(
                value: &Option<$value>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serde_core::Serialize::serialize(&value.as_ref().map(Out), serializer)
            }

            /// Reads the value, or that there is none.
            ///
            /// # Errors
            ///
            /// Those of the module above and of the format.
            pub fn deserialize<'de, D: serde_core::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<$value>, D::Error> {
                use serde_core::de::DeserializeSeed;
                $crate::option::Maybe(In).deserialize(deserializer)
            }
        }
    };
}
pub(crate) use twin;
