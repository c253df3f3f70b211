//! Messages for people, and no secret in printed values.
#![allow(missing_docs, clippy::unwrap_used, clippy::std_instead_of_core)]

use otp_context::recovery::{MalformedRecoveryCode, RecoveryCodeSize, RecoveryOwner};
use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_context::wallet::passlib::{PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat};
use otp_context::wallet::{
    ApplicationSecret, ApplicationSecrets, KeyOwner, LineError, Reseal, SecretsFileError, Tag,
    Wallet, WalletError,
};
use otp_context::{ClockError, EntropyError, Error, KeyWeakness, OtpContext, Record, StoredKey};
use otp_core::{CodeFormat, Rejected, Secret, UnixTime, Window};
use otp_uri::OtpKind;

/// One message of each kind. The others keep the style that `shows` checks.
#[test]
fn messages_name_the_part_and_the_bound() {
    let mut throttle = Throttle::resume(0, Lock::Hard);
    let locked = throttle.charge(&ThrottlePolicy::nist(), UnixTime::EPOCH).unwrap_err();
    let before = PasslibError::UnreleasedFormat(UnreleasedFormat::Xor);
    let pairs: [(&dyn ToString, &str); 9] = [
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
        (&locked, "too many failed attempts"),
        (&KeyWeakness::Short, "secret has fewer than 16 bytes"),
        (&Reseal::Tag, "key is sealed under an old tag"),
    ];
    for (value, text) in pairs {
        assert_eq!(value.to_string(), text);
    }
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
    let safe = OtpContext::new().with_wallet(Wallet::new("1".parse().unwrap(), &alone).unwrap());
    let (codes, set) =
        safe.new_recovery_codes(RecoveryOwner::new("a"), RecoveryCodeSize::Standard).unwrap();
    let steam = context.import(OtpKind::Steam, key());
    let record = Record::new(OtpKind::Steam, StoredKey::Plain(key())).with_next(5);
    for (shown, text) in [
        (format!("{:?}", ApplicationSecret::new("abc").unwrap()), "ApplicationSecret { .. }"),
        (format!("{:?}", secrets()), r#"{"1", "2"}"#),
        (format!("{wallet:?}"), r#"Wallet { current: "1", .. }"#),
        (format!("{passlib:?}"), r#"PasslibWallet { current: "2", cost: 14, .. }"#),
        (format!("{:?}", sealed.unwrap()), r#"SealedKey { tag: "1", .. }"#),
        (format!("{codes:?}"), "RecoveryCodes { .. }"),
        (format!("{:?}", codes.iter().next().unwrap()), "RecoveryCode { size: Standard, .. }"),
        (format!("{:?}", set.key().unwrap()), r#"SealedRecoveryKey { tag: "1", .. }"#),
        (format!("{:?}", set.digests().first().unwrap()), "RecoveryDigest { .. }"),
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

/// Whether the text has the style of messages, `{:?}` is the text, which a `main` prints that returns the
/// error, and `{:#?}` is the variant.
fn shows(error: &dyn core::error::Error, variant: &str) -> bool {
    let (text, pretty) = (error.to_string(), format!("{error:#?}"));
    assert!(
        !text.starts_with(char::is_uppercase) && !text.ends_with('.') && text.len() < 120,
        "{text}"
    );
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
        Error::RecoveryCodeSize,
        Error::NoRecoveryKey,
        MalformedRecoveryCode::Character,
        MalformedRecoveryCode::Length,
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
