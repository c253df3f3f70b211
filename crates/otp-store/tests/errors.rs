//! The texts of errors, and their sources.
#![allow(missing_docs, clippy::unwrap_used)]

use core::error::Error as _;

use otp_context::ClockError;
use otp_store::{CredentialId, EngineError, EngineErrorKind, Error};

#[test]
fn error_names_the_fault_and_the_bound() {
    let engine = |kind: EngineErrorKind| Error::Engine(kind.into());
    for (error, text) in [
        (Error::Id, "account must have 1 to 255 bytes and no control characters"),
        (Error::Name, "name must have at most 255 bytes and no control characters"),
        (Error::Unknown, "account is not enrolled"),
        (Error::Enrolled, "account is already enrolled"),
        (Error::TooLarge("counter"), "counter is above 9223372036854775806"),
        (Error::Full, "store is full"),
        (Error::Context(otp_context::Error::NoWallet), "context has no wallet"),
        (
            Error::Permissions,
            "group or others can read or write the database file: make it private with chmod 600",
        ),
        (
            Error::Folder("/srv/otp".into()),
            "group or others can write to the folder \"/srv/otp\": run chmod go-w \"/srv/otp\"",
        ),
        (
            Error::Outdated { found: 1, needed: 2 },
            "database has schema 1, and this version needs 2: migrate it first",
        ),
        (Error::PlainKey, "stored key is not encrypted"),
        (Error::Corrupt("record"), "stored record is not valid"),
        (engine(EngineErrorKind::Interrupted), "database: interrupted, retry"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn engine_message_is_only_the_source() {
    let engine = EngineError::new(EngineErrorKind::Other, "at line 7");
    assert_eq!(engine.kind(), EngineErrorKind::Other);
    assert!(!engine.to_string().contains('7'));
    assert_eq!(engine.source().unwrap().to_string(), "at line 7");
    assert_eq!(Error::from(engine).source().unwrap().to_string(), "at line 7");
    assert!(Error::Engine(EngineErrorKind::Busy.into()).source().is_none());
    let file = Error::from(std::io::Error::other("at line 8"));
    assert!(!file.to_string().contains('8'));
    assert_eq!(file.source().unwrap().to_string(), "at line 8");
    assert!(Error::from(ClockError).source().is_none() && Error::Full.source().is_none());
}

/// A verifier repeats a spend after a transient error alone.
#[test]
fn only_a_lost_reply_is_transient() {
    use EngineErrorKind::{Busy, Damaged, Denied, Full, Interrupted, Other, ReadOnly, TimedOut};

    let transient = |kind: EngineErrorKind| Error::Engine(kind.into()).is_transient();
    assert!(transient(Interrupted));
    let others = [Busy, Damaged, Denied, Full, Other, ReadOnly, TimedOut];
    assert!(!others.into_iter().chain([EngineErrorKind::Unreachable]).any(transient));
}

#[test]
fn id_with_control_characters_or_over_255_bytes_is_rejected() {
    let long = "a".repeat(255);
    for account in ["a", "\u{e9}", "a b", &long] {
        let id = CredentialId::new(account).unwrap();
        assert_eq!(id.to_string(), account);
        assert_eq!(id.with_name("phone").unwrap().to_string(), format!("{account}/phone"));
    }
    for account in ["", "a\n", "\u{85}", &(long + "a")] {
        assert!(matches!(CredentialId::new(account), Err(Error::Id)), "{account:?}");
        match CredentialId::new("a").unwrap().with_name(account) {
            Err(error) => assert!(matches!(error, Error::Name), "{account:?}"),
            Ok(_) => assert!(account.is_empty(), "{account:?}"),
        }
    }
}

/// Returns whether `{:?}` is the text, which a failing `main` prints, and `{:#?}` is the variant.
fn shows(error: &dyn core::error::Error, variant: &str) -> bool {
    let pretty = format!("{error:#?}");
    format!("{error:?}") == error.to_string() && pretty.split([' ', '(']).next() == Some(variant)
}

/// Fails for an error whose `{:#?}` is not the variant's name.
macro_rules! show {
    ($($type:ident::$variant:ident $(($value:expr))? $({ $($field:tt)+ })?,)+) => {
        $(
            let error = $type::$variant $(($value))? $({ $($field)+ })?;
            assert!(shows(&error, stringify!($variant)), "{error} {error:?} {error:#?}");
        )+
    };
}

#[test]
fn debug_is_the_text_and_pretty_debug_the_variant() {
    let engine = || EngineError::new(EngineErrorKind::Busy, "canary");
    show!(
        Error::Id,
        Error::Name,
        Error::Unknown,
        Error::Enrolled,
        Error::Full,
        Error::Certificate,
        Error::Permissions,
        Error::Foreign,
        Error::Newer,
        Error::Link,
        Error::SharedFileSystem,
        Error::Moved,
        Error::PlainKey,
        Error::TooLarge("time"),
        Error::Context(otp_context::Error::NoWallet),
        Error::Folder("/srv/otp".into()),
        Error::Url("host"),
        Error::Missing("table".to_owned()),
        Error::Outdated { found: 1, needed: 2 },
        Error::SecondPath("hard link"),
        Error::NotCompared(Box::new(Error::PlainKey)),
        Error::Corrupt("record"),
        Error::File(std::io::Error::other("canary")),
        Error::Engine(engine()),
    );
    assert!(shows(&engine(), "EngineError"));
    // The engine's message may repeat stored data, so it is left out.
    let pretty = "Engine(\n    EngineError {\n        kind: Busy,\n    },\n)";
    assert_eq!(format!("{:#?}", Error::Engine(engine())), pretty);
}

#[test]
fn derived_debug_fails_the_check() {
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
