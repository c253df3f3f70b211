//! [`Drift`] as its steps and its bound: `{"steps":-2,"bound":4}`.

use otp_context::replay::Drift;
use serde_core::de::DeserializeSeed;
use serde_core::ser::SerializeStruct;
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::number;

const STEPS: &str = "drift must be a whole number of steps within its bound";
const BOUND: &str = "bound must be a whole number from 0 to 255";

/// Writes both numbers.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(drift: &Drift, serializer: S) -> Result<S::Ok, S::Error> {
    let mut form = serializer.serialize_struct(Form::NAME, Form::NAMES.len())?;
    form.serialize_field("steps", &i64::from(drift.steps()))?;
    form.serialize_field("bound", &u64::from(drift.bound()))?;
    form.end()
}

/// Reads both numbers.
///
/// # Errors
///
/// A number that is missing, duplicate, or not whole; a bound above 255; steps beyond the bound; an
/// unknown field.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Drift, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(Drift);

#[derive(Default)]
struct Form {
    steps: Option<i16>,
    bound: Option<u8>,
}

impl<'de> Fields<'de> for Form {
    type Value = Drift;
    const NAME: &'static str = "Drift";
    const NAMES: &'static [&'static str] = &["steps", "bound"];
    const WANTED: &'static str = "drift must have the fields steps and bound";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "steps" => self.steps = Some(source.take(Steps)?),
            _ => {
                self.bound = Some(source.take(number::Seed(BOUND, |bound| bound.try_into().ok()))?)
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Drift, FormError> {
        let (steps, bound) = (required(self.steps, "steps")?, required(self.bound, "bound")?);
        let drift = Drift::resume(steps, bound);
        // This crate never writes steps beyond the bound.
        if drift.steps() == steps { Ok(drift) } else { Err(FormError::Bound("steps", STEPS)) }
    }
}

struct Steps;

impl<'de> DeserializeSeed<'de> for Steps {
    type Value = i16;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<i16, D::Error> {
        number::read_signed(deserializer, STEPS, |steps| i16::try_from(steps).ok())
    }
}
