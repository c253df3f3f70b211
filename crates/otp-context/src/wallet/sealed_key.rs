use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use data_encoding::BASE64URL_NOPAD;

use crate::wallet::derivation::COMMITMENT;
use crate::wallet::{Tag, WalletError};

/// Bytes of the nonce of XChaCha20-Poly1305.
pub(crate) const NONCE: usize = 24;
/// Bytes of its authentication tag.
pub(crate) const MAC: usize = 16;
/// The longest key that is sealed, in bytes.
pub(crate) const LONGEST: usize = 256;
/// The longest text of a sealed key, in bytes.
const LONGEST_TEXT: usize = 512;

/// How the text of a sealed key begins: what it is, and the version of its form.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) version: u8,
}

/// The key of a credential.
const CREDENTIAL: Form = Form { name: "otp", version: SealedKey::VERSION };

/// A user's key, sealed by a [`Wallet`](crate::wallet::Wallet) for storage in a database.
///
/// Its text is `$otp$v=2$xc20p$`*tag*`$`*nonce*`$`*body*, the last two in Base64 for URLs without
/// padding (RFC 4648 § 5). The version follows those of passlib's encrypted keys. Each sealed key
/// has exactly one text. Any other is refused.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    pub(crate) tag: Tag,
    pub(crate) nonce: [u8; NONCE],
    /// The check value, the encrypted key and its authentication tag.
    body: Vec<u8>,
}

impl SealedKey {
    /// The version of this form.
    pub const VERSION: u8 = 2;
    /// The name of the cipher, XChaCha20-Poly1305.
    pub const CIPHER: &'static str = "xc20p";

    /// Makes a sealed key of its stored parts.
    ///
    /// # Errors
    ///
    /// [`WalletError::Form`] if the body is shorter than a sealed key of one byte, or longer than
    /// one of 256.
    pub fn from_parts(tag: Tag, nonce: [u8; 24], body: Vec<u8>) -> Result<Self, WalletError> {
        let overhead = COMMITMENT.saturating_add(MAC);
        match body.len().checked_sub(overhead) {
            Some(1..=LONGEST) => Ok(Self { tag, nonce, body }),
            _ => Err(WalletError::Form),
        }
    }

    /// Returns the tag of the application secret that sealed it.
    #[must_use]
    pub const fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Returns the nonce.
    #[must_use]
    pub const fn nonce(&self) -> &[u8; 24] {
        &self.nonce
    }

    /// Returns the check value (16 bytes), the encrypted key and its authentication tag (16 bytes).
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Writes the text of a sealed key, which begins with what it is and the version of its form.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, form: &Form) -> fmt::Result {
        let Form { name, version } = form;
        let (nonce, body) =
            (BASE64URL_NOPAD.encode(&self.nonce), BASE64URL_NOPAD.encode(&self.body));
        write!(f, "${name}$v={version}${}${}${nonce}${body}", Self::CIPHER, self.tag)
    }

    /// Reads the text of a sealed key of this form.
    pub(crate) fn read(text: &str, form: &Form) -> Result<Self, WalletError> {
        let parts = text.strip_prefix('$').filter(|_| text.len() <= LONGEST_TEXT);
        let mut parts = parts.ok_or(WalletError::Form)?.split('$');
        let mut part = || parts.next().ok_or(WalletError::Form);
        if part()? != form.name {
            return Err(WalletError::Form);
        }
        let (version, cipher) = (part()?, part()?);
        if version.strip_prefix("v=") != Some(&number(form.version.into()))
            || cipher != Self::CIPHER
        {
            return Err(WalletError::Version);
        }
        let tag = part()?.parse()?;
        let nonce = decode(part()?)?.try_into().map_err(|_| WalletError::Form)?;
        let body = decode(part()?)?;
        if parts.next().is_some() {
            Err(WalletError::Form)
        } else {
            Self::from_parts(tag, nonce, body)
        }
    }

    /// The parts of the body.
    pub(crate) fn split(&self) -> Option<(&[u8; COMMITMENT], &[u8], &[u8; MAC])> {
        let (commitment, rest) = self.body.split_first_chunk()?;
        let (ciphertext, mac) = rest.split_last_chunk()?;
        Some((commitment, ciphertext, mac))
    }
}

impl fmt::Display for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &CREDENTIAL)
    }
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedKey").field("tag", &self.tag.as_str()).finish_non_exhaustive()
    }
}

/// Reads the text of a sealed key.
///
/// # Errors
///
/// - [`WalletError::Form`]: not such a text, not the canonical one, or longer than 512 bytes.
/// - [`WalletError::Version`]: another version or cipher.
/// - [`WalletError::Tag`]: a malformed tag.
impl FromStr for SealedKey {
    type Err = WalletError;

    fn from_str(text: &str) -> Result<Self, WalletError> {
        Self::read(text, &CREDENTIAL)
    }
}

fn decode(text: &str) -> Result<Vec<u8>, WalletError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| WalletError::Form)
}

/// The associated data of a sealed key. Each part begins with its length.
pub(crate) struct Bound(Vec<u8>);

impl Bound {
    pub(crate) fn new(parts: &[&str]) -> Self {
        let room = |part: &&str| part.len().saturating_add(size_of::<u64>());
        let mut bytes = Vec::with_capacity(parts.iter().map(room).sum());
        for part in parts {
            bytes.extend_from_slice(&length(part.as_bytes()));
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The length of a part, which is written before it.
pub(crate) fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes()
}

/// A sealed key's body from its parts.
pub(crate) fn join(commitment: [u8; COMMITMENT], ciphertext: &[u8], mac: &[u8]) -> Vec<u8> {
    [commitment.as_slice(), ciphertext, mac].concat()
}

/// The text of a number that a sealed key is bound to.
pub(crate) fn number(value: u64) -> String {
    alloc::format!("{value}")
}
