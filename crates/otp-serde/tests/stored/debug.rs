//! `Debug` of errors.

/// Returns whether `{:?}` is the text and `{:#?}` the variant. A `main` that returns the error prints
/// `{:?}`.
fn shows(error: &dyn core::error::Error, variant: &str) -> bool {
    let pretty = format!("{error:#?}");
    format!("{error:?}") == error.to_string() && pretty.split([' ', '(']).next() == Some(variant)
}

#[test]
fn debug_of_errors_is_the_text_and_pretty_the_variant() {
    use otp_serde::passlib::Unwritable::{Colon, PlainKey, SealedKey, TooLong, Type};

    for (why, variant) in [
        (PlainKey, "PlainKey"),
        (SealedKey, "SealedKey"),
        (Type, "Type"),
        (Colon, "Colon"),
        (TooLong, "TooLong"),
    ] {
        assert!(shows(&why, variant), "{why} {why:?} {why:#?}");
    }
    let read = |json| otp_serde::record::read(&mut serde_json::Deserializer::from_str(json));
    let error = read(r#"{"v":2,"v":2}"#).unwrap_err();
    assert!(shows(&error, "RecordError"), "{error} {error:?} {error:#?}");
    let pretty = "RecordError {\n    kind: Duplicate,\n    part: \"v\",\n}";
    assert_eq!(format!("{error:#?}"), pretty);
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
