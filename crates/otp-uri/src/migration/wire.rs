//! The messages of an export (proto3). Names are read as bytes, so that an account whose name is not
//! UTF-8 can be read. Accounts are read as bytes, so that a bad account does not hide the others.
//!
//! All bytes are [`Bytes`]: a field of a [`wiped`] buffer is a part of it, and no copy, even if reading
//! fails midway.

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use prost::Message;
use zeroize::Zeroizing;

/// Returns bytes that are wiped when their last part is dropped.
pub(super) fn wiped(bytes: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes))
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct Payload {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub(super) accounts: Vec<Bytes>,
    #[prost(int32, tag = "2")]
    pub(super) version: i32,
    #[prost(int32, tag = "3")]
    pub(super) batch_size: i32,
    // Optional, so that 0 is written: Google Authenticator needs it.
    #[prost(int32, optional, tag = "4")]
    pub(super) batch_index: Option<i32>,
    #[prost(int32, tag = "5")]
    pub(super) batch_id: i32,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct Account {
    #[prost(bytes = "bytes", tag = "1")]
    pub(super) secret: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) name: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    pub(super) issuer: Bytes,
    #[prost(int32, tag = "4")]
    pub(super) algorithm: i32,
    #[prost(int32, tag = "5")]
    pub(super) digits: i32,
    #[prost(int32, tag = "6")]
    pub(super) kind: i32,
    #[prost(int64, tag = "7")]
    pub(super) counter: i64,
}

pub(super) mod algorithm {
    pub(crate) const UNSPECIFIED: i32 = 0;
    #[cfg(feature = "sha1")]
    pub(crate) const SHA1: i32 = 1;
    #[cfg(feature = "sha256")]
    pub(crate) const SHA256: i32 = 2;
    #[cfg(feature = "sha512")]
    pub(crate) const SHA512: i32 = 3;
    pub(crate) const MD5: i32 = 4;
}

pub(super) mod digits {
    pub(crate) const UNSPECIFIED: i32 = 0;
    pub(crate) const SIX: i32 = 1;
    pub(crate) const EIGHT: i32 = 2;
}

pub(super) mod kind {
    pub(crate) const UNSPECIFIED: i32 = 0;
    pub(crate) const HOTP: i32 = 1;
    pub(crate) const TOTP: i32 = 2;
}

/// Shows no key.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").finish_non_exhaustive()
    }
}

/// Shows no key.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::{Account, Payload, wiped};

    #[test]
    fn debug_shows_no_key() {
        let payload = Payload { accounts: vec![wiped(vec![1])], ..Payload::default() };
        let account = Account { secret: wiped(vec![1]), ..Account::default() };
        assert_eq!(format!("{payload:?} {account:?}"), "Payload { .. } Account { .. }");
    }
}
