//! Messages for people. `canary.rs` has what `Debug` shows of values.
#![cfg(test)]
#![allow(clippy::std_instead_of_core)]

use std::error::Error as StdError;

use otp_context::recovery::MalformedRecoveryCode;
use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_context::wallet::passlib::{PasslibError, UnreleasedFormat};
use otp_context::wallet::{LineError, Reseal, SecretsFileError, Tag, WalletError};
use otp_context::{ClockError, EntropyError, Error, KeyWeakness};
use otp_core::{CodeFormat, Rejected, UnixTime, Window};

#[test]
fn messages_name_the_part_and_the_bound() {
    let before = PasslibError::UnreleasedFormat(UnreleasedFormat::Xor);
    let pairs: [(&dyn ToString, &str); 12] = [
        (
            &Error::Used { until: UnixTime::from_secs(90) },
            "code of this step is used, next one at 90",
        ),
        (&EntropyError::Length, "new secret must have 16 to 128 bytes"),
        (&WalletError::ShortSecret, "application secret must have at least 16 bytes"),
        (
            &WalletError::Line { line: 3, error: LineError::Colon },
            "line 3 of the application secrets has no colon",
        ),
        (
            &SecretsFileError::Io(std::io::ErrorKind::NotFound),
            "file of application secrets cannot be read: entity not found",
        ),
        (&before, "encrypted key is an object of version 0, from before passlib's release"),
        (&KeyWeakness::Short, "secret has fewer than 16 bytes"),
        (&KeyWeakness::SharedBits, "secret was made by a faulty generator: rotate it"),
        (&Reseal::Plain, "key is stored in plain text"),
        (&Reseal::Tag, "key is sealed under an old tag"),
        (&Reseal::Cost, "key is encrypted with another cost"),
        (&Reseal::Unauthenticated, "key is encrypted without authentication"),
    ];
    for (value, text) in pairs {
        assert_eq!(value.to_string(), text);
    }
    assert_eq!(format!("{:>5}", "a".parse::<Tag>().unwrap()), "    a");
}

/// Makes errors of each type, with the names of their variants.
macro_rules! errors {
    ($($type:ident: $($variant:ident $(($value:expr))? $({ $field:ident: $of:expr })?),+;)+) => {
        [$($(named($type::$variant $(($value))? $({ $field: $of })?, stringify!($variant))),+),+]
    };
}

fn named(error: impl StdError + 'static, name: &str) -> (Box<dyn StdError>, &str) {
    (Box::new(error), name)
}

/// A message has the style of messages. `{:?}` is the message, which a `main` prints that returns the error,
/// and `{:#?}` is the variant. otp-core has the control.
#[test]
fn debug_of_errors_is_the_text_and_pretty_the_variant() {
    let uri = otp_uri::KeyUri::parse("x").unwrap_err();
    let errors = errors! {
        Error: Used { until: UnixTime::EPOCH }, Exhausted, Clock(ClockError), Entropy(EntropyError::Length),
            Uri(uri), Key(otp_core::Error::EmptyKey), NoAccount, Tolerance, NoWallet, PlainKey,
            RecoveryCodeSize, NoRecoveryKey, Wallet(WalletError::Tag), Passlib(PasslibError::Version);
        MalformedRecoveryCode: Character, Length;
        EntropyError: Length, Bits, Alphabet, Unavailable;
        WalletError: Tag, EmptySecret, ShortSecret, DuplicateTag, DuplicateSecret, UnknownTag, Salt, Memory,
            Form, Version, KeyLength, WrongSecret, Tampered, Entropy(EntropyError::Bits);
        LineError: Colon, Tag, DuplicateTag, EmptySecret, Quote, Character, Unfinished;
        PasslibError: UnreleasedFormat(UnreleasedFormat::Xor), Version, Cost, Tag, Salt, Key, UnknownTag,
            Entropy(EntropyError::Bits);
        SecretsFileError: Io(std::io::ErrorKind::NotFound), Permissions, Owner, Folder, Pipe, Unfinished,
            Empty, Secrets(WalletError::Tag);
    };
    let wide = ThrottlePolicy::new(CodeFormat::default(), Window::new(0, 100)).unwrap_err();
    let mut throttle = Throttle::resume(0, Lock::Hard);
    let locked = throttle.charge(&ThrottlePolicy::nist(), UnixTime::EPOCH).unwrap_err();
    let others =
        [named(ClockError, "ClockError"), named(wide, "WindowTooWide"), named(locked, "Locked")];
    for (error, variant) in errors.into_iter().chain(others) {
        let (text, pretty) = (error.to_string(), format!("{error:#?}"));
        let is_styled = !text.starts_with(char::is_uppercase) && !text.ends_with('.');
        assert!(is_styled && text.len() < 120, "{text}");
        assert_eq!((format!("{error:?}"), pretty.split([' ', '(']).next()), (text, Some(variant)));
    }
    let nested = Error::Wallet(WalletError::Line { line: 3, error: LineError::Colon });
    let pretty = "Wallet(\n    Line {\n        line: 3,\n        error: Colon,\n    },\n)";
    assert_eq!(format!("{nested:#?}"), pretty);
    // The user is told one thing, the log another.
    let rejected = Error::Rejected(Rejected::Replayed);
    assert_eq!(format!("{rejected:?}"), "code not accepted: replayed");
    assert_eq!(format!("{rejected:#?}"), "Rejected(\n    Replayed,\n)");
}
