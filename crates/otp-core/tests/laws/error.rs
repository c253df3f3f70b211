//! What errors say, word for word.

use core::error::Error as _;

use otp_core::hazmat::MacError;
use otp_core::{Error, Malformed, Rejected};

const SHORT: &str = "MAC must have at least 19 bytes";

/// Each error with its text and what `{:#?}` shows.
const ERRORS: [(&dyn core::error::Error, &str, &str); 14] = [
    (&Error::Algorithm, "algorithm must be SHA1, SHA256 or SHA512", "Algorithm"),
    (&Error::Digits, "digits must be 6 to 10", "Digits"),
    (&Error::Period, "period must be at least 1 second", "Period"),
    (&Error::EmptyKey, "secret must have at least 1 byte", "EmptyKey"),
    (
        &Error::KeyCharacter { position: 7 },
        "secret has a character outside its encoding after 7 characters",
        "KeyCharacter {\n    position: 7,\n}",
    ),
    (&Error::KeyLength, "secret has a length that encodes no whole number of bytes", "KeyLength"),
    (&Error::KeyEnding, "secret must not end in such padding or unused bits", "KeyEnding"),
    (&Error::KeyPadding, "secret must not go on after an equals sign", "KeyPadding"),
    (
        &Error::Buffer { needed: 5 },
        "buffer must have at least 5 bytes",
        "Buffer {\n    needed: 5,\n}",
    ),
    (&Error::MacLength, SHORT, "MacLength"),
    (&Malformed::Character, "code contains an invalid character", "Character"),
    (
        &Malformed::Length { expected: 6 },
        "code must have 6 characters",
        "Length {\n    expected: 6,\n}",
    ),
    (&MacError::Failed(Error::Period), "MAC could not be computed", "Failed(\n    Period,\n)"),
    (&MacError::<Error>::Short, SHORT, "Short"),
];

/// A `main` that returns an error prints `{:?}`: that is the text, in the house style, and `{:#?}` the
/// variant.
fn shows(error: &dyn core::error::Error, text: &str, pretty: &str) -> bool {
    // Lower case, no full stop, no line break. "MAC" is a name.
    let first = text.chars().next().unwrap();
    let in_style = first.is_lowercase() || text.starts_with("MAC");
    in_style
        && !text.ends_with('.')
        && !text.contains('\n')
        && [error.to_string(), format!("{error:?}")] == [text, text]
        && format!("{error:#?}") == pretty
}

#[test]
fn debug_is_the_text_and_pretty_the_variant() {
    for (error, text, pretty) in ERRORS {
        assert!(shows(error, text, pretty), "{error} {error:?} {error:#?}");
    }
    let failed = MacError::Failed(Error::Period);
    assert_eq!(failed.source().unwrap().to_string(), Error::Period.to_string());
    assert!(MacError::<Error>::Short.source().is_none() && Error::Period.source().is_none());
    // Control: an error whose `Debug` is derived.
    let text = "an error occurred when formatting an argument";
    assert_eq!(core::fmt::Error.to_string(), text);
    assert!(!shows(&core::fmt::Error, text, "Error"));
}

/// The user is told one thing, the log another. `Debug` adds the reason, since one text for all would not
/// tell two values of a failed comparison apart.
#[test]
fn user_of_a_rejected_code_is_told_one_text_and_the_log_the_reason() {
    for (rejected, reason, pretty) in [
        (Rejected::from(Malformed::Character), "malformed", "Malformed(\n    Character,\n)"),
        (Rejected::Mismatch, "mismatch", "Mismatch"),
        (Rejected::Replayed, "replayed", "Replayed"),
        (Rejected::Exhausted, "exhausted", "Exhausted"),
    ] {
        assert_eq!(rejected.to_string(), "code not accepted");
        assert_eq!(rejected.reason(), reason);
        assert_eq!(format!("{rejected:?}"), format!("code not accepted: {reason}"));
        assert_eq!(format!("{rejected:#?}"), pretty);
        assert!(rejected.source().is_none());
    }
}
