use core::fmt;
use core::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::{
    AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, EngineError, EngineErrorKind,
    Entry, Error, RecordText, SpendReply, SpendRequest, Store,
};

/// An asynchronous store behind blocking calls, for programs without a runtime of their own.
///
/// It owns a runtime with one thread, which drives the connections.
///
/// # Panics
///
/// Opening it, each call and dropping it panic within a runtime of tokio, where blocking is not
/// allowed. Use the asynchronous store there, or `spawn_blocking`.
pub struct Blocking<S> {
    store: S,
    runtime: Runtime,
}

impl<S> Blocking<S> {
    /// Opens a store within a runtime of its own.
    ///
    /// # Panics
    ///
    /// Within a runtime of tokio.
    ///
    /// # Errors
    ///
    /// - [`Error::Engine`]: the operating system refuses a thread.
    /// - Those of opening the store.
    pub fn open(open: impl Future<Output = Result<S, Error>>) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| EngineError::new(EngineErrorKind::Other, error))?;
        Ok(Self { store: runtime.block_on(open)?, runtime })
    }
}

impl<S: AsyncStore> Store for Blocking<S> {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        self.runtime.block_on(self.store.insert(id, entry))
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.runtime.block_on(self.store.find(id))
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        self.runtime.block_on(self.store.charge(id, charge))
    }

    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        self.runtime.block_on(self.store.take_back(id, attempt))
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        self.runtime.block_on(self.store.spend(id, spend))
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        self.runtime.block_on(self.store.reseal(id, old, new))
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.runtime.block_on(self.store.reset_drift(id))
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.runtime.block_on(self.store.unlock(id))
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        self.runtime.block_on(self.store.remove(id))
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        self.runtime.block_on(self.store.list(after, most))
    }
}

impl<S: fmt::Debug> fmt::Debug for Blocking<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").field("store", &self.store).finish_non_exhaustive()
    }
}
