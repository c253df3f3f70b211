use core::fmt;
use core::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::calls::calls;
use crate::{AsyncStore, EngineError, EngineErrorKind, Error, Store};

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

macro_rules! blocking {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: AsyncStore> Store for Blocking<S> {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                self.runtime.block_on(self.store.$name($($argument),*))
            })*
        }
    };
}

calls!(blocking);

impl<S: fmt::Debug> fmt::Debug for Blocking<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").field("store", &self.store).finish_non_exhaustive()
    }
}
