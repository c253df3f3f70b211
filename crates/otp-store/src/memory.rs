mod async_store;
mod recovery;
mod shard;

use alloc::collections::BTreeSet;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::hash_map;
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_context::recovery::{RecoverySet, RecoverySetId};

use self::recovery::Recovery;
use self::shard::{Kept, Key, Place, Shard};
use crate::{
    Account, AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId,
    Durability, Entry, Error, RecordText, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply,
    SpendRequest, Store,
};

/// The number of shards, each with a lock of its own.
const SHARDS: usize = 16;

/// Credentials in the memory of one process, for tests and for data that may be lost.
///
/// It holds a limited number of credentials and sets of recovery codes. Its data, spent counters included, ends with the
/// process: if the credential is stored again, a used code may be accepted a second time.
///
/// A charge takes as long for an unknown credential as for a known one.
#[derive(Debug)]
pub struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    most: usize,
    count: AtomicUsize,
}

impl Memory {
    /// How long the store keeps an acknowledged change: until the process ends.
    pub const DURABILITY: Durability = Durability::Process;

    /// Makes an empty store for at most `most` credentials and sets of recovery codes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { shards: Default::default(), most, count: AtomicUsize::new(0) }
    }

    fn shard(&self, account: &Key) -> MutexGuard<'_, Shard> {
        let [first, ..] = *account;
        let shard = self.shards.get(usize::from(first) % SHARDS).unwrap_or(&self.shards[0]);
        // A panic cannot leave a shard half changed.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locked_shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls a function with the account's set of recovery codes, if it has one.
    fn with_recovery<T>(
        &self,
        account: &AccountId,
        work: impl FnOnce(&mut Recovery, &mut Account) -> T,
    ) -> Option<T> {
        let Place { account, .. } = Place::named(account, "");
        let mut shard = self.shard(&account);
        let kept = shard.accounts.get_mut(&account)?;
        let (_, recovery) = kept.recovery.as_mut()?;
        Some(work(recovery, &mut kept.state))
    }

    fn take_places(&self, places: usize) -> Result<(), Error> {
        let more = |count: usize| count.checked_add(places).filter(|count| *count <= self.most);
        let taken = self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| Error::Full)
    }
}

