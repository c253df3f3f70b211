//! [`Record`] in the form of passlib's TOTP and HOTP objects, version 1. To read it, use
//! `deserialize_with` or a [`PasslibRecord`]. [`to_json`] and [`reveal_json`] write the exact text that
//! passlib writes.
//!
//! This module reads the records of passlib 1.7.4, and those of its `OTPContext` era with their HOTP
//! keys and counters. It refuses some JSON that passlib accepts: fields that passlib does not know or
//! accepts by accident (`new`, `format`, `size`, `changed`), duplicate fields, and numbers with a
//! fraction. It recognises the encrypted keys of unreleased versions, and refuses them.
//!
//! | Field | Is |
//! |---|---|
//! | `v` | 1 |
//! | `type` | `totp` or `hotp` |
//! | `key`, `enckey` | the key in Base32, as people type it, or encrypted; exactly one of the two |
//! | `alg`, `digits`, `period` | the parameters; if absent `sha1`, 6 and 30, whatever the defaults of the application are |
//! | `label`, `issuer` | account and issuer, trimmed; no colon |
//! | `last_counter` | TOTP: the last spent counter; 0 if no counter is spent |
//! | `counter`, `start` | HOTP: the next counter, and a lower bound of it, which is checked and not kept |

mod encrypted;
mod json;

use alloc::string::String;

use otp_context::wallet::passlib::PasslibKey;
use otp_context::{Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::{MAX_LENGTH, OtpKind};
use serde_core::de::{DeserializeSeed, Error};
use serde_core::{Deserialize, Deserializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::name::Name;
use crate::number::any_u64;
use crate::option::OptionSeed;
use crate::record::{TWO_KEYS, named};
use crate::record_error::{self, RecordError};
use crate::{algorithm, counter, digits, number, period, text};

pub use json::{Json, Unwritable, reveal_json, to_json};

const VERSION: u64 = 1;
const WRONG_VERSION: &str = "v must be 1";
const TYPE: &str = "type must be totp or hotp";
const KEY: &str = "key must be text";
const KEY_TOO_LONG: &str = "key must be at most 8192 characters";
const LAST: &str = "last_counter must be a whole number from 0 to 18446744073709551614";
const START: &str = any_u64!("start");

/// Reads a record.
///
/// # Errors
///
/// A version other than 1; a field that is missing, unknown, duplicate, invalid or of the other type;
/// two keys; a name with a colon or of more than 8192 bytes; a `start` above the `counter`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
    fields::read::<D, Form>(deserializer)
}

/// Reads a record. The error has a kind and a part, for programs.
///
/// # Errors
///
/// Those of [`deserialize`]. Errors of the format are
/// [`RecordErrorKind::Format`](crate::RecordErrorKind::Format).
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Record, RecordError> {
    record_error::read::<D, Form>(deserializer)
}

/// A [`Record`] that is read in this module's form, for use as a whole document.
///
/// ```
/// # use otp_serde::passlib::{self, PasslibRecord};
/// let stored =
///     r#"{"key":"JBSWY3DPEHPK3PXP","label":"alice","type":"totp","v":1}"#;
/// let record = serde_json::from_str::<PasslibRecord>(stored)?.0;
/// assert_eq!(record.account(), Some("alice"));
/// assert_eq!(passlib::reveal_json(&record)?.to_string(), stored);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PasslibRecord(pub Record);

impl<'de> Deserialize<'de> for PasslibRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Totp,
    Hotp,
}

#[derive(Default)]
struct Form {
    version: Option<()>,
    kind: Option<Type>,
    key: Option<Secret>,
    encrypted: Option<PasslibKey>,
    algorithm: Option<Algorithm>,
    digits: Option<Digits>,
    period: Option<Period>,
    label: Option<String>,
    issuer: Option<String>,
    last_counter: Option<u64>,
    counter: Option<u64>,
    start: Option<u64>,
}

