use alloc::string::String;

use otp_core::Secret;
use otp_uri::OtpKind;

#[cfg(feature = "wallet")]
use crate::wallet::SealedKey;
#[cfg(feature = "passlib")]
use crate::wallet::passlib::PasslibKey;

/// A credential at rest: the value that an application stores, in a form of its choice.
///
/// It is complete: no default of an application is needed to read it, and no default changes it.
#[derive(Debug)]
pub struct Record {
    account: Option<String>,
    issuer: Option<String>,
    kind: OtpKind,
    key: StoredKey,
    next: u64,
}

/// The key in a [`Record`].
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredKey {
    /// In plain text.
    Plain(Secret),
    /// Encrypted by a [`Wallet`](crate::wallet::Wallet).
    #[cfg(feature = "wallet")]
    Sealed(SealedKey),
    /// Encrypted by passlib.
    #[cfg(feature = "passlib")]
    Passlib(PasslibKey),
}

impl Record {
    /// Makes a record of a key, with no counter spent. For HOTP, every counter below its own is spent.
    #[must_use]
    pub const fn new(kind: OtpKind, key: StoredKey) -> Self {
        let next = match kind {
            OtpKind::Hotp { counter, .. } => counter,
            _ => 0,
        };
        Self { account: None, issuer: None, kind, key, next }
    }

    /// Sets the account's name. A blank name clears it.
    #[must_use]
    pub fn with_account(self, account: &str) -> Self {
        Self { account: name(account), ..self }
    }

    /// Sets the issuer's name. A blank name clears it.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        Self { issuer: name(issuer), ..self }
    }

    /// Sets the lowest unspent counter, which is the next counter for HOTP.
    ///
    /// After a match store it, and leave the key unchanged:
    ///
    /// ```
    /// use otp_context::wallet::KeyOwner;
    /// use otp_context::{OtpContext, Record, Tolerance};
    ///
    /// fn log_in(
    ///     context: &OtpContext,
    ///     stored: Record,
    ///     typed: &str,
    /// ) -> Result<Record, otp_context::Error> {
    ///     let mut credential =
    ///         context.open(&stored, KeyOwner::new("alice", "phone"))?;
    ///     let _spent = credential.consume(typed, Tolerance::new())?;
    ///     Ok(stored.with_next(credential.next()))
    /// }
    /// ```
    #[must_use]
    pub fn with_next(mut self, next: u64) -> Self {
        if let OtpKind::Hotp { counter, .. } = &mut self.kind {
            *counter = next;
        }
        self.next = next;
        self
    }

    /// Returns the account's name, never empty.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the issuer's name, never empty.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns its type and parameters, for HOTP with the next counter.
    #[must_use]
    pub const fn kind(&self) -> OtpKind {
        self.kind
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &StoredKey {
        &self.key
    }

    /// Returns the lowest unspent counter.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }
}

/// A name that is not empty once trimmed.
pub(crate) fn name(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Into::into)
}
