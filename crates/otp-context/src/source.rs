use core::fmt;

use otp_uri::KeyUri;

use crate::credential::copy;
use crate::wallet::{Binding, Reseal};
use crate::{Accepted, Credential, Error, OtpContext, Record, StoredKey};

/// What a context can make a credential of: a URI, a record, another credential.
///
/// Text other than a URI, such as JSON, becomes a [`Record`] elsewhere.
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "it is passed on at once, never kept")]
pub enum Source<'a> {
    /// An `otpauth` URI.
    Uri(&'a str),
    /// A stored record.
    Record(&'a Record),
    /// A credential, perhaps of another context.
    Credential(Credential),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A key stands in it.
            Self::Uri(_) => f.debug_tuple("Uri").finish_non_exhaustive(),
            Self::Record(record) => f.debug_tuple("Record").field(record).finish(),
            Self::Credential(credential) => f.debug_tuple("Credential").field(credential).finish(),
        }
    }
}

impl<'a> From<&'a str> for Source<'a> {
    fn from(uri: &'a str) -> Self {
        Self::Uri(uri)
    }
}

impl<'a> From<&'a Record> for Source<'a> {
    fn from(record: &'a Record) -> Self {
        Self::Record(record)
    }
}

impl From<Credential> for Source<'_> {
    fn from(credential: Credential) -> Self {
        Self::Credential(credential)
    }
}

impl OtpContext {
    /// The credential that an `otpauth` URI describes, read with tolerance
    /// ([`Credential::findings`]).
    ///
    /// What the URI leaves out is what the format says, not what this context would choose.
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
            .with_findings(reading.findings))
    }

    /// The credential of a record, its key opened for one user and credential.
    ///
    /// If the key should be sealed again, it says so ([`Credential::reseal`]). Any default of this
    /// context may have changed since.
    ///
    /// # Errors
    ///
    /// - [`Error::Unsealed`]: the key is stored as it is, though there is a wallet
    ///   ([`OtpContext::with_plain_keys`]).
    /// - [`Error::NoWallet`]: the key is sealed, or encrypted by passlib, and the context has no
    ///   secrets for it.
    /// - `Error::Wallet`, `Error::Passlib`: it cannot be opened.
    pub fn open(&self, record: &Record, binding: Binding<'_>) -> Result<Credential, Error> {
        let kind = record.kind();
        let (secret, reseal, is_proven) = match record.key() {
            StoredKey::Plain(_) if self.can_encrypt() && !self.takes_plain_keys() => {
                return Err(Error::Unsealed);
            }
            StoredKey::Plain(secret) => (copy(secret)?, self.sealable(), true),
            #[cfg(feature = "wallet")]
            StoredKey::Sealed(sealed) => {
                let wallet = self.wallet().ok_or(Error::NoWallet)?;
                let unsealed = wallet.unseal(sealed, kind, binding)?;
                let reseal = unsealed.reseal();
                (unsealed.into_secret(), reseal, true)
            }
            #[cfg(feature = "passlib")]
            StoredKey::Passlib(key) => {
                let opened = self.passlib_wallet().ok_or(Error::NoWallet)?.open(key)?;
                let better = self.can_encrypt().then_some(Reseal::Unauthenticated);
                let reseal = better.or(opened.stale());
                (opened.into_secret(), reseal, false)
            }
        };
        #[cfg(not(feature = "wallet"))]
        let _ = binding;
        Ok(self.import(kind, secret).resume(record, reseal, is_proven))
    }

    /// A credential from whatever there is: a URI, a record, a credential of another context.
    ///
    /// Where there is a wallet, a URI and a credential of a context without one say that their key
    /// should be sealed.
    ///
    /// # Errors
    ///
    /// Those of [`OtpContext::from_uri`] and [`OtpContext::open`].
    pub fn load<'a>(
        &self,
        source: impl Into<Source<'a>>,
        binding: Binding<'_>,
    ) -> Result<Credential, Error> {
        match source.into() {
            Source::Uri(uri) => Ok(self.from_uri(uri)?.with_reseal(self.sealable())),
            Source::Record(record) => self.open(record, binding),
            Source::Credential(credential) => Ok(credential.with_context(self.clone())),
        }
    }

    /// Loads a credential and consumes one code, in one call. What it spent is in the credential:
    /// store its [`next`](Credential::next).
    ///
    /// # Errors
    ///
    /// Those of [`OtpContext::load`] and [`Credential::consume`].
    pub fn verify<'a>(
        &self,
        typed: &str,
        source: impl Into<Source<'a>>,
        binding: Binding<'_>,
    ) -> Result<(Accepted, Credential), Error> {
        let mut credential = self.load(source, binding)?;
        let accepted = credential.consume(typed)?;
        Ok((accepted, credential))
    }

    /// Why a plain key should be sealed, if there is a wallet.
    fn sealable(&self) -> Option<Reseal> {
        self.can_encrypt().then_some(Reseal::Plain)
    }
}
