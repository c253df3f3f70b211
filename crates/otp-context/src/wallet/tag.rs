use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use crate::wallet::WalletError;

/// The most characters of a tag.
const LONGEST: usize = 64;

/// The name of an application secret: a number, a date, a word. A sealed key names the secret that opens
/// it.
///
/// It has 1 to 64 ASCII letters, digits, underscores, full stops and hyphens, and begins with a
/// letter or a digit. Case matters. It is no secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Box<str>);

impl Tag {
    /// Returns the tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a tag.
///
/// # Errors
///
/// [`WalletError::Tag`] if a character is not allowed, or there are none or more than 64.
///
/// ```
/// use otp_context::wallet::Tag;
///
/// assert!("2026-11-23".parse::<Tag>().is_ok());
/// assert!("-x".parse::<Tag>().is_err());
/// ```
impl FromStr for Tag {
    type Err = WalletError;

    fn from_str(text: &str) -> Result<Self, WalletError> {
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if begins && text.len() <= LONGEST && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(WalletError::Tag)
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
