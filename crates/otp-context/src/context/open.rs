use otp_uri::KeyUri;

use crate::credential::copy;
use crate::wallet::{KeyOwner, Reseal};
use crate::{Credential, Error, OtpContext, Record, StoredKey};

impl OtpContext {
    /// Reads an `otpauth` URI with tolerance ([`Credential::findings`]).
    ///
    /// A parameter that the URI leaves out has the format's default, not this context's. If there is
    /// a wallet, the credential's key should be encrypted ([`Credential::reseal`]).
    ///
    /// # Errors
    ///
    /// [`Error::Uri`]: those of [`KeyUri::parse`].
    pub fn from_uri(&self, uri: &str) -> Result<Credential, Error> {
        let parsed = KeyUri::parse(uri)?;
        let (label, secret, kind) = parsed.uri.into_parts();
        Ok(self
            .import(kind, secret)
            .with_account(label.account())
            .with_issuer(label.issuer().unwrap_or_default())
            .with_findings(parsed.findings)
            .with_reseal(self.sealable()))
    }

    /// Opens a record, whose key belongs to one user and credential.
    ///
    /// [`Credential::reseal`] returns why the key should be encrypted again, if so. The defaults of this
    /// context may have changed since the record was made.
    ///
    /// # Errors
    ///
    /// - [`Error::PlainKey`]: the key is stored in plain text, though there is a wallet
    ///   ([`OtpContext::with_plain_keys`]).
    /// - [`Error::NoWallet`]: the key is encrypted, and the context has no wallet of that kind.
    /// - `Error::Wallet`, `Error::Passlib`: the key cannot be opened.
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

    /// Returns why a plain-text key should be encrypted, if there is a wallet.
    fn sealable(&self) -> Option<Reseal> {
        self.has_wallet().then_some(Reseal::Plain)
    }
}
