#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod account;
mod account_copy;
mod async_store;
#[cfg(feature = "blocking")]
mod blocking;
mod calls;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod column;
#[cfg(feature = "conformance")]
pub mod conformance;
mod durability;
mod entry;
mod error;
mod event;
#[cfg(any(doc, doctest))]
pub mod guide;
mod id;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod protocol;
mod record_text;
mod recovery;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(all(feature = "tls", any(feature = "postgres", feature = "redis")))]
mod tls;
mod trust;
mod verdict;
mod verifier;

pub use crate::account::{Account, LastCharge};
pub use crate::account_copy::{AccountCopy, RecoveryCopy};
pub use crate::async_store::AsyncStore;
#[cfg(feature = "blocking")]
pub use crate::blocking::Blocking;
pub use crate::durability::Durability;
pub use crate::entry::{ChargeReply, Entry, SpendReply};
pub use crate::error::{EngineError, EngineErrorKind, Error};
pub use crate::event::Event;
pub use crate::id::{AccountId, CredentialId};
pub use crate::memory::Memory;
#[cfg(feature = "postgres")]
pub use crate::postgres::{Postgres, PostgresOptions};
pub use crate::protocol::{
    Attempt, AttemptId, ChargeRequest, SpendRequest, UnspentMatch, VerifierOptions,
};
pub use crate::record_text::RecordText;
pub use crate::recovery::{RecoveryEntry, RecoveryReply, RecoverySpend};
#[cfg(feature = "redis")]
pub use crate::redis::{IndexDifference, Redis, RedisOptions};
#[cfg(feature = "sqlite")]
pub use crate::sqlite::{Backup, Sqlite};
pub use crate::store::Store;
pub use crate::trust::{Distrust, TrustToken, TrustVerdict, Trusted};
pub use crate::verdict::{
    Accepted, AnyVerdict, Reason, Recovered, RecoveryVerdict, Rejection, Resealed, Status, Verdict,
};
pub use crate::verifier::{AsyncVerifier, Verifier};

// The types that the signatures above name, so that a program needs no other crate of the workspace.
pub use otp_context::recovery::{
    MalformedRecoveryCode, RecoveryCode, RecoveryCodeSize, RecoveryCodes, RecoveryDigest,
    RecoverySet, RecoverySetId,
};
pub use otp_context::replay::{Lock, Throttle, ThrottlePolicy, WindowTooWide};
pub use otp_context::wallet::{
    ApplicationSecrets, KeyOwner, Reseal, SecretsFileError, Tag, Wallet, WalletError,
};
pub use otp_context::{
    ClockError, Credential, EntropyError, Error as ContextError, OtpContext, Record, StoredKey,
};
pub use otp_core::{
    Algorithm, Code, CodeFormat, Digits, Hotp, Malformed, Period, Rejected, Secret, Totp, UnixTime,
    Window,
};
pub use otp_uri::{KeyUri, OtpKind};

/// The example of the workspace's README.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
