use alloc::sync::Arc;

use crate::{
    AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, RecordText, SpendReply,
    SpendRequest,
};

/// A database of credentials that blocks while it works.
///
/// [`Store::charge`] and [`Store::spend`] are the two atomic operations that verification needs,
/// and nothing else moves a counter. Each is committed, on its own, when the call returns: never
/// inside a transaction of the caller's, which could roll it back. There is no way to write a
/// counter that was read, and no method has a default.
///
/// A store of your own proves itself with one call of [`conformance!`](crate::conformance!).
pub trait Store {
    /// Stores a credential that has no history here ([`Entry::enrolled`]). One that was never confirmed
    /// is replaced. `false` if there is a confirmed one, which stays.
    ///
    /// Its account's throttle stays as it is, if there is one.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: a number does not fit.
    /// - [`Error::Full`], [`Error::Engine`]: the store failed, and nothing is stored.
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error>;

    /// What is stored of a credential.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: it cannot be read.
    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error>;

    /// Counts an attempt as failed, before anybody looks at the code, and hands out the credential.
    /// The account remembers the attempt as its last charge.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: nobody is let in. The attempt may be counted.
    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error>;

    /// Takes a charge back whose code was never compared, if it is still the account's last one: the
    /// failures and the lock become what the charge found ([`Entry::take_back`]). `false` if another
    /// charge, a success or [`Store::unlock`] came after it: then the charge stays. It is the
    /// account's, whichever of its credentials is named.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the store failed, and the charge may stay.
    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error>;

    /// Spends a counter and every lower one. A verification also clears the failures; an attempt
    /// that confirms ([`SpendRequest::confirms`]) takes back its own charge alone.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: the counter does not fit, and stays unspent.
    /// - [`Error::Engine`]: nobody is let in. The counter may be spent; the same call again tells.
    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error>;

    /// Puts another record in place of one, if that one is still there: the same key, sealed anew.
    /// `false` if it is not.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error>;

    /// Forgets how far the clock of a credential is off. `false` if there is no such credential.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error>;

    /// Clears the failures, the lock and the last charge of the credential's account. `false` if
    /// the account has no credential, of this name or another.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn unlock(&self, id: &CredentialId) -> Result<bool, Error>;

    /// Removes a credential, and with the last one its account's throttle. `false` if there is
    /// none. Verifications under way end as [`SpendReply::Unknown`].
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn remove(&self, id: &CredentialId) -> Result<bool, Error>;

    /// The ids after one, at most so many, in ascending order of account and name, byte for byte.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: they cannot be read.
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
