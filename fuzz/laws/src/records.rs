//! A reader of otp-serde makes a value or an error of whatever it is given; a value is written, and
//! what is written is read back as the same.
//!
//! Input: the form, a byte; the format, a byte; the rest is the document.

use otp_context::replay::{Drift, Throttle, Tracker};
use otp_context::wallet::{ApplicationSecrets, SealedKey, Tag};
use otp_context::{Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime, Window};
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::{KeyUri, Label, OtpKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::errors;

/// What becomes of a document between writing and reading.
type Store = fn(Vec<u8>) -> Vec<u8>;

trait Form: Serialize + DeserializeOwned {
    fn is(&self, other: &Self) -> bool;
}

macro_rules! forms {
    ($($name:ident: $value:ty, $module:literal, $same:expr;)*) => {
        $(
            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            struct $name(#[serde(with = $module)] $value);

            impl Form for $name {
                fn is(&self, other: &Self) -> bool {
                    $same(&self.0, &other.0)
                }
            }
        )*

        const FORMS: &[fn(Format, &[u8], Store) -> bool] = &[$(against_form::<$name>),*];
    };
}

forms! {
    AlgorithmForm: Algorithm, "otp_serde::algorithm", PartialEq::eq;
    CounterForm: u64, "otp_serde::counter", PartialEq::eq;
    DigitsForm: Digits, "otp_serde::digits", PartialEq::eq;
    DriftForm: Drift, "otp_serde::drift", PartialEq::eq;
    FieldsForm: KeyUri, "otp_serde::key_uri_fields", PartialEq::eq;
    KindForm: OtpKind, "otp_serde::otp_kind", PartialEq::eq;
    LabelForm: Label, "otp_serde::label", PartialEq::eq;
    PeriodForm: Period, "otp_serde::period", PartialEq::eq;
    RecordForm: Record, "otp_serde::revealed_record", same_record;
    SealedForm: SealedKey, "otp_serde::sealed_key", PartialEq::eq;
    SecretForm: Secret, "otp_serde::secret", PartialEq::eq;
    SecretsForm: Option<ApplicationSecrets>, "otp_serde::secrets::option", same_secrets;
    TagForm: Tag, "otp_serde::tag", PartialEq::eq;
    TextForm: KeyUri, "otp_serde::key_uri_text", PartialEq::eq;
    ThrottleForm: Throttle, "otp_serde::throttle", PartialEq::eq;
    TimeForm: UnixTime, "otp_serde::time", PartialEq::eq;
    TrackerForm: Tracker, "otp_serde::tracker", PartialEq::eq;
    WindowForm: Window, "otp_serde::window", PartialEq::eq;
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

fn same_record(one: &Record, other: &Record) -> bool {
    let key = match (one.key(), other.key()) {
        (StoredKey::Plain(one), StoredKey::Plain(other)) => one == other,
        (StoredKey::Sealed(one), StoredKey::Sealed(other)) => one == other,
        (StoredKey::Passlib(one), StoredKey::Passlib(other)) => one == other,
        _ => false,
    };
    key && (one.account(), one.issuer()) == (other.account(), other.issuer())
        && (one.kind(), one.next()) == (other.kind(), other.next())
}

fn same_secrets(one: &Option<ApplicationSecrets>, other: &Option<ApplicationSecrets>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.iter().eq(other.iter()),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The law.
pub fn check(data: &[u8]) {
    against(data, |document| document);
}

/// Whether the document was read.
fn against(data: &[u8], store: Store) -> bool {
    let mut bytes = Bytes(data);
    let (form, format) = (bytes.byte(), bytes.byte());
    let format = match format % 3 {
        0 => Format::Json,
        1 => Format::Cbor,
        _ => Format::Postcard,
    };
    match FORMS.get(usize::from(form) % (FORMS.len() + 1)) {
        Some(against_form) => against_form(format, bytes.rest(), store),
        None => against_passlib(format, bytes.rest(), store),
    }
}

fn against_form<T: Form>(format: Format, document: &[u8], store: Store) -> bool {
    let Some(value) = read::<T>(format, document) else { return false };
    let written = store(format.write(&value));
    let again: T = format.read(&written).expect("what was written is read");
    assert!(again.is(&value), "what was written is read otherwise");
    assert_eq!(store(format.write(&again)), written, "what was written changes");
    true
}

/// Passlib's form is JSON whatever it was read from.
fn against_passlib(format: Format, document: &[u8], store: Store) -> bool {
    let Some(PasslibRecord(record)) = read(format, document) else { return false };
    let write = |record: &Record| {
        let json = passlib::reveal_json(record).expect("a record that was read is written");
        store(json.to_string().into_bytes())
    };
    let written = write(&record);
    let again: PasslibRecord = Format::Json.read(&written).expect("what was written is read");
    assert!(same_record(&again.0, &record), "what was written is read otherwise");
    assert_eq!(write(&again.0), written, "what was written changes");
    true
}

fn read<T: DeserializeOwned>(format: Format, document: &[u8]) -> Option<T> {
    let read = |document: &[u8]| format.read(document);
    read(document).map_err(|error| errors::keep_quiet(document, &error, read)).ok()
}

#[cfg(test)]
mod tests {
    use super::{Format, against, check, read};
    use crate::limits;
    use std::sync::atomic::{AtomicUsize, Ordering};

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
                    check(&self::document(form, format, document.as_bytes()));
                }
            }
        }
    }

    #[test]
    fn the_seeds_meet_the_limits() {
        limits::are_met("records", |data| against(data, |document| document));
    }

    const RECORD: &[u8] = br#"{"v":2,"account":"alice","type":"hotp","algorithm":"SHA1","digits":8,
        "next":7,"secret":"JBSWY3DPEHPK3PXP"}"#;

    /// A document of the form and in the format.
    fn document(form: u8, format: u8, document: &[u8]) -> Vec<u8> {
        [&[form, format], document].concat()
    }

    fn replaced(document: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
        String::from_utf8(document).unwrap().replace(from, to).into_bytes()
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_writer_that_drops_a_field_does_not() {
        against(&document(8, 0, RECORD), |it| replaced(it, r#""account":"alice","#, ""));
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_reader_that_takes_a_number_for_another_does_not() {
        against(&document(1, 2, &[5]), |it| it.iter().map(|byte| byte ^ 1).collect());
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_writer_of_passlibs_form_that_drops_a_field_does_not() {
        let record = br#"{"key":"JBSWY3DPEHPK3PXP","digits":8,"type":"totp","v":1}"#;
        against(&document(18, 0, record), |it| replaced(it, r#""digits":8,"#, ""));
    }

    #[test]
    #[should_panic(expected = "what was written changes")]
    fn a_writer_that_never_writes_the_same_does_not() {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        against(&document(8, 0, RECORD), |mut it| {
            it.resize(it.len() + WRITTEN.fetch_add(1, Ordering::Relaxed), b' ');
            it
        });
    }

    #[test]
    #[should_panic(expected = "repeats what was read")]
    fn an_error_that_shows_the_key_does_not() {
        // What serde_json says of text in place of a number.
        read::<u8>(Format::Json, br#""JBSWY3DPEHPK3PXP""#);
    }
}
