use core::marker::PhantomData;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use crate::form_error::{FormError, Problem, Report};

/// A form of named fields while it is read.
pub(crate) trait Fields<'de>: Default {
    /// The value of the form.
    type Value;
    /// The name of the form, for formats that show one.
    const NAME: &'static str;
    /// The names of the fields, in their order in formats without names.
    const NAMES: &'static [&'static str];
    /// The message for a value that is not this form.
    const WANTED: &'static str;
    /// The part of a record that the form is. In a whole record, each field is a part.
    const PART: Option<&'static str> = None;

    /// Returns the name of the part for a field, where it differs from the field's.
    fn part(name: &'static str) -> &'static str {
        name
    }

    /// Reads the field of this name.
    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error>;

    /// Returns the value, after all fields are read.
    fn finish(self) -> Result<Self::Value, FormError>;
}

/// The source of a field's value.
pub(crate) trait Source<'de> {
    type Error: Error;

    /// Receives the problems within the value.
    type Report: Fn(&'static str, Problem<'_>);

    #[cfg_attr(not(feature = "passlib"), expect(dead_code, reason = "only passlib nests forms"))]
    fn report(&self) -> Self::Report;

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error>;
}

/// Returns the value of a required field.
pub(crate) fn required<T>(field: Option<T>, name: &'static str) -> Result<T, FormError> {
    field.ok_or(FormError::Missing(name))
}

/// Reads a form strictly: every field must be known, and no field may be duplicate.
pub(crate) fn read<'de, D: Deserializer<'de>, F: Fields<'de>>(
    deserializer: D,
) -> Result<F::Value, D::Error> {
    read_reporting::<D, F>(deserializer, &|_, _| ())
}

/// Reads a form, and reports its problems.
pub(crate) fn read_reporting<'de, D: Deserializer<'de>, F: Fields<'de>>(
    deserializer: D,
    report: Report<'_>,
) -> Result<F::Value, D::Error> {
    let mut entered = false;
    // In formats with names, the place of a field has no meaning.
    let by_place = !deserializer.is_human_readable();
    let form = Form::<F> { entered: &mut entered, by_place, report, fields: PhantomData };
    match deserializer.deserialize_struct(F::NAME, F::NAMES, form) {
        // Within the form, errors have the texts of this crate or are about the syntax.
        Err(error) if entered => Err(error),
        Err(_) => Err(reported::<F, _>(report, FormError::Bound(WHOLE, F::WANTED))),
        Ok(value) => Ok(value),
    }
}

/// The part for an error that is about no single field.
const WHOLE: &str = "record";

/// Reports an error of the form, and converts it to an error of the format.
fn reported<'de, F: Fields<'de>, E: Error>(report: Report<'_>, error: FormError) -> E {
    let part = F::PART.or_else(|| error.part()).unwrap_or(WHOLE);
    report(part, Problem::Form(error));
    E::custom(error)
}

/// Reads a form from the entries of a map, and reports its problems.
pub(crate) fn read_map<'de, A: MapAccess<'de>, F: Fields<'de>>(
    mut map: A,
    report: Report<'_>,
) -> Result<F::Value, A::Error> {
    let mut fields = F::default();
    let mut seen = 0_u32;
    let field_name = FieldName { names: F::NAMES, report };
    while let Some(place) = map.next_key_seed(field_name)? {
        let name = place.and_then(|place| F::NAMES.get(place).map(|name| (place, *name)));
        let (place, name) = name.ok_or_else(|| reported::<F, _>(report, FormError::Unknown))?;
        let bit = u32::try_from(place).ok().and_then(|place| 1_u32.checked_shl(place));
        let bit = bit.unwrap_or_default();
        if seen & bit != 0 {
            return Err(reported::<F, _>(report, FormError::Duplicate(name)));
        }
        seen |= bit;
        fields.read(name, FromMap(&mut map, report)).inspect_err(|error| {
            report(F::PART.unwrap_or(F::part(name)), Problem::Value(error));
        })?;
    }
    fields.finish().map_err(|error| reported::<F, _>(report, error))
}

struct Form<'a, F> {
    entered: &'a mut bool,
    by_place: bool,
    report: Report<'a>,
    fields: PhantomData<F>,
}

impl<'de, F: Fields<'de>> Visitor<'de> for Form<'_, F> {
    type Value = F::Value;

    crate::form_error::unused_expecting!();

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<F::Value, A::Error> {
        *self.entered = true;
        read_map::<A, F>(map, self.report)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<F::Value, A::Error> {
        *self.entered = true;
        if !self.by_place {
            return Err(reported::<F, _>(self.report, FormError::Bound(WHOLE, F::WANTED)));
        }
        let mut fields = F::default();
        for name in F::NAMES {
            fields.read(name, FromSequence(&mut sequence, name, self.report))?;
        }
        fields.finish().map_err(|error| reported::<F, _>(self.report, error))
    }
}

struct FromMap<'a, A>(&'a mut A, Report<'a>);

impl<'de, 'a, A: MapAccess<'de>> Source<'de> for FromMap<'a, A> {
    type Error = A::Error;

    type Report = Report<'a>;

    fn report(&self) -> Report<'a> {
        self.1
    }

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

struct FromSequence<'a, A>(&'a mut A, &'static str, Report<'a>);

impl<'de, 'a, A: SeqAccess<'de>> Source<'de> for FromSequence<'a, A> {
    type Error = A::Error;

    type Report = Report<'a>;

    fn report(&self) -> Report<'a> {
        self.2
    }

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        let value = self.0.next_element_seed(seed)?;
        required(value, self.1).map_err(Error::custom)
    }
}

/// Reads the name of a field. Returns its place among `names`, or `None` for an unknown name. A format
/// that writes places returns the place unchecked.
#[derive(Clone, Copy)]
pub(crate) struct FieldName<'a> {
    pub(crate) names: &'static [&'static str],
    pub(crate) report: Report<'a>,
}

impl<'de> DeserializeSeed<'de> for FieldName<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self).map_err(|_| {
            (self.report)(WHOLE, Problem::Form(FormError::Name));
            Error::custom(FormError::Name)
        })
    }
}

impl Visitor<'_> for FieldName<'_> {
    type Value = Option<usize>;

    crate::form_error::unused_expecting!();

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.names.iter().position(|known| *known == name))
    }

    fn visit_u64<E: Error>(self, place: u64) -> Result<Self::Value, E> {
        Ok(usize::try_from(place).ok())
    }
}
