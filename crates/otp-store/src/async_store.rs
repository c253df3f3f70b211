use alloc::sync::Arc;
use core::future::Future;

use otp_context::recovery::{RecoverySet, RecoverySetId};

use crate::calls::calls;
use crate::{
    AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    RecordText, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply, SpendRequest,
};

/// An asynchronous database of credentials: each method is that of [`Store`](crate::Store), and its
/// future may move between threads.
pub trait AsyncStore: Sync {
    /// Stores a credential, as [`Store::insert`](crate::Store::insert) does.
    fn insert(
        &self,
        id: &CredentialId,
        entry: &Entry,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Returns the stored credential, as [`Store::find`](crate::Store::find) does.
    fn find(&self, id: &CredentialId) -> impl Future<Output = Result<Option<Entry>, Error>> + Send;

    /// Returns all credentials of an account, as
    /// [`Store::credentials`](crate::Store::credentials) does.
    fn credentials(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Vec<(CredentialId, Entry)>, Error>> + Send;

    /// Counts an attempt as failed, as [`Store::charge`](crate::Store::charge) does.
    fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> impl Future<Output = Result<ChargeReply, Error>> + Send;

    /// Counts an attempt on all credentials of an account, as
    /// [`Store::charge_account`](crate::Store::charge_account) does.
    fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> impl Future<Output = Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error>> + Send;

    /// Takes a charge back, as [`Store::take_back`](crate::Store::take_back) does.
    fn take_back(
        &self,
        account: &AccountId,
        attempt: AttemptId,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Spends a counter, as [`Store::spend`](crate::Store::spend) does.
    fn spend(
        &self,
        id: &CredentialId,
        spend: &SpendRequest,
    ) -> impl Future<Output = Result<SpendReply, Error>> + Send;

    /// Spends a counter of each of several credentials, as
    /// [`Store::spend_all`](crate::Store::spend_all) does.
    fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> impl Future<Output = Result<SpendReply, Error>> + Send;

    /// Replaces a record, as [`Store::reseal`](crate::Store::reseal) does.
    fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Resets the clock drift, as [`Store::reset_drift`](crate::Store::reset_drift) does.
    fn reset_drift(&self, id: &CredentialId) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Clears failures and lock, as [`Store::unlock`](crate::Store::unlock) does.
    fn unlock(&self, account: &AccountId) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Revokes the trust in the account's browsers, as
    /// [`Store::revoke_trust`](crate::Store::revoke_trust) does.
    fn revoke_trust(&self, account: &AccountId)
    -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes a credential, as [`Store::remove`](crate::Store::remove) does.
    fn remove(&self, id: &CredentialId) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Lists ids, as [`Store::list`](crate::Store::list) does.
    fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<CredentialId>, Error>> + Send;

    /// Stores a set of recovery codes, as [`Store::store_recovery`](crate::Store::store_recovery)
    /// does.
    fn store_recovery(
        &self,
        account: &AccountId,
        set: &RecoverySet,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Returns an account's set of recovery codes, as [`Store::recovery`](crate::Store::recovery)
    /// does.
    fn recovery(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Option<RecoveryEntry>, Error>> + Send;

    /// Counts an attempt on recovery codes, as [`Store::charge_recovery`](crate::Store::charge_recovery)
    /// does.
    fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> impl Future<Output = Result<ChargeReply<RecoveryEntry>, Error>> + Send;

    /// Spends a recovery code, as [`Store::spend_recovery`](crate::Store::spend_recovery)
    /// does.
    fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> impl Future<Output = Result<RecoveryReply, Error>> + Send;

    /// Replaces a set's sealed key, as [`Store::reseal_recovery`](crate::Store::reseal_recovery)
    /// does.
    fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes a set of recovery codes, as [`Store::remove_recovery`](crate::Store::remove_recovery)
    /// does.
    fn remove_recovery(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Lists accounts with recovery codes, as [`Store::list_recovery`](crate::Store::list_recovery)
    /// does.
    fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<AccountId>, Error>> + Send;

    /// Returns a whole account, as [`Store::copy`](crate::Store::copy) does.
    fn copy(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Option<AccountCopy>, Error>> + Send;

    /// Stores a whole account, as [`Store::restore`](crate::Store::restore) does.
    fn restore(&self, copy: &AccountCopy) -> impl Future<Output = Result<bool, Error>> + Send;
}

macro_rules! reference {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: AsyncStore + Send + ?Sized> AsyncStore for &S {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                (**self).$name($($argument),*).await
            })*
        }
    };
}

calls!(reference);

macro_rules! shared {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: AsyncStore + Send + ?Sized> AsyncStore for Arc<S> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                (**self).$name($($argument),*).await
            })*
        }
    };
}

calls!(shared);
