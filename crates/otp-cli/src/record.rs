//! Records: JSON objects of passlib, or of version 2.

use otp_context::Record;
use otp_serde::passlib::PasslibRecord;
use otp_serde::record::Stored;
use otp_uri::ErrorKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::failure::{Failure, Kind};

/// What a record may be wrong with.
const PARTS: [&str; 17] = [
    "v",
    "type",
    "key",
    "enckey",
    "secret",
    "sealed",
    "alg",
    "algorithm",
    "digits",
    "period",
    "label",
    "account",
    "issuer",
    "last_counter",
    "counter",
    "start",
    "next",
];

/// The version of a record, whatever else it has.
#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// Whether a text is meant as a record: no secret and no URI has this beginning.
pub(crate) fn is_record(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Reads a record, and tells whether it is one of passlib's.
pub(crate) fn read(text: &str) -> Result<(Record, bool), Failure> {
    match serde_json::from_str(text) {
        Ok(Version { v: 2 }) => parse::<Stored>(text).map(|Stored(record)| (record, false)),
        Ok(Version { v: 0 | 3.. }) => {
            let message = "v must be 1, which is passlib's, or 2";
            Err(Failure::new(Kind::Uri(ErrorKind::Unknown), "v", message))
        }
        _ => parse::<PasslibRecord>(text).map(|PasslibRecord(record)| (record, true)),
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| failure(&error))
}

/// What the reader of records says. The words are its own; those of the JSON parser are left out.
fn failure(error: &serde_json::Error) -> Failure {
    if error.classify() != Category::Data {
        let message = "record is not JSON";
        return Failure::new(Kind::Uri(ErrorKind::Malformed), "record", message);
    }
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let kind = match message.split(' ').next() {
        Some("missing") => Kind::Uri(ErrorKind::Missing),
        Some("duplicate") => Kind::Uri(ErrorKind::Duplicate),
        Some("unknown") => Kind::Uri(ErrorKind::Unknown),
        _ if message.contains("contradicts") => Kind::Uri(ErrorKind::Conflict),
        _ if message.contains("passlib's release") => Kind::Uri(ErrorKind::Unsupported),
        _ => Kind::Invalid,
    };
    Failure::new(kind, part(message), message)
}

/// The part that a message is about: the first that it names.
fn part(message: &str) -> &'static str {
    if message.contains("enckey") || message.contains("encrypted key") {
        return "enckey";
    }
    let known = |word| PARTS.into_iter().find(|part| *part == word);
    message.split([' ', ',']).find_map(known).unwrap_or("record")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (String, &'static str, String) {
        let failure = read(text).unwrap_err();
        let fields = serde_json::to_value(failure.fields()).unwrap();
        let part = fields["part"].as_str().unwrap();
        let part = PARTS.into_iter().find(|known| *known == part).unwrap_or("record");
        (fields["error"].as_str().unwrap().to_owned(), part, failure.to_string())
    }

    #[test]
    fn refusals_name_the_part() {
        for (text, error, part) in [
            ("{", "malformed", "record"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP"}x"#, "malformed", "record"),
            ("[]", "invalid", "record"),
            ("{}", "missing", "v"),
            (r#"{"v":1}"#, "missing", "type"),
            (r#"{"v":1,"type":"totp"}"#, "missing", "enckey"),
            (r#"{"v":0,"type":"totp","key":"JBSWY3DP"}"#, "unknown", "v"),
            (r#"{"v":3,"type":"totp","key":"JBSWY3DP"}"#, "unknown", "v"),
            (r#"{"v":"1","type":"totp","key":"JBSWY3DP"}"#, "invalid", "v"),
            (r#"{"v":1,"v":1,"type":"totp","key":"JBSWY3DP"}"#, "duplicate", "v"),
            (r#"{"v":1,"type":"motp","key":"JBSWY3DP"}"#, "invalid", "type"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3D1"}"#, "invalid", "secret"),
            (r#"{"v":1,"type":"totp","key":5}"#, "invalid", "key"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","digits":5}"#, "invalid", "digits"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","period":0}"#, "invalid", "period"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","counter":1}"#, "conflict", "counter"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","label":"a:b"}"#, "invalid", "label"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","new":true}"#, "unknown", "record"),
            (r#"{"v":1,"type":"totp","enckey":"1-8-AA-AA"}"#, "unsupported", "enckey"),
            (r#"{"v":2,"type":"totp"}"#, "missing", "next"),
        ] {
            let (found, about, message) = check(text);
            assert_eq!((found.as_str(), about), (error, part), "{text}: {message}");
            assert!(!message.contains("line") && !message.contains("JBSW"), "{message}");
        }
    }
}
