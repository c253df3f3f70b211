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
    assert_eq!(Malformed::Character.to_string(), "code has a character that codes do not have");
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
fn somebody_elses_mac() {
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
