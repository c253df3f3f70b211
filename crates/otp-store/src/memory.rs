use alloc::collections::BTreeSet;
use core::hint::black_box;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{HashMap, hash_map};
use std::sync::{Mutex, MutexGuard, PoisonError};

use otp_context::replay::Throttle;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable};

use crate::{
    AsyncStore, AttemptId, ChargeReply, ChargeRequest, CredentialId, Durability, Entry, Error,
    LastCharge, RecordText, SpendReply, SpendRequest, Store,
};

/// The number of shards, each with a lock of its own.
const SHARDS: usize = 16;

/// The digest of an id, or of an account. All have one length, so that each search takes as long.
type Key = [u8; 32];

/// Two keys that no id has. Every shard holds the first, and none holds the second.
const DECOY: Key = [0; 32];
const MISSING: Key = [0xff; 32];

/// Credentials in the memory of one process, for tests and for data that may be lost.
///
/// It holds a limited number of credentials. Its data, spent counters included, ends with the
/// process: if the credential is stored again, a used code may be accepted a second time.
///
/// A charge takes as long for an unknown credential as for a known one.
#[derive(Debug)]
pub struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    most: usize,
    count: AtomicUsize,
}

#[derive(Debug)]
struct Shard {
    credentials: HashMap<Key, Kept>,
    accounts: HashMap<Key, Account>,
}

#[derive(Debug)]
struct Kept {
    /// `None` for the decoy.
    id: Option<CredentialId>,
    entry: Entry,
}

#[derive(Debug, Default)]
struct Account {
    throttle: Throttle,
    last_charge: Option<LastCharge>,
    credentials: usize,
}

impl Account {
    /// Copies the account's part of an entry.
    const fn keep(&mut self, entry: &Entry) {
        self.throttle = entry.throttle;
        self.last_charge = entry.last_charge;
    }
}

/// The keys of a credential, stored or not.
struct Place {
    account: Key,
    credential: Key,
}

impl Place {
    fn of(id: &CredentialId) -> Self {
        let account = Sha256::digest(id.account());
        let credential = Sha256::new().chain_update(account).chain_update(id.name()).finalize();
        Self { account: account.into(), credential: credential.into() }
    }
}

impl Memory {
    /// How long the store keeps an acknowledged change: until the process ends.
    pub const DURABILITY: Durability = Durability::Process;

    /// Makes an empty store for at most `most` credentials.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { shards: Default::default(), most, count: AtomicUsize::new(0) }
    }

    fn shard(&self, place: &Place) -> MutexGuard<'_, Shard> {
        let [first, ..] = place.account;
        let shard = self.shards.get(usize::from(first) % SHARDS).unwrap_or(&self.shards[0]);
        // A panic cannot leave a shard half changed.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_place(&self) -> Result<(), Error> {
        let more = |count: usize| count.checked_add(1).filter(|count| *count <= self.most);
        let taken = self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| Error::Full)
    }
}

impl Default for Shard {
    fn default() -> Self {
        let record = RecordText::new(String::new());
        let entry = Entry::new(record, false, 6, 0);
        Self {
            credentials: HashMap::from([(DECOY, Kept { id: None, entry })]),
            accounts: HashMap::from([(DECOY, Account::default())]),
        }
    }
}

impl Shard {
    /// Returns the credential, if it is stored, and its account.
    fn find(&mut self, place: &Place) -> Option<(&mut Entry, &mut Account)> {
        let kept = self.credentials.get_mut(&place.credential)?;
        Some((&mut kept.entry, self.accounts.get_mut(&place.account)?))
    }

