use core::marker::PhantomData;

use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use crate::flaw::Flaw;

/// A form of named fields while it is read.
pub(crate) trait Fields<'de>: Default {
    /// What is read.
    type Value;
    /// The name of the form, for formats that show one.
    const NAME: &'static str;
    /// The names of its fields, in the order of formats that have no names.
    const NAMES: &'static [&'static str];
    /// What must be there instead of something else.
    const WANTED: &'static str;

    /// Reads the field of this name.
    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error>;

    /// Makes the value, all fields being read.
    fn finish<E: Error>(self) -> Result<Self::Value, E>;
}

/// Where the value of one field comes from.
pub(crate) trait Source<'de> {
    type Error: Error;

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error>;
}

/// A field's value, once it is read.
pub(crate) fn required<T, E: Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
    field.ok_or_else(|| Error::custom(Flaw::Missing(name)))
}

/// Reads a form strictly: every field is known, and none is there twice.
pub(crate) fn read<'de, D: Deserializer<'de>, F: Fields<'de>>(
    deserializer: D,
) -> Result<F::Value, D::Error> {
    let mut entered = false;
    // Where names are written, nothing is told by its place.
    let by_place = !deserializer.is_human_readable();
    let form = Form::<F> { entered: &mut entered, by_place, fields: PhantomData };
    match deserializer.deserialize_struct(F::NAME, F::NAMES, form) {
        // From within, only texts of our own come and those of broken syntax.
        Err(error) if entered => Err(error),
        Err(_) => Err(Error::custom(F::WANTED)),
        Ok(value) => Ok(value),
    }
}

/// Reads a form from the entries of a map.
pub(crate) fn read_map<'de, A: MapAccess<'de>, F: Fields<'de>>(
    mut map: A,
) -> Result<F::Value, A::Error> {
    let mut fields = F::default();
    let mut seen = 0_u32;
    while let Some(place) = map.next_key_seed(FieldName(F::NAMES))? {
        let name = place.and_then(|place| F::NAMES.get(place).map(|name| (place, *name)));
        let (place, name) = name.ok_or_else(|| Error::custom(Flaw::Unknown))?;
        let bit = u32::try_from(place).ok().and_then(|place| 1_u32.checked_shl(place));
        let bit = bit.unwrap_or_default();
        if seen & bit != 0 {
            return Err(Error::custom(Flaw::Duplicate(name)));
        }
        seen |= bit;
        fields.read(name, FromMap(&mut map))?;
    }
    fields.finish()
}

struct Form<'a, F> {
    entered: &'a mut bool,
    by_place: bool,
    fields: PhantomData<F>,
}

impl<'de, F: Fields<'de>> Visitor<'de> for Form<'_, F> {
    type Value = F::Value;

    crate::flaw::unsaid!();

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<F::Value, A::Error> {
        *self.entered = true;
        read_map::<A, F>(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<F::Value, A::Error> {
        *self.entered = true;
        if !self.by_place {
            return Err(Error::custom(F::WANTED));
        }
        let mut fields = F::default();
        for name in F::NAMES {
            fields.read(name, FromSequence(&mut sequence, name))?;
        }
        fields.finish()
    }
}

struct FromMap<'a, A>(&'a mut A);

impl<'de, A: MapAccess<'de>> Source<'de> for FromMap<'_, A> {
    type Error = A::Error;

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

struct FromSequence<'a, A>(&'a mut A, &'static str);

impl<'de, A: SeqAccess<'de>> Source<'de> for FromSequence<'_, A> {
    type Error = A::Error;

    fn take<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_element_seed(seed).and_then(|value| required(value, self.1))
    }
}

/// Reads one of the names; the place of it, or nothing for another. Of a format that writes places,
/// the place, whether there is such a name or not.
pub(crate) struct FieldName(pub(crate) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self).map_err(|_| Error::custom(Flaw::Name))
    }
}

impl Visitor<'_> for FieldName {
    type Value = Option<usize>;

    crate::flaw::unsaid!();

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }

    fn visit_u64<E: Error>(self, place: u64) -> Result<Self::Value, E> {
        Ok(usize::try_from(place).ok())
    }
}
