use alloc::sync::Arc;
use core::future::Future;

use crate::{
    AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, RecordText, SpendReply,
    SpendRequest,
};
/// An asynchronous database of credentials: each method is that of [`Store`](crate::Store), and its
/// future may move between threads.
/// futures that may move between threads.
pub trait AsyncStore: Sync {
    /// Stores a credential, as [`Store::insert`](crate::Store::insert) does.
    fn insert(
        &self,
        id: &CredentialId,
        entry: &Entry,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Returns the stored credential, as [`Store::find`](crate::Store::find) does.
    fn find(&self, id: &CredentialId) -> impl Future<Output = Result<Option<Entry>, Error>> + Send;

    /// Counts an attempt as failed, as [`Store::charge`](crate::Store::charge) does.
    fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> impl Future<Output = Result<ChargeReply, Error>> + Send;

    /// Takes a charge back, as [`Store::take_back`](crate::Store::take_back) does.
    fn take_back(
        &self,
        id: &CredentialId,
        attempt: AttemptId,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Spends a counter, as [`Store::spend`](crate::Store::spend) does.
    fn spend(
        &self,
        id: &CredentialId,
        spend: &SpendRequest,
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
    fn unlock(&self, id: &CredentialId) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes a credential, as [`Store::remove`](crate::Store::remove) does.
    fn remove(&self, id: &CredentialId) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Lists ids, as [`Store::list`](crate::Store::list) does.
    fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> impl Future<Output = Result<Vec<CredentialId>, Error>> + Send;
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: AsyncStore + Send + ?Sized> AsyncStore for $pointer {
            async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
                (**self).insert(id, entry).await
            }

            async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
                (**self).find(id).await
            }

            async fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
                (**self).charge(id, charge).await
            }

            async fn take_back(
                &self,
                id: &CredentialId,
                attempt: AttemptId,
            ) -> Result<bool, Error> {
                (**self).take_back(id, attempt).await
            }

            async fn spend(
                &self,
                id: &CredentialId,
                spend: &SpendRequest,
            ) -> Result<SpendReply, Error> {
                (**self).spend(id, spend).await
            }

            async fn reseal(
                &self,
                id: &CredentialId,
                old: &RecordText,
                new: &RecordText,
            ) -> Result<bool, Error> {
                (**self).reseal(id, old, new).await
            }

            async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).reset_drift(id).await
            }

            async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).unlock(id).await
            }

            async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
                (**self).remove(id).await
            }

            async fn list(
                &self,
                after: Option<&CredentialId>,
                most: usize,
            ) -> Result<Vec<CredentialId>, Error> {
                (**self).list(after, most).await
            }
        }
    )*};
}

forward!(&S, Arc<S>);
