//! The forms, and their laws, which fuzzing checks, too.

#[path = "../../../../fuzz/laws/src/records/format.rs"]
pub mod format;
#[path = "../../../../fuzz/laws/src/records/forms.rs"]
pub mod forms;
#[path = "../../../../fuzz/laws/src/records/passlib.rs"]
mod passlib;

use otp_core::Secret;
use proptest::prelude::*;

use format::Format::{self, Cbor, Given, Json, Postcard};
use forms::{FORMS, Form};

/// A form, and the document of a value in a format.
pub struct Document {
    pub form: Form,
    pub bytes: Vec<u8>,
}

/// Returns the pinned documents of a format. A line of each file is the same value.
pub fn documents(format: Format) -> Vec<Document> {
    let (text, is_hex) = match format {
        Json | Given => (include_str!("golden/json.txt"), false),
        Cbor => (include_str!("golden/cbor.txt"), true),
        Postcard => (include_str!("golden/postcard.txt"), true),
    };
    let document = |line: &str| {
        let (name, text) = line.split_once(' ').unwrap();
        let bytes = match is_hex {
            true => Secret::from_hex(text).unwrap().reveal().to_vec(),
            false => text.as_bytes().to_vec(),
        };
        Document { form: form(name), bytes }
    };
    text.lines().map(document).collect()
}

pub fn form(name: &str) -> Form {
    *FORMS.iter().find(|form| form.name == name).unwrap()
}

/// Returns the error of reading, if any.
pub fn refusal(form: Form, format: Format, bytes: &[u8]) -> Option<String> {
    (form.shown)(format, bytes).err()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_read_back(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for form in FORMS {
            for format in [Json, Cbor, Postcard] {
                (form.value)(format, &bytes, |document| document);
            }
        }
    }
}

#[test]
fn wire_forms_are_pinned() {
    let values = include_str!("golden/values.txt");
    for format in [Json, Given, Cbor, Postcard] {
        let pinned = documents(format);
        assert_eq!(pinned.len(), values.lines().count());
        for ((json, pinned), value) in documents(Json).into_iter().zip(pinned).zip(values.lines()) {
            let form = pinned.form;
            assert_eq!(json.form.name, form.name);
            assert_eq!((form.convert)(Json, &json.bytes, format).as_ref(), Ok(&pinned.bytes));
            assert_eq!((form.convert)(format, &pinned.bytes, format).as_ref(), Ok(&pinned.bytes));
            assert_eq!((form.shown)(format, &pinned.bytes).as_deref(), Ok(value));
        }
    }
}

#[test]
fn passlibs_form_is_pinned() {
    let form = form("passlib");
    let mut lines = include_str!("golden/passlib.txt").lines();
    while let (Some(document), Some(value)) = (lines.next(), lines.next()) {
        assert_eq!((form.shown)(Json, document.as_bytes()).as_deref(), Ok(value));
        // 0 is that no counter is spent, and passlib itself leaves it out then.
        let written = document.replace(r#""last_counter":0,"#, "").into_bytes();
        assert_eq!((form.convert)(Json, document.as_bytes(), Json), Ok(written));
    }
}

/// A format that buffers its input gives the same value.
#[test]
fn buffered_values_are_read() {
    use otp_context::replay::Throttle;
    use otp_context::{Record, wallet::ApplicationSecrets};
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Serialize, Deserialize)]
    struct Inner {
        #[serde(with = "otp_serde::revealed_record")]
        record: Record,
        #[serde(with = "otp_serde::secrets")]
        secrets: ApplicationSecrets,
        #[serde(with = "otp_serde::throttle")]
        throttle: Throttle,
    }

    let of = |name: &str| {
        let all = documents(Json).into_iter().filter(|document| document.form.name == name);
        all.map(|document| String::from_utf8(document.bytes).unwrap()).collect::<Vec<_>>()
    };
    let (secrets, throttle) = (&of("secrets")[1], &of("throttle")[1]);
    for record in of("revealed_record") {
        let json = format!(r#"{{"record":{record},"secrets":{secrets},"throttle":{throttle}}}"#);
        let outer: Outer = Json.read(json.as_bytes()).unwrap();
        let outer: Outer = Cbor.read(&Cbor.write(&outer).unwrap()).unwrap();
        assert_eq!(Json.write(&outer).unwrap(), json.as_bytes());
    }
}
