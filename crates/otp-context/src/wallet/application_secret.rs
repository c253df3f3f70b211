use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::EntropyError;
use crate::wallet::WalletError;

/// The most bits of a generated secret.
const MOST_BITS: u32 = 4096;

/// A secret of the application, which encrypts its users' keys. It has at least one byte, and is wiped on
/// drop.
///
/// Comparing two secrets of one length takes constant time. Only [`ApplicationSecret::reveal`] shows it.
/// It can be neither printed, serialised nor cloned:
///
/// ```compile_fail,E0277
/// # fn show(secret: &otp_context::wallet::ApplicationSecret) {
/// println!("{secret}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn store(secret: &otp_context::wallet::ApplicationSecret) -> serde_json::Result<String> {
/// serde_json::to_string(secret)
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn keep(secret: otp_context::wallet::ApplicationSecret) -> otp_context::wallet::ApplicationSecret {
/// secret.clone()
/// # }
/// ```
pub struct ApplicationSecret(Vec<u8>);

impl ApplicationSecret {
    /// The ASCII letters and digits.
    pub const ALPHANUMERIC: &'static str =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// Makes a secret of given bytes.
    ///
    /// # Errors
    ///
    /// [`WalletError::EmptySecret`] if it has no bytes.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, WalletError> {
        let secret = Self(secret.into());
        if secret.0.is_empty() { Err(WalletError::EmptySecret) } else { Ok(secret) }
    }

    /// Makes a secret of characters drawn evenly from an alphabet, as many as hold so many bits:
    /// 43 of [`ApplicationSecret::ALPHANUMERIC`] for 256 bits.
    ///
    /// # Errors
    ///
    /// - [`EntropyError::Bits`]: outside 1 to 4096.
    /// - [`EntropyError::Alphabet`]: not 2 to 128 different ASCII characters.
    /// - Those of `fill`. There is no fallback.
    ///
    /// ```
    /// use otp_context::wallet::ApplicationSecret;
    ///
    /// let secret = ApplicationSecret::generate(
    ///     256,
    ///     ApplicationSecret::ALPHANUMERIC,
    ///     otp_context::fill,
    /// )?;
    /// assert_eq!(secret.len(), 43);
    /// # Ok::<(), otp_context::EntropyError>(())
    /// ```
    pub fn generate(
        bits: u32,
        alphabet: &str,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<Self, EntropyError> {
        if !(1..=MOST_BITS).contains(&bits) {
            return Err(EntropyError::Bits);
        }
        let letters = alphabet.as_bytes();
        let differ = letters.iter().enumerate().all(|(place, letter)| {
            letter.is_ascii() && !letters.iter().take(place).any(|earlier| earlier == letter)
        });
        let size = u8::try_from(letters.len()).unwrap_or_default();
        if size < 2 || !differ {
            return Err(EntropyError::Alphabet);
        }
        // Bytes at or above the last whole multiple would favour the first letters.
        let bound = 256_u16.saturating_sub(256_u16.checked_rem(size.into()).unwrap_or_default());
        let mut secret = Self(vec![0; length(bits, size)]);
        for slot in &mut secret.0 {
            *slot = loop {
                let mut byte = [0];
                fill(&mut byte)?;
                let [drawn] = byte;
                byte.zeroize();
                if u16::from(drawn) < bound {
                    let place = drawn.checked_rem(size).unwrap_or_default();
                    break letters.get(usize::from(place)).copied().unwrap_or_default();
                }
            };
        }
        Ok(secret)
    }

    /// Derives a secret of 32 bytes from a passphrase, by Argon2id with 64 MiB and three passes. Call it
    /// once, when the application starts.
    ///
    /// Make one salt for each passphrase ([`fill`](crate::fill)) and store it with the records. It is not
    /// secret. Without it the passphrase opens no key.
    ///
    /// # Errors
    ///
    /// - [`WalletError::EmptySecret`]: an empty passphrase.
    /// - [`WalletError::Salt`]: a salt of fewer than 16 bytes or more than 64.
    /// - [`WalletError::Memory`]: 64 MiB cannot be allocated.
    #[cfg(feature = "passphrase")]
    pub fn from_passphrase(passphrase: &str, salt: &[u8]) -> Result<Self, WalletError> {
        if passphrase.is_empty() {
            return Err(WalletError::EmptySecret);
        }
        if !(16..=64).contains(&salt.len()) {
            return Err(WalletError::Salt);
        }
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        crate::wallet::derivation::argon2id(passphrase.as_bytes(), salt, &mut secret)?;
        Self::new(secret.to_vec())
    }

    /// Returns the secret's bytes.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Returns the number of bytes of the secret, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// How many letters out of so many carry so many bits: the least n with `size`^n ≥ 2^`bits`.
fn length(bits: u32, size: u8) -> usize {
    // The power as a number of 32-bit digits: logarithms need floats that `core` lacks.
    let mut power = vec![1_u32];
    let mut letters = 0_usize;
    let place = usize::try_from(bits / 32).unwrap_or(usize::MAX);
    while power.get(place).is_none_or(|digit| digit >> (bits % 32) == 0)
        && power.len() <= place.saturating_add(1)
    {
        let mut carry = 0_u64;
        for digit in &mut power {
            let product = u64::from(*digit).saturating_mul(size.into()).saturating_add(carry);
            *digit = u32::try_from(product & u64::from(u32::MAX)).unwrap_or_default();
            carry = product >> 32;
        }
        if carry > 0 {
            power.push(u32::try_from(carry).unwrap_or_default());
        }
        letters = letters.saturating_add(1);
    }
    letters
}

impl Drop for ApplicationSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for ApplicationSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ApplicationSecret {}

impl fmt::Debug for ApplicationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationSecret").finish_non_exhaustive()
    }
}
