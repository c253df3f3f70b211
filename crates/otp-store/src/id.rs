use core::fmt;

use crate::Error;

/// The id of an account, whose credentials share one count of failures (NIST SP 800-63B § 3.2.2).
///
/// Take an id that never changes and is never reused, since encrypted keys are bound to it.
///
/// ```
/// use otp_store::AccountId;
///
/// let account = AccountId::new("user-4711")?;
/// assert_eq!(account.as_str(), "user-4711");
/// # Ok::<(), otp_store::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

impl AccountId {
    /// Takes the id of an account.
    ///
    /// # Errors
    ///
    /// [`Error::Id`] if it is empty, longer than 255 bytes or holds a control character.
    pub fn new(account: impl Into<String>) -> Result<Self, Error> {
        let account = account.into();
        if account.is_empty() || !fits(&account) { Err(Error::Id) } else { Ok(Self(account)) }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a credential: an account, and the name of one of its credentials.
///
/// ```
/// use otp_store::CredentialId;
///
/// let only = CredentialId::new("user-4711")?;
/// let phone = CredentialId::new("user-4711")?.with_name("phone")?;
/// assert_eq!(phone.account(), only.account());
/// assert_eq!(phone.name(), "phone");
/// # Ok::<(), otp_store::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId {
    account: AccountId,
    name: String,
}

impl CredentialId {
    /// Makes the id of an account's only credential, or of the one without a name.
    ///
    /// # Errors
    ///
    /// [`Error::Id`]: those of [`AccountId::new`].
    pub fn new(account: impl Into<String>) -> Result<Self, Error> {
        AccountId::new(account).map(Self::from)
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
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// Returns the name of the credential. Default: empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The id of the account's credential without a name.
impl From<AccountId> for CredentialId {
    fn from(account: AccountId) -> Self {
        Self { account, name: String::new() }
    }
}

fn fits(text: &str) -> bool {
    text.len() <= 255 && !text.contains(char::is_control)
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.account.fmt(f)?;
        if !self.name.is_empty() {
            write!(f, "/{}", self.name)?;
        }
        Ok(())
    }
}
