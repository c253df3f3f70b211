//! [`KeyUri`] as its fields, **with the key**:
//!
//! ```json
//! {"account":"alice@example.com","issuer":"ACME Co","secret":"JBSWY3DPEHPK3PXP",
//!  "type":"totp","algorithm":"SHA1","digits":6,"period":30}
//! ```
//!
//! Names and values are those of [`label`], [`secret`] and [`otp_kind`](crate::otp_kind).

use alloc::string::String;

use otp_core::Secret;
use otp_uri::KeyUri;
use serde_core::ser::{self, SerializeStruct};
use serde_core::{Deserializer, Serializer};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::FormError;
use crate::label;
use crate::name::Name;
use crate::option::OptionSeed;
use crate::optional_fields::OptionalFields;
use crate::otp_kind::Parts;
use crate::secret;

/// Writes the fields.
///
/// # Errors
///
/// The kind is newer than this crate, and the errors of the format.
pub fn serialize<S: Serializer>(uri: &KeyUri, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = OptionalFields::of(&serializer);
    let account = fields.field(label::account(uri.label()));
    let issuer = fields.field(label::issuer(uri.label()));
    fields.required();
    let kind = Parts::of(uri.kind()).ok_or_else(|| ser::Error::custom("unknown type"))?;
    kind.count(&mut fields);
    let mut form = serializer.serialize_struct(Form::NAME, fields.count())?;
    fields.write(&mut form, "account", account)?;
    fields.write(&mut form, "issuer", issuer)?;
    form.serialize_field("secret", &secret::Serializable(uri.secret()))?;
    kind.write(&fields, &mut form)?;
    form.end()
}

/// Reads the fields.
///
/// # Errors
///
/// Those of the three modules; a field that is missing, unknown or duplicate; parts whose URI would be
/// longer than 8192 bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyUri, D::Error> {
    fields::read::<D, Form>(deserializer)
}

crate::option::with_option!(KeyUri);

#[derive(Default)]
struct Form {
    account: Option<String>,
    issuer: Option<String>,
    secret: Option<Secret>,
    kind: Parts,
}

impl<'de> Fields<'de> for Form {
    type Value = KeyUri;
    const NAME: &'static str = "KeyUri";
    const NAMES: &'static [&'static str] =
        &["account", "issuer", "secret", "type", "algorithm", "digits", "period", "counter"];
    const WANTED: &'static str = "key URI must have the fields of its label, key and type";

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "account" => self.account = source.take(OptionSeed(Name::Account.strict()))?,
            "issuer" => self.issuer = source.take(OptionSeed(Name::Issuer.strict()))?,
            "secret" => self.secret = Some(source.take(secret::Seed)?),
            _ => self.kind.read(name, source)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<KeyUri, FormError> {
        let kind = self.kind.finish()?;
        let secret = required(self.secret, "secret")?;
        let label = label::join(self.account.as_deref(), self.issuer.as_deref());
        label.and_then(|label| KeyUri::new(label, secret, kind)).map_err(FormError::Uri)
    }
}
