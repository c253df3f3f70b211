//! Errors: the part and the bound, and never the input. Errors of other crates keep their text.

use otp_context::wallet::passlib::PasslibKey;
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets};
use otp_context::{Record, StoredKey};
use otp_core::Secret;
use otp_serde::passlib::{self, PasslibRecord, Unwritable, reveal_json, to_json};
use otp_serde::record::{self, Stored};
use otp_serde::{Input, RecordError};
use otp_uri::OtpKind;
use serde::Deserialize;
use serde_json::Deserializer;
use serde_json::value::Serializer;

use crate::laws;
use crate::laws::format::Format::Json;

/// Returns an error without the position, which the format adds.
fn bare(error: String) -> String {
    error.split(" at line ").next().unwrap().to_owned()
}

/// Returns the reader with kind and part of its error, and the text. Kind and part are values, so no program
/// needs to search words in a text.
fn refusal(reader: &str, document: &str) -> (String, String) {
    /// The error of a record by its own reader, and as the format shows it.
    fn of<T: for<'de> Deserialize<'de>>(
        reader: &str,
        error: &RecordError,
        document: &str,
    ) -> (String, String) {
        let by_serde =
            serde_json::from_str::<T>(document).err().map(|error| bare(error.to_string()));
        let is_format = error.kind().name() == "malformed";
        assert!(is_format || by_serde == Some(error.to_string()), "{document}");
        (format!("{reader}:{}:{}", error.kind().name(), error.part()), error.to_string())
    }
    let json = &mut Deserializer::from_str(document);
    match reader.split(':').next().unwrap() {
        "record" => of::<Stored>("record", &record::read(json).unwrap_err(), document),
        "passlib" => of::<PasslibRecord>("passlib", &passlib::read(json).unwrap_err(), document),
        "input" => {
            let error = Input::read(document).unwrap_err();
            (format!("input:{}:{}", error.kind_name(), error.part()), error.to_string())
        }
        name => {
            let error = laws::refusal(laws::form(name), Json, document.as_bytes());
            (name.to_owned(), bare(error.unwrap_or_else(|| panic!("{name} takes {document}"))))
        }
    }
}

#[test]
fn refusals_have_text_kind_and_part() {
    let (mut expected, mut count) = ("", 0);
    let lines = include_str!("refusals.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(' ').unwrap() {
            ("=", error) => expected = error,
            (reader, document) => {
                let found = refusal(reader, document);
                assert_eq!(found, (reader.to_owned(), expected.to_owned()), "{document}");
                count += 1;
            }
        }
    }
    assert!(count > 150, "{count}");
}

/// Returns a record with a sealed key.
fn sealed() -> Record {
    let all = laws::documents(Json);
    let record = all.iter().find(|document| document.form.name == "record").unwrap();
    serde_json::from_slice::<Stored>(&record.bytes).unwrap().0
}

/// A value that is too long to be read is not written, and the longest value is.
#[test]
fn records_without_a_form_are_rejected() {
    let of = |key| Record::new(OtpKind::default(), key);
    let key = |length| StoredKey::Plain(Secret::try_from(vec![1; length]).unwrap());
    let encrypted = |key, salt| {
        let [key, salt] = [key, salt].map(|length| "A".repeat(length));
        of(StoredKey::Passlib(PasslibKey::from_fields(1, 4, "1", &salt, &key).unwrap()))
    };
    let name = |length| "a".repeat(length);
    for (record, error) in [
        (of(key(20)).with_account(&name(8192)).with_issuer(&name(8192)), None),
        (of(key(20)).with_account(&name(8193)), Some(Unwritable::TooLong)),
        (of(key(20)).with_issuer(&name(8193)), Some(Unwritable::TooLong)),
        (of(key(5120)), None),
        (of(key(5121)), Some(Unwritable::TooLong)),
        (encrypted(8192, 512), None),
        (encrypted(8192, 514), Some(Unwritable::TooLong)),
        (encrypted(8194, 512), Some(Unwritable::TooLong)),
        (of(key(20)).with_issuer("a:b"), Some(Unwritable::Colon)),
        (Record::new(OtpKind::Steam, key(20)), Some(Unwritable::Type)),
        (sealed(), Some(Unwritable::SealedKey)),
    ] {
        let json = reveal_json(&record);
        assert_eq!(json.as_ref().err(), error.as_ref());
        let read = json.map(|json| serde_json::from_str::<PasslibRecord>(&json.to_string()));
        assert!(!read.is_ok_and(|read| read.is_err()));
    }
    assert_eq!(to_json(&of(key(20))).unwrap_err(), Unwritable::PlainKey);
    for (record, error) in [
        (of(key(20)), "key must be sealed"),
        (encrypted(8, 8), "key encrypted by passlib must be sealed by a wallet"),
    ] {
        assert_eq!(serde_json::to_string(&Stored(record)).unwrap_err().to_string(), error);
    }
}

