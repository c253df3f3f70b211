use otp_core::Secret;

use crate::recovery::opened_key::KEY;
use crate::recovery::{
    OpenedRecoveryKey, RecoveryCodeSize, RecoveryCodes, RecoveryOwner, RecoverySet, RecoverySetId,
    SealedRecoveryKey,
};
use crate::{Error, OtpContext};

impl OtpContext {
    /// Makes ten recovery codes for an account, and the set to store.
    ///
    /// The codes leave this call alone: the set has only their digests, under a new key that the wallet
    /// seals. Without a wallet there is no key, so the codes must have 24 symbols.
    ///
    /// # Errors
    ///
    /// - [`Error::RecoveryCodeSize`]: codes of 16 symbols, and there is no wallet.
    /// - [`Error::Entropy`]: there is no entropy. There is no fallback.
    /// - [`Error::Wallet`]: those of the wallet.
    pub fn new_recovery_codes(
        &self,
        owner: RecoveryOwner<'_>,
        size: RecoveryCodeSize,
    ) -> Result<(RecoveryCodes, RecoverySet), Error> {
        let id = RecoverySetId::generate(|buffer| self.fill(buffer))?;
        let mut opened = OpenedRecoveryKey { owner, set: id, key: None, reseal: None };
        let key = match self.wallet() {
            Some(wallet) => {
                let secret = Secret::fill_with(KEY, |buffer| self.fill(buffer))?;
                let fill = |buffer: &mut [u8]| self.fill(buffer);
                let sealed = SealedRecoveryKey::seal(wallet, &secret, owner, id, fill)?;
                opened.key = Some(secret);
                Some(sealed)
            }
            None if size == RecoveryCodeSize::Long => None,
            None => return Err(Error::RecoveryCodeSize),
        };
        let codes = RecoveryCodes::generate(size, |buffer| self.fill(buffer))?;
        let digests = codes.digests(&opened);
        Ok((codes, RecoverySet { id, key, digests }))
    }

    /// Opens the key of a set of recovery codes, to compute the digest of a typed code. `key` is
    /// [`RecoverySet::key`] as it was stored.
    ///
    /// # Errors
    ///
    /// - [`Error::NoRecoveryKey`]: the set has no key, though there is a wallet. Anyone with write access to
    ///   the database could insert codes of their own. [`OtpContext::with_plain_keys`] allows such a set, for
    ///   the time until each account has new codes.
    /// - [`Error::NoWallet`]: the key is sealed, and the context has no wallet.
    /// - [`Error::Wallet`]: the key cannot be opened, or belongs to another account or set.
    pub fn open_recovery_key<'a>(
        &self,
        key: Option<&SealedRecoveryKey>,
        owner: RecoveryOwner<'a>,
        set: RecoverySetId,
    ) -> Result<OpenedRecoveryKey<'a>, Error> {
        let Some(sealed) = key else {
            return if self.has_wallet() && !self.allows_plain_keys() {
                Err(Error::NoRecoveryKey)
            } else {
                Ok(OpenedRecoveryKey { owner, set, key: None, reseal: None })
            };
        };
        let opened = sealed.unseal(self.wallet().ok_or(Error::NoWallet)?, owner, set)?;
        let reseal = opened.reseal();
        Ok(OpenedRecoveryKey { owner, set, key: Some(opened.into_secret()), reseal })
    }

    /// Re-encrypts the key of a set under the wallet's current tag, to be stored in place of the old one.
    /// Returns `None` if nothing is to be done. The digests stay.
    ///
    /// # Errors
    ///
    /// - [`Error::NoWallet`]: the context has no wallet.
    /// - [`Error::Wallet`]: those of the wallet.
    pub fn reseal_recovery_key(
        &self,
        key: &OpenedRecoveryKey<'_>,
    ) -> Result<Option<SealedRecoveryKey>, Error> {
        let (Some(secret), Some(_)) = (&key.key, key.reseal) else { return Ok(None) };
        let wallet = self.wallet().ok_or(Error::NoWallet)?;
        let fill = |buffer: &mut [u8]| self.fill(buffer);
        Ok(Some(SealedRecoveryKey::seal(wallet, secret, key.owner, key.set, fill)?))
    }
}
