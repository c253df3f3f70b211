//! [`ApplicationSecrets`] of a wallet as a map from tags to secrets, **in plain text**:
//! `{"2025":"first secret","2026":"second secret"}`.
//!
//! A secret is text in text formats, and bytes in binary formats. In JSON this is the form of passlib's
//! `secrets`.

use alloc::string::String;
use alloc::vec::Vec;

use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, WalletError};
use serde_core::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde_core::ser::{self, SerializeMap};
use serde_core::{Deserializer, Serialize, Serializer};

use crate::tag;

const MAP: &str = "application secrets must be a map from tags";
const TEXT: &str = "application secret must be text";
const BYTES: &str = "application secret must be bytes";
const TOO_LONG: &str = "application secret must be at most 4096 bytes";
const TOO_MANY: &str = "application secrets must be at most 100";

/// The most bytes of a secret.
const LONGEST: usize = 4096;
/// The most secrets: a wallet compares each with all the others.
const MOST: usize = 100;

/// Writes the secrets.
///
/// # Errors
///
/// More than 100 secrets; a secret of more than 4096 bytes; in text formats a secret that is not UTF-8;
/// and the errors of the format.
pub fn serialize<S: Serializer>(
    secrets: &ApplicationSecrets,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let count = secrets.iter().count();
    if count > MOST {
        return Err(ser::Error::custom(TOO_MANY));
    }
    let mut map = serializer.serialize_map(Some(count))?;
    for (tag, secret) in secrets.iter() {
        map.serialize_entry(&tag::Serializable(tag), &SerializableSecret(secret))?;
    }
    map.end()
}

/// Reads the secrets.
///
/// # Errors
///
/// The value is not a map; an invalid or duplicate tag; a secret that is empty or longer than 4096
/// bytes; more than 100 secrets. [`Wallet::new`](otp_context::wallet::Wallet::new) refuses a secret
/// with two tags.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ApplicationSecrets, D::Error> {
    let mut entered = false;
    match deserializer.deserialize_map(Map { entered: &mut entered }) {
        // A format's own message may repeat the input.
        Err(_) if !entered => Err(Error::custom(MAP)),
        result => result,
    }
}

crate::option::with_option!(ApplicationSecrets);

struct Map<'a> {
    entered: &'a mut bool,
}

impl<'de> Visitor<'de> for Map<'_> {
    type Value = ApplicationSecrets;

    crate::form_error::unused_expecting!();

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ApplicationSecrets, A::Error> {
        *self.entered = true;
        let mut secrets = ApplicationSecrets::new();
        let mut room = MOST;
        while let Some(tag) = map.next_key_seed(tag::Seed)? {
            room = room.checked_sub(1).ok_or_else(|| Error::custom(TOO_MANY))?;
            let secret = map.next_value_seed(SecretSeed)?;
            secrets = secrets.with(tag, secret).map_err(Error::custom)?;
        }
        Ok(secrets)
    }
}

struct SerializableSecret<'a>(&'a ApplicationSecret);

impl Serialize for SerializableSecret<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secret = self.0.reveal();
        if secret.len() > LONGEST {
            Err(ser::Error::custom(TOO_LONG))
        } else if serializer.is_human_readable() {
            let text = core::str::from_utf8(secret).map_err(|_| ser::Error::custom(TEXT))?;
            serializer.serialize_str(text)
        } else {
            serializer.serialize_bytes(secret)
        }
    }
}

struct SecretSeed;

impl<'de> DeserializeSeed<'de> for SecretSeed {
    type Value = ApplicationSecret;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<ApplicationSecret, D::Error> {
        let (result, wanted) = if deserializer.is_human_readable() {
            (deserializer.deserialize_string(self), TEXT)
        } else {
            (deserializer.deserialize_byte_buf(self), BYTES)
        };
        match result {
            Ok(Some(secret)) => secret.map_err(Error::custom),
            Ok(None) => Err(Error::custom(TOO_LONG)),
            Err(_) => Err(Error::custom(wanted)),
        }
    }
}

impl Visitor<'_> for SecretSeed {
    /// `None` is a secret that is too long.
    type Value = Option<Result<ApplicationSecret, WalletError>>;

    crate::form_error::unused_expecting!();

    fn visit_str<E: Error>(self, secret: &str) -> Result<Self::Value, E> {
        self.visit_bytes(secret.as_bytes())
    }

    /// Takes the text of the format without a copy.
    fn visit_string<E: Error>(self, secret: String) -> Result<Self::Value, E> {
        self.visit_byte_buf(secret.into_bytes())
    }

    fn visit_bytes<E: Error>(self, secret: &[u8]) -> Result<Self::Value, E> {
        Ok((secret.len() <= LONGEST).then(|| ApplicationSecret::new(secret)))
    }

    fn visit_byte_buf<E: Error>(self, secret: Vec<u8>) -> Result<Self::Value, E> {
        // A secret that is too long is wiped, too.
        let fits = secret.len() <= LONGEST;
        let secret = ApplicationSecret::new(secret);
        Ok(fits.then_some(secret))
    }
}
