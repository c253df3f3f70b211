//! A reader of otp-serde makes a value or an error of whatever it is given; a value is written, and
//! what is written is read back as the same.
//!
//! Input: the form, a byte; the format, a byte; the rest is the document.

use otp_context::{Drift, Record, SealedKey, Secrets, Tag, Throttle, Tracker};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime, Window};
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::{KeyUri, Kind, Label};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::errors;

macro_rules! forms {
    ($($name:ident: $value:ty, $module:literal;)*) => {
        $(
            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            struct $name(#[serde(with = $module)] $value);
        )*

        const FORMS: &[fn(Format, &[u8])] = &[$(check_form::<$name>),*];
    };
}

forms! {
    AlgorithmForm: Algorithm, "otp_serde::algorithm";
    CounterForm: u64, "otp_serde::counter";
    DigitsForm: Digits, "otp_serde::digits";
    DriftForm: Drift, "otp_serde::drift";
    FieldsForm: KeyUri, "otp_serde::key_uri_fields";
    KindForm: Kind, "otp_serde::kind";
    LabelForm: Label, "otp_serde::label";
    PeriodForm: Period, "otp_serde::period";
    RecordForm: Record, "otp_serde::revealed_record";
    SealedForm: SealedKey, "otp_serde::sealed_key";
    SecretForm: Secret, "otp_serde::secret";
    SecretsForm: Option<Secrets>, "otp_serde::secrets::option";
    TagForm: Tag, "otp_serde::tag";
    TextForm: KeyUri, "otp_serde::key_uri_text";
    ThrottleForm: Throttle, "otp_serde::throttle";
    TimeForm: UnixTime, "otp_serde::time";
    TrackerForm: Tracker, "otp_serde::tracker";
    WindowForm: Window, "otp_serde::window";
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Cbor,
    Postcard,
}

impl Format {
    fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
            Self::Cbor => ciborium::from_reader(bytes).map_err(|error| error.to_string()),
            Self::Postcard => postcard::from_bytes(bytes).map_err(|error| error.to_string()),
        }
    }

    fn write<T: Serialize>(self, value: &T) -> Vec<u8> {
        match self {
            Self::Json => serde_json::to_vec(value).expect("a value that was read is written"),
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(value, &mut bytes).expect("a value that was read is written");
                bytes
            }
            Self::Postcard => {
                postcard::to_allocvec(value).expect("a value that was read is written")
            }
        }
    }
}

/// The law.
pub fn check(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (form, format) = (bytes.byte(), bytes.byte());
    let format = match format % 3 {
        0 => Format::Json,
        1 => Format::Cbor,
        _ => Format::Postcard,
    };
    match FORMS.get(usize::from(form) % (FORMS.len() + 1)) {
        Some(check) => check(format, bytes.rest()),
        None => check_passlib(format, bytes.rest()),
    }
}

fn check_form<T: Serialize + DeserializeOwned>(format: Format, document: &[u8]) {
    let value: T = match format.read(document) {
        Ok(value) => value,
        Err(error) => return errors::keep_quiet(document, &error),
    };
    let written = format.write(&value);
    let again: T = format.read(&written).expect("what was written is read");
    assert_eq!(format.write(&again), written, "what was written changes");
}

fn check_passlib(format: Format, document: &[u8]) {
    let record = match format.read::<PasslibRecord>(document) {
        Ok(record) => record.0,
        Err(error) => return errors::keep_quiet(document, &error),
    };
    let written = passlib::reveal_json(&record).expect("a record that was read is written");
    let written = written.to_string();
    let again: PasslibRecord = serde_json::from_str(&written).expect("what was written is read");
    let again = passlib::reveal_json(&again.0).map(|json| json.to_string());
    assert_eq!(again.as_ref(), Ok(&written), "what was written changes");
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::errors;

    #[test]
    fn good_and_bad_documents_keep_the_law() {
        for form in 0..=19 {
            for format in 0..3 {
                for document in [
                    "",
                    "7",
                    "30",
                    "\"SHA1\"",
                    "{}",
                    "null",
                    "\"JBSWY3DPEHPK3PXP\"",
                    r#"{"behind":1,"ahead":1}"#,
                    r#"{"key":"JBSWY3DPEHPK3PXP","type":"totp","v":1}"#,
                    r#"{"v":2,"type":"steam","next":1,"secret":"JBSWY3DP"}"#,
                    "\x01\x02\x03",
                ] {
                    check(&[&[form, format], document.as_bytes()].concat());
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "repeats what was read")]
    fn an_error_that_shows_the_key_does_not() {
        let document = br#"{"digits":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}"#;
        let error = serde_json::from_slice::<u8>(&document[10..document.len() - 1]).unwrap_err();
        errors::keep_quiet(document, &error.to_string());
    }
}
