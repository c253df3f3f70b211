use crate::credential::copy;
use crate::wallet::{KeyOwner, Reseal};
use crate::{Credential, Error, OtpContext, Record, StoredKey};
use otp_uri::KeyUri;

impl OtpContext {
    /// Reads an `otpauth` URI with tolerance ([`Credential::findings`]).
    ///
    /// A parameter that the URI leaves out has the format's default, not this context's. If there is
    /// a wallet, the credential says that its key should be sealed.
    ///
    /// # Errors
    ///
    /// [`Error::Uri`]: those of [`KeyUri::parse`].
    pub fn from_uri(&self, uri: &str) -> Result<Credential, Error> {
        let reading = KeyUri::parse(uri)?;
        let (label, secret, kind) = reading.uri.into_parts();
        Ok(self
            .import(kind, secret)
            .with_account(label.account())
            .with_issuer(label.issuer().unwrap_or_default())
            .with_findings(reading.findings)
            .with_reseal(self.sealable()))
    }

    /// The credential of a record, its key opened for one user and credential.
    ///
    /// If the key should be sealed again, it says so ([`Credential::reseal`]). Any default of this
    /// context may have changed since.
    ///
    /// # Errors
    ///
    /// - [`Error::PlainKey`]: the key is stored as it is, though there is a wallet
    ///   ([`OtpContext::with_plain_keys`]).
    /// - [`Error::NoWallet`]: the key is sealed, or encrypted by passlib, and the context has no
    ///   secrets for it.
    /// - `Error::Wallet`, `Error::Passlib`: it cannot be opened.
    pub fn open(&self, record: &Record, owner: KeyOwner<'_>) -> Result<Credential, Error> {
        let kind = record.kind();
        let (secret, reseal, is_proven) = match record.key() {
            StoredKey::Plain(_) if self.has_wallet() && !self.allows_plain_keys() => {
                return Err(Error::PlainKey);
            }
            StoredKey::Plain(secret) => (copy(secret)?, self.sealable(), true),
            #[cfg(feature = "wallet")]
            StoredKey::Sealed(sealed) => {
                let wallet = self.wallet().ok_or(Error::NoWallet)?;
                let opened = wallet.unseal(sealed, kind, owner)?;
                let reseal = opened.reseal();
                (opened.into_secret(), reseal, true)
            }
            #[cfg(feature = "passlib")]
            StoredKey::Passlib(key) => {
                let opened = self.passlib_wallet().ok_or(Error::NoWallet)?.open(key)?;
                let better = self.has_wallet().then_some(Reseal::Unauthenticated);
                let reseal = better.or(opened.stale());
                (opened.into_secret(), reseal, false)
            }
        };
        #[cfg(not(feature = "wallet"))]
        let _ = owner;
        Ok(self.import(kind, secret).resume(record, reseal, is_proven))
    }

    /// Why a plain key should be sealed, if there is a wallet.
    fn sealable(&self) -> Option<Reseal> {
        self.has_wallet().then_some(Reseal::Plain)
    }
}
