//! [`Throttle`] as its failures and its lock: `{"failures":4,"lock":{"until":1700000030}}`. The lock is
//! `"open"`, `"hard"` or such a time.

use otp_context::replay::{Lock, Throttle};
use serde_core::ser::SerializeStruct;
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::{lock, number};

const FAILURES: &str = "failures must be a whole number from 0 to 4294967295";

/// Writes the failures and the lock.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(throttle: &Throttle, serializer: S) -> Result<S::Ok, S::Error> {
    let mut form = serializer.serialize_struct(Form::NAME, Form::NAMES.len())?;
    form.serialize_field("failures", &u64::from(throttle.failures()))?;
    form.serialize_field("lock", &lock::Serializable(throttle.lock()))?;
    form.end()
}

/// Reads a throttle ([`Throttle::resume`]).
///
/// # Errors
///
/// A field that is missing, duplicate or unknown; failures that are not a whole number of 32 bits; a
/// malformed lock.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Throttle, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(Throttle);

#[derive(Default)]
struct Form {
    failures: Option<u32>,
    lock: Option<Lock>,
}

impl<'de> Fields<'de> for Form {
    type Value = Throttle;
    const NAME: &'static str = "Throttle";
    const NAMES: &'static [&'static str] = &["failures", "lock"];
    const WANTED: &'static str = "throttle must have the fields failures and lock";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "failures" => {
                self.failures =
                    Some(source.take(number::Seed(FAILURES, |number| number.try_into().ok()))?)
            }
            _ => self.lock = Some(source.take(lock::Seed)?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Throttle, FormError> {
        Ok(Throttle::resume(required(self.failures, "failures")?, required(self.lock, "lock")?))
    }
}
