//! No public value of the heart serialises by itself: the modules of this crate are the only way in
//! and out, and they check.
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use static_assertions::{assert_impl_all, assert_not_impl_any};

/// Control: what does serialise is noticed.
const _: () = {
    assert_impl_all!(otp_serde::record::Stored: Serialize, Deserialize<'static>);
};

macro_rules! no_back_door {
    ($($krate:ident { $($value:ident $(<$parameter:tt>)?),* $(,)? })*) => {
        // A type that gains one of the two no longer compiles here.
        $($(const _: () = {
            assert_not_impl_any!($krate::$value $(<$parameter>)?: Serialize, Deserialize<'static>);
        };)*)*

        const CHECKED: &[(&str, &[&str])] =
            &[$((stringify!($krate), &[$(stringify!($value)),*])),*];
    };
}

no_back_door! {
    otp_core {
        Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch, Malformed, Period,
        Rejected, Repairs, Secret, SecretText, Totp, TotpMatch, TotpToken, UnixTime, Window,
    }
    otp_uri {
        Error, ErrorKind, Finding, FindingKind, Findings, Generator, KeyUri, Kind, Label, Part, Qr,
        Reading,
    }
    otp_context {
        Accepted, Advance, ApplicationSecret, Attempt, AttemptId, Binding<'static>, Charge,
        ClockError, ClockOffset, Credential, Drift, EntropyError, Error, Leeway, Lock, Locked,
        Matched, OtpContext, PasslibError, PasslibKey, PasslibWallet, Permit, Policy, Predecessor,
        Record, Reseal, Rules, SealedKey, Secrets,
        SecretsFileError, Source<'static>, StoredKey, Tag, Throttle, Token, Tracker,
        Unauthenticated, Unsealed, Wallet, WalletError, Weakness, WindowTooWide,
    }
}

#[test]
fn every_public_type_is_checked() {
    for (name, checked) in CHECKED {
        let path =
            format!("{}/../{}/src/lib.rs", env!("CARGO_MANIFEST_DIR"), name.replace('_', "-"));
        let source = std::fs::read_to_string(path).unwrap();
        let exported: BTreeSet<_> = source
            .split("pub use ")
            .skip(1)
            .filter_map(|export| export.split(';').next())
            .flat_map(|export| export.split(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.starts_with(char::is_uppercase))
            .collect();
        let checked = checked.iter().copied().collect();
        assert_eq!(exported, checked, "{name}");
    }
}
