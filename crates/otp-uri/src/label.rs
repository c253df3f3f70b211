use alloc::string::String;

use crate::error::{Error, ErrorKind};
use crate::part::Part;

/// The names of a key: an account, and optionally an issuer (Key URI Format, "Label").
///
/// Both are trimmed. Only a URI without an account should have a label with an empty account.
///
/// Avoid colons in both names: the Key URI Format allows none. This crate writes a colon as an escape,
/// but most other readers split the label at the first colon, escaped or not. Some read the whole
/// label as the account, and some refuse it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    account: String,
    issuer: Option<String>,
}

impl Label {
    /// Creates a label of an account name, which is trimmed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Empty`] if the account is empty or white space.
    ///
    /// ```
    /// use otp_uri::Label;
    ///
    /// let label = Label::new("alice@example.com")?.with_issuer("ACME Co")?;
    /// assert_eq!(label.account(), "alice@example.com");
    /// assert_eq!(label.issuer(), Some("ACME Co"));
    /// # Ok::<(), otp_uri::Error>(())
    /// ```
    pub fn new(account: &str) -> Result<Self, Error> {
        match account.trim() {
            "" => Err(Error::new(ErrorKind::Empty, Part::Account)),
            account => Ok(Self { account: account.into(), issuer: None }),
        }
    }

    /// Returns the label of a URI without an account.
    #[must_use]
    pub const fn unnamed() -> Self {
        Self { account: String::new(), issuer: None }
    }

    /// Sets the issuer, which is trimmed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Empty`] if the issuer is empty or white space.
    pub fn with_issuer(self, issuer: &str) -> Result<Self, Error> {
        match issuer.trim() {
            "" => Err(Error::new(ErrorKind::Empty, Part::Issuer)),
            issuer => Ok(Self { issuer: Some(issuer.into()), ..self }),
        }
    }

    /// Creates a label of names that were read. They may be empty.
    pub(crate) fn read(account: &str, issuer: Option<&str>) -> Self {
        Self { account: account.trim().into(), issuer: issuer.and_then(name).map(String::from) }
    }

    /// Returns the account name. It is empty for a URI without an account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the issuer, which is never empty.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

/// Trims a name. Returns `None` for an empty one.
pub(crate) fn name(text: &str) -> Option<&str> {
    match text.trim() {
        "" => None,
        name => Some(name),
    }
}

/// Splits a decoded label into issuer and account.
///
/// It splits at the first colon, unless the label begins with the issuer, which may have colons.
pub(crate) fn split<'t>(text: &'t str, issuer: Option<&'t str>) -> (Option<&'t str>, &'t str) {
    let named = issuer.and_then(|name| Some((name, strip_issuer(text, name)?)));
    match named.or_else(|| text.split_once(':')) {
        Some((prefix, account)) => (Some(prefix), account),
        None => (None, text),
    }
}

/// Returns the text after the trimmed issuer and a colon, if it begins with them. There may be white
/// space around the issuer.
pub(crate) fn strip_issuer<'t>(text: &'t str, issuer: &str) -> Option<&'t str> {
    text.trim_start().strip_prefix(issuer)?.trim_start().strip_prefix(':')
}

/// Returns whether a name has a character that controls a terminal.
pub(crate) fn has_control(name: &str) -> bool {
    // Most names are ASCII, and the compiler can check many of their bytes at once.
    let is_odd = |byte: u8| byte.is_ascii_control() | !byte.is_ascii();
    if !name.bytes().fold(false, |any, byte| any | is_odd(byte)) {
        return false;
    }
    name.contains(|c: char| c.is_control() || is_bidi_control(c))
}

/// Returns whether a character changes the direction of text (Unicode's `Bidi_Control`).
const fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
