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

/// Checks that a record is written in passlib's form and read back, or is too long.
fn passes(record: &Record, fits: bool) {
    match reveal_json(record) {
        Ok(json) => {
            assert!(fits && serde_json::from_str::<PasslibRecord>(&json.to_string()).is_ok());
        }
        Err(error) => assert_eq!((error, fits), (Unwritable::TooLong, false)),
    }
}

/// Returns a record with a sealed key.
fn sealed() -> Record {
    let all = laws::documents(Json);
    let record = all.iter().find(|document| document.form.name == "record").unwrap();
    serde_json::from_slice::<Stored>(&record.bytes).unwrap().0
}

#[test]
fn unwritable_values_are_rejected() {
    let plain = |kind| Record::new(kind, StoredKey::Plain(Secret::new(&[1; 20]).unwrap()));
    let error = |result: Result<String, serde_json::Error>| result.unwrap_err().to_string();
    assert_eq!(
        error(serde_json::to_string(&Stored(plain(OtpKind::default())))),
        "key must be sealed"
    );
    assert_eq!(to_json(&plain(OtpKind::default())).unwrap_err(), Unwritable::PlainKey);
    assert_eq!(reveal_json(&plain(OtpKind::Steam)).unwrap_err(), Unwritable::Type);
    let colon = plain(OtpKind::default()).with_issuer("a:b");
    assert_eq!(reveal_json(&colon).unwrap_err(), Unwritable::Colon);
    // A value that is too long to be read is not written, and the longest value is.
    for (length, fits) in [(8192, true), (8193, false)] {
        let name = "a".repeat(length);
        passes(&plain(OtpKind::default()).with_account(&name), fits);
        passes(&plain(OtpKind::default()).with_issuer(&name), fits);
    }
    for (length, fits) in [(5120, true), (5121, false)] {
        let key = StoredKey::Plain(Secret::try_from(vec![1; length]).unwrap());
        passes(&Record::new(OtpKind::default(), key), fits);
    }
    for (key, salt, fits) in [(8192, 512, true), (8192, 514, false), (8194, 512, false)] {
        let [key, salt] = [key, salt].map(|length| "A".repeat(length));
        let key = PasslibKey::from_fields(1, 4, "1", &salt, &key).unwrap();
        passes(&Record::new(OtpKind::default(), StoredKey::Passlib(key)), fits);
    }

    assert_eq!(reveal_json(&sealed()).unwrap_err(), Unwritable::SealedKey);

    let encrypted = r#"{"enckey":{"c":4,"k":"AAAA","s":"AAAA","t":"1","v":1},"type":"totp","v":1}"#;
    let encrypted = serde_json::from_str::<PasslibRecord>(encrypted).unwrap().0;
    assert_eq!(
        error(serde_json::to_string(&Stored(encrypted))),
        "key encrypted by passlib must be sealed by a wallet"
    );

    #[derive(serde::Serialize)]
    struct One<'a>(#[serde(with = "otp_serde::secret")] &'a Secret);
    let long = Secret::try_from(vec![1; 5121]).unwrap();
    assert_eq!(error(serde_json::to_string(&One(&long))), "secret must be at most 5120 bytes");

    #[derive(serde::Serialize)]
    struct Many(#[serde(with = "otp_serde::secrets")] ApplicationSecrets);
    let secret = ApplicationSecret::new(vec![0xff]).unwrap();
    let binary = ApplicationSecrets::new().with("1".parse().unwrap(), secret).unwrap();
    assert_eq!(error(serde_json::to_string(&Many(binary))), "application secret must be text");
    let many = |count: u8| {
        (0..count).fold(ApplicationSecrets::new(), |secrets, n| {
            let secret = ApplicationSecret::new(vec![n]).unwrap();
            secrets.with(n.to_string().parse().unwrap(), secret).unwrap()
        })
    };
    let most = "application secrets must be at most 100";
    assert!(serde_json::to_string(&Many(many(100))).is_ok());
    assert_eq!(error(serde_json::to_string(&Many(many(101)))), most);
    for (length, fits) in [(4096, true), (4097, false), (4098, false)] {
        let secret = ApplicationSecret::new(vec![b'a'; length]).unwrap();
        let long = ApplicationSecrets::new().with("1".parse().unwrap(), secret).unwrap();
        assert_eq!(serde_json::to_string(&Many(long)).is_ok(), fits, "{length}");
    }
    let entries: Vec<_> = (0..101).map(|n| format!(r#""{n}":"secret {n}""#)).collect();
    assert_eq!(refusal("secrets", &format!("{{{}}}", entries.join(","))).1, most);
    // The wallet refuses a secret with two tags.
    assert_eq!(laws::refusal(laws::form("secrets"), Json, br#"{"a":"x","b":"x"}"#), None);
}

#[test]
fn records_without_a_passlib_form_are_rejected() {
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
    let make: [fn(Record, &str) -> Record; 2] = [Record::with_account, Record::with_issuer];
    for (part, with) in ["account", "issuer"].into_iter().zip(make) {
        let error = format!("{part} must be at most 8192 bytes");
        let longest = "a".repeat(8192);
        let json = serde_json::to_string(&Stored(with(sealed(), &longest))).unwrap();
        assert!(serde_json::from_str::<Stored>(&json).is_ok());
        let longer = json.replacen(&longest, &format!("{longest}a"), 1);
        let refusal = serde_json::from_str::<Stored>(&longer).unwrap_err();
        assert_eq!(bare(refusal.to_string()), error);
        let written = serde_json::to_string(&Stored(with(sealed(), &"a".repeat(8193))));
        assert_eq!(written.unwrap_err().to_string(), error);
    }
}
