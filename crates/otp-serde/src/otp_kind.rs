//! [`OtpKind`] as its type and parameters:
//! `{"type":"totp","algorithm":"SHA1","digits":6,"period":30}`.
//!
//! HOTP has a `counter` in place of the period. Steam Guard has only its type. Defaults are always
//! written, so the reader needs none.

use otp_core::{Algorithm, Digits, Period};
use otp_uri::OtpKind;
use serde_core::de::DeserializeSeed;
use serde_core::ser::{self, SerializeStruct};
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::option::OptionSeed;
use crate::optional_fields::OptionalFields;
use crate::{algorithm, counter, digits, period, text};

const TYPE: &str = "type must be totp, hotp or steam";

/// Writes the type and its parameters.
///
/// # Errors
///
/// The kind is newer than this crate, and the errors of the format.
pub fn serialize<S: Serializer>(kind: &OtpKind, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = OptionalFields::of(&serializer);
    let parts = Parts::of(kind).ok_or_else(|| ser::Error::custom(TYPE))?;
    parts.count(&mut fields);
    let mut form = serializer.serialize_struct(Form::NAME, fields.count())?;
    parts.write(&fields, &mut form)?;
    form.end()
}

/// Reads the type and its parameters.
///
/// # Errors
///
/// An unknown type; a parameter that is missing, invalid, or of another type; an unknown or duplicate
/// field.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OtpKind, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(OtpKind);

/// The types of codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Totp,
    Hotp,
    #[cfg(feature = "sha1")]
    Steam,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            #[cfg(feature = "sha1")]
            Self::Steam => "steam",
        }
    }
}

/// Reads a type.
pub(crate) struct TypeSeed;

impl<'de> DeserializeSeed<'de> for TypeSeed {
    type Value = Type;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Type, D::Error> {
        text::read(deserializer, TYPE, |name| match name {
            "totp" => Ok(Type::Totp),
            "hotp" => Ok(Type::Hotp),
            #[cfg(feature = "sha1")]
            "steam" => Ok(Type::Steam),
            _ => Err(TYPE),
        })
    }
}

/// A kind as fields, which several forms have.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) kind: Option<Type>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) digits: Option<Digits>,
    pub(crate) period: Option<Period>,
    pub(crate) counter: Option<u64>,
}

impl Parts {
    /// Returns the fields of a kind, or `None` if it is newer than this crate.
    pub(crate) const fn of(kind: &OtpKind) -> Option<Self> {
        let none = Self { kind: None, algorithm: None, digits: None, period: None, counter: None };
        Some(match *kind {
            OtpKind::Totp { algorithm, digits, period } => Self {
                kind: Some(Type::Totp),
                algorithm: Some(algorithm),
                digits: Some(digits),
                period: Some(period),
                ..none
            },
            OtpKind::Hotp { algorithm, digits, counter } => Self {
                kind: Some(Type::Hotp),
                algorithm: Some(algorithm),
                digits: Some(digits),
                counter: Some(counter),
                ..none
            },
            #[cfg(feature = "sha1")]
            OtpKind::Steam => Self { kind: Some(Type::Steam), ..none },
            _ => return None,
        })
    }

    /// Counts the fields that [`Parts::write_fixed`] writes.
    pub(crate) fn count_fixed(&self, fields: &mut OptionalFields) {
        fields.required();
        fields.field(self.algorithm);
        fields.field(self.digits);
        fields.field(self.period);
    }

    /// Writes all fields but the counter, which a record has as its state.
    pub(crate) fn write_fixed<S: SerializeStruct>(
        &self,
        fields: &OptionalFields,
        form: &mut S,
    ) -> Result<(), S::Error> {
        if let Some(kind) = self.kind {
            form.serialize_field("type", kind.name())?;
        }
        fields.write(form, "algorithm", self.algorithm.as_ref().map(algorithm::Serializable))?;
        fields.write(form, "digits", self.digits.as_ref().map(digits::Serializable))?;
        fields.write(form, "period", self.period.as_ref().map(period::Serializable))
    }

    /// Counts the fields that [`Parts::write`] writes.
    pub(crate) fn count(&self, fields: &mut OptionalFields) {
        self.count_fixed(fields);
        fields.field(self.counter);
    }

    pub(crate) fn write<S: SerializeStruct>(
        &self,
        fields: &OptionalFields,
        form: &mut S,
    ) -> Result<(), S::Error> {
        self.write_fixed(fields, form)?;
        fields.write(form, "counter", self.counter.as_ref().map(counter::Serializable))
    }

    /// Reads the field of this name, which must be a field that [`Parts::write`] writes.
    pub(crate) fn read<'de, S: Source<'de>>(
        &mut self,
        name: &'static str,
        source: S,
    ) -> Result<(), S::Error> {
        match name {
            "type" => self.kind = Some(source.take(TypeSeed)?),
            "algorithm" => self.algorithm = source.take(OptionSeed(algorithm::Seed))?,
            "digits" => self.digits = source.take(OptionSeed(digits::Seed))?,
            "period" => self.period = source.take(OptionSeed(period::Seed))?,
            _ => self.counter = source.take(OptionSeed(counter::Seed))?,
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<OtpKind, FormError> {
        let kind = required(self.kind, "type")?;
        let own: &[&str] = match kind {
            Type::Totp => &["algorithm", "digits", "period"],
            Type::Hotp => &["algorithm", "digits", "counter"],
            #[cfg(feature = "sha1")]
            Type::Steam => &[],
        };
        for (name, present) in [
            ("algorithm", self.algorithm.is_some()),
            ("digits", self.digits.is_some()),
            ("period", self.period.is_some()),
            ("counter", self.counter.is_some()),
        ] {
            if present && !own.contains(&name) {
                return Err(FormError::Foreign(name));
            }
        }
        #[cfg(feature = "sha1")]
        if kind == Type::Steam {
            return Ok(OtpKind::Steam);
        }
        let algorithm = required(self.algorithm, "algorithm")?;
        let digits = required(self.digits, "digits")?;
        Ok(if kind == Type::Totp {
            OtpKind::Totp { algorithm, digits, period: required(self.period, "period")? }
        } else {
            OtpKind::Hotp { algorithm, digits, counter: required(self.counter, "counter")? }
        })
    }
}

#[derive(Default)]
struct Form(Parts);

impl<'de> Fields<'de> for Form {
    type Value = OtpKind;
    const NAME: &'static str = "OtpKind";
    const NAMES: &'static [&'static str] = &["type", "algorithm", "digits", "period", "counter"];
    const WANTED: &'static str = "kind must have the field type and those of its type";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        self.0.read(name, source)
    }

    fn finish(self) -> Result<OtpKind, FormError> {
        self.0.finish()
    }
}
