use alloc::string::String;

use crate::error::{Error, ErrorKind};
use crate::part::Part;

/// Whose key it is: an account, and perhaps an issuer (Key URI Format, "Label").
///
/// Both are trimmed. Only a URI that named no account should have a label with an empty one.
///
/// Have no colon in either: the Key URI Format allows none. It is written with an escape, but most
/// other readers split the label at the first colon however it is written, some take all of the
/// label for the account, and some refuse it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    account: String,
    issuer: Option<String>,
}

impl Label {
    /// Makes a label of an account's name, which is trimmed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Empty`] if the account has nothing but white space.
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

    /// The same account with this issuer, trimmed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Empty`] if the issuer has nothing but white space.
    pub fn with_issuer(self, issuer: &str) -> Result<Self, Error> {
        match issuer.trim() {
            "" => Err(Error::new(ErrorKind::Empty, Part::Issuer)),
            issuer => Ok(Self { issuer: Some(issuer.into()), ..self }),
        }
    }

    /// A label as it was read, which may say nothing.
    pub(crate) fn read(account: &str, issuer: Option<&str>) -> Self {
        Self { account: account.trim().into(), issuer: issuer.and_then(name).map(String::from) }
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The issuer's name, never empty.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

/// A name that is not empty once trimmed.
pub(crate) fn name(text: &str) -> Option<&str> {
    match text.trim() {
        "" => None,
        name => Some(name),
    }
}

/// Splits a decoded label into what is before and after the colon that separates.
///
/// That is the first one, unless the issuer, which may have colons itself, begins the label.
pub(crate) fn split<'t>(text: &'t str, issuer: Option<&'t str>) -> (Option<&'t str>, &'t str) {
    let named = issuer.and_then(|name| Some((name, strip_issuer(text, name)?)));
    match named.or_else(|| text.split_once(':')) {
        Some((prefix, account)) => (Some(prefix), account),
        None => (None, text),
    }
}

/// What follows the issuer, which is trimmed, and a colon at the beginning of a text; there may be
/// white space around the issuer.
pub(crate) fn strip_issuer<'t>(text: &'t str, issuer: &str) -> Option<&'t str> {
    text.trim_start().strip_prefix(issuer)?.trim_start().strip_prefix(':')
}

/// Whether a name has a character that a terminal obeys instead of showing it.
pub(crate) fn has_control(name: &str) -> bool {
    // Most names are ASCII, of which many bytes are looked at together.
    let is_odd = |byte: u8| byte.is_ascii_control() | !byte.is_ascii();
    if !name.bytes().fold(false, |any, byte| any | is_odd(byte)) {
        return false;
    }
    name.contains(|c: char| c.is_control() || is_bidi_control(c))
}

/// Whether a character turns the direction of the text around it (Unicode's `Bidi_Control`).
const fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
