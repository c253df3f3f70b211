use alloc::collections::{BTreeMap, BTreeSet};
use core::hash::BuildHasher;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{HashMap, hash_map};
use std::hash::RandomState;
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_context::{Advance, Charge, Throttle};

use crate::{
    Advanced, AsyncStore, Charged, CredentialId, Durability, Entry, Error, RecordText, Store,
};

/// How many parts can be worked on at once.
const SHARDS: usize = 16;

/// Credentials in the memory of one process, for tests and for what may be forgotten.
///
/// It holds at most as many credentials as it was made for. When the process ends everything is
/// gone, and with it what was spent: a code may then be accepted a second time if the credential
/// is stored again.
#[derive(Debug)]
pub struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    most: usize,
    count: AtomicUsize,
}

#[derive(Debug, Default)]
struct Shard {
    accounts: HashMap<String, Account>,
    /// What is charged in place of an account that is not there, so that it takes as long.
    nobody: Account,
}

#[derive(Debug, Default)]
struct Account {
    throttle: Throttle,
    credentials: BTreeMap<String, Entry>,
}

impl Memory {
    /// What it promises.
    pub const DURABILITY: Durability = Durability::Process;

    /// An empty store for at most so many credentials.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            most,
            count: AtomicUsize::new(0),
        }
    }

    fn shard(&self, account: &str) -> MutexGuard<'_, Shard> {
        let place = usize::try_from(self.hasher.hash_one(account) & 15).unwrap_or_default();
        let shard = self.shards.get(place).unwrap_or(&self.shards[0]);
        // Nothing in here can panic half-way.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_place(&self) -> Result<(), Error> {
        let more = |count: usize| count.checked_add(1).filter(|count| *count <= self.most);
        let taken = self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| Error::Full)
    }
}

impl Account {
    /// The entry of a credential, with the account's throttle.
    fn entry(&self, name: &str) -> Option<Entry> {
        let entry = self.credentials.get(name)?;
        Some(Entry { throttle: self.throttle, ..entry.clone() })
    }
}

impl Store for Memory {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let mut shard = self.shard(id.account());
        let account = shard.accounts.get_mut(id.account());
        if let Some(old) = account.and_then(|account| account.credentials.get_mut(id.name())) {
            if old.confirmed {
                return Ok(false);
            }
            *old = entry.enrolled();
            return Ok(true);
        }
        self.take_place()?;
        let account = shard.accounts.entry(id.account().to_owned()).or_default();
        account.credentials.insert(id.name().to_owned(), entry.enrolled());
        Ok(true)
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let shard = self.shard(id.account());
        Ok(shard.accounts.get(id.account()).and_then(|account| account.entry(id.name())))
    }

    fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        let mut guard = self.shard(id.account());
        let shard = &mut *guard;
        let account = shard.accounts.get_mut(id.account()).unwrap_or(&mut shard.nobody);
        let Some(entry) = account.entry(id.name()) else {
            return Ok(Charged::Unknown);
        };
        let charged = entry.charge(charge);
        match &charged {
            Charged::Permitted(entry) => account.throttle = entry.throttle,
            Charged::Locked(throttle) => account.throttle = *throttle,
            _ => {}
        }
        Ok(charged)
    }

    fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let mut shard = self.shard(id.account());
        let Some(account) = shard.accounts.get_mut(id.account()) else {
            return Ok(Advanced::Unknown);
        };
        let Some(entry) = account.credentials.get_mut(id.name()) else {
            return Ok(Advanced::Unknown);
        };
        entry.throttle = account.throttle;
        let advanced = entry.advance(advance);
        account.throttle = entry.throttle;
        Ok(advanced)
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        let mut shard = self.shard(id.account());
        let account = shard.accounts.get_mut(id.account());
        let entry = account.and_then(|account| account.credentials.get_mut(id.name()));
        let Some(entry) = entry.filter(|entry| entry.record == *old) else { return Ok(false) };
        entry.record = new.clone();
        Ok(true)
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut shard = self.shard(id.account());
        let account = shard.accounts.get_mut(id.account());
        let account = account.filter(|account| account.credentials.contains_key(id.name()));
        let Some(account) = account else { return Ok(false) };
        account.throttle = Throttle::default();
        Ok(true)
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut shard = self.shard(id.account());
        let hash_map::Entry::Occupied(mut account) = shard.accounts.entry(id.account().to_owned())
        else {
            return Ok(false);
        };
        if account.get_mut().credentials.remove(id.name()).is_none() {
            return Ok(false);
        }
        if account.get().credentials.is_empty() {
            account.remove();
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        Ok(true)
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let mut ids = BTreeSet::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for (account, credentials) in &shard.accounts {
                for name in credentials.credentials.keys() {
                    ids.insert(CredentialId::new(account.as_str())?.with_name(name.as_str())?);
                }
            }
        }
        let later = ids.into_iter().filter(|id| after.is_none_or(|after| id > after));
        Ok(later.take(most).collect())
    }
}

/// It never waits: every future is ready at once.
impl AsyncStore for Memory {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        Store::insert(self, id, entry)
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        Store::find(self, id)
    }

    async fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        Store::charge(self, id, charge)
    }

    async fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        Store::advance(self, id, advance)
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        Store::reseal(self, id, old, new)
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        Store::unlock(self, id)
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        Store::remove(self, id)
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        Store::list(self, after, most)
    }
}
