use alloc::vec::Vec;
use core::fmt;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use otp_core::Secret;
use otp_uri::OtpKind;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::EntropyError;
use crate::wallet::derivation::Derived;
use crate::wallet::sealed_key::{self, Bound};
use crate::wallet::{ApplicationSecrets, KeyOwner, Reseal, SealedKey, Tag, WalletError};

/// The fewest bytes of an application secret.
const SHORTEST: usize = 16;
/// The bytes from which on an application secret is as strong as the cipher.
const FULL: usize = 32;

/// A key ring of named application secrets, which encrypt (seal) users' keys at rest.
///
/// A key is encrypted and authenticated with XChaCha20-Poly1305, under a key derived from the current
/// application secret (HKDF-SHA-256, once for a wallet). It is bound to its user, its credential and its
/// parameters. Opening takes microseconds, since a random application secret cannot be guessed. For a
/// passphrase, see `ApplicationSecret::from_passphrase`.
///
/// Limits: it does not notice when an attacker restores an older sealed key of the same user, credential
/// and parameters. It does not protect the memory of the running process.
///
/// To rotate, add a secret under a new tag and make it the current one. Keys sealed under the old one
/// still open, and return that they should be re-encrypted. When no such key is left, the application no
/// longer needs the old secret. Keep that secret as long as you keep backups with keys sealed under it.
///
/// ```
/// use otp_context::wallet::{ApplicationSecrets, KeyOwner, Wallet};
/// use otp_core::Secret;
/// use otp_uri::OtpKind;
///
/// let secrets = ApplicationSecrets::parse(
///     "2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq",
/// )?;
/// let wallet = Wallet::new("2026".parse()?, &secrets)?;
///
/// let (kind, alice) = (OtpKind::default(), KeyOwner::new("alice", "phone"));
/// let secret = Secret::new(b"12345678901234567890")?;
/// let sealed = wallet.seal(&secret, kind, alice, otp_context::fill)?;
///
/// assert!(wallet.unseal(&sealed, kind, alice)?.into_secret() == secret);
/// assert!(
///     wallet
///         .unseal(&sealed, kind, KeyOwner::new("mallory", "phone"))
///         .is_err()
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct Wallet {
    keys: Vec<(Tag, Derived)>,
    current: Tag,
    short: Vec<Tag>,
}

impl Wallet {
    /// Makes a wallet that seals with the secret under the tag `current`, and opens with every secret.
    ///
    /// # Errors
    ///
    /// - [`WalletError::UnknownTag`]: no secret has the tag `current`.
    /// - [`WalletError::ShortSecret`]: a secret has fewer than 16 bytes.
    /// - [`WalletError::DuplicateSecret`]: one secret has two tags, so a rotation would change nothing.
    pub fn new(current: Tag, secrets: &ApplicationSecrets) -> Result<Self, WalletError> {
        // Room for all of them: growing would leave copies behind.
        let keys = Vec::with_capacity(secrets.iter().count());
        let mut wallet = Self { keys, current, short: Vec::new() };
        for (place, (tag, secret)) in secrets.iter().enumerate() {
            if secrets.iter().take(place).any(|(_, earlier)| earlier == secret) {
                return Err(WalletError::DuplicateSecret);
            }
            if secret.len() < SHORTEST {
                return Err(WalletError::ShortSecret);
            }
            if secret.len() < FULL {
                wallet.short.push(tag.clone());
            }
            wallet.keys.push((tag.clone(), Derived::new(tag, secret.reveal())));
        }
        wallet.derived(&wallet.current)?;
        Ok(wallet)
    }

    /// Returns the tag that keys are sealed under.
    #[must_use]
    pub const fn current(&self) -> &Tag {
        &self.current
    }

