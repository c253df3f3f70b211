//! Errors: the part and the bound, and never the input. Errors of other crates keep their text.

use otp_context::wallet::WalletError;
use otp_context::wallet::passlib::{PasslibError, UnreleasedFormat};
use otp_core::Error as CoreError;
use otp_serde::passlib::PasslibRecord;
use otp_serde::record::Stored;

use crate::format::Json;
use crate::forms;

/// Returns an error without the position, which the format adds.
fn bare(error: String) -> String {
    error.split(" at line ").next().unwrap().to_owned()
}

fn form(name: &str, json: &str) -> String {
    let json = format!(r#"{{"value":{json}}}"#);
    let refusal = forms::refusal::<Json>(name, json.as_bytes());
    bare(refusal.unwrap_or_else(|| panic!("{name} takes {json}")))
}

#[test]
fn values() {
    let digits = "digits must be a whole number from 6 to 10";
    let counter = "counter must be a whole number from 0 to 18446744073709551615";
    let lock = "lock must be open, hard or until a time";
    let throttle = "throttle must have the fields failures and lock";
    let drift = "drift must be a whole number of steps within its bound";
    let character = |position| CoreError::KeyCharacter { position }.to_string();
    for (name, json, error) in [
        ("algorithm", r#""SHA333""#, "algorithm must be SHA1, SHA256 or SHA512"),
        ("algorithm", "1", "algorithm must be SHA1, SHA256 or SHA512"),
        ("digits", "5", digits),
        ("digits", "11", digits),
        ("digits", "262", digits),
        ("digits", "6.0", digits),
        ("digits", "6e0", digits),
        ("digits", r#""6""#, digits),
        ("period", "0", "period must be a whole number from 1 to 18446744073709551615"),
        ("counter", "-1", counter),
        ("counter", "18446744073709551616", counter),
        ("counter", "1e400", counter),
        ("counter", "null", counter),
        ("time", "-1", "time must be a whole number from 0 to 18446744073709551615"),
        (
            "tracker",
            "1.5",
            "lowest unspent counter must be a whole number from 0 to 18446744073709551615",
        ),
        ("window", "[1,1]", "window must have the fields behind and ahead"),
        ("window", r#"{"behind":1}"#, "missing ahead"),
        ("window", r#"{"behind":256}"#, "behind must be a whole number from 0 to 255"),
        ("window", r#"{"ahead":-1}"#, "ahead must be a whole number from 0 to 255"),
        ("window", r#"{"behind":1,"behind":1}"#, "duplicate behind"),
        ("window", r#"{"beyond":1}"#, "unknown field"),
        ("throttle", "3", throttle),
        (
            "throttle",
            r#"{"failures":4294967296}"#,
            "failures must be a whole number from 0 to 4294967295",
        ),
        ("throttle", r#"{"failures":1,"lock":"shut"}"#, lock),
        ("throttle", r#"{"failures":1,"lock":{"until":-1}}"#, lock),
        ("throttle", r#"{"failures":1,"lock":{"open":1}}"#, lock),
        ("throttle", r#"{"failures":1}"#, "missing lock"),
        ("drift", r#"{"steps":-5,"bound":4}"#, drift),
        ("drift", r#"{"steps":32768,"bound":4}"#, drift),
        ("drift", r#"{"steps":0,"bound":256}"#, "bound must be a whole number from 0 to 255"),
        ("secret", "7", "secret must be text"),
        ("secret", r#""""#, &CoreError::EmptyKey.to_string()),
        ("secret", r#""JBSW Y3DP""#, &character(4)),
        ("secret", r#""0BSWY3DP""#, &character(0)),
        ("secret", r#""MZ""#, &CoreError::KeyEnding.to_string()),
        (
            "label",
            r#"{"account":""}"#,
            "account must not be empty, nor begin or end with white space",
        ),
        (
            "label",
            r#"{"account":"a","issuer":" b"}"#,
            "issuer must not be empty, nor begin or end with white space",
        ),
        ("label", r#"{"account":7}"#, "account must be text"),
        ("label", r#""alice""#, "label must have the fields account and issuer"),
        ("kind", r#"{"type":"yaotp"}"#, "type must be totp, hotp or steam"),
        ("kind", r#"{"algorithm":"SHA1"}"#, "missing type"),
        ("kind", r#"{"type":"totp","algorithm":"SHA1","digits":6}"#, "missing period"),
        ("kind", r#"{"type":"totp","counter":1}"#, "counter contradicts the type"),
        ("kind", r#"{"type":"steam","digits":6}"#, "digits contradicts the type"),
        ("key_uri_text", r#""otpauth://totp/a""#, "missing secret parameter"),
        ("key_uri_text", "7", "URI must be text"),
        ("key_uri_fields", r#"{"type":"steam"}"#, "missing secret"),
        (
            "key_uri_fields",
            r#""otpauth://totp/a?secret=AAAA""#,
            "key URI must have the fields of its label, key and type",
        ),
        ("sealed_key", r#""$otp$v=2$xc20p$a$AAAA$AAAA""#, &WalletError::Form.to_string()),
        ("sealed_key", r#""$otp$v=3$xc20p$a$AAAA$AAAA""#, &WalletError::Version.to_string()),
        ("sealed_key", "{}", "sealed key must be text"),
        ("tag", r#"".""#, &WalletError::Tag.to_string()),
        ("tag", "1", "tag must be text"),
        ("secrets", r#"["a"]"#, "application secrets must be a map from tags"),
        ("secrets", r#"{"a":1}"#, "application secret must be text"),
        ("secrets", r#"{"a":""}"#, &WalletError::EmptySecret.to_string()),
        ("secrets", r#"{"a":"x","a":"y"}"#, &WalletError::DuplicateTag.to_string()),
    ] {
        assert_eq!(form(name, json), error, "{name} {json}");
    }
}

#[test]
fn records() {
    let base = r#""type":"totp","algorithm":"SHA1","digits":6,"period":30,"next":0"#;
    for (json, error) in [
        (format!(r#"{{"v":1,{base}}}"#), "v must be 2"),
        (format!(r#"{{"v":3,{base}}}"#), "v must be 2"),
        (format!(r#"{{"v":"2",{base}}}"#), "v must be 2"),
        (format!(r#"{{{base},"secret":"AAAA"}}"#), "missing v"),
        (format!(r#"{{"v":2,{base}}}"#), "missing sealed or secret"),
        (format!(r#"{{"v":2,{base},"new":true}}"#), "unknown field"),
        (format!(r#"{{"v":2,{base},"counter":1}}"#), "unknown field"),
        (format!(r#"{{"v":2,{base},"next":0}}"#), "duplicate next"),
        (r#"{"v":2,"type":"hotp","period":30,"next":1}"#.into(), "period contradicts the type"),
        (r#"{"v":2,"type":"totp"}"#.into(), "missing next"),
        (r#"[2,"a","b"]"#.into(), "record must have fields"),
        (r#""otpauth://totp/a?secret=AAAA""#.into(), "record must have fields"),
    ] {
        let error_now = serde_json::from_str::<Stored>(&json).unwrap_err().to_string();
        assert_eq!(bare(error_now), error, "{json}");
    }
}

#[test]
fn passlib_records() {
    let with = |rest: &str| format!(r#"{{"v":1,"type":"totp","key":"JBSWY3DPEHPK3PXP"{rest}}}"#);
    let encrypted = |rest: &str| {
        format!(r#"{{"v":1,"type":"totp","enckey":{{"s":"AAAA","k":"AAAA","t":"1",{rest}}}}}"#)
    };
    let cost = "c of enckey must be a whole number from 0 to 18446744073709551615";
    for (json, error) in [
        (with(r#","new":true"#), "unknown field"),
        (with(r#","format":"hex""#), "unknown field"),
        (with(r#","key":"AAAA""#), "duplicate key"),
        (with(r#","v":1"#), "duplicate v"),
        (with(r#","counter":1"#), "counter contradicts the type"),
        (with(r#","start":1"#), "start contradicts the type"),
        (with(r#","digits":5"#), "digits must be a whole number from 6 to 10"),
        (with(r#","alg":"md5""#), "algorithm must be SHA1, SHA256 or SHA512"),
        (with(r#","label":7"#), "label must be text"),
        (with(r#","label":"a:b""#), "label must not have a colon"),
        (with(r#","issuer":"a:b""#), "issuer must not have a colon"),
        (
            with(r#","last_counter":18446744073709551615"#),
            "last_counter must be a whole number from 0 to 18446744073709551614",
        ),
        (
            with(r#","enckey":{"c":1,"k":"AA","s":"AA","t":"1","v":1}"#),
            "record must not have two keys",
        ),
        (r#"{"v":2,"type":"totp","key":"AAAA"}"#.into(), "v must be 1"),
        (r#"{"v":1.0,"type":"totp","key":"AAAA"}"#.into(), "v must be 1"),
        (r#"{"v":1,"type":"steam","key":"AAAA"}"#.into(), "type must be totp or hotp"),
        (r#"{"v":1,"type":"totp"}"#.into(), "missing enckey or key"),
        (r#"{"v":1,"type":"totp","key":"-"}"#.into(), &CoreError::EmptyKey.to_string()),
        (r#"{"v":1,"type":"totp","key":null}"#.into(), "key must be text"),
        (
            r#"{"v":1,"type":"hotp","key":"AAAA","counter":1,"start":2}"#.into(),
            "start must not be above counter",
        ),
        (r#"{"v":1,"type":"hotp","key":"AAAA","period":30}"#.into(), "period contradicts the type"),
        (encrypted(r#""c":60,"v":1"#), &PasslibError::Cost.to_string()),
        (encrypted(r#""c":-1,"v":1"#), cost),
        (encrypted(r#""c":1e1,"v":1"#), cost),
        (encrypted(r#""c":8,"v":2"#), &PasslibError::Version.to_string()),
        (encrypted(r#""c":8,"v":1,"x":1"#), "unknown field"),
        (encrypted(r#""c":8"#), "missing v of enckey"),
        (
            r#"{"v":1,"type":"totp","enckey":{"s":"AAAA","k":"AAAA","t":"-a","c":8,"v":1}}"#.into(),
            &PasslibError::Tag.to_string(),
        ),
        (
            r#"{"v":1,"type":"totp","enckey":{"s":"AAAA","k":"AAAA","t":1,"c":8,"v":1}}"#.into(),
            "t of enckey must be text of at most 64 bytes",
        ),
        (
            encrypted(r#""c":8,"v":0"#),
            &PasslibError::UnreleasedFormat(UnreleasedFormat::Xor).to_string(),
        ),
        (
            r#"{"v":1,"type":"totp","enckey":"2-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR"}"#.into(),
            &PasslibError::UnreleasedFormat(UnreleasedFormat::AesText).to_string(),
        ),
        (
            r#"{"v":1,"type":"totp","enckey":"3-C"}"#.into(),
            "enckey must have the fields c, k, s, t and v",
        ),
        (
            r#"{"v":1,"type":"totp","enckey":7}"#.into(),
            "enckey must have the fields c, k, s, t and v",
        ),
    ] {
        let error_now = serde_json::from_str::<PasslibRecord>(&json).unwrap_err().to_string();
        assert_eq!(bare(error_now), error, "{json}");
    }
}

/// Kind and part are values, so no program needs to search words in a text.
#[test]
fn errors_of_records_have_a_kind_and_a_part() {
    use otp_serde::RecordErrorKind::{
        Conflict, Duplicate, Format, Invalid, Missing, Unknown, Unsupported,
    };
    use otp_serde::{passlib, record};

    for (json, kind, part) in [
        (r#"{"v":2,"v":2}"#, Duplicate, "v"),
        (r#"{"v":2.0}"#, Invalid, "v"),
        (r#"{"v":2,"x":1}"#, Unknown, "record"),
        (r#"{"v":2,"type":"steam","period":30,"next":0}"#, Conflict, "period"),
        (r#"{"v":2,"next":0}"#, Missing, "type"),
        (r#"{"v":2,"type":"steam","next":0}"#, Missing, "sealed"),
        (r#"{"v":2,"issuer":[]}"#, Invalid, "issuer"),
        (r#"{"v":2"#, Format, "record"),
        (r#"{"v":2,}"#, Format, "record"),
        ("[2]", Invalid, "record"),
    ] {
        let error = record::read(&mut serde_json::Deserializer::from_str(json)).unwrap_err();
        assert_eq!((error.kind(), error.part()), (kind, part), "{json} {error}");
        assert!(!error.to_string().contains(" line "), "{error}");
    }
    for (json, kind, part) in [
        (r#"{"v":1,"alg":"x"}"#, Invalid, "algorithm"),
        (r#"{"v":1,"key":"x!"}"#, Invalid, "secret"),
        (r#"{"v":1,"type":"totp","key":"JBSWY3DP","label":"a:b"}"#, Invalid, "label"),
        (r#"{"v":1,"enckey":{"c":1,"c":1}}"#, Duplicate, "enckey"),
        (r#"{"v":1,"enckey":{"c":1,"k":"A","s":"A","t":"1"}}"#, Missing, "enckey"),
        (r#"{"v":1,"enckey":{"c":1.5}}"#, Invalid, "enckey"),
        (r#"{"v":1,"enckey":"2-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR"}"#, Unsupported, "enckey"),
        (r#"{"v":1,"enckey":7}"#, Invalid, "enckey"),
    ] {
        let error = passlib::read(&mut serde_json::Deserializer::from_str(json)).unwrap_err();
        assert_eq!((error.kind(), error.part()), (kind, part), "{json} {error}");
        assert!(!error.to_string().contains(" line "), "{error}");
    }
}

/// Checks that a record is written in passlib's form and read back, or is too long.
fn passes(record: &otp_context::Record, fits: bool) {
    use otp_serde::passlib::{Unwritable, reveal_json};
    match reveal_json(record) {
        Ok(json) => {
            assert!(fits && serde_json::from_str::<PasslibRecord>(&json.to_string()).is_ok());
        }
        Err(error) => assert_eq!((error, fits), (Unwritable::TooLong, false)),
    }
}

#[test]
fn unwritable_values_are_rejected() {
    use otp_context::wallet::passlib::PasslibKey;
    use otp_context::wallet::{ApplicationSecret, ApplicationSecrets};
    use otp_context::{Record, StoredKey};
    use otp_core::Secret;
    use otp_serde::passlib::{Unwritable, reveal_json, to_json};
    use otp_uri::OtpKind;

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

    let sealed = forms::make::sealed_record(&forms::samples::record()[0]);
    assert_eq!(reveal_json(&sealed).unwrap_err(), Unwritable::SealedKey);

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
    assert_eq!(form("secrets", &format!("{{{}}}", entries.join(","))), most);
    // The wallet refuses a secret with two tags.
    let twice = br#"{"value":{"a":"x","b":"x"}}"#;
    assert_eq!(forms::refusal::<Json>("secrets", twice), None);
}

#[test]
fn records_without_a_passlib_form_are_rejected() {
    use otp_context::{Record, StoredKey};
    use otp_serde::passlib::{Unwritable, reveal_json};

    for (why, text) in [
        (Unwritable::PlainKey, "key must be encrypted"),
        (Unwritable::SealedKey, "sealed key must be encrypted for passlib instead"),
        (Unwritable::Type, "type must be totp or hotp"),
        (Unwritable::Colon, "label and issuer must not have a colon"),
        (
            Unwritable::TooLong,
            "label and issuer must be at most 8192 bytes, key and salt 8192 and 512 in Base32",
        ),
    ] {
        assert_eq!(why.to_string(), text);
    }
    // `Debug` of a text with a plain-text key does not show the key.
    let key = StoredKey::Plain(otp_core::Secret::new(&[1; 20]).unwrap());
    let record = Record::new(otp_uri::OtpKind::default(), key);
    let shown = format!("{:?}", reveal_json(&record).unwrap());
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
    use otp_context::Record;

    let record = || forms::make::sealed_record(&forms::samples::record()[0]);
    let make: [fn(Record, &str) -> Record; 2] = [Record::with_account, Record::with_issuer];
    for (part, with) in ["account", "issuer"].into_iter().zip(make) {
        let error = format!("{part} must be at most 8192 bytes");
        let longest = "a".repeat(8192);
        let json = serde_json::to_string(&Stored(with(record(), &longest))).unwrap();
        assert!(serde_json::from_str::<Stored>(&json).is_ok());
        let longer = json.replacen(&longest, &format!("{longest}a"), 1);
        let refusal = serde_json::from_str::<Stored>(&longer).unwrap_err();
        assert_eq!(bare(refusal.to_string()), error);
        let written = serde_json::to_string(&Stored(with(record(), &"a".repeat(8193))));
        assert_eq!(written.unwrap_err().to_string(), error);
    }
}
