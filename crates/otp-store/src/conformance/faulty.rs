use alloc::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::{
    AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, EngineError, EngineErrorKind,
    Entry, Error, RecordText, SpendReply, SpendRequest, Store,
};

/// A store whose calls fail as planned: before they reach the inner store, or after it has done the
/// work, so that the reply is lost.
///
/// ```
/// use otp_store::conformance::{Fault, Faulty};
/// use otp_store::{CredentialId, EngineErrorKind, Memory, Store};
///
/// let store = Faulty::new(Memory::new(10));
/// store.plan([None, Some(Fault::Before(EngineErrorKind::TimedOut))]);
/// let alice = CredentialId::new("alice")?;
/// assert!(store.find(&alice).is_ok());
/// assert!(store.find(&alice).is_err());
/// assert!(store.find(&alice).is_ok());
/// # Ok::<(), otp_store::Error>(())
/// ```
#[derive(Debug)]
pub struct Faulty<S> {
    store: S,
    plan: Mutex<VecDeque<Option<Fault>>>,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The inner store is not called.
    Before(EngineErrorKind),
    /// The inner store does the work, and the reply is lost.
    After(EngineErrorKind),
}

impl<S> Faulty<S> {
    /// Makes a store that works until faults are planned.
    pub const fn new(store: S) -> Self {
        Self { store, plan: Mutex::new(VecDeque::new()) }
    }

    /// Plans the faults of the next calls, in order. Later calls work again.
    pub fn plan(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = faults.into_iter().collect();
    }

    /// Returns the inner store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    fn next(&self) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.pop_front().flatten()
    }

    fn call<T>(&self, work: impl FnOnce(&S) -> Result<T, Error>) -> Result<T, Error> {
        match self.next() {
            None => work(&self.store),
            Some(Fault::Before(kind)) => Err(EngineError::from(kind).into()),
            Some(Fault::After(kind)) => {
                work(&self.store)?;
                Err(EngineError::from(kind).into())
            }
        }
    }

    async fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match self.next() {
            None => work.await,
            Some(Fault::Before(kind)) => Err(EngineError::from(kind).into()),
            Some(Fault::After(kind)) => {
                work.await?;
                Err(EngineError::from(kind).into())
            }
        }
    }
}

impl<S: Store> Store for Faulty<S> {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        self.call(|store| store.insert(id, entry))
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.call(|store| store.find(id))
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        self.call(|store| store.charge(id, charge))
    }

    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        self.call(|store| store.take_back(id, attempt))
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        self.call(|store| store.spend(id, spend))
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        self.call(|store| store.reseal(id, old, new))
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.call(|store| store.reset_drift(id))
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.call(|store| store.unlock(id))
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        self.call(|store| store.remove(id))
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        self.call(|store| store.list(after, most))
    }
}

impl<S: AsyncStore> AsyncStore for Faulty<S> {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        self.wait(self.store.insert(id, entry)).await
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.wait(self.store.find(id)).await
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        self.wait(self.store.charge(id, charge)).await
    }

    async fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        self.wait(self.store.take_back(id, attempt)).await
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        self.wait(self.store.spend(id, spend)).await
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        self.wait(self.store.reseal(id, old, new)).await
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        self.wait(self.store.reset_drift(id)).await
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.wait(self.store.unlock(id)).await
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        self.wait(self.store.remove(id)).await
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        self.wait(self.store.list(after, most)).await
    }
}
