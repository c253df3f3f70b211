use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use otp_core::{Repairs, base32};

use crate::EntropyError;
use crate::wallet::Tag;

/// A key encrypted by passlib: its `enckey` object, version 1.
///
/// It is encrypted and not authenticated. A wrong application secret opens it, too, and gives a wrong
/// key. Anyone with write access to the database can flip its bits, shorten it, or move it to another
/// user.
#[derive(Clone, PartialEq, Eq)]
pub struct PasslibKey {
    pub(crate) cost: u8,
    pub(crate) tag: Tag,
    pub(crate) salt: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
}

impl PasslibKey {
    /// The version of this form.
    pub const VERSION: u8 = 1;

    /// Reads the fields `v`, `c`, `t`, `s` and `k`.
    ///
    /// # Errors
    ///
    /// - [`PasslibError::UnreleasedFormat`]: version 0, which no release of passlib wrote.
    /// - [`PasslibError::Version`]: any other version but 1.
    /// - [`PasslibError::Cost`]: a cost above 24, which takes more than eight seconds.
    /// - [`PasslibError::Tag`]: no tag.
    /// - [`PasslibError::Salt`], [`PasslibError::Key`]: not Base32 of whole bytes, separators not
    ///   allowed; or no key at all.
    pub fn from_fields(
        version: u64,
        cost: u64,
        tag: &str,
        salt: &str,
        key: &str,
    ) -> Result<Self, PasslibError> {
        match version {
            0 => return Err(PasslibError::UnreleasedFormat(UnreleasedFormat::Xor)),
            1 => {}
            _ => return Err(PasslibError::Version),
        }
        let cost = u8::try_from(cost).ok().filter(|cost| *cost <= MOST_COST);
        let ciphertext = decode(key).ok_or(PasslibError::Key)?;
        if ciphertext.is_empty() {
            return Err(PasslibError::Key);
        }
        Ok(Self {
            cost: cost.ok_or(PasslibError::Cost)?,
            tag: tag.parse().map_err(|_| PasslibError::Tag)?,
            salt: decode(salt).ok_or(PasslibError::Salt)?,
            ciphertext,
        })
    }

    /// Returns the field `c`: the binary logarithm of the rounds of PBKDF2.
    #[must_use]
    pub const fn cost(&self) -> u8 {
        self.cost
    }

    /// Returns the field `t`.
    #[must_use]
    pub const fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Returns the field `s`, as passlib writes it.
    #[must_use]
    pub fn salt_base32(&self) -> String {
        encode(&self.salt)
    }

    /// Returns the field `k`, as passlib writes it. It is encrypted.
    #[must_use]
    pub fn key_base32(&self) -> String {
        encode(&self.ciphertext)
    }
}

impl fmt::Debug for PasslibKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasslibKey")
            .field("tag", &self.tag.as_str())
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// The highest cost that is ever accepted: eight seconds.
pub(crate) const MOST_COST: u8 = 24;

/// What passlib repairs in the fields of its records.
const FIELD_REPAIRS: Repairs =
    Repairs::ALL.without(Repairs::SEPARATORS).without(Repairs::WHITESPACE).without(Repairs::LENGTH);

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut buffer = vec![0; base32::decoded_len(text.len())];
    let length = base32::decode(text, FIELD_REPAIRS, &mut buffer).ok()?.0.len();
    buffer.truncate(length);
    Some(buffer)
}

fn encode(bytes: &[u8]) -> String {
    let mut buffer = vec![0; base32::encoded_len(bytes.len())];
    base32::encode(bytes, &mut buffer).map(Into::into).unwrap_or_default()
}

/// An encoding of encrypted keys that only development versions of passlib wrote. It is known by
/// name and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnreleasedFormat {
    /// `enckey` objects of version 0: a key under the exclusive or.
    Xor,
    /// `enckey` texts of version 1: the same, as `1-cost-salt-key`.
    XorText,
    /// `enckey` texts of version 2: AES in counter mode, as `2-cost-salt-key`.
    AesText,
}

impl UnreleasedFormat {
    /// Recognises an `enckey` that is a text.
    ///
    /// ```
    /// use otp_context::wallet::passlib::UnreleasedFormat;
    ///
    /// let found =
    ///     UnreleasedFormat::recognise("1-C-EISCJBCQVL2V4C7B-KTTAWJP2RT4MYGWR");
    /// assert_eq!(found, Some(UnreleasedFormat::XorText));
    /// ```
    #[must_use]
    pub fn recognise(enckey: &str) -> Option<Self> {
        let mut parts = enckey.split('-');
        let (version, cost) = (parts.next()?, parts.next()?);
        let (salt, key) = (parts.next()?, parts.next()?);
        let whole = parts.next().is_none() && u32::from_str_radix(cost, 16).is_ok();
        match version {
            _ if !whole || decode(salt).is_none() || decode(key).is_none() => None,
            "1" => Some(Self::XorText),
            "2" => Some(Self::AesText),
            _ => None,
        }
    }
}

impl fmt::Display for UnreleasedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xor => "an object of version 0",
            Self::XorText => "a text of version 1",
            Self::AesText => "a text of version 2",
        })
    }
}

/// Why a key encrypted by passlib is not read, or not written.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasslibError {
    /// It has an encoding that no release of passlib wrote.
    UnreleasedFormat(UnreleasedFormat),
    /// It has an unknown version.
    Version,
    /// Its cost is above the bound: 24, or the application's own.
    Cost,
    /// Its tag is malformed.
    Tag,
    /// Its salt is not Base32.
    Salt,
    /// Its encrypted key is not Base32, or has no bytes.
    Key,
    /// No application secret has its tag.
    UnknownTag,
    /// There is no entropy for a salt.
    Entropy(EntropyError),
}

impl From<EntropyError> for PasslibError {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<otp_core::Error> for PasslibError {
    fn from(_: otp_core::Error) -> Self {
        Self::Key
    }
}

impl fmt::Display for PasslibError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnreleasedFormat(form) => {
                return write!(f, "encrypted key is {form}, from before passlib's release");
            }
            Self::Version => "encrypted key has an unknown version",
            Self::Cost => "cost of the encrypted key is too high",
            Self::Tag => "tag of the encrypted key is malformed",
            Self::Salt => "salt of the encrypted key is malformed",
            Self::Key => "encrypted key is malformed or empty",
            Self::UnknownTag => "tag of the encrypted key has no application secret",
            Self::Entropy(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for PasslibError {}

otp_core::__debug_error!(
    enum PasslibError {
        UnreleasedFormat(form),
        Version,
        Cost,
        Tag,
        Salt,
        Key,
        UnknownTag,
        Entropy(error),
    }
);
