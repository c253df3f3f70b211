//! Errors: kind, part and text. No error repeats the input.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use otp_uri::{ErrorKind, KeyUri};

const UNSUPPORTED: &str = "algorithm is recognised, but not supported";
const KEY: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

#[test]
fn texts_name_the_part_and_the_bound() {
    let totp = |query: &str| format!("otpauth://totp/bob?{KEY}{query}");
    let hotp = |query: &str| format!("otpauth://hotp/bob?{KEY}{query}");
    for (text, name, part, message) in [
        ("x".repeat(8193), "too_long", "uri", "URI must be at most 8192 bytes"),
        (String::new(), "malformed", "uri", "malformed URI"),
        ("bob".into(), "malformed", "uri", "malformed URI"),
        (format!("\u{feff}{}", totp("")), "unknown", "scheme", "unknown scheme"),
        ("http://totp/bob".into(), "unknown", "scheme", "unknown scheme"),
        ("apple-otpauth-migration://offline".into(), "unknown", "scheme", "unknown scheme"),
        (format!("apple-otpauth:totp/bob?{KEY}"), "missing", "type", "missing type"),
        (
            "motp:///bob?secret=abc".into(),
            "unsupported",
            "scheme",
            "scheme is recognised, but not supported",
        ),
        (
            "otpauth-migration://offline?data=".into(),
            "export",
            "uri",
            "URI is an export of several accounts",
        ),
        (format!("otpauth:totp/bob?{KEY}"), "missing", "type", "missing type"),
        (format!("otpauth:/totp/bob?{KEY}"), "missing", "type", "missing type"),
        (format!("otpauth:///bob?{KEY}"), "missing", "type", "missing type"),
        (format!("otpauth://?{KEY}"), "missing", "type", "missing type"),
        (format!("otpauth://u@totp/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://@totp/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://u:p@totp/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://totp:80/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://totp:/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://totp:x/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (format!("otpauth://bad/bob?{KEY}"), "unknown", "type", "unknown type"),
        (format!("otpauth://t%6ftp/bob?{KEY}"), "unknown", "type", "unknown type"),
        (format!("otpauth://[::1]/bob?{KEY}"), "malformed", "authority", "malformed authority"),
        (
            format!("otpauth://yaotp/bob?{KEY}"),
            "unsupported",
            "type",
            "type is recognised, but not supported",
        ),
        (
            format!("otpauth://totp/a/../b?{KEY}"),
            "dot_segment",
            "label",
            "label must not have a segment of one or two dots",
        ),
        (
            format!("otpauth://totp/.?{KEY}"),
            "dot_segment",
            "label",
            "label must not have a segment of one or two dots",
        ),
        (
            format!("otpauth://totp/%2e%2E?{KEY}"),
            "dot_segment",
            "label",
            "label must not have a segment of one or two dots",
        ),
        (
            format!("otpauth://totp/b%zzb?{KEY}"),
            "escape",
            "label",
            "malformed percent escape in label",
        ),
        (
            format!("otpauth://totp/b%?{KEY}"),
            "escape",
            "label",
            "malformed percent escape in label",
        ),
        (totp("&issuer=%4"), "escape", "issuer", "malformed percent escape in issuer parameter"),
        (totp("&x=%"), "escape", "parameters", "malformed percent escape in parameters"),
        (totp("&%zz"), "escape", "parameters", "malformed percent escape in parameters"),
        (totp("&%zz=1"), "escape", "parameters", "malformed percent escape in parameters"),
        ("otpauth://totp/bob".into(), "missing", "secret", "missing secret parameter"),
        ("otpauth://totp/bob?secret".into(), "missing", "secret", "missing secret parameter"),
        ("otpauth://totp/bob?secret=".into(), "empty", "secret", "empty secret"),
        ("otpauth://totp/bob?secret=A".into(), "empty", "secret", "empty secret"),
        ("otpauth://totp/bob?secret=-%20=".into(), "empty", "secret", "empty secret"),
        (
            "otpauth://totp/bob?secret=GEZD8".into(),
            "character",
            "secret",
            "secret has a character outside Base32",
        ),
        (
            "otpauth://totp/bob?secret=GE%09ZD".into(),
            "character",
            "secret",
            "secret has a character outside Base32",
        ),
        (
            "otpauth://totp/bob?secret=GE%E9ZD".into(),
            "character",
            "secret",
            "secret has a character outside Base32",
        ),
        (totp("&Secret=GE"), "duplicate", "secret", "duplicate secret parameter"),
        (totp("&digits=&digits=8"), "duplicate", "digits", "duplicate digits parameter"),
        (totp("&encoder=steam&encoder=x"), "duplicate", "encoder", "duplicate encoder parameter"),
        (totp("&algorithm=SHA333"), "unknown", "algorithm", "unknown algorithm"),
        (totp("&algorithm=md5"), "unsupported", "algorithm", UNSUPPORTED),
        (totp("&algorithm=HmacMD5"), "unsupported", "algorithm", UNSUPPORTED),
        (totp("&algorithm=Algorithm.MD5"), "unsupported", "algorithm", UNSUPPORTED),
        (totp("&algorithm=hmac-md5"), "unsupported", "algorithm", UNSUPPORTED),
        (totp("&algorithm=MD55"), "unknown", "algorithm", "unknown algorithm"),
        (totp("&algorithm=SMD5"), "unknown", "algorithm", "unknown algorithm"),
        (totp("&digits=six"), "malformed", "digits", "malformed digits parameter"),
        (totp("&digits=-6"), "malformed", "digits", "malformed digits parameter"),
        (totp("&digits=%2B%2B6"), "malformed", "digits", "malformed digits parameter"),
        (totp("&digits=%EF%BC%96"), "malformed", "digits", "malformed digits parameter"),
        (totp("&digits=5"), "out_of_range", "digits", "digits must be 6 to 10"),
        (totp("&digits=262"), "out_of_range", "digits", "digits must be 6 to 10"),
        (
            totp("&period=0"),
            "out_of_range",
            "period",
            "period must be 1 to 18446744073709551615 seconds",
        ),
        (totp("&period=30.5"), "malformed", "period", "malformed period parameter"),
        (
            hotp("&counter=18446744073709551616"),
            "out_of_range",
            "counter",
            "counter must be 0 to 18446744073709551615",
        ),
        (hotp("&counter=-1"), "malformed", "counter", "malformed counter parameter"),
        (
            hotp("&counter=0&encoder=steam"),
            "conflict",
            "encoder",
            "encoder parameter contradicts the type",
        ),
        (
            totp("&algorithm=SHA256&encoder=steam"),
            "conflict",
            "algorithm",
            "algorithm parameter contradicts the type",
        ),
        ("steam:GEZD".into(), "malformed", "uri", "malformed URI"),
        ("steam://GEZD/x".into(), "malformed", "uri", "malformed URI"),
        ("steam://run/440".into(), "malformed", "uri", "malformed URI"),
        ("steam://".into(), "empty", "secret", "empty secret"),
    ] {
        let error = KeyUri::parse(&text).unwrap_err();
        assert_eq!(
            (error.kind().name(), error.part().name(), error.to_string().as_str()),
            (name, part, message),
            "{text:.60}"
        );
        assert_eq!(KeyUri::parse_strict(&text).unwrap_err(), error);
    }
}

#[test]
fn strict_error_has_the_finding() {
    let error = KeyUri::parse_strict(&format!("otpauth://totp/bob?{}", KEY.to_lowercase()));
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "outside the specifications: secret has letters in the other case"
    );
    assert!(matches!(error.kind(), ErrorKind::Strict(_)));
}

#[cfg(feature = "migration")]
#[test]
fn texts_of_exports() {
    use otp_core::{Digits, Period, Secret};
    use otp_uri::migration::{Account, Page};
    use otp_uri::{Label, OtpKind};

    for (text, message) in [
        ("otpauth-migration://offline?data=CiM*", "data parameter has a character outside Base64"),
        ("otpauth-migration://offline?data=XXXX", "malformed data parameter"),
        ("otpauth-migration://offline?data=", "empty data"),
        ("otpauth-migration://offline", "missing data parameter"),
    ] {
        assert_eq!(Page::parse(text).unwrap_err().to_string(), message);
    }
    let OtpKind::Totp { algorithm, digits, period } = OtpKind::default() else { panic!() };
    for (kind, message) in [
        (OtpKind::Steam, "an export cannot express the type"),
        (
            OtpKind::Totp { algorithm, digits: Digits::TEN, period },
            "an export cannot express the digits",
        ),
        (
            OtpKind::Totp { algorithm, digits, period: Period::from_secs(60).unwrap() },
            "an export cannot express the period",
        ),
    ] {
        let secret = Secret::new(b"12345678901234567890").unwrap();
        let uri = KeyUri::new(Label::new("bob").unwrap(), secret, kind).unwrap();
        assert_eq!(Account::new(&uri).unwrap_err().to_string(), message);
    }
}

#[test]
fn errors_and_findings_show_no_key() {
    let parsed = KeyUri::parse(&format!("otpauth://totp/bob?{KEY}")).unwrap();
    let shown = format!("{parsed:?} {:?}", parsed.uri.generator());
    assert!(shown.contains("bob"));
    for form in ["GEZDGNBV", "gezdgnbv", "1234567890", "49, 50, 51", "31323334"] {
        assert!(!shown.contains(form), "{shown}");
    }
}

/// Returns whether `{:?}` is the text and `{:#?}` the variant. A `main` that returns the error prints
/// `{:?}`.
fn shows(error: &dyn core::error::Error, variant: &str) -> bool {
    let pretty = format!("{error:#?}");
    format!("{error:?}") == error.to_string() && pretty.split([' ', '(']).next() == Some(variant)
}

#[test]
fn debug_is_the_text_and_pretty_the_kind_and_the_part() {
    for text in ["", "otpauth://totp/bob", "otpauth://totp/bob?secret=A", "http://totp/bob"] {
        let error = KeyUri::parse(text).unwrap_err();
        assert!(shows(&error, "Error"), "{error} {error:?} {error:#?}");
    }
    let missing = KeyUri::parse("otpauth://totp/bob").unwrap_err();
    let pretty = "Error {\n    kind: Missing,\n    part: Secret,\n}";
    assert_eq!(format!("{missing:#?}"), pretty);
}

#[test]
fn derived_debug_breaks_the_law_of_texts() {
    #[derive(Debug)]
    struct Derived;
    impl core::fmt::Display for Derived {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("a text")
        }
    }
    impl core::error::Error for Derived {}
    assert!(!shows(&Derived, "Derived"));
}
