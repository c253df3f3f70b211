//! No public type of the heart implements serde's traits. Only the modules of this crate read and write
//! values, and they check them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use static_assertions::{assert_impl_all, assert_not_impl_any};

/// A control: a type that serialises is noticed.
const _: () = {
    assert_impl_all!(otp_serde::record::Stored: Serialize, Deserialize<'static>);
};

macro_rules! no_back_door {
    ($($krate:ident $(:: $module:ident)* {
        $($value:ident $(<$parameter:tt>)?),* $(,)?
    })*) => {
        // If a type implements one of the two, this does not compile.
        no_back_door!(@each $([$krate $(:: $module)*] $($value $(<$parameter>)?),*;)*);

        /// The crates, their modules (an empty path is the root), and their types.
        const CHECKED: &[(&str, &str, &[&str])] = &[$((
            stringify!($krate),
            concat!($(stringify!($module), "/"),*),
            &[$(stringify!($value)),*],
        )),*];
    };
    (@each $([$($place:tt)*] $($value:ident $(<$parameter:tt>)?),*;)*) => {
        $(no_back_door!(@one [$($place)*] $($value $(<$parameter>)?),*);)*
    };
    (@one $place:tt $($value:ident $(<$parameter:tt>)?),*) => {
        $(no_back_door!(@type $place $value $(<$parameter>)?);)*
    };
    (@type [$($place:tt)*] $value:ident $(<$parameter:tt>)?) => {
        const _: () = {
            assert_not_impl_any!(
                $($place)*::$value $(<$parameter>)?: Serialize, Deserialize<'static>
            );
        };
    };
}

no_back_door! {
    otp_core {
        Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch, Malformed, Period,
        Rejected, Repairs, Secret, SecretText, Totp, TotpMatch, TotpToken, UnixTime, Window,
    }
    otp_core::base32 {}
    otp_core::hazmat { MacError<()>, Midstates }
    otp_core::hex {}
    otp_uri {
        AnyUri, BareKey, Error, ErrorKind, Finding, FindingKind, Findings, Generator, KeyUri, Label,
        OtpKind, ParsedUri, Part, Qr, UriText,
    }
    otp_uri::migration { Account, Batch, Export, ExportError, MissingPages, Page, PageUri }
    otp_context {
        Consumed, ClockError, Credential, EntropyError, Error, Tolerance, OtpContext, Record,
        StoredKey, Token, KeyWeakness,
    }
    otp_context::recovery {
        MalformedRecoveryCode, OpenedRecoveryKey<'static>, RecoveryCode, RecoveryCodeSize,
        RecoveryCodeText, RecoveryCodes, RecoveryDigest, RecoveryOwner<'static>, RecoverySet,
        RecoverySetId, SealedRecoveryKey,
    }
    otp_context::replay {
        ClockOffset, Drift, Guard, GuardError<()>, Lock, Locked, Permit, ThrottlePolicy, Throttle, Tracker,
        WindowTooWide,
    }
    otp_context::wallet {
        ApplicationSecret, KeyOwner<'static>, LineError, Reseal, SealedKey, ApplicationSecrets,
        SecretsFileError, Tag, OpenedKey, Wallet, WalletError,
    }
    otp_context::wallet::passlib {
        PasslibError, PasslibKey, PasslibWallet, UnreleasedFormat, UnauthenticatedKey,
    }
}

/// Returns the names of types between any of these beginnings and an end.
fn types_after<'s>(source: &'s str, beginnings: &[&str], end: &[char]) -> BTreeSet<&'s str> {
    let parts = beginnings.iter().flat_map(|beginning| source.split(beginning).skip(1));
    parts
        .filter_map(|part| part.split(end).next())
        .flat_map(|part| part.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect()
}

#[test]
fn every_public_type_is_checked() {
    let mut modules = BTreeSet::new();
    for (krate, path, checked) in CHECKED {
        let module = path.trim_end_matches('/');
        let file = if module.is_empty() { "lib" } else { module };
        let folder = format!("{}/../{}", env!("CARGO_MANIFEST_DIR"), krate.replace('_', "-"));
        let source = std::fs::read_to_string(format!("{folder}/src/{file}.rs")).unwrap();
        let mut public = types_after(&source, &["pub use "], &[';']);
        // Indented items are in a module of their own.
        let items = ["\npub enum ", "\npub struct ", "\npub trait ", "\npub type "];
        public.extend(types_after(&source, &items, &[' ', '<', '(', ';']));
        assert_eq!(public, checked.iter().copied().collect(), "{krate} {module}");
        let below = source.lines().filter_map(|line| line.strip_prefix("pub mod "));
        // The guides are pages of the documentation, without a type.
        let below = below.filter(|name| *name != "guide;");
        modules.extend(below.map(|name| format!("{krate}/{path}{}", name.trim_end_matches(';'))));
    }
    let listed = CHECKED.iter().filter(|(_, path, _)| !path.is_empty());
    let listed = listed.map(|(krate, path, _)| format!("{krate}/{}", path.trim_end_matches('/')));
    assert_eq!(modules, listed.collect());
}
