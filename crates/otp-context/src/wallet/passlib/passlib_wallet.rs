use alloc::vec;
use core::cmp::Ordering;
use core::fmt;

use aes::Aes256;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use ctr::Ctr128BE;
use otp_core::Secret;
use zeroize::Zeroizing;

use crate::EntropyError;
use crate::wallet::derivation;
use crate::wallet::passlib::passlib_key::MOST_COST;
use crate::wallet::passlib::{PasslibError, PasslibKey};
use crate::wallet::{ApplicationSecret, ApplicationSecrets, Reseal, Tag};

/// The cost that passlib encrypts with.
const DEFAULT_COST: u8 = 14;
/// The default bound for the cost: half a second.
const DEFAULT_MOST: u8 = 20;

/// The application secrets of passlib's `OTPContext` or `AppWallet`, to read the keys that it
/// encrypted, and to write such keys while it shares the database.
///
/// Each opening derives a key, which takes milliseconds. Nothing is authenticated: see [`PasslibKey`].
/// Encrypt opened keys with a [`Wallet`](crate::wallet::Wallet).
pub struct PasslibWallet {
    secrets: ApplicationSecrets,
    current: Tag,
    cost: u8,
    most: u8,
}

impl PasslibWallet {
    /// Takes application secrets over. Passlib allows any that are not empty.
    ///
    /// The current tag is the one that passlib would take: of tags that are all numbers the
    /// greatest, else the last in the order of characters, so `v9` goes before `v10`.
    ///
    /// # Errors
    ///
    /// [`PasslibError::UnknownTag`] if there are none.
    pub fn new(secrets: ApplicationSecrets) -> Result<Self, PasslibError> {
        let numbers = secrets.iter().all(|(tag, _)| number(tag).is_some());
        let order = |one: &Tag, other: &Tag| {
            if numbers { number(one).cmp(&number(other)) } else { one.cmp(other) }
        };
        let greatest = secrets.iter().map(|(tag, _)| tag).reduce(|greatest, tag| {
            // Of equal numbers the first.
            if order(tag, greatest) == Ordering::Greater { tag } else { greatest }
        });
        let current = greatest.ok_or(PasslibError::UnknownTag)?.clone();
        Ok(Self { secrets, current, cost: DEFAULT_COST, most: DEFAULT_MOST })
    }

    /// Sets the current tag, passlib's `default_tag`.
    ///
    /// # Errors
    ///
    /// [`PasslibError::UnknownTag`] if no secret has it.
    pub fn with_current(mut self, tag: Tag) -> Result<Self, PasslibError> {
        self.secret(&tag)?;
        self.current = tag;
        Ok(self)
    }

    /// Sets the cost of new keys, passlib's `encrypt_cost`. It raises the bound for the cost of stored
    /// keys, if that is lower.
    ///
    /// # Errors
    ///
    /// [`PasslibError::Cost`] above 24.
    pub fn with_cost(mut self, cost: u8) -> Result<Self, PasslibError> {
        self.cost = cost;
        self.most = self.most.max(cost);
        if cost > MOST_COST { Err(PasslibError::Cost) } else { Ok(self) }
    }

    /// Sets the bound for the cost of stored keys. Default: 20. It lowers the cost of new keys, if that is
    /// higher.
    ///
    /// # Errors
    ///
    /// [`PasslibError::Cost`] above 24.
    pub fn with_most_cost(mut self, most: u8) -> Result<Self, PasslibError> {
        self.most = most;
        self.cost = self.cost.min(most);
        if most > MOST_COST { Err(PasslibError::Cost) } else { Ok(self) }
    }

    /// Returns the tag that keys are encrypted under.
    #[must_use]
    pub const fn current(&self) -> &Tag {
        &self.current
    }

    /// Returns the secrets.
    #[must_use]
    pub const fn secrets(&self) -> &ApplicationSecrets {
        &self.secrets
    }

    /// Decrypts a key. A wrong secret goes unnoticed.
    ///
    /// # Errors
    ///
    /// - [`PasslibError::UnknownTag`]: no secret has its tag.
    /// - [`PasslibError::Cost`]: its cost is above the bound.
    pub fn open(&self, key: &PasslibKey) -> Result<UnauthenticatedKey, PasslibError> {
        let secret = self.secret(&key.tag)?;
        if key.cost > self.most {
            return Err(PasslibError::Cost);
        }
        let stale = if key.tag != self.current {
            Some(Reseal::Tag)
        } else {
            (key.cost != self.cost).then_some(Reseal::Cost)
        };
        let plain = Secret::fill_with(key.ciphertext.len(), |buffer| {
            buffer.copy_from_slice(&key.ciphertext);
            apply_keystream(secret, &key.salt, key.cost, buffer);
            Ok::<(), PasslibError>(())
        })?;
        Ok(UnauthenticatedKey { secret: plain, stale })
    }

    /// Encrypts a key as passlib does, byte for byte, with a salt from `fill`: only for a database
    /// that passlib still reads.
    ///
    /// # Errors
    ///
    /// [`PasslibError::Entropy`] if `fill` failed. There is no fallback.
    pub fn seal(
        &self,
        secret: &Secret,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<PasslibKey, PasslibError> {
        let mut salt = [0; 12];
        fill(&mut salt)?;
        let mut ciphertext = secret.reveal().to_vec();
        apply_keystream(self.secret(&self.current)?, &salt, self.cost, &mut ciphertext);
        Ok(PasslibKey {
            cost: self.cost,
            tag: self.current.clone(),
            salt: salt.to_vec(),
            ciphertext,
        })
    }

    fn secret(&self, tag: &Tag) -> Result<&ApplicationSecret, PasslibError> {
        self.secrets.get(tag).ok_or(PasslibError::UnknownTag)
    }
}

/// A tag that is a number, in an order: by digits without leading zeros, then by text.
fn number(tag: &Tag) -> Option<(usize, &str)> {
    let digits = tag.as_str();
    let bare = digits.trim_start_matches('0');
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some((bare.len(), bare))
}

/// AES-256 in counter mode, which encrypts and decrypts alike.
fn apply_keystream(secret: &ApplicationSecret, salt: &[u8], cost: u8, buffer: &mut [u8]) {
    let keys = derivation::pbkdf2(secret.reveal(), salt, cost);
    let Some((key, iv)) = keys.split_first_chunk::<32>() else { return };
    let Some(iv) = iv.first_chunk::<16>() else { return };
    // The cipher leaves its last block on the stack. So it makes the key stream, and not the key.
    let mut stream = Zeroizing::new(vec![0; buffer.len()]);
    Ctr128BE::<Aes256>::new(key.into(), iv.into()).apply_keystream(&mut stream);
    for (byte, mask) in buffer.iter_mut().zip(stream.iter()) {
        *byte ^= mask;
    }
}

impl fmt::Debug for PasslibWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasslibWallet")
            .field("current", &self.current.as_str())
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// A key from an encryption without authentication: it may have been changed, or decrypted with a wrong
/// application secret.
///
/// Only a matching code shows that the key is right. Re-encrypt it after that, not before.
#[derive(Debug)]
#[must_use = "the key may be a wrong one, and should be sealed again"]
pub struct UnauthenticatedKey {
    secret: Secret,
    stale: Option<Reseal>,
}

impl UnauthenticatedKey {
    /// Returns why passlib itself would encrypt the key again, if so: another tag or another cost.
    #[must_use]
    pub const fn stale(&self) -> Option<Reseal> {
        self.stale
    }

    /// Returns the key.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Takes the key.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        self.secret
    }
}