impl<'de> Fields<'de> for Form {
    type Value = Record;
    const NAME: &'static str = "PasslibRecord";
    const NAMES: &'static [&'static str] = &[
        "v",
        "type",
        "key",
        "enckey",
        "alg",
        "digits",
        "period",
        "label",
        "issuer",
        "last_counter",
        "counter",
        "start",
    ];
    const WANTED: &'static str = "record must have fields";

    fn part(name: &'static str) -> &'static str {
        match name {
            "alg" => "algorithm",
            "key" => "secret",
            name => name,
        }
    }

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "v" => self.version = Some(source.take(number::Seed(WRONG_VERSION, version))?),
            "type" => self.kind = Some(source.take(TypeSeed)?),
            "key" => self.key = Some(source.take(Key)?),
            "enckey" => {
                let report = source.report();
                self.encrypted = Some(source.take(encrypted::Seed(report))?);
            }
            "alg" => self.algorithm = Some(source.take(algorithm::Seed)?),
            "digits" => self.digits = Some(source.take(digits::Seed)?),
            "period" => self.period = Some(source.take(period::Seed)?),
            "label" => self.label = source.take(OptionSeed(Name::Label.tolerant()))?,
            "issuer" => self.issuer = source.take(OptionSeed(Name::Issuer.tolerant()))?,
            "last_counter" => self.last_counter = Some(source.take(number::Seed(LAST, spent))?),
            "counter" => self.counter = Some(source.take(counter::Seed)?),
            _ => self.start = Some(source.take(number::Seed(START, Some))?),
        }
        Ok(())
    }

    fn finish(self) -> Result<Record, FormError> {
        required(self.version, "v")?;
        let kind = required(self.kind, "type")?;
        for (name, present, of) in [
            ("period", self.period.is_some(), Type::Totp),
            ("last_counter", self.last_counter.is_some(), Type::Totp),
            ("counter", self.counter.is_some(), Type::Hotp),
            ("start", self.start.is_some(), Type::Hotp),
        ] {
            if present && kind != of {
                return Err(FormError::Foreign(name));
            }
        }
        for (name, text) in [("label", &self.label), ("issuer", &self.issuer)] {
            if text.as_ref().is_some_and(|text| text.contains(':')) {
                return Err(FormError::Colon(name));
            }
        }
        let key = match (self.key, self.encrypted) {
            (Some(secret), None) => StoredKey::Plain(secret),
            (None, Some(key)) => StoredKey::Passlib(key),
            (Some(_), Some(_)) => return Err(TWO_KEYS),
            (None, None) => return Err(FormError::NoKey("enckey", "key")),
        };
        let algorithm = match self.algorithm {
            Some(algorithm) => algorithm,
            None => "SHA1".parse().map_err(|_| FormError::Missing("algorithm"))?,
        };
        let digits = self.digits.unwrap_or_default();
        let counter = self.counter.unwrap_or_default();
        if self.start.unwrap_or_default() > counter {
            return Err(FormError::Bound("start", "start must not be above counter"));
        }
        let (kind, next) = match kind {
            Type::Totp => {
                let period = self.period.unwrap_or_default();
                // In passlib 0 means that no counter is spent.
                let last = self.last_counter.filter(|last| *last > 0);
                let next = last.map_or(0, |last| last.saturating_add(1));
                (OtpKind::Totp { algorithm, digits, period }, next)
            }
            Type::Hotp => (OtpKind::Hotp { algorithm, digits, counter }, counter),
        };
        Ok(named(Record::new(kind, key), self.label, self.issuer).with_next(next))
    }
}

fn version(number: u64) -> Option<()> {
    (number == VERSION).then_some(())
}

/// Rejects the greatest counter: no counter follows it, so it is never spent.
fn spent(number: u64) -> Option<u64> {
    (number < u64::MAX).then_some(number)
}

struct TypeSeed;

impl<'de> DeserializeSeed<'de> for TypeSeed {
    type Value = Type;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Type, D::Error> {
        text::read(deserializer, TYPE, |name| match name {
            "totp" => Ok(Type::Totp),
            "hotp" => Ok(Type::Hotp),
            _ => Err(TYPE),
        })
    }
}

/// Reads a key as people type it, as passlib does.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Secret;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Secret, D::Error> {
        let made = text::read(deserializer, KEY, |text| {
            Ok::<_, &str>((text.len() <= MAX_LENGTH).then(|| Secret::from_base32(text)))
        })?;
        made.ok_or_else(|| Error::custom(KEY_TOO_LONG))?.map_err(Error::custom)
    }
}
