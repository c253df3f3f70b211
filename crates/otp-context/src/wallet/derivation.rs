//! Keys from secrets: the only file that names a hash.

#![expect(clippy::disallowed_types, reason = "the file that names a hash")]

use hkdf::Hkdf;
use hmac::digest::Update;
use hmac::{HmacReset, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::wallet::Tag;
#[cfg(feature = "passphrase")]
use crate::wallet::WalletError;
use crate::wallet::sealed_key::length;

/// The bytes of the value that shows which application secret sealed a key.
pub(crate) const COMMITMENT: usize = 16;

/// The keys that one application secret gives (RFC 5869 with SHA-256).
pub(crate) struct Derived {
    /// The key of the cipher.
    pub(crate) sealing: Zeroizing<[u8; 32]>,
    prk: Hkdf<Sha256>,
}

impl Derived {
    pub(crate) fn new(tag: &Tag, secret: &[u8]) -> Self {
        let prk = Hkdf::<Sha256>::new(Some(b"otp-wallet/2"), secret);
        let mut sealing = Zeroizing::new([0; 32]);
        // HKDF refuses no more than 255 blocks of output.
        let _ = prk.expand_multi_info(&[b"enc", tag.as_str().as_bytes()], sealing.as_mut());
        Self { sealing, prk }
    }

    /// A value that only this secret, this tag and this nonce give.
    pub(crate) fn commitment(&self, tag: &Tag, nonce: &[u8]) -> [u8; COMMITMENT] {
        let mut value = [0; COMMITMENT];
        let _ = self.prk.expand_multi_info(&[b"kc", tag.as_str().as_bytes(), nonce], &mut value);
        value
    }
}

impl Derived {
    /// HMAC-SHA-256 over parts, under a key for this purpose alone.
    pub(crate) fn mac(&self, tag: &Tag, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut key = Zeroizing::new([0; 32]);
        let info =
            [b"mac", &length(purpose.as_bytes())[..], purpose.as_bytes(), tag.as_str().as_bytes()];
        let _ = self.prk.expand_multi_info(&info, key.as_mut());
        digest(Some(&*key), parts)
    }
}

/// HMAC-SHA-256 under a key of at most 64 bytes, or SHA-256 without a key, over parts that each begin with
/// their length.
pub(crate) fn digest(key: Option<&[u8]>, parts: &[&[u8]]) -> [u8; 32] {
    // `finalize` would move the hash, and with it the last block of the message. A reset leaves no copy.
    fn absorb(hash: &mut impl Update, parts: &[&[u8]]) {
        for part in parts {
            hash.update(&length(part));
            hash.update(part);
        }
    }
    let Some(key) = key else {
        let mut hash = Sha256::default();
        absorb(&mut hash, parts);
        return hash.finalize_reset().into();
    };
    // HMAC fills a short key up with zeros. With a whole block nothing can fail.
    let mut block = Zeroizing::new([0; 64]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let mut mac = HmacReset::<Sha256>::new((&*block).into());
    absorb(&mut mac, parts);
    mac.finalize_reset().into_bytes().into()
}

/// Argon2id with 64 MiB, three passes and one lane (RFC 9106 § 4).
#[cfg(feature = "passphrase")]
pub(crate) fn argon2id(
    passphrase: &[u8],
    salt: &[u8],
    key: &mut [u8; 32],
) -> Result<(), WalletError> {
    use argon2::{Algorithm, Argon2, Block, Params, Version};

    let params = Params::new(64 * 1024, 3, 1, Some(32)).map_err(|_| WalletError::Memory)?;
    // Blocks of our own: the last ones give the key away, and argon2 does not wipe its own.
    let mut blocks = alloc::vec::Vec::new();
    blocks.try_reserve_exact(params.block_count()).map_err(|_| WalletError::Memory)?;
    blocks.resize(params.block_count(), Block::default());
    let mut blocks = Zeroizing::new(blocks);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, key, blocks.as_mut_slice())
        .map_err(|_| WalletError::Memory)
}

/// PBKDF2-HMAC-SHA-256 with 2^`cost` rounds (RFC 8018 § 5.2), as passlib uses it.
#[cfg(feature = "passlib")]
pub(crate) fn pbkdf2(secret: &[u8], salt: &[u8], cost: u8) -> Zeroizing<[u8; 48]> {
    let mut key = Zeroizing::new([0; 48]);
    let rounds = 1_u32.checked_shl(cost.into()).unwrap_or(u32::MAX);
    pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, rounds, key.as_mut());
    key
}