impl Store for Memory {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        if let Some((old, _)) = shard.find(&place) {
            if old.confirmed {
                return Ok(false);
            }
            *old = entry.enrolled();
            return Ok(true);
        }
        self.take_places(1)?;
        shard.credentials.insert(place.credential, entry.enrolled());
        let account = shard.accounts.entry(place.account).or_default();
        account.credentials.insert(id.name().to_owned(), (id.clone(), place.credential));
        Ok(true)
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        let found = shard.find(&place);
        Ok(found.map(|(entry, account)| Entry { account: *account, ..entry.clone() }))
    }

    fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let Place { account, .. } = Place::named(account, "");
        let credentials = self.shard(&account).credentials(&account);
        Ok(credentials)
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        let place = Place::of(id);
        let charged = self.shard(&place.account).charge(&place, charge);
        Ok(charged)
    }

    fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error> {
        let place = Place::named(account, "");
        let charged = self.shard(&place.account).charge_account(account, charge);
        Ok(charged)
    }

    fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error> {
        let Place { account, .. } = Place::named(account, "");
        let mut shard = self.shard(&account);
        let account = shard.accounts.get_mut(&account);
        Ok(account.is_some_and(|account| account.state.take_back(attempt)))
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        let Some((entry, account)) = shard.find(&place) else { return Ok(SpendReply::Unknown) };
        entry.account = *account;
        let spent = entry.spend(spend);
        *account = entry.account;
        Ok(spent)
    }

    fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error> {
        let places: Vec<_> = spends.iter().map(|(name, _)| Place::named(account, name)).collect();
        let Some(Place { account, .. }) = places.first() else { return Ok(SpendReply::Unknown) };
        let mut shard = self.shard(account);
        let mut entries = Vec::with_capacity(spends.len());
        for (place, (_, spend)) in places.iter().zip(spends) {
            let Some((entry, account)) = shard.find(place) else { return Ok(SpendReply::Unknown) };
            entries.push((Entry { account: *account, ..entry.clone() }, *spend));
        }
        let spent = Entry::spend_all(&mut entries);
        for (place, (entry, _)) in places.iter().zip(entries) {
            if let Some((stored, account)) = shard.find(place) {
                *account = entry.account;
                *stored = entry;
            }
        }
        Ok(spent)
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        let found = shard.find(&place).filter(|(entry, _)| entry.record == *old);
        let Some((entry, _)) = found else { return Ok(false) };
        entry.record = new.clone();
        Ok(true)
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        let Some((entry, _)) = shard.find(&place) else { return Ok(false) };
        entry.drift = 0;
        Ok(true)
    }

    fn unlock(&self, account: &AccountId) -> Result<bool, Error> {
        let Place { account, .. } = Place::named(account, "");
        let mut shard = self.shard(&account);
        let account = shard.accounts.get_mut(&account);
        Ok(account.map(|account| account.state.clear()).is_some())
    }

    fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error> {
        let Place { account, .. } = Place::named(account, "");
        let mut shard = self.shard(&account);
        let Some(kept) = shard.accounts.get_mut(&account) else { return Ok(false) };
        kept.state.trust_epoch = kept.state.trust_epoch.saturating_add(1);
        Ok(true)
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place.account);
        if shard.credentials.remove(&place.credential).is_none() {
            return Ok(false);
        }
        if let hash_map::Entry::Occupied(mut account) = shard.accounts.entry(place.account) {
            account.get_mut().credentials.remove(id.name());
            if account.get().is_empty() {
                account.remove();
            }
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        Ok(true)
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let mut ids = BTreeSet::new();
        for shard in self.locked_shards() {
            let kept = shard.accounts.values().flat_map(|account| account.credentials.values());
            let later = kept.map(|(id, _)| id);
            ids.extend(later.filter(|id| after.is_none_or(|after| *id > after)).cloned());
        }
        Ok(ids.into_iter().take(most).collect())
    }

    fn store_recovery(&self, account: &AccountId, set: &RecoverySet) -> Result<(), Error> {
        let place = Place::named(account, "");
        let mut shard = self.shard(&place.account);
        if shard.accounts.get(&place.account).is_none_or(|kept| kept.recovery.is_none()) {
            self.take_places(1)?;
        }
        let kept = shard.accounts.entry(place.account).or_default();
        kept.recovery = Some((account.clone(), Recovery::new(set)));
        kept.state.recovery = Some(set.id());
        Ok(())
    }

    fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error> {
        Ok(self.with_recovery(account, |recovery, state| recovery.entry(*state)))
    }

    fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error> {
        let charged = self.with_recovery(account, |recovery, state| {
            let charged = recovery.entry(*state).charge(charge);
            *state = charged.account(*state, |entry| entry.account);
            charged
        });
        Ok(charged.unwrap_or(ChargeReply::Unknown))
    }

    fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        let spent = self.with_recovery(account, |recovery, state| recovery.spend(spend, state));
        Ok(spent.unwrap_or(RecoveryReply::Unknown))
    }

    fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error> {
        let resealed = self.with_recovery(account, |recovery, _| recovery.reseal(set, old, new));
        Ok(resealed.unwrap_or_default())
    }

    fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error> {
        let Place { account, .. } = Place::named(account, "");
        let mut shard = self.shard(&account);
        let hash_map::Entry::Occupied(mut kept) = shard.accounts.entry(account) else {
            return Ok(false);
        };
        let removed = kept.get_mut().recovery.take().is_some();
        kept.get_mut().state.recovery = None;
        if kept.get().is_empty() {
            kept.remove();
        }
        if removed {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(removed)
    }

    fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        let mut accounts = BTreeSet::new();
        for shard in self.locked_shards() {
            let sets = shard.accounts.values().filter_map(|kept| kept.recovery.as_ref());
            let later = sets.map(|(account, _)| account);
            accounts.extend(later.filter(|it| after.is_none_or(|after| *it > after)).cloned());
        }
        Ok(accounts.into_iter().take(most).collect())
    }

    fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error> {
        let place = Place::named(account, "");
        let shard = self.shard(&place.account);
        let Some(kept) = shard.accounts.get(&place.account) else { return Ok(None) };
        let codes = kept.recovery.as_ref().map(|(_, recovery)| recovery.copy());
        AccountCopy::new(account.clone(), kept.state, shard.credentials(&place.account), codes)
    }

    fn restore(&self, copy: &AccountCopy) -> Result<bool, Error> {
        let Place { account, .. } = Place::named(copy.id(), "");
        let mut shard = self.shard(&account);
        if shard.accounts.contains_key(&account) {
            return Ok(false);
        }
        let places = copy.credentials().len().saturating_add(copy.recovery().into_iter().count());
        self.take_places(places)?;
        let mut kept = Kept { state: *copy.account(), ..Kept::default() };
        for (id, entry) in copy.credentials() {
            let Place { credential, .. } = Place::of(id);
            shard.credentials.insert(credential, entry.clone());
            kept.credentials.insert(id.name().to_owned(), (id.clone(), credential));
        }
        kept.recovery = copy
            .account()
            .recovery
            .zip(copy.recovery())
            .map(|(set, recovery)| (copy.id().clone(), Recovery::restore(set, recovery)));
        shard.accounts.insert(account, kept);
        Ok(true)
    }
}
