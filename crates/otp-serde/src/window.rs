//! [`Window`] as its two numbers of steps: `{"behind":1,"ahead":1}`.

use otp_core::Window;
use serde_core::ser::SerializeStruct;
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::number;

const BEHIND: &str = "behind must be a whole number from 0 to 255";
const AHEAD: &str = "ahead must be a whole number from 0 to 255";

/// Writes both numbers.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(window: &Window, serializer: S) -> Result<S::Ok, S::Error> {
    let mut form = serializer.serialize_struct(Form::NAME, Form::NAMES.len())?;
    form.serialize_field("behind", &u64::from(window.behind))?;
    form.serialize_field("ahead", &u64::from(window.ahead))?;
    form.end()
}

/// Reads both numbers.
///
/// # Errors
///
/// A number that is missing, duplicate, or not a whole number from 0 to 255; an unknown field.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Window, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(Window);

#[derive(Default)]
struct Form {
    behind: Option<u8>,
    ahead: Option<u8>,
}

impl<'de> Fields<'de> for Form {
    type Value = Window;
    const NAME: &'static str = "Window";
    const NAMES: &'static [&'static str] = &["behind", "ahead"];
    const WANTED: &'static str = "window must have the fields behind and ahead";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "behind" => self.behind = Some(source.take(number::Seed(BEHIND, steps))?),
            _ => self.ahead = Some(source.take(number::Seed(AHEAD, steps))?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Window, FormError> {
        Ok(Window::new(required(self.behind, "behind")?, required(self.ahead, "ahead")?))
    }
}

fn steps(number: u64) -> Option<u8> {
    number.try_into().ok()
}
