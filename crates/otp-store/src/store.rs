use alloc::sync::Arc;

use otp_context::recovery::{RecoverySet, RecoverySetId};

use crate::calls::calls;
use crate::{
    AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    RecordText, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply, SpendRequest,
};

/// A blocking database of credentials.
///
/// [`Store::charge`] and [`Store::spend`] are the two atomic operations of a verification, and only
/// [`Store::spend`] and [`Store::spend_all`] move a counter. Each commits on its own before the call
/// returns. Never run them inside a
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

    /// Returns all credentials of an account, in ascending order of their names, byte for byte. All
    /// have the same [`Entry::account`].
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: a credential cannot be read.
    fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Entry)>, Error>;

    /// Counts an attempt as failed, before the code is compared, and returns the credential. The
    /// account keeps the attempt as its last charge.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: no user is let in. The attempt may be counted.
    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error>;

    /// Counts one attempt on all confirmed credentials of an account whose codes have the length of the
    /// request, and returns them ([`Entry::charge_account`]).
    ///
    /// # Errors
    ///
    /// Those of [`Store::charge`]. One credential that cannot be read fails the call.
    fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error>;

    /// Takes back the account's last charge, if its code was never compared: the failures, the guesses
    /// and the lock become what the charge found ([`Account::take_back`](crate::Account::take_back)).
    ///
    /// Returns `false`, and the charge stays, if another charge, a success or [`Store::unlock`]
    /// came after it.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the store failed, and the charge may stay.
    fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error>;

    /// Spends a counter and every lower one. A verification also clears the failures. An attempt
    /// that confirms ([`SpendRequest::confirms`]) takes back only its own charge.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: the counter is too large for the database, and stays unspent.
    /// - [`Error::Engine`]: no user is let in. The counter may be spent. To find out, repeat the
    ///   call.
    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error>;

    /// Spends a counter of each of these credentials of an account, in one commit
    /// ([`Entry::spend_all`]). Each request comes with the name of its credential.
    ///
    /// A code that matches several credentials is spent in all of them. No spend
    /// [confirms](SpendRequest::confirms).
    ///
    /// # Errors
    ///
    /// Those of [`Store::spend`].
    fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error>;

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

    /// Clears the failures, the guesses, the lock and the last charge of an account. Returns `false` if
    /// the account has neither a credential nor recovery codes.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn unlock(&self, account: &AccountId) -> Result<bool, Error>;

    /// Raises the account's [`trust_epoch`](crate::Account::trust_epoch) by one. Returns `false` if the
    /// account has neither a credential nor recovery codes.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error>;

    /// Removes a credential. The last credential of an account without recovery codes takes the
    /// account's state with it. Returns `false` if there is no such credential. Verifications under way end with
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

    /// Stores a new set of recovery codes in place of the account's old one, in one commit. The account
    /// need not have a credential.
    ///
    /// # Errors
    ///
    /// [`Error::Full`], [`Error::Engine`]: the store failed, and the old set stays.
    fn store_recovery(&self, account: &AccountId, set: &RecoverySet) -> Result<(), Error>;

    /// Returns the account's set of recovery codes, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the set cannot be read.
    fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error>;

    /// Counts an attempt on the account's recovery codes as failed, before a code is compared, and
    /// returns the set ([`RecoveryEntry::charge`]). Replies [`ChargeReply::Unknown`] without a set.
    ///
    /// # Errors
    ///
    /// Those of [`Store::charge`].
    fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error>;

    /// Spends a recovery code, and clears the account's failures in the same commit.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: no user is let in. The code may be spent. To find out, repeat the call.
    fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error>;

    /// Replaces the sealed key `old` of a set by `new`, the same key re-encrypted. Returns `false` if the
    /// account has another set, or another key in it.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error>;

    /// Removes the account's set of recovery codes. An account without a credential loses its state with
    /// it. Returns `false` if there is no set.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`]: the store failed.
    fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error>;

    /// Lists at most `most` accounts with a set of recovery codes after `after`, in ascending order, byte
    /// for byte.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the accounts cannot be read.
    fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error>;

    /// Returns an account with all its credentials and recovery codes, as they are at one moment, or
    /// `None` if it has none.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Engine`]: the account cannot be read.
    fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error>;

    /// Stores a copy of an account, in one commit. Returns `false` if the store has the account
    /// already, which stays as it is.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLarge`]: a number is too large for the database.
    /// - [`Error::Corrupt`]: something else lies in the account's place.
    /// - [`Error::Full`], [`Error::Engine`]: the store failed. The account is stored whole or not at
    ///   all. To find out, copy it. A transient failure can be an enrolment at the same moment.
    fn restore(&self, copy: &AccountCopy) -> Result<bool, Error>;
}

macro_rules! reference {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: Store + ?Sized> Store for &S {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                (**self).$name($($argument),*)
            })*
        }
    };
}

calls!(reference);

macro_rules! boxed {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: Store + ?Sized> Store for Box<S> {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                (**self).$name($($argument),*)
            })*
        }
    };
}

calls!(boxed);

macro_rules! shared {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: Store + ?Sized> Store for Arc<S> {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                (**self).$name($($argument),*)
            })*
        }
    };
}

calls!(shared);