    /// Returns the tags of all the secrets.
    pub fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.keys.iter().map(|(tag, _)| tag)
    }

    /// Returns the tags of secrets that have 16 to 31 bytes. They may be weaker than the cipher.
    pub fn short_secrets(&self) -> impl Iterator<Item = &Tag> {
        self.short.iter()
    }

    /// Seals a key under the current tag, with a nonce from `fill`.
    ///
    /// # Errors
    ///
    /// - [`WalletError::KeyLength`]: the key has more than 256 bytes.
    /// - [`WalletError::Entropy`]: `fill` failed. There is no fallback.
    pub fn seal(
        &self,
        secret: &Secret,
        kind: OtpKind,
        owner: KeyOwner<'_>,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<SealedKey, WalletError> {
        self.seal_bound(secret, &bound(&self.current, kind, owner), fill)
    }

    /// Seals a key that is bound to associated data, which names the current tag.
    pub(crate) fn seal_bound(
        &self,
        secret: &Secret,
        bound: &Bound,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<SealedKey, WalletError> {
        if secret.len() > sealed_key::LONGEST {
            return Err(WalletError::KeyLength);
        }
        let (tag, derived) = (&self.current, self.derived(&self.current)?);
        let mut nonce = [0; sealed_key::NONCE];
        fill(&mut nonce)?;
        let mut text = Zeroizing::new(secret.reveal().to_vec());
        let mac = cipher(derived)
            .encrypt_inout_detached(&nonce.into(), bound.as_bytes(), text.as_mut_slice().into())
            .map_err(|_| WalletError::KeyLength)?;
        let commitment = derived.commitment(tag, &nonce);
        SealedKey::from_parts(tag.clone(), nonce, sealed_key::join(commitment, &text, &mac))
    }

    /// Opens a sealed key.
    ///
    /// # Errors
    ///
    /// - [`WalletError::UnknownTag`]: the application secret is not in this wallet.
    /// - [`WalletError::WrongSecret`]: another secret sealed the key under this tag. A change of the tag,
    ///   the nonce or the check value has the same error.
    /// - [`WalletError::Tampered`]: the rest was changed, or the owner or the parameters differ. HOTP's
    ///   counter is not bound, since it moves.
    pub fn unseal(
        &self,
        sealed: &SealedKey,
        kind: OtpKind,
        owner: KeyOwner<'_>,
    ) -> Result<OpenedKey, WalletError> {
        self.unseal_bound(sealed, &bound(&sealed.tag, kind, owner))
    }

    /// Opens a sealed key that is bound to associated data, which names its tag.
    pub(crate) fn unseal_bound(
        &self,
        sealed: &SealedKey,
        bound: &Bound,
    ) -> Result<OpenedKey, WalletError> {
        let derived = self.derived(&sealed.tag)?;
        let (commitment, ciphertext, mac) = sealed.split().ok_or(WalletError::Form)?;
        let expected = derived.commitment(&sealed.tag, &sealed.nonce);
        if !bool::from(expected.ct_eq(commitment)) {
            return Err(WalletError::WrongSecret);
        }
        let secret = Secret::fill_with(ciphertext.len(), |buffer| {
            buffer.copy_from_slice(ciphertext);
            cipher(derived)
                .decrypt_inout_detached(
                    &sealed.nonce.into(),
                    bound.as_bytes(),
                    buffer.into(),
                    mac.into(),
                )
                .map_err(|_| WalletError::Tampered)
        })?;
        let reseal = (sealed.tag != self.current).then_some(Reseal::Tag);
        Ok(OpenedKey { secret, reseal })
    }

    /// Computes HMAC-SHA-256 over parts, under a key that is derived from one application secret for one
    /// purpose: for tokens that this application gives out and later takes back.
    ///
    /// Each part is hashed with its length, so parts cannot be moved. Compare in constant time.
    ///
    /// # Errors
    ///
    /// [`WalletError::UnknownTag`]: the application secret is not in this wallet.
    ///
    /// ```
    /// # use otp_context::wallet::{ApplicationSecrets, Wallet};
    /// # let secrets = ApplicationSecrets::parse("2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq")?;
    /// # let wallet = Wallet::new("2026".parse()?, &secrets)?;
    /// let mac = wallet.mac(wallet.current(), "unsubscribe", &[b"alice"])?;
    /// assert_ne!(mac, wallet.mac(wallet.current(), "unsubscribe", &[b"bob"])?);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn mac(
        &self,
        tag: &Tag,
        purpose: &'static str,
        parts: &[&[u8]],
    ) -> Result<[u8; 32], WalletError> {
        self.derived(tag).map(|derived| derived.mac(tag, purpose, parts))
    }

    fn derived(&self, tag: &Tag) -> Result<&Derived, WalletError> {
        let found = self.keys.iter().find(|(known, _)| known == tag);
        found.map(|(_, derived)| derived).ok_or(WalletError::UnknownTag)
    }
}

fn cipher(derived: &Derived) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*derived.sealing).into())
}

/// Returns the associated data of a sealed key, in fixed order.
fn bound(tag: &Tag, kind: OtpKind, owner: KeyOwner<'_>) -> Bound {
    let period = match kind {
        OtpKind::Totp { period, .. } => sealed_key::number(period.as_secs()),
        // HOTP has no period, and Steam Guard's is part of its type.
        _ => "-".into(),
    };
    Bound::new(&[
        "otp-wallet",
        &sealed_key::number(SealedKey::VERSION.into()),
        SealedKey::CIPHER,
        tag.as_str(),
        owner.namespace(),
        owner.user(),
        owner.credential(),
        kind.name(),
        kind.algorithm().name(),
        &sealed_key::number(kind.format().length().into()),
        &period,
        // T0: no record can have another.
        "0",
    ])
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wallet").field("current", &self.current.as_str()).finish_non_exhaustive()
    }
}

/// An opened key, and why it should be re-encrypted, if so.
#[derive(Debug)]
#[must_use = "it says whether the key should be sealed again"]
pub struct OpenedKey {
    secret: Secret,
    reseal: Option<Reseal>,
}

impl OpenedKey {
    /// Returns why the key should be re-encrypted, if so.
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        self.reseal
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
