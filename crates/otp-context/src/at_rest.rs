//! A credential becomes a record.

use otp_core::Secret;

#[cfg(feature = "wallet")]
use crate::Binding;
use crate::{Credential, Error, Record, StoredKey};

impl Credential {
    /// The record to store, its key sealed by the context's wallet for one user and credential.
    ///
    /// # Errors
    ///
    /// - [`Error::NoWallet`]: the context has none.
    /// - [`Error::Wallet`]: those of [`Wallet::seal`](crate::Wallet::seal).
    #[cfg(feature = "wallet")]
    pub fn seal(&self, binding: Binding<'_>) -> Result<Record, Error> {
        let wallet = self.context().wallet().ok_or(Error::NoWallet)?;
        let sealed = wallet
            .seal(self.secret(), self.kind(), binding, |buffer| self.context().fill(buffer))?;
        Ok(self.record(StoredKey::Sealed(sealed)))
    }

    /// The record to store, its key encrypted as passlib does: only for a database that passlib
    /// still reads.
    ///
    /// # Errors
    ///
    /// - [`Error::NoWallet`]: the context has no application secrets of passlib.
    /// - [`Error::Passlib`]: there is no entropy.
    #[cfg(feature = "passlib")]
    pub fn seal_for_passlib(&self) -> Result<Record, Error> {
        let wallet = self.context().passlib_wallet().ok_or(Error::NoWallet)?;
        let sealed = wallet.seal(self.secret(), |buffer| self.context().fill(buffer))?;
        Ok(self.record(StoredKey::Passlib(sealed)))
    }

    /// The record with its key as it is: whoever reads it can make codes.
    ///
    /// # Errors
    ///
    /// None in practice; the key is copied.
    pub fn to_plain_record(&self) -> Result<Record, Error> {
        Ok(self.record(StoredKey::Plain(self.copy_secret()?)))
    }

    pub(crate) fn copy_secret(&self) -> Result<Secret, Error> {
        copy(self.secret())
    }

    fn record(&self, key: StoredKey) -> Record {
        Record::new(self.kind(), key)
            .with_account(self.account().unwrap_or_default())
            .with_issuer(self.issuer().unwrap_or_default())
            .with_next(self.next())
    }
}

/// Another secret of the same bytes.
pub(crate) fn copy(secret: &Secret) -> Result<Secret, Error> {
    Secret::fill_with(secret.len(), |buffer| {
        buffer.copy_from_slice(secret.reveal());
        Ok(())
    })
}
