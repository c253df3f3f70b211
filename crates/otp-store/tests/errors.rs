//! The texts of errors, and their sources.
#![cfg(test)]

use core::error::Error as _;

use otp_context::ClockError;
use otp_store::{CredentialId, EngineError, EngineErrorKind, Error};

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

/// The error names the fault and the bound. `{:?}` is the text, and `{:#?}` the variant. An empty text
/// stands for any.
#[test]
fn text_and_debug_of_each_variant_are_stable() {
    let engine = |kind: EngineErrorKind| EngineError::new(kind, "canary");
    let no_wallet = otp_context::Error::NoWallet;
    for (error, variant, text) in [
        (Error::Id, "Id", "account must have 1 to 255 bytes and no control characters"),
        (Error::Name, "Name", "name must have at most 255 bytes and no control characters"),
        (Error::Unknown, "Unknown", "account is not enrolled"),
        (Error::Enrolled, "Enrolled", "account is already enrolled"),
        (Error::Full, "Full", "store is full"),
        (Error::Certificate, "Certificate", ""),
        (
            Error::Permissions,
            "Permissions",
            "group or others can read or write the database file: make it private with chmod 600",
        ),
        (Error::Foreign, "Foreign", ""),
        (Error::Newer, "Newer", ""),
        (Error::Link, "Link", ""),
        (Error::SharedFileSystem, "SharedFileSystem", ""),
        (Error::Moved, "Moved", ""),
        (Error::PlainKey, "PlainKey", "stored key is not encrypted"),
        (Error::TooLarge("counter"), "TooLarge", "counter is above 9223372036854775806"),
        (Error::TooLarge("time"), "TooLarge", ""),
        (Error::Context(no_wallet), "Context", "context has no wallet"),
        (
            Error::Folder("/srv/otp".into()),
            "Folder",
            "group or others can write to the folder \"/srv/otp\": run chmod go-w \"/srv/otp\"",
        ),
        (Error::Url("host"), "Url", ""),
        (Error::Missing("table".to_owned()), "Missing", ""),
        (
            Error::Outdated { found: 1, needed: 2 },
            "Outdated",
            "database has schema 1, and this version needs 2: migrate it first",
        ),
        (Error::SecondPath("hard link"), "SecondPath", ""),
        (Error::NotCompared(Box::new(Error::PlainKey)), "NotCompared", ""),
        (Error::Corrupt("record"), "Corrupt", "stored record is not valid"),
        (Error::File(std::io::Error::other("canary")), "File", ""),
        (engine(EngineErrorKind::Busy).into(), "Engine", ""),
        (engine(EngineErrorKind::Interrupted).into(), "Engine", "database: interrupted, retry"),
    ] {
        assert!(shows(&error, variant), "{error} {error:?} {error:#?}");
        assert!(text.is_empty() || error.to_string() == text, "{error}");
    }
    let busy = engine(EngineErrorKind::Busy);
    assert!(shows(&busy, "EngineError"));
    // The engine's message may repeat stored data, so it is left out.
    let pretty = "Engine(\n    EngineError {\n        kind: Busy,\n    },\n)";
    assert_eq!(format!("{:#?}", Error::Engine(busy)), pretty);
    // The control: an error whose Debug is derived.
    assert!(!shows(&"x".parse::<u8>().unwrap_err(), "ParseIntError"));
}
