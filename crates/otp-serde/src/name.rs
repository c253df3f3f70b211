use core::fmt;

use alloc::string::String;

use otp_uri::MAX_LENGTH;
use serde_core::de::DeserializeSeed;
use serde_core::{Deserializer, Serialize, Serializer, ser};

use crate::text;

/// A field with a name: of an account or an issuer.
#[derive(Clone, Copy)]
pub(crate) enum Name {
    Account,
    Issuer,
    /// The account in passlib's records.
    #[cfg(feature = "passlib")]
    Label,
}

impl Name {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Account => "account must be text",
            Self::Issuer => "issuer must be text",
            #[cfg(feature = "passlib")]
            Self::Label => "label must be text",
        }
    }

    /// Returns the reader of a name in this crate's forms: not empty, and trimmed.
    pub(crate) const fn strict(self) -> Seed {
        Seed { name: self, strict: true }
    }

    /// Returns the reader of a name in passlib's form, which may be empty or untrimmed.
    #[cfg(feature = "passlib")]
    pub(crate) const fn tolerant(self) -> Seed {
        Seed { name: self, strict: false }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Issuer => "issuer",
            #[cfg(feature = "passlib")]
            Self::Label => "label",
        })
    }
}

enum Refused {
    TooLong(Name),
    Untrimmed(Name),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(name) => write!(f, "{name} must be at most {MAX_LENGTH} bytes"),
            Self::Untrimmed(name) => {
                write!(f, "{name} must not be empty, nor begin or end with white space")
            }
        }
    }
}

/// Writes a name of at most [`MAX_LENGTH`] bytes.
pub(crate) struct Serializable<'a>(pub(crate) Name, pub(crate) &'a str);

impl Serialize for Serializable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.1.len() > MAX_LENGTH {
            return Err(ser::Error::custom(Refused::TooLong(self.0)));
        }
        serializer.serialize_str(self.1)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Seed {
    name: Name,
    strict: bool,
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        text::read(deserializer, self.name.wanted(), |text| match text.trim() {
            _ if text.len() > MAX_LENGTH => Err(Refused::TooLong(self.name)),
            trimmed if self.strict && (trimmed.is_empty() || trimmed.len() != text.len()) => {
                Err(Refused::Untrimmed(self.name))
            }
            _ => Ok(text.into()),
        })
    }
}
