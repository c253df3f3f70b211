//! [`Label`] as its two names: `{"account":"alice@example.com","issuer":"ACME Co"}`.
//!
//! An absent issuer is omitted in text formats, and null in binary formats. The same holds for the
//! account of a URI without one.

use alloc::string::String;

use otp_uri::Label;
use serde_core::ser::SerializeStruct;
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source};
use crate::form_error::FormError;
use crate::name::{self, Name};
use crate::option::OptionSeed;
use crate::optional_fields::OptionalFields;

/// Writes the names.
///
/// # Errors
///
/// A name of more than 8192 bytes, and those of the format.
pub fn serialize<S: Serializer>(label: &Label, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = OptionalFields::of(&serializer);
    let account = fields.field(account(label));
    let issuer = fields.field(issuer(label));
    let mut form = serializer.serialize_struct(Form::NAME, fields.count())?;
    fields.write(&mut form, "account", account)?;
    fields.write(&mut form, "issuer", issuer)?;
    form.end()
}

/// Reads the names.
///
/// # Errors
///
/// A name that is not text, is empty, is longer than 8192 bytes, or begins or ends with white space; an
/// unknown or duplicate field.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Label, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(Label);

/// Returns the account name, if present.
pub(crate) fn account(label: &Label) -> Option<name::Serializable<'_>> {
    let account = Some(label.account()).filter(|account| !account.is_empty());
    account.map(|account| name::Serializable(Name::Account, account))
}

/// Returns the issuer, if present.
pub(crate) fn issuer(label: &Label) -> Option<name::Serializable<'_>> {
    label.issuer().map(|issuer| name::Serializable(Name::Issuer, issuer))
}

/// Creates a label of names that were read.
pub(crate) fn join(account: Option<&str>, issuer: Option<&str>) -> Result<Label, otp_uri::Error> {
    let label = match account {
        Some(account) => Label::new(account)?,
        None => Label::unnamed(),
    };
    match issuer {
        Some(issuer) => label.with_issuer(issuer),
        None => Ok(label),
    }
}

#[derive(Default)]
struct Form {
    account: Option<String>,
    issuer: Option<String>,
}

impl<'de> Fields<'de> for Form {
    type Value = Label;
    const NAME: &'static str = "Label";
    const NAMES: &'static [&'static str] = &["account", "issuer"];
    const WANTED: &'static str = "label must have the fields account and issuer";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "account" => self.account = source.take(OptionSeed(Name::Account.strict()))?,
            _ => self.issuer = source.take(OptionSeed(Name::Issuer.strict()))?,
        }
        Ok(())
    }

    fn finish(self) -> Result<Label, FormError> {
        join(self.account.as_deref(), self.issuer.as_deref()).map_err(FormError::Uri)
    }
}
