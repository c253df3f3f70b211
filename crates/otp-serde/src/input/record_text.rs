use alloc::boxed::Box;
use core::cell::Cell;

use serde_core::de::{IgnoredAny, MapAccess, Visitor};
use serde_core::{Deserialize as _, Deserializer};
use serde_json::Deserializer as Json;

use super::Input;
use crate::fields::FieldName;
use crate::{RecordError, RecordErrorKind, number, passlib, record};

const UNKNOWN: &str = "v must be 1, for passlib's records, or 2";
const INVALID: &str = "v must be the whole number 1 or 2";
const NOT_JSON: &str = "record is not valid JSON";
const REST: &str = "record has text after its end";

/// Reads a record in JSON, of version 1 or 2.
pub(super) fn read(text: &str) -> Result<Input, RecordError> {
    let format = |message| RecordError::new(RecordErrorKind::Format, "record", message);
    // Otherwise the reader of a field would judge a text that breaks off within it.
    IgnoredAny::deserialize(&mut Json::from_str(text)).map_err(|_| format(NOT_JSON))?;
    let mut json = Json::from_str(text);
    let input = match version(text) {
        Some(Some(2)) => record::read(&mut json).map(|it| Input::Record(Box::new(it))),
        // The reader reports a missing version.
        Some(Some(1)) | None => {
            passlib::read(&mut json).map(|it| Input::PasslibRecord(Box::new(it)))
        }
        Some(Some(_)) => return Err(RecordError::new(RecordErrorKind::Unknown, "v", UNKNOWN)),
        Some(None) => return Err(RecordError::new(RecordErrorKind::Invalid, "v", INVALID)),
    };
    let input = input.map_err(|error| match error.kind() {
        RecordErrorKind::Format => format(NOT_JSON),
        _ => error,
    })?;
    json.end().map_err(|_| format(REST))?;
    Ok(input)
}

/// Finds the first version in a record, even if the rest is not valid. The outer `None` means that
/// there is no version, the inner one that it is not a whole number.
fn version(text: &str) -> Option<Option<u64>> {
    let found = Cell::new(None);
    // The reader of the version judges the rest of the record.
    let _ = Json::from_str(text).deserialize_map(Version(&found));
    found.get()
}

struct Version<'a>(&'a Cell<Option<Option<u64>>>);

impl<'de> Visitor<'de> for Version<'_> {
    type Value = ();

    crate::form_error::unused_expecting!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) =
            map.next_key_seed(FieldName { names: &["v"], report: &|_, _| () })?
        {
            if field.is_some() {
                self.0.set(Some(map.next_value_seed(number::Seed(INVALID, Some)).ok()));
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
