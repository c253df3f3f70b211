use serde_core::ser::SerializeStruct;
use serde_core::{Serialize, Serializer};

/// Writes fields that may be absent. Formats with names omit an absent field; formats without names
/// write a null in its place.
pub(crate) struct OptionalFields {
    by_place: bool,
    count: usize,
}

impl OptionalFields {
    pub(crate) fn of<S: Serializer>(serializer: &S) -> Self {
        Self { by_place: !serializer.is_human_readable(), count: 0 }
    }

    /// Counts a field that may be absent.
    pub(crate) fn field<T>(&mut self, field: Option<T>) -> Option<T> {
        if field.is_some() || self.by_place {
            self.required();
        }
        field
    }

    /// Counts a field that is always present.
    pub(crate) const fn required(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// Returns the number of fields to write, which a format must know beforehand.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Writes a field that was counted.
    pub(crate) fn write<S: SerializeStruct, T: Serialize>(
        &self,
        form: &mut S,
        name: &'static str,
        field: Option<T>,
    ) -> Result<(), S::Error> {
        if field.is_none() && !self.by_place {
            return form.skip_field(name);
        }
        form.serialize_field(name, &field)
    }
}
