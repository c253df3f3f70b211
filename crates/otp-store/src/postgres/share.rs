use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Decides which calls may ask for a connection.
///
/// A pool serves requests in order. Calls that begin an attempt wait here first, so the pool's
/// queue stays short for calls that finish one: otherwise a right code whose attempt was counted
/// could fail. An account gets a few connections at a time, so that a row that another session
/// locks does not delay other accounts.
pub(super) struct Shares {
    beginning: Arc<Semaphore>,
    of_account: usize,
    accounts: [Accounts; 2],
}

type Accounts = Arc<Mutex<BTreeMap<Arc<str>, Arc<Semaphore>>>>;

/// Whether a call begins or finishes an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Begins,
    Finishes,
}

/// A permit to ask for a connection, until dropped.
pub(super) struct Share {
    _beginning: Option<OwnedSemaphorePermit>,
    _account: Option<AccountShare>,
}

impl Shares {
    /// Makes shares for a pool of `connections`, of which a quarter is reserved for calls that
    /// finish.
    pub(super) fn new(connections: usize) -> Self {
        let quarter = connections.div_ceil(4);
        let beginning = connections.saturating_sub(quarter).max(1);
        Self {
            beginning: Arc::new(Semaphore::new(beginning.min(Semaphore::MAX_PERMITS))),
            of_account: quarter.min(Semaphore::MAX_PERMITS),
            accounts: Default::default(),
        }
    }

    /// Waits for a share. Without an account, only the number of connections counts.
    pub(super) async fn wait(&self, stage: Stage, account: Option<&str>) -> Share {
        let [begins, finishes] = &self.accounts;
        let accounts = if stage == Stage::Begins { begins } else { finishes };
        let account = match account {
            Some(account) => Some(AccountShare::wait(accounts, account, self.of_account).await),
            None => None,
        };
        let beginning = match stage {
            // The semaphore is never closed.
            Stage::Begins => Arc::clone(&self.beginning).acquire_owned().await.ok(),
            Stage::Finishes => None,
        };
        Share { _beginning: beginning, _account: account }
    }
}

/// One of the few permits of an account. The account is forgotten with the last one.
struct AccountShare {
    permit: Option<OwnedSemaphorePermit>,
    account: Arc<str>,
    accounts: Accounts,
}

impl AccountShare {
    async fn wait(accounts: &Accounts, account: &str, most: usize) -> Self {
        let account: Arc<str> = account.into();
        let mut share = Self { permit: None, account, accounts: Arc::clone(accounts) };
        let semaphore = {
            let mut accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(most));
            Arc::clone(accounts.entry(Arc::clone(&share.account)).or_insert_with(new))
        };
        share.permit = semaphore.acquire_owned().await.ok();
        share
    }
}

impl Drop for AccountShare {
    fn drop(&mut self) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that one of the last two permits sees that it is the last.
        drop(self.permit.take());
        if accounts.get(&self.account).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            accounts.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use core::future::Future;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    use super::{Share, Shares, Stage};

    fn now(shares: &Shares, stage: Stage, account: Option<&str>) -> Option<Share> {
        let mut context = Context::from_waker(Waker::noop());
        match pin!(shares.wait(stage, account)).poll(&mut context) {
            Poll::Ready(share) => Some(share),
            Poll::Pending => None,
        }
    }

    #[test]
    fn quarter_is_reserved_for_calls_that_finish() {
        for (connections, beginning) in [(1, 1), (2, 1), (4, 3), (16, 12), (64, 48)] {
            let shares = Shares::new(connections);
            let mut begun = Vec::new();
            while let Some(share) = now(&shares, Stage::Begins, None) {
                begun.push(share);
            }
            assert_eq!(begun.len(), beginning, "{connections}");
            assert!(now(&shares, Stage::Finishes, None).is_some());
            begun.pop();
            assert!(now(&shares, Stage::Begins, None).is_some(), "a share that was given back");
        }
    }

    #[test]
    fn account_gets_a_few_shares_and_is_forgotten() {
        let shares = Shares::new(16);
        for stage in [Stage::Begins, Stage::Finishes] {
            let mut held = Vec::new();
            while let Some(share) = now(&shares, stage, Some("alice")) {
                held.push(share);
            }
            assert_eq!(held.len(), 4, "{stage:?}");
            assert!(now(&shares, stage, Some("bob")).is_some());
            held.clear();
            assert!(now(&shares, stage, Some("alice")).is_some());
        }
        assert!(shares.accounts.iter().all(|accounts| accounts.lock().unwrap().is_empty()));
    }
}
