//! [`Record`] in version 2, the form of this crate, **only with a sealed key**:
//!
//! ```json
//! {"v":2,"account":"alice@example.com","issuer":"ACME Co","type":"totp","algorithm":"SHA1",
//!  "digits":6,"period":30,"next":56666667,"sealed":"$otp$v=2$xc20p$…"}
//! ```
//!
//! `next` is the lowest unspent counter; for HOTP it is the next counter. Steam Guard has no algorithm,
//! digits or period. Defaults are always written, so the reader needs none. A record with a plain-text
//! key has `secret` in place of `sealed`. This module reads it, too, and
//! [`revealed_record`](crate::revealed_record) writes it.

use alloc::string::String;

use otp_context::wallet::SealedKey;
use otp_context::{Record, StoredKey};
use otp_core::Secret;
use serde_core::ser::{self, SerializeStruct};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::name::{self, Name};
use crate::option::OptionSeed;
use crate::optional_fields::OptionalFields;
use crate::otp_kind::{Parts, Type};
use crate::record_error::{self, RecordError};
use crate::{counter, number, sealed_key, secret};

const VERSION: u64 = 2;
const WRONG_VERSION: &str = "v must be 2";
const UNSEALED: &str = "key must be sealed";
const ENCRYPTED: &str = "key encrypted by passlib must be sealed by a wallet";
const KIND: &str = "unknown type";
pub(crate) const TWO_KEYS: FormError = FormError::Bound("record", "record must not have two keys");

/// Writes a record with a sealed key.
///
/// # Errors
///
/// A key that is in plain text or encrypted by passlib; a name of more than 8192 bytes; a kind that is
/// newer than this crate; and the errors of the format.
pub fn serialize<S: Serializer>(record: &Record, serializer: S) -> Result<S::Ok, S::Error> {
    write(record, None, serializer)
}

/// Reads a record.
///
/// # Errors
///
/// A version other than 2; a field that is missing, unknown, duplicate, invalid or of another type of
/// codes; two keys.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
    fields::read::<D, Form>(deserializer)
}

/// Reads a record. The error has a kind and a part, for programs.
///
/// # Errors
///
/// Those of [`deserialize`]. Errors of the format are [`RecordErrorKind::Format`].
///
/// ```
/// use otp_serde::{RecordErrorKind, record};
///
/// let mut json =
///     serde_json::Deserializer::from_str(r#"{"v":2,"type":"steam","v":2}"#);
/// let error = record::read(&mut json).unwrap_err();
/// assert_eq!((error.kind(), error.part()), (RecordErrorKind::Duplicate, "v"));
/// assert_eq!(error.to_string(), "duplicate v");
/// ```
///
/// [`RecordErrorKind::Format`]: crate::RecordErrorKind::Format
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Record, RecordError> {
    record_error::read::<D, Form>(deserializer)
}

crate::option::with_option!(Record);

/// A [`Record`] that serialises in this module's form, for use as a whole document.
#[derive(Debug)]
pub struct Stored(pub Record);

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// Writes a record, with this plain-text key if given.
pub(crate) fn write<S: Serializer>(
    record: &Record,
    plain: Option<&Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let sealed = match record.key() {
        StoredKey::Sealed(sealed) => Some(sealed_key::Serializable(sealed)),
        StoredKey::Plain(_) if plain.is_some() => None,
        StoredKey::Plain(_) => return Err(ser::Error::custom(UNSEALED)),
        _ => return Err(ser::Error::custom(ENCRYPTED)),
    };
    let kind = Parts::of(&record.kind()).ok_or_else(|| ser::Error::custom(KIND))?;
    let mut fields = OptionalFields::of(&serializer);
    fields.required();
    let account =
        fields.field(record.account().map(|name| name::Serializable(Name::Account, name)));
    let issuer = fields.field(record.issuer().map(|name| name::Serializable(Name::Issuer, name)));
    kind.count_fixed(&mut fields);
    fields.required();
    let plain = fields.field(plain.map(secret::Serializable));
    let sealed = fields.field(sealed);
    let mut form = serializer.serialize_struct(Form::NAME, fields.count())?;
    form.serialize_field("v", &VERSION)?;
    fields.write(&mut form, "account", account)?;
    fields.write(&mut form, "issuer", issuer)?;
    kind.write_fixed(&fields, &mut form)?;
    form.serialize_field("next", &record.next())?;
    fields.write(&mut form, "secret", plain)?;
    fields.write(&mut form, "sealed", sealed)?;
    form.end()
}

#[derive(Default)]
struct Form {
    version: Option<()>,
    account: Option<String>,
    issuer: Option<String>,
    kind: Parts,
    next: Option<u64>,
    secret: Option<Secret>,
    sealed: Option<SealedKey>,
}

impl<'de> Fields<'de> for Form {
    type Value = Record;
    const NAME: &'static str = "Record";
    const NAMES: &'static [&'static str] = &[
        "v",
        "account",
        "issuer",
        "type",
        "algorithm",
        "digits",
        "period",
        "next",
        "secret",
        "sealed",
    ];
    const WANTED: &'static str = "record must have fields";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "v" => self.version = Some(source.take(number::Seed(WRONG_VERSION, version))?),
            "account" => self.account = source.take(OptionSeed(Name::Account.strict()))?,
            "issuer" => self.issuer = source.take(OptionSeed(Name::Issuer.strict()))?,
            "next" => self.next = Some(source.take(counter::Seed)?),
            "secret" => self.secret = source.take(OptionSeed(secret::Seed))?,
            "sealed" => self.sealed = source.take(OptionSeed(sealed_key::Seed))?,
            _ => self.kind.read(name, source)?,
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Record, FormError> {
        required(self.version, "v")?;
        let next = required(self.next, "next")?;
        if self.kind.kind == Some(Type::Hotp) {
            self.kind.counter = Some(next);
        }
        let kind = self.kind.finish()?;
        let key = match (self.secret, self.sealed) {
            (Some(secret), None) => StoredKey::Plain(secret),
            (None, Some(sealed)) => StoredKey::Sealed(sealed),
            (Some(_), Some(_)) => return Err(TWO_KEYS),
            (None, None) => return Err(FormError::NoKey("sealed", "secret")),
        };
        Ok(named(Record::new(kind, key), self.account, self.issuer).with_next(next))
    }
}

/// Adds the names that were read to a record.
pub(crate) fn named(record: Record, account: Option<String>, issuer: Option<String>) -> Record {
    record
        .with_account(account.as_deref().unwrap_or_default())
        .with_issuer(issuer.as_deref().unwrap_or_default())
}

fn version(number: u64) -> Option<()> {
    (number == VERSION).then_some(())
}
