//! What errors say, word for word.

use core::error::Error as _;

use otp_core::hazmat::MacError;
use otp_core::{Error, Malformed, Rejected};

const ERRORS: [(Error, &str); 10] = [
    #[cfg(all(feature = "sha1", feature = "sha256", feature = "sha512"))]
    (Error::Algorithm, "algorithm must be SHA1, SHA256 or SHA512"),
    #[cfg(not(all(feature = "sha1", feature = "sha256", feature = "sha512")))]
    (Error::Algorithm, "algorithm is not one of this build"),
    (Error::Digits, "digits must be 6 to 10"),
    (Error::Period, "period must be at least 1 second"),
    (Error::EmptyKey, "secret must have at least 1 byte"),
    (
        Error::KeyCharacter { position: 7 },
        "secret has a character outside its encoding after 7 characters",
    ),
    (Error::KeyLength, "secret has a length that encodes no whole number of bytes"),
    (Error::KeyEnding, "secret must not end in such padding or unused bits"),
    (Error::Buffer { needed: 5 }, "buffer must have at least 5 bytes"),
    (Error::MacLength, "MAC must have at least 19 bytes"),
    (Error::KeyPadding, "secret must not go on after an equals sign"),
];

#[test]
fn errors() {
    for (error, text) in ERRORS {
        assert_eq!(error.to_string(), text);
        assert!(error.source().is_none());
    }
}

#[test]
fn malformed() {
    assert_eq!(Malformed::Character.to_string(), "code contains an invalid character");
    assert_eq!(Malformed::Length { expected: 6 }.to_string(), "code must have 6 characters");
}

/// The user is told one thing, the log another.
#[test]
fn rejected() {
    for (rejected, reason) in [
        (Rejected::from(Malformed::Character), "malformed"),
        (Rejected::from(Malformed::Length { expected: 6 }), "malformed"),
        (Rejected::Mismatch, "mismatch"),
        (Rejected::Replayed, "replayed"),
        (Rejected::Exhausted, "exhausted"),
    ] {
        assert_eq!(rejected.to_string(), "code not accepted");
        assert_eq!(rejected.reason(), reason);
        assert!(rejected.source().is_none());
    }
}

#[test]
fn mac_of_another_device() {
    let failed = MacError::Failed(Error::Period);
    assert_eq!(failed.to_string(), "MAC could not be computed");
    assert_eq!(failed.source().map(ToString::to_string).as_deref(), Some(ERRORS[2].1));
    let short = MacError::<Error>::Short;
    assert_eq!(short.to_string(), ERRORS[8].1);
    assert!(short.source().is_none());
}

/// The house style: lower case, no full stop, no line break. "MAC" is a name.
#[test]
fn style() {
    for (_, text) in ERRORS {
        let first = text.chars().next().unwrap();
        assert!(first.is_lowercase() || text.starts_with("MAC"));
        assert!(!text.ends_with('.') && !text.contains('\n'));
    }
}

/// Whether `{:?}` is the text, which a `main` prints that returns the error, and `{:#?}` the variant.
fn shows(error: &dyn core::error::Error, variant: &str) -> bool {
    let pretty = format!("{error:#?}");
    format!("{error:?}") == error.to_string() && pretty.split([' ', '(']).next() == Some(variant)
}

/// Fails for an error that does not show this, by its variant's own name.
macro_rules! show {
    ($($type:ident::$variant:ident $(($value:expr))? $({ $($field:tt)+ })?,)+) => {
        $(
            let error = $type::$variant $(($value))? $({ $($field)+ })?;
            assert!(shows(&error, stringify!($variant)), "{error} {error:?} {error:#?}");
        )+
    };
}

#[test]
fn debug_is_the_text_and_pretty_the_variant() {
    show!(
        Error::Algorithm,
        Error::Digits,
        Error::Period,
        Error::EmptyKey,
        Error::KeyCharacter { position: 7 },
        Error::KeyLength,
        Error::KeyEnding,
        Error::KeyPadding,
        Error::Buffer { needed: 5 },
        Error::MacLength,
        Malformed::Character,
        Malformed::Length { expected: 6 },
        MacError::Failed(Error::Period),
    );
    assert!(shows(&MacError::<Error>::Short, "Short"));
    assert_eq!(format!("{:#?}", Error::Buffer { needed: 5 }), "Buffer {\n    needed: 5,\n}");
    let failed = MacError::Failed(Error::Period);
    assert_eq!(format!("{failed:#?}"), "Failed(\n    Period,\n)");
}

/// One text for all would not tell two values of a failed comparison apart.
#[test]
fn debug_of_rejected_adds_the_reason() {
    for (rejected, pretty) in [
        (Rejected::Malformed(Malformed::Character), "Malformed(\n    Character,\n)"),
        (Rejected::Mismatch, "Mismatch"),
        (Rejected::Replayed, "Replayed"),
        (Rejected::Exhausted, "Exhausted"),
    ] {
        assert_eq!(format!("{rejected:?}"), format!("{rejected}: {}", rejected.reason()));
        assert_eq!(format!("{rejected:#?}"), pretty);
    }
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
