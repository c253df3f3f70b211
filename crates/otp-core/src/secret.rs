use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::{Error, Repairs, base32, hex};

/// A shared key of at least one byte, wiped on drop (RFC 4226 § 4, R5).
///
/// Comparing two keys of one length takes constant time. Only the methods that begin with `reveal` show
/// the key. It has no `Clone`: a key should be in as few places as possible. To make another on purpose,
/// call [`Secret::new`] with [`Secret::reveal`].
pub struct Secret(Vec<u8>);

impl Secret {
    /// Copies a key of at least one byte. A vector moves in without a copy by [`TryFrom`]. Text is not a
    /// key: read it with [`Secret::from_base32`] or [`Secret::from_hex`].
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`] if it has no bytes.
    ///
    /// ```
    /// # use otp_core::Secret;
    /// let secret = Secret::new(b"12345678901234567890")?;
    /// let moved = Secret::try_from(vec![7; 20])?;
    /// # let _ = (secret, moved);
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    ///
    /// ```compile_fail
    /// # use otp_core::Secret;
    /// let secret = Secret::new("JBSWY3DPEHPK3PXP")?;
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        Self::try_from(key.to_vec())
    }

    /// Makes a key of `length` bytes in place, so that no copy of it is left behind.
    ///
    /// # Errors
    ///
    /// Those of `fill`, and [`Error::EmptyKey`] if `length` is 0.
    pub fn fill_with<E: From<Error>>(
        length: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut secret = Self::try_from(vec![0; length])?;
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Reads a typed or pasted key in Base32, with the repairs of [`Repairs::TYPED`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::read_base32`].
    ///
    /// ```
    /// use otp_core::Secret;
    ///
    /// let secret = Secret::from_base32("jbsw y3dp ehpk 3pxp")?;
    /// assert_eq!(secret.reveal_base32().as_str(), "JBSWY3DPEHPK3PXP");
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn from_base32(text: &str) -> Result<Self, Error> {
        Self::read_base32(text, Repairs::TYPED).map(|(secret, _)| secret)
    }

    /// Reads a key from Base32 and returns the repairs that it made, which are among those in `accept`.
    ///
    /// # Errors
    ///
    /// Those of [`base32::decode`], and [`Error::EmptyKey`] if no byte is left.
    pub fn read_base32(text: &str, accept: Repairs) -> Result<(Self, Repairs), Error> {
        Self::read(base32::decoded_len(text.len()), |buffer| {
            base32::decode(text, accept, buffer).map(|(key, repairs)| (key.len(), repairs))
        })
    }

    /// Reads a typed or pasted key in hex, with the repairs of [`Repairs::TYPED`].
    ///
    /// # Errors
    ///
    /// Those of [`hex::decode`], and [`Error::EmptyKey`] if no byte is left.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let (secret, _) = Self::read(text.len() / 2, |buffer| {
            hex::decode(text, Repairs::TYPED, buffer).map(|(key, repairs)| (key.len(), repairs))
        })?;
        Ok(secret)
    }

    fn read(
        capacity: usize,
        decode: impl FnOnce(&mut [u8]) -> Result<(usize, Repairs), Error>,
    ) -> Result<(Self, Repairs), Error> {
        let mut secret = Self(vec![0; capacity]);
        let (length, repairs) = decode(&mut secret.0)?;
        secret.0.truncate(length);
        if length == 0 { Err(Error::EmptyKey) } else { Ok((secret, repairs)) }
    }

    /// Returns the key's bytes, to prepare a generator or to encrypt them.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Returns the key as upper-case Base32 without padding.
    #[must_use]
    pub fn reveal_base32(&self) -> SecretText {
        SecretText::encode(&self.0, base32::encoded_len(self.0.len()), base32::encode)
    }

    /// Returns the key as lower-case hex.
    #[must_use]
    pub fn reveal_hex(&self) -> SecretText {
        SecretText::encode(&self.0, self.0.len().saturating_mul(2), hex::encode)
    }

    /// Returns the number of bytes of the key, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl TryFrom<Vec<u8>> for Secret {
    type Error = Error;

    /// Takes a vector over, without a copy.
    fn try_from(key: Vec<u8>) -> Result<Self, Error> {
        // Wiped on drop, also if it is refused.
        let secret = Self(key);
        if secret.0.is_empty() { Err(Error::EmptyKey) } else { Ok(secret) }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

/// A key as text, wiped on drop.
pub struct SecretText(String);

impl SecretText {
    fn encode<'k>(
        key: &'k [u8],
        length: usize,
        encode: impl for<'b> FnOnce(&'k [u8], &'b mut [u8]) -> Result<&'b str, Error>,
    ) -> Self {
        let mut bytes = vec![0; length];
        // The buffer has the length that the encoding asks for, and the result is ASCII.
        let _ = encode(key, &mut bytes);
        Self(String::from_utf8(bytes).unwrap_or_default())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text in groups of `size` characters, which people copy with fewer mistakes. The
    /// last group may be shorter. A size of 0 makes no groups.
    ///
    /// ```
    /// use otp_core::Secret;
    ///
    /// let secret = Secret::from_base32("4AOGGDBBQSYHNTUZ")?;
    /// assert_eq!(
    ///     secret.reveal_base32().grouped(4, "-").as_str(),
    ///     "4AOG-GDBB-QSYH-NTUZ"
    /// );
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    #[must_use]
    pub fn grouped(&self, size: usize, separator: &str) -> Self {
        let groups = self.0.len().checked_div(size).unwrap_or_default();
        // Room for all of it: growing would leave copies behind.
        let room = self.0.len().saturating_add(groups.saturating_mul(separator.len()));
        let mut text = String::with_capacity(room);
        for (place, character) in self.0.chars().enumerate() {
            if place > 0 && place.is_multiple_of(size) {
                text.push_str(separator);
            }
            text.push(character);
        }
        Self(text)
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretText").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use alloc::string::String;

    use super::SecretText;

    #[test]
    fn groups_have_their_size() {
        let text = || SecretText(String::from("abcdefg"));
        for (size, expected) in [
            (0, "abcdefg"),
            (1, "a-b-c-d-e-f-g"),
            (3, "abc-def-g"),
            (6, "abcdef-g"),
            (7, "abcdefg"),
            (usize::MAX, "abcdefg"),
        ] {
            assert_eq!(text().grouped(size, "-").as_str(), expected);
        }
    }

    /// Growing while it is written would leave a copy of the key behind.
    #[test]
    fn grouping_has_room_from_the_start() {
        for length in 0..=130 {
            for (size, separator) in [(0, "-"), (1, "-"), (4, ""), (5, "-"), (6, " – ")] {
                let grouped = SecretText(String::from("x").repeat(length)).grouped(size, separator);
                let groups = length.checked_div(size).unwrap_or_default();
                assert!(grouped.0.capacity() <= length + groups * separator.len());
            }
        }
    }
}
