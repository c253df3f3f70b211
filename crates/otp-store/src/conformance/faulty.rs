use alloc::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::calls::calls;
use crate::{AsyncStore, EngineError, EngineErrorKind, Error, Store};

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

macro_rules! faulty {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: Store> Store for Faulty<S> {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                self.call(|store| store.$name($($argument),*))
            })*
        }

        impl<S: AsyncStore> AsyncStore for Faulty<S> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                self.wait(self.store.$name($($argument),*)).await
            })*
        }
    };
}

calls!(faulty);
