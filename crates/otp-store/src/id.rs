use core::fmt;

use crate::Error;

/// The id of a credential: an account, and the name of one of its credentials.
///
/// Attempts are counted by account, so the credentials of an account share them (NIST SP 800-63B §
/// 3.2.2). Take an account id that never changes and is never reused, since the encrypted key is
/// bound to it.
///
/// ```
/// use otp_store::CredentialId;
///
/// let only = CredentialId::new("user-4711")?;
/// let phone = CredentialId::new("user-4711")?.with_name("phone")?;
/// assert_eq!((phone.account(), phone.name()), ("user-4711", "phone"));
/// assert_ne!(only, phone);
/// # Ok::<(), otp_store::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId {
    account: String,
    name: String,
}

impl CredentialId {
    /// Makes the id of an account's only credential, or of the one without a name.
    ///
    /// # Errors
    ///
    /// [`Error::Id`] if the account is empty, longer than 255 bytes or holds a control character.
    pub fn new(account: impl Into<String>) -> Result<Self, Error> {
        let account = account.into();
        if account.is_empty() || !fits(&account) {
            return Err(Error::Id);
        }
        Ok(Self { account, name: String::new() })
    }

    /// Sets the name of one of several credentials of the account. An empty name removes it.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if the name is longer than 255 bytes or holds a control character.
    pub fn with_name(self, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if fits(&name) { Ok(Self { name, ..self }) } else { Err(Error::Name) }
    }

    /// Returns the account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the name of the credential. Default: empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn fits(text: &str) -> bool {
    text.len() <= 255 && !text.contains(char::is_control)
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.account)?;
        if !self.name.is_empty() {
            write!(f, "/{}", self.name)?;
        }
        Ok(())
    }
}
