//! Records: JSON objects of passlib, or of version 2.

use otp_context::Record;
use otp_serde::{RecordError, RecordErrorKind, passlib, record};
use otp_uri::ErrorKind;
use serde_json::Deserializer;

use crate::failure::{Failure, Kind};
use crate::record_version::{self, Version};

/// Whether a text is meant as a record: no secret and no URI has this beginning.
pub(crate) fn is_record(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Reads a record, and tells whether it is one of passlib's.
pub(crate) fn read(text: &str) -> Result<(Record, bool), Failure> {
    let of_passlib = match record_version::find(text) {
        Some(Version::Whole(2)) => false,
        // One that is missing is missed by the reader.
        Some(Version::Whole(1)) | None => true,
        Some(Version::Whole(_)) => {
            let message = "v must be 1, which is passlib's, or 2";
            return Err(Failure::new(Kind::Uri(ErrorKind::Unknown), "v", message));
        }
        Some(Version::Fraction) => {
            return Err(Failure::invalid("v", "must be 1 or 2, without a fraction or an exponent"));
        }
        Some(Version::Nested) => {
            return Err(Failure::invalid("v", "must be 1 or 2, and no object or array"));
        }
        Some(Version::Other) => return Err(Failure::invalid("v", "must be the number 1 or 2")),
    };
    let mut json = Deserializer::from_str(text);
    let read = if of_passlib { passlib::read(&mut json) } else { record::read(&mut json) };
    let record = read.map_err(failure)?;
    json.end().map_err(|_| malformed("record must end with its object"))?;
    Ok((record, of_passlib))
}

/// What the reader of records says.
fn failure(error: RecordError) -> Failure {
    let kind = match error.kind() {
        RecordErrorKind::Format => return malformed("record is not JSON"),
        RecordErrorKind::Missing => Kind::Uri(ErrorKind::Missing),
        RecordErrorKind::Duplicate => Kind::Uri(ErrorKind::Duplicate),
        RecordErrorKind::Unknown => Kind::Uri(ErrorKind::Unknown),
        RecordErrorKind::Conflict => Kind::Uri(ErrorKind::Conflict),
        RecordErrorKind::Unsupported => Kind::Uri(ErrorKind::Unsupported),
        _ => Kind::Invalid,
    };
    Failure::new(kind, error.part(), error.to_string())
}

fn malformed(message: &str) -> Failure {
    Failure::new(Kind::Uri(ErrorKind::Malformed), "record", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (String, String, String) {
        let failure = read(text).unwrap_err();
        let fields = serde_json::to_value(failure.fields()).unwrap();
        let field = |name: &str| fields[name].as_str().unwrap().to_owned();
        (field("error"), field("part"), failure.to_string())
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
            (r#"{"v":1,"type":"totp","key":5}"#, "invalid", "secret"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","alg":5}"#, "invalid", "algorithm"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","digits":5}"#, "invalid", "digits"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","period":0}"#, "invalid", "period"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","counter":1}"#, "conflict", "counter"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","label":"a:b"}"#, "invalid", "label"),
            (r#"{"v":1,"type":"totp","key":"JBSWY3DP","new":true}"#, "unknown", "record"),
            (r#"{"v":1,"type":"hotp","key":"JBSWY3DP","start":1}"#, "invalid", "start"),
            (r#"{"v":1,"type":"totp","enckey":"1-8-AA-AA"}"#, "unsupported", "enckey"),
            (r#"{"v":1,"type":"totp","enckey":{"c":1}}"#, "missing", "enckey"),
            (r#"{"v":1,"type":"totp","enckey":{"c":1,"c":1}}"#, "duplicate", "enckey"),
            (r#"{"v":1,"type":"totp","enckey":{"x":1}}"#, "unknown", "enckey"),
            (r#"{"v":1,"type":"totp","enckey":{"c":"1"}}"#, "invalid", "enckey"),
            (r#"{"v":2,"type":"totp"}"#, "missing", "next"),
            (r#"{"v":2,"type":"steam","next":0}"#, "missing", "sealed"),
            (
                r#"{"v":2,"type":"steam","next":0,"secret":"JBSWY3DP","sealed":"x"}"#,
                "invalid",
                "sealed",
            ),
        ] {
            let (found, about, message) = check(text);
            assert_eq!((found.as_str(), about.as_str()), (error, part), "{text}: {message}");
            assert!(!message.contains("line") && !message.contains("JBSW"), "{message}");
        }
    }

    /// Each for itself, and never for the version that another form has.
    #[test]
    fn record_version_twice_fraction_rest_and_nesting_have_their_messages() {
        let rest = r#""type":"steam","next":0,"secret":"JBSWY3DP""#;
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        for (text, error, part, message) in [
            (format!(r#"{{"v":2,"v":2,{rest}}}"#), "duplicate", "v", "duplicate v"),
            (format!(r#"{{"v":2,{rest},"v":2}}"#), "duplicate", "v", "duplicate v"),
            (format!(r#"{{"v":1,"v":2,{rest}}}"#), "duplicate", "v", "duplicate v"),
            (
                format!(r#"{{"v":2.0,{rest}}}"#),
                "invalid",
                "v",
                "v must be 1 or 2, without a fraction or an exponent",
            ),
            (
                format!(r#"{{{rest},"v":2e0}}"#),
                "invalid",
                "v",
                "v must be 1 or 2, without a fraction or an exponent",
            ),
            (format!(r#"{{"v":-2,{rest}}}"#), "invalid", "v", "v must be the number 1 or 2"),
            (format!(r#"{{"v":null,{rest}}}"#), "invalid", "v", "v must be the number 1 or 2"),
            (
                format!(r#"{{"v":2,{rest}}}x"#),
                "malformed",
                "record",
                "record must end with its object",
            ),
            (
                format!(r#"{{"v":2,{rest}}} {{}}"#),
                "malformed",
                "record",
                "record must end with its object",
            ),
            (format!(r#"{{"v":2,{rest}"#), "malformed", "record", "record is not JSON"),
            (format!(r#"{{"v":2,{rest} "a":1}}"#), "malformed", "record", "record is not JSON"),
            (
                format!(r#"{{"v":{},{rest}}}"#, nested(20_000)),
                "invalid",
                "v",
                "v must be 1 or 2, and no object or array",
            ),
            (
                format!(r#"{{"issuer":{},"v":2,{rest}}}"#, nested(20_000)),
                "invalid",
                "issuer",
                "issuer must be text",
            ),
            (
                format!(r#"{{"v":2,{rest},"issuer":{}"#, "[".repeat(20_000)),
                "invalid",
                "issuer",
                "issuer must be text",
            ),
            (
                format!(r#"{{"x":{},"v":2,{rest}}}"#, nested(20_000)),
                "unknown",
                "record",
                "unknown field",
            ),
        ] {
            let expected = (error.to_owned(), part.to_owned(), message.to_owned());
            assert_eq!(check(&text), expected, "{text:.99}");
        }
        // What they are about is all that is wrong.
        assert!(read(&format!(r#"{{"v":2,{rest}}} "#)).is_ok());
    }
}