    /// Takes the same steps for an unknown credential as for a known one, so that the time reveals
    /// nothing.
    fn charge(&mut self, place: &Place, charge: &ChargeRequest) -> ChargeReply {
        let there = self.credentials.contains_key(&place.credential);
        let yes = Choice::from(u8::from(there));
        // Always one search that finds a credential and one that does not, in either order.
        black_box(self.credentials.contains_key(&select(&DECOY, &MISSING, yes)));
        let account = select(&DECOY, &place.account, yes);
        let credential = select(&DECOY, &place.credential, yes);
        let Some((entry, account)) = self.find(&Place { account, credential }) else {
            return ChargeReply::Unknown;
        };
        let throttle = if there { account.throttle } else { Throttle::default() };
        let last_charge = account.last_charge;
        let mut entry = Entry { throttle, last_charge, ..entry.clone() };
        // The decoy takes the length and the confirmation that the charge requires.
        entry.length.conditional_assign(&charge.length(), !yes);
        entry.confirmed = (entry.confirmed & there) | (charge.confirmed() & !there);
        let mut charged = entry.charge(charge);
        match &charged {
            ChargeReply::Permitted(entry) => account.keep(entry),
            ChargeReply::Locked(throttle) => account.throttle = *throttle,
            _ => {}
        }
        if !there {
            charged = ChargeReply::Unknown;
        }
        charged
    }
}

/// Returns `one`, or `other` if `choice` is 1, without a branch.
fn select(one: &Key, other: &Key, choice: Choice) -> Key {
    let mut selected = *one;
    for (byte, other) in selected.iter_mut().zip(other) {
        byte.conditional_assign(other, choice);
    }
    selected
}

impl Store for Memory {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        if let Some((old, _)) = shard.find(&place) {
            if old.confirmed {
                return Ok(false);
            }
            *old = entry.enrolled();
            return Ok(true);
        }
        self.take_place()?;
        let kept = Kept { id: Some(id.clone()), entry: entry.enrolled() };
        shard.credentials.insert(place.credential, kept);
        let account = shard.accounts.entry(place.account).or_default();
        account.credentials = account.credentials.saturating_add(1);
        Ok(true)
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let found = shard.find(&place);
        Ok(found.map(|(entry, account)| {
            let (throttle, last_charge) = (account.throttle, account.last_charge);
            Entry { throttle, last_charge, ..entry.clone() }
        }))
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        let place = Place::of(id);
        let charged = self.shard(&place).charge(&place, charge);
        Ok(charged)
    }

    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let Some(account) = shard.accounts.get_mut(&place.account) else { return Ok(false) };
        Ok(LastCharge::take_back(&mut account.last_charge, &mut account.throttle, attempt))
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let Some((entry, account)) = shard.find(&place) else { return Ok(SpendReply::Unknown) };
        (entry.throttle, entry.last_charge) = (account.throttle, account.last_charge);
        let spent = entry.spend(spend);
        account.keep(entry);
        Ok(spent)
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let found = shard.find(&place).filter(|(entry, _)| entry.record == *old);
        let Some((entry, _)) = found else { return Ok(false) };
        entry.record = new.clone();
        Ok(true)
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let Some((entry, _)) = shard.find(&place) else { return Ok(false) };
        entry.drift = 0;
        Ok(true)
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        let Some(account) = shard.accounts.get_mut(&place.account) else { return Ok(false) };
        (account.throttle, account.last_charge) = (Throttle::default(), None);
        Ok(true)
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let place = Place::of(id);
        let mut shard = self.shard(&place);
        if shard.credentials.remove(&place.credential).is_none() {
            return Ok(false);
        }
        if let hash_map::Entry::Occupied(mut account) = shard.accounts.entry(place.account) {
            let left = account.get().credentials.saturating_sub(1);
            account.get_mut().credentials = left;
            if left == 0 {
                account.remove();
            }
        }
        self.count.fetch_sub(1, Ordering::Relaxed);
        Ok(true)
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let mut ids = BTreeSet::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let later = shard.credentials.values().filter_map(|kept| kept.id.as_ref());
            ids.extend(later.filter(|id| after.is_none_or(|after| *id > after)).cloned());
        }
        Ok(ids.into_iter().take(most).collect())
    }
}

/// Every future is ready at once.
impl AsyncStore for Memory {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        Store::insert(self, id, entry)
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        Store::find(self, id)
    }

    async fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        Store::charge(self, id, charge)
    }

    async fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        Store::take_back(self, id, attempt)
    }

    async fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        Store::spend(self, id, spend)
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        Store::reseal(self, id, old, new)
    }

    async fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        Store::reset_drift(self, id)
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
