//! What is said to people: each text as it is, and nothing secret in what is printed.
#![allow(missing_docs, clippy::unwrap_used, clippy::std_instead_of_core)]

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_context::wallet::passlib::{PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{
    ApplicationSecret, ApplicationSecrets, KeyOwner, LineError, Reseal, SecretsFileError, Tag,
    Wallet, WalletError,
};
use otp_context::{ClockError, EntropyError, Error, KeyWeakness, OtpContext, Record, StoredKey};
use otp_core::{CodeFormat, Rejected, Secret, UnixTime, Window};
use otp_uri::OtpKind;

fn said<const N: usize>(pairs: [(&dyn ToString, &str); N]) {
    for (value, text) in pairs {
        assert_eq!(value.to_string(), text);
    }
}

const TAG: &str =
    "tag must be 1 to 64 ASCII letters, digits, '_', '.' and '-', not beginning with a mark";
const ENTROPY: &str = "there is no entropy";

#[test]
fn errors_of_a_context_and_its_sources() {
    let uri = otp_uri::KeyUri::parse("x").unwrap_err();
    said([
        (&Error::Rejected(Rejected::Mismatch), "code not accepted"),
        (
            &Error::Used { until: UnixTime::from_secs(90) },
            "code of this step is used, next one at 90",
        ),
        (&Error::Exhausted, "counter is at its end"),
        (&Error::Clock(ClockError), "clock tells no time, or one before 1970"),
        (&Error::Entropy(EntropyError::Length), "new secret must have 16 to 128 bytes"),
        (&Error::Uri(uri), &uri.to_string()),
        (&Error::Key(otp_core::Error::EmptyKey), "secret must have at least 1 byte"),
        (&Error::NoAccount, "credential has no account"),
        (&Error::Tolerance, "window must have at most 255 steps on each side"),
        (&Error::NoWallet, "context has no wallet"),
        (&Error::PlainKey, "key is stored in plain text"),
        (&Error::Wallet(WalletError::Tag), TAG),
        (&Error::Passlib(PasslibError::Version), "encrypted key has an unknown version"),
        (&EntropyError::Bits, "new application secret must have 1 to 4096 bits"),
        (&EntropyError::Alphabet, "alphabet must have 2 to 128 different ASCII characters"),
        (&EntropyError::Unavailable, ENTROPY),
    ]);
}

#[test]
fn errors_of_wallets() {
    said([
        (&WalletError::Tag, TAG),
        (
            &WalletError::Line { line: 3, error: LineError::Colon },
            "line 3 of the application secrets has no colon",
        ),
        (&LineError::Colon, "has no colon"),
        (
            &LineError::Tag,
            "must begin with a tag of 1 to 64 ASCII letters, digits, '_', '.' and '-', not beginning with a mark",
        ),
        (&LineError::DuplicateTag, "has the tag of an earlier line"),
        (&LineError::EmptySecret, "must not have an empty secret"),
        (&LineError::Quote, "must not have quotation marks in its secret"),
        (&LineError::Character, "must not have control or invisible characters in its secret"),
        (&LineError::Unfinished, "has no end: the file may be a copy that broke off"),
        (&WalletError::EmptySecret, "application secret must not be empty"),
        (&WalletError::ShortSecret, "application secret must have at least 16 bytes"),
        (&WalletError::DuplicateTag, "tag stands before two application secrets"),
        (&WalletError::DuplicateSecret, "application secret stands under two tags"),
        (&WalletError::UnknownTag, "tag has no application secret"),
        (&WalletError::Salt, "salt must have 16 to 64 bytes"),
        (&WalletError::Memory, "not enough memory to derive an application secret"),
        (&WalletError::Form, "sealed key does not have the form of one"),
        (&WalletError::Version, "sealed key has an unknown version or algorithm"),
        (&WalletError::KeyLength, "key to seal must have 1 to 256 bytes"),
        (
            &WalletError::WrongSecret,
            "sealed key was not sealed by the application secret of its tag",
        ),
        (&WalletError::Tampered, "sealed key was changed or belongs elsewhere"),
        (&WalletError::Entropy(EntropyError::Unavailable), ENTROPY),
        (
            &SecretsFileError::Io(std::io::ErrorKind::NotFound),
            "file of application secrets cannot be read: entity not found",
        ),
        (&SecretsFileError::Permissions, "file of application secrets must have mode 0600 or 0400"),
        (
            &SecretsFileError::Owner,
            "file of application secrets must be owned by the user or by root",
        ),
        (
            &SecretsFileError::Folder,
            "file of application secrets must be in a folder that other users cannot write to",
        ),
        (
            &SecretsFileError::Pipe,
            "pipe of application secrets has no writer, or nothing was written to it",
        ),
        (&SecretsFileError::Secrets(WalletError::Tag), TAG),
    ]);
}

#[test]
fn errors_of_passlib_keys() {
    let before = |form| PasslibError::UnreleasedFormat(form);
    said([
        (
            &before(UnreleasedFormat::Xor),
            "encrypted key is an object of version 0, from before passlib's release",
        ),
        (
            &before(UnreleasedFormat::XorText),
            "encrypted key is a text of version 1, from before passlib's release",
        ),
        (
            &before(UnreleasedFormat::AesText),
            "encrypted key is a text of version 2, from before passlib's release",
        ),
        (&PasslibError::Version, "encrypted key has an unknown version"),
        (&PasslibError::Cost, "cost of the encrypted key is too high"),
        (&PasslibError::Tag, "tag of the encrypted key is malformed"),
        (&PasslibError::Salt, "salt of the encrypted key is malformed"),
        (&PasslibError::Key, "encrypted key is malformed or empty"),
        (&PasslibError::UnknownTag, "tag of the encrypted key has no application secret"),
        (&PasslibError::Entropy(EntropyError::Unavailable), ENTROPY),
    ]);
}

#[test]
fn reasons() {
    let mut throttle = Throttle::resume(0, Lock::Hard);
    let locked = throttle.charge(&ThrottlePolicy::nist(), UnixTime::EPOCH).unwrap_err();
    let wide = ThrottlePolicy::new(CodeFormat::default(), Window::new(0, 100)).unwrap_err();
    said([
        (&locked, "too many failed attempts"),
        (&wide, "window is too wide for codes of this length"),
        (&KeyWeakness::Short, "secret has fewer than 16 bytes"),
        (&KeyWeakness::SharedBits, "secret was made by a faulty generator: rotate it"),
        (&Reseal::Plain, "key is not sealed"),
        (&Reseal::Tag, "key is sealed under an old tag"),
        (&Reseal::Cost, "key is encrypted with another cost"),
        (&Reseal::Unauthenticated, "key is encrypted without authentication"),
        (&"2026-11".parse::<Tag>().unwrap(), "2026-11"),
    ]);
    assert_eq!(format!("{:>5}", "a".parse::<Tag>().unwrap()), "    a");
}

#[test]
fn what_is_printed_is_no_secret() {
    let secrets =
        || ApplicationSecrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d\n2: abcdef").unwrap();
    let alone = ApplicationSecrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d").unwrap();
    let wallet = Wallet::new("1".parse().unwrap(), &alone).unwrap();
    let passlib = PasslibWallet::new(secrets()).unwrap();
    let key = || Secret::new(&[7; 20]).unwrap();
    let sealed = wallet.seal(&key(), OtpKind::Steam, KeyOwner::new("a", "b"), otp_context::fill);
    let encrypted = PasslibKey::from_fields(1, 14, "1", "AAAA", "AAAA").unwrap();
    let context = OtpContext::new();
    let steam = context.import(OtpKind::Steam, key());
    let record = Record::new(OtpKind::Steam, StoredKey::Plain(key())).with_next(5);
    for (shown, text) in [
        (format!("{:?}", ApplicationSecret::new("abc").unwrap()), "ApplicationSecret { .. }"),
        (format!("{:?}", secrets()), r#"{"1", "2"}"#),
        (format!("{wallet:?}"), r#"Wallet { current: "1", .. }"#),
        (format!("{passlib:?}"), r#"PasslibWallet { current: "2", cost: 14, .. }"#),
        (format!("{:?}", sealed.unwrap()), r#"SealedKey { tag: "1", .. }"#),
        (format!("{encrypted:?}"), r#"PasslibKey { tag: "1", cost: 14, .. }"#),
        (format!("{steam:?}"), "Credential { kind: Steam, next: 0, .. }"),
        (
            format!("{record:?}"),
            "Record { account: None, issuer: None, kind: Steam, key: Plain(Secret { .. }), next: 5 }",
        ),
    ] {
        assert_eq!(shown, text);
    }
    let shown = format!("{context:?}");
    assert!(shown.starts_with("OtpContext { issuer: None, totp: Totp {"), "{shown}");
    assert!(shown.ends_with(" }, .. }"), "{shown}");
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
fn debug_of_errors_is_the_text_and_pretty_the_variant() {
    let uri = otp_uri::KeyUri::parse("x").unwrap_err();
    let wide = || ThrottlePolicy::new(CodeFormat::default(), Window::new(0, 100)).unwrap_err();
    let epoch = UnixTime::EPOCH;
    show!(
        Error::Used { until: epoch },
        Error::Exhausted,
        Error::Clock(ClockError),
        Error::Entropy(EntropyError::Length),
        Error::Uri(uri),
        Error::Key(otp_core::Error::EmptyKey),
        Error::NoAccount,
        Error::Tolerance,
        Error::NoWallet,
        Error::PlainKey,
        Error::Wallet(WalletError::Tag),
        Error::Passlib(PasslibError::Version),
        EntropyError::Length,
        EntropyError::Bits,
        EntropyError::Alphabet,
        EntropyError::Unavailable,
        WalletError::Tag,
        WalletError::Line { line: 3, error: LineError::Colon },
        WalletError::EmptySecret,
        WalletError::ShortSecret,
        WalletError::DuplicateTag,
        WalletError::DuplicateSecret,
        WalletError::UnknownTag,
        WalletError::Salt,
        WalletError::Memory,
        WalletError::Form,
        WalletError::Version,
        WalletError::KeyLength,
        WalletError::WrongSecret,
        WalletError::Tampered,
        WalletError::Entropy(EntropyError::Bits),
        LineError::Colon,
        LineError::Tag,
        LineError::DuplicateTag,
        LineError::EmptySecret,
        LineError::Quote,
        LineError::Character,
        LineError::Unfinished,
        PasslibError::UnreleasedFormat(UnreleasedFormat::Xor),
        PasslibError::Version,
        PasslibError::Cost,
        PasslibError::Tag,
        PasslibError::Salt,
        PasslibError::Key,
        PasslibError::UnknownTag,
        PasslibError::Entropy(EntropyError::Bits),
        SecretsFileError::Io(std::io::ErrorKind::NotFound),
        SecretsFileError::Permissions,
        SecretsFileError::Owner,
        SecretsFileError::Folder,
        SecretsFileError::Pipe,
        SecretsFileError::Unfinished,
        SecretsFileError::Empty,
        SecretsFileError::Secrets(WalletError::Tag),
    );
    let locked =
        Throttle::resume(0, Lock::Hard).charge(&ThrottlePolicy::nist(), epoch).unwrap_err();
    assert!(shows(&ClockError, "ClockError") && shows(&wide(), "WindowTooWide"));
    assert!(shows(&locked, "Locked"));
    let nested = Error::Wallet(WalletError::Line { line: 3, error: LineError::Colon });
    let pretty = "Wallet(\n    Line {\n        line: 3,\n        error: Colon,\n    },\n)";
    assert_eq!(format!("{nested:#?}"), pretty);
    // The user is told one thing, the log another.
    let rejected = Error::Rejected(Rejected::Replayed);
    assert_eq!(format!("{rejected:?}"), "code not accepted: replayed");
    assert_eq!(format!("{rejected:#?}"), "Rejected(\n    Replayed,\n)");
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
