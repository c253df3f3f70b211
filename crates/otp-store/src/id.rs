use core::fmt;

use crate::Error;

/// What an application calls a credential: an account name, a row id.
///
/// 1 to 255 bytes without control characters, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialId(String);

impl CredentialId {
    /// Makes an id.
    ///
    /// # Errors
    ///
    /// [`Error::Id`] if it is empty, longer than 255 bytes or holds a control character.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        if id.is_empty() || id.len() > 255 || id.contains(char::is_control) {
            return Err(Error::Id);
        }
        Ok(Self(id))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
