use alloc::vec::Vec;
use core::fmt;

use crate::wallet::{ApplicationSecret, LineError, Tag, WalletError};

/// Application secrets under their tags, from which a [`Wallet`](crate::wallet::Wallet) is made.
///
/// Each has a tag of its own.
///
/// ```
/// use otp_context::wallet::ApplicationSecrets;
///
/// let secrets = ApplicationSecrets::parse(
///     "
///     ## newest last
///     2025: Iu6R0bJmGYdVTkBzhYdXKQaoZ1Bf
///     2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d
/// ",
/// )?;
/// assert_eq!(secrets.iter().count(), 2);
/// # Ok::<(), otp_context::wallet::WalletError>(())
/// ```
#[derive(Default)]
pub struct ApplicationSecrets {
    entries: Vec<(Tag, ApplicationSecret)>,
    is_unfinished: bool,
}

impl ApplicationSecrets {
    /// The first line of files that the command `otp` makes. Each of their lines has an end.
    pub const HEADING: &'static str =
        "# Application secrets that seal the keys of one-time passwords.";

    /// Makes an empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), is_unfinished: false }
    }

    /// Adds a secret.
    ///
    /// # Errors
    ///
    /// [`WalletError::DuplicateTag`] if the tag has a secret.
    pub fn with(mut self, tag: Tag, secret: ApplicationSecret) -> Result<Self, WalletError> {
        if self.entries.iter().any(|(known, _)| *known == tag) {
            return Err(WalletError::DuplicateTag);
        }
        self.entries.push((tag, secret));
        Ok(self)
    }

    /// Reads lines of a tag, a colon and a secret.
    ///
    /// White space around each is dropped. Blank lines, lines that begin with `#` and a byte order mark
    /// are ignored. LF, CR LF and CR end a line. The secret may have colons and number signs.
    ///
    /// A last line without an end may be cut off, and with it its secret. A text that begins with
    /// [`ApplicationSecrets::HEADING`] is refused then. For any other text
    /// [`ApplicationSecrets::is_unfinished`] returns `true`.
    ///
    /// # Errors
    ///
    /// [`WalletError::Line`] with the number of the line and a [`LineError`]:
    ///
    /// - no colon, a malformed tag, or the tag of an earlier line;
    /// - an empty secret, or one with a quotation mark, a control character or an invisible one;
    /// - no end of the last line, in a text that begins with [`ApplicationSecrets::HEADING`].
    pub fn parse(text: &str) -> Result<Self, WalletError> {
        let text = without_mark(text);
        let mut secrets = Self::new();
        let mut line = 0_usize;
        for content in lines(text) {
            line = line.saturating_add(1);
            let content = content.trim();
            if !content.is_empty() && !content.starts_with('#') {
                let refused = |error| WalletError::Line { line, error };
                let (tag, secret) = entry(content).map_err(refused)?;
                let doubled = |_| refused(LineError::DuplicateTag);
                secrets = secrets.with(tag, secret).map_err(doubled)?;
            }
        }
        secrets.is_unfinished = !text.is_empty() && !text.ends_with(ENDS);
        if secrets.is_unfinished && text.starts_with(Self::HEADING) {
            return Err(WalletError::Line { line, error: LineError::Unfinished });
        }
        Ok(secrets)
    }

    /// Returns whether the last line that [`ApplicationSecrets::parse`] read has no end, so that the text
    /// may be cut off.
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        self.is_unfinished
    }

    /// Returns the secrets and their tags, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&Tag, &ApplicationSecret)> {
        self.entries.iter().map(|(tag, secret)| (tag, secret))
    }

    /// Returns the secret under a tag.
    #[must_use]
    pub fn get(&self, tag: &Tag) -> Option<&ApplicationSecret> {
        self.iter().find(|(known, _)| *known == tag).map(|(_, secret)| secret)
    }
}

impl fmt::Debug for ApplicationSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(tag, _)| tag.as_str())).finish()
    }
}

/// The ends of lines; CR LF is one end.
const ENDS: [char; 2] = ['\n', '\r'];

/// Drops the byte order mark that some editors write.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn lines(mut text: &str) -> impl Iterator<Item = &str> {
    core::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let (line, rest) = text.split_once(ENDS).unwrap_or((text, ""));
        let is_cr = text.as_bytes().get(line.len()) == Some(&b'\r');
        text = rest.strip_prefix('\n').filter(|_| is_cr).unwrap_or(rest);
        Some(line)
    })
}

/// Reads one line.
fn entry(line: &str) -> Result<(Tag, ApplicationSecret), LineError> {
    let (tag, secret) = line.split_once(':').ok_or(LineError::Colon)?;
    let tag = tag.trim().parse().map_err(|_| LineError::Tag)?;
    let secret = secret.trim();
    if secret.contains(is_quote) {
        return Err(LineError::Quote);
    }
    if secret.contains(is_unseen) {
        return Err(LineError::Character);
    }
    let secret = ApplicationSecret::new(secret).map_err(|_| LineError::EmptySecret)?;
    Ok((tag, secret))
}

/// Quotation marks of ASCII, and those that word processors put in their place.
const fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '\u{2018}'..='\u{201f}' | '«' | '»' | '＂' | '＇')
}

/// Characters that change the secret without being seen: controls, and Unicode's format characters
/// and separators of lines.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