#[test]
fn unwritable_secrets_are_rejected() {
    let long = Secret::try_from(vec![1; 5121]).unwrap();
    let error = otp_serde::secret::serialize(&long, Serializer).unwrap_err();
    assert_eq!(error.to_string(), "secret must be at most 5120 bytes");

    let secrets = |all: Vec<Vec<u8>>| {
        let all = all.into_iter().enumerate().fold(ApplicationSecrets::new(), |made, (n, it)| {
            made.with(n.to_string().parse().unwrap(), ApplicationSecret::new(it).unwrap()).unwrap()
        });
        otp_serde::secrets::serialize(&all, Serializer).err().map(|error| error.to_string())
    };
    let most = "application secrets must be at most 100";
    let longest = "application secret must be at most 4096 bytes";
    for (all, error) in [
        (vec![vec![0xff]], Some("application secret must be text")),
        ((0..100).map(|n| vec![n]).collect(), None),
        ((0..101).map(|n| vec![n]).collect(), Some(most)),
        (vec![vec![b'a'; 4096]], None),
        (vec![vec![b'a'; 4097]], Some(longest)),
    ] {
        assert_eq!(secrets(all).as_deref(), error);
    }
    let entries: Vec<_> = (0..101).map(|n| format!(r#""{n}":"secret {n}""#)).collect();
    assert_eq!(refusal("secrets", &format!("{{{}}}", entries.join(","))).1, most);
    // The wallet refuses a secret with two tags.
    assert_eq!(laws::refusal(laws::form("secrets"), Json, br#"{"a":"x","b":"x"}"#), None);
}

#[test]
fn errors_show_their_text() {
    for (why, variant, text) in [
        (Unwritable::PlainKey, "PlainKey", "key must be encrypted"),
        (Unwritable::SealedKey, "SealedKey", "sealed key must be encrypted for passlib instead"),
        (Unwritable::Type, "Type", "type must be totp or hotp"),
        (Unwritable::Colon, "Colon", "label and issuer must not have a colon"),
        (
            Unwritable::TooLong,
            "TooLong",
            "label and issuer must be at most 8192 bytes, key and salt 8192 and 512 in Base32",
        ),
    ] {
        let shown = (why.to_string(), format!("{why:?}"), format!("{why:#?}"));
        assert_eq!(shown, (text.to_owned(), text.to_owned(), variant.to_owned()));
    }
    let error = record::read(&mut Deserializer::from_str(r#"{"v":2,"v":2}"#)).unwrap_err();
    let pretty = "RecordError {\n    kind: Duplicate,\n    part: \"v\",\n}";
    assert_eq!(
        (format!("{error:?}"), format!("{error:#?}")),
        ("duplicate v".into(), pretty.into())
    );
    // `Debug` of a text with a plain-text key does not show the key.
    let key = StoredKey::Plain(Secret::new(&[1; 20]).unwrap());
    let shown = format!("{:?}", reveal_json(&Record::new(OtpKind::default(), key)).unwrap());
    assert!(shown.starts_with("Json(Record {") && !shown.contains("AEAQCAI"), "{shown}");
}

/// A self-describing format has another value in the place of an option.
#[test]
fn wrong_value_in_place_of_an_option_is_rejected() {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    let given: StrDeserializer<'_, Error> = "canary".into_deserializer();
    let refused = otp_serde::digits::option::deserialize(given).unwrap_err();
    assert_eq!(refused.to_string(), "expected a value or null");
}

/// A name that is too long is neither written nor read.
#[test]
fn too_long_names_are_rejected() {
    let (longest, longer) = ("a".repeat(8192), "a".repeat(8193));
    let setters: [fn(Record, &str) -> Record; 2] = [Record::with_account, Record::with_issuer];
    for (part, with) in ["account", "issuer"].into_iter().zip(setters) {
        let error = format!("{part} must be at most 8192 bytes");
        let write = |name| serde_json::to_string(&Stored(with(sealed(), name)));
        let json = write(&longest).unwrap();
        assert!(serde_json::from_str::<Stored>(&json).is_ok());
        assert_eq!(refusal("record", &json.replacen(&longest, &longer, 1)).1, error);
        assert_eq!(write(&longer).unwrap_err().to_string(), error);
    }
}
