use alloc::vec::Vec;
use core::fmt;

use crate::{ApplicationSecret, Tag, WalletError};

/// The most bytes of a file of application secrets.
#[cfg(feature = "std")]
const LONGEST_FILE: u16 = u16::MAX;

/// Application secrets under their tags, from which a [`Wallet`](crate::Wallet) is made.
///
/// No two have the same tag.
///
/// ```
/// use otp_context::Secrets;
///
/// let secrets = Secrets::parse("
///     ## newest last
///     2025: Iu6R0bJmGYdVTkBzhYdXKQaoZ1Bf
///     2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d
/// ")?;
/// assert_eq!(secrets.iter().count(), 2);
/// # Ok::<(), otp_context::WalletError>(())
/// ```
#[derive(Default)]
pub struct Secrets(Vec<(Tag, ApplicationSecret)>);

impl Secrets {
    /// No secrets yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a secret.
    ///
    /// # Errors
    ///
    /// [`WalletError::DuplicateTag`] if there is one under this tag.
    pub fn with(mut self, tag: Tag, secret: ApplicationSecret) -> Result<Self, WalletError> {
        if self.0.iter().any(|(known, _)| *known == tag) {
            return Err(WalletError::DuplicateTag);
        }
        self.0.push((tag, secret));
        Ok(self)
    }

    /// Reads lines of a tag, a colon and a secret.
    ///
    /// White space around each is dropped; blank lines and lines that begin with `#` are passed
    /// over. The secret may hold colons and number signs. The last line need not end.
    ///
    /// # Errors
    ///
    /// - [`WalletError::Line`]: a line without a colon.
    /// - [`WalletError::Tag`], [`WalletError::EmptySecret`]: what stands on one side of it.
    /// - Those of [`Secrets::with`].
    pub fn parse(text: &str) -> Result<Self, WalletError> {
        let mut secrets = Self::new();
        for (before, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (tag, secret) = line.split_once(':').ok_or(WalletError::Line { before })?;
            let secret = ApplicationSecret::new(secret.trim())?;
            secrets = secrets.with(tag.trim().parse()?, secret)?;
        }
        Ok(secrets)
    }

    /// Reads a file of such lines that nobody but its owner may read.
    ///
    /// # Errors
    ///
    /// - [`SecretsFileError::Io`]: it cannot be read, is not UTF-8, or has more than 65,535 bytes.
    /// - [`SecretsFileError::Permissions`]: on Unix, its group or others may read or write it.
    /// - [`SecretsFileError::Secrets`]: those of [`Secrets::parse`].
    #[cfg(feature = "std")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self, SecretsFileError> {
        Self::from_file_with(path, |text| Self::parse(text).map_err(SecretsFileError::Secrets))
    }

    /// Reads a file likewise that has another form, such as JSON.
    ///
    /// # Errors
    ///
    /// - Those of [`Secrets::from_file`] before it parses.
    /// - Those of `parse`.
    #[cfg(feature = "std")]
    pub fn from_file_with<E: From<SecretsFileError>>(
        path: impl AsRef<std::path::Path>,
        parse: impl FnOnce(&str) -> Result<Self, E>,
    ) -> Result<Self, E> {
        parse(&private_text(path.as_ref())?)
    }

    /// The secrets and their tags, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&Tag, &ApplicationSecret)> {
        self.0.iter().map(|(tag, secret)| (tag, secret))
    }

    /// The secret under a tag.
    #[must_use]
    pub fn get(&self, tag: &Tag) -> Option<&ApplicationSecret> {
        self.iter().find(|(known, _)| *known == tag).map(|(_, secret)| secret)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(tag, _)| tag.as_str())).finish()
    }
}

/// Why a file of application secrets was not taken.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsFileError {
    /// It cannot be read.
    Io(std::io::ErrorKind),
    /// Others than its owner may read or write it.
    Permissions,
    /// What it holds is not right.
    Secrets(WalletError),
}

/// The text of a file that nobody but its owner may read.
#[cfg(feature = "std")]
fn private_text(
    path: &std::path::Path,
) -> Result<zeroize::Zeroizing<alloc::string::String>, SecretsFileError> {
    use std::io::Read as _;

    let file = std::fs::File::open(path)?;
    // Asked of the open file: the name may point elsewhere by now.
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0 {
        return Err(SecretsFileError::Permissions);
    }
    // Room for all of it, whatever a pipe says of its length: growing would leave copies behind.
    let room = usize::from(LONGEST_FILE).saturating_add(1);
    let mut text = zeroize::Zeroizing::new(alloc::string::String::with_capacity(room));
    file.take(u64::from(LONGEST_FILE).saturating_add(1)).read_to_string(&mut text)?;
    if text.len() > LONGEST_FILE.into() {
        return Err(SecretsFileError::Io(std::io::ErrorKind::FileTooLarge));
    }
    Ok(text)
}

#[cfg(feature = "std")]
impl From<std::io::Error> for SecretsFileError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

#[cfg(feature = "std")]
impl fmt::Display for SecretsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(kind) => write!(f, "file of application secrets cannot be read: {kind}"),
            Self::Permissions => {
                f.write_str("file of application secrets must have mode 0600 or 0400")
            }
            Self::Secrets(error) => error.fmt(f),
        }
    }
}

#[cfg(feature = "std")]
impl core::error::Error for SecretsFileError {}
