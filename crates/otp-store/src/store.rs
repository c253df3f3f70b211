use alloc::sync::Arc;

use crate::{
    AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, RecordText, SpendReply,
    SpendRequest,
};

/// A blocking database of credentials.
///
/// [`Store::charge`] and [`Store::spend`] are the two atomic operations of a verification, and only
/// they move a counter. Each commits on its own before the call returns. Never run them inside a
/// transaction of the caller, which could roll them back. No method writes a counter that was read,
/// and no method has a default.
///
/// To test a store of your own, call the macro `conformance!` once (feature `conformance`).
pub trait Store {
    /// Stores a credential without history ([`Entry::enrolled`]), and replaces one that was never
    /// confirmed. Returns `false` if the id has a confirmed credential, which stays.
    ///
    /// If the account has a throttle already, it stays.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: a number is too large for the database.
    /// - [`Error::Full`], [`Error::Engine`]: the store failed, and nothing is stored.
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error>;

    /// Returns the stored credential, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the credential cannot be read.
    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error>;

    /// Counts an attempt as failed, before the code is compared, and returns the credential. The
    /// account keeps the attempt as its last charge.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: no user is let in. The attempt may be counted.
    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error>;

    /// Takes back a charge whose code was never compared: the failures and the lock become what the
    /// charge found ([`Entry::take_back`]). The charge is the account's, so any
    /// credential of the account may be named, even one that is not stored.
    ///
    /// Returns `false`, and the charge stays, if another charge, a success or [`Store::unlock`]
    /// came after it.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the store failed, and the charge may stay.
    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error>;

    /// Spends a counter and every lower one. A verification also clears the failures. An attempt
    /// that confirms ([`SpendRequest::confirms`]) takes back only its own charge.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: the counter is too large for the database, and stays unspent.
    /// - [`Error::Engine`]: no user is let in. The counter may be spent. To find out, repeat the
    ///   call.
    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error>;

    /// Replaces the record `old` by `new`, which has the same key, re-encrypted. Returns `false` if
    /// `old` is not stored any more.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error>;

    /// Resets the learnt clock drift of a credential to 0. Returns `false` if there is no such
    /// credential.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error>;

    /// Clears the failures, the lock and the last charge of the credential's account. Returns
    /// `false` if the account has no credential, of this name or another.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn unlock(&self, id: &CredentialId) -> Result<bool, Error>;

    /// Removes a credential. The last credential of an account takes the account's throttle with
    /// it. Returns `false` if there is no such credential. Verifications under way end with
    /// [`SpendReply::Unknown`].
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn remove(&self, id: &CredentialId) -> Result<bool, Error>;

    /// Lists at most `most` ids after `after`, in ascending order of account and name, byte for
    /// byte.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the ids cannot be read.
    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error>;
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
                (**self).insert(id, entry)
            }

            fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
                (**self).find(id)
            }

            fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
                (**self).charge(id, charge)
            }

            fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
                (**self).take_back(id, attempt)
            }

            fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
                (**self).spend(id, spend)
            }

            fn reseal(
                &self,
                id: &CredentialId,
                old: &RecordText,
                new: &RecordText,
            ) -> Result<bool, Error> {
                (**self).reseal(id, old, new)
            }

            fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).reset_drift(id)
            }

            fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).unlock(id)
            }

            fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).remove(id)
            }

            fn list(
                &self,
                after: Option<&CredentialId>,
                most: usize,
            ) -> Result<Vec<CredentialId>, Error> {
                (**self).list(after, most)
            }
        }
    )*};
}

forward!(&S, Box<S>, Arc<S>);
