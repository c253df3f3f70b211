//! A store with one flaw that real stores have.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_store::{
    AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, LastCharge, RecordText,
    SpendReply, SpendRequest, Store,
};

/// The flaw of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Has no flaw.
    None,
    /// Reads a row, checks, and writes it back.
    ReadCheckWrite,
    /// Checks the lock first, and counts later.
    CheckThenCount,
    /// Reads a record first, and replaces it later.
    LookThenReseal,
    /// Has no generation.
    NoGeneration,
    /// Keeps spent counters in the memory of a handle.
    OwnMemory,
    /// Spends no counter.
    SpendsNothing,
    /// Refuses only the counter that was spent last.
    LastCodeOnly,
    /// Does not keep the attempt that spent last.
    NoAttempt,
    /// Does a repeated spend again.
    RepeatsAll,
    /// Keeps no drift.
    NoDrift,
    /// Keeps counters in doubles.
    Doubles,
    /// Keeps generations in doubles.
    DoubleGenerations,
    /// Compares ids without case.
    CaseBlind,
    /// Joins account and name without a separator.
    Glued,
    /// Lists in any order.
    Unordered,
    /// Counts failures by credential.
    ByCredential,
    /// Counts codes of a wrong length.
    CountsMalformed,
    /// Never shortens a wait.
    NoCut,
    /// Takes a lock far in the future for one that has ended.
    ForgetsAhead,
    /// Lets a hard lock end.
    SoftLock,
    /// Replaces a confirmed credential.
    Replaces,
    /// Clears failures with a new credential.
    FreshStart,
    /// Keeps the failures of an account without credentials.
    Ghost,
    /// Keeps them only if another account's name begins with the removed one's.
    Neighbour,
    /// Unlocks without clearing failures.
    HalfUnlock,
    /// Lets an unconfirmed credential verify.
    Unconfirmed,
    /// Replaces any record.
    BlindReseal,
    /// Rolls a charge back after a wrong code.
    RolledBack,
    /// Truncates long records.
    Cuts,
    /// Takes the wait of the failures before this one.
    OffByOne,
    /// Takes a charge back by lowering the count.
    LowersCount,
    /// Takes a charge back without restoring its lock.
    KeepsLock,
    /// Clears the account's failures when a new credential is confirmed.
    ConfirmingClears,
    /// Resets the drift of every credential of an account.
    ForgetsAllDrift,
    /// Reports a missing account row as an unknown account.
    SilentDamage,
    /// Takes a repeated spend for a new one.
    NewAttempt,
    /// Gives HOTP the policy of TOTP.
    OnePolicy,
}

#[derive(Default)]
struct Rows {
    throttles: HashMap<String, Throttle>,
    charges: HashMap<String, LastCharge>,
    entries: BTreeMap<(String, String), Entry>,
}

pub(crate) struct Careless {
    flaw: Flaw,
    gap: Duration,
    rows: Mutex<Rows>,
}

type Key = (String, String);

impl Careless {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, gap: Duration::ZERO, rows: Mutex::default() }
    }

    /// Sets how long a flaw leaves a gap for other calls.
    pub(crate) fn with_gap(self, gap: Duration) -> Self {
        Self { gap, ..self }
    }

    fn key(&self, id: &CredentialId) -> Key {
        match self.flaw {
            Flaw::CaseBlind => (id.account().to_lowercase(), id.name().to_lowercase()),
            Flaw::Glued => (format!("{}:{}", id.account(), id.name()), String::new()),
            _ => (id.account().to_owned(), id.name().to_owned()),
        }
    }

    /// Returns the key that failures are counted under.
    fn counted(&self, id: &CredentialId) -> String {
        match self.flaw {
            Flaw::ByCredential => format!("{id}"),
            Flaw::CaseBlind => id.account().to_lowercase(),
            _ => id.account().to_owned(),
        }
    }

    fn read(&self, id: &CredentialId) -> Option<Entry> {
        let rows = self.rows.lock().unwrap();
        let throttle = rows.throttles.get(&self.counted(id)).copied().unwrap_or_default();
        let last_charge = rows.charges.get(&self.counted(id)).copied();
        let mut entry = rows.entries.get(&self.key(id))?.clone();
        (entry.throttle, entry.last_charge) = (throttle, last_charge);
        Some(entry)
    }

    fn write(&self, id: &CredentialId, mut entry: Entry) {
        if self.flaw == Flaw::Doubles {
            entry.next = entry.next as f64 as u64;
        }
        if self.flaw == Flaw::DoubleGenerations {
            entry.generation = entry.generation as f64 as u64;
        }
        let mut rows = self.rows.lock().unwrap();
        rows.throttles.insert(self.counted(id), entry.throttle);
        match entry.last_charge {
            Some(charge) => drop(rows.charges.insert(self.counted(id), charge)),
            None => drop(rows.charges.remove(&self.counted(id))),
        }
        rows.entries.insert(self.key(id), entry);
    }

    /// Pauses where a flaw leaves a gap, as the way to a database does.
    fn pause(&self, flaw: Flaw) {
        if self.flaw == flaw {
            thread::sleep(self.gap);
        }
    }

    /// Deletes an account row, as an operator could by hand.
    pub(crate) fn damage(&self, id: &CredentialId) {
        self.rows.lock().unwrap().throttles.remove(&self.counted(id));
    }

    /// Refuses a credential without its account row.
    fn whole(&self, id: &CredentialId) -> Result<(), Error> {
        let rows = self.rows.lock().unwrap();
        let damaged = rows.entries.contains_key(&self.key(id))
            && !rows.throttles.contains_key(&self.counted(id));
        if damaged && self.flaw != Flaw::SilentDamage {
            return Err(Error::Corrupt("throttle"));
        }
        Ok(())
    }

    /// Locks the step that the flaw does not split.
    fn one_step(&self, flaw: Flaw) -> Option<std::sync::MutexGuard<'static, ()>> {
        static STEP: Mutex<()> = Mutex::new(());
        (self.flaw != flaw).then(|| STEP.lock().unwrap_or_else(|poison| poison.into_inner()))
    }
}

impl Store for Careless {
    fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let old = self.read(id);
        if old.as_ref().is_some_and(|old| old.confirmed) && self.flaw != Flaw::Replaces {
            return Ok(false);
        }
        let mut entry = entry.enrolled();
        if self.flaw != Flaw::FreshStart {
            let rows = self.rows.lock().unwrap();
            entry.throttle = rows.throttles.get(&self.counted(id)).copied().unwrap_or_default();
            entry.last_charge = rows.charges.get(&self.counted(id)).copied();
        }
        if self.flaw == Flaw::Cuts {
            let text: String = entry.record.as_str().chars().take(4096).collect();
            entry.record = RecordText::new(text);
        }
        self.write(id, entry);
        Ok(true)
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.whole(id)?;
        Ok(self.read(id))
    }

    fn charge(&self, id: &CredentialId, charge: &ChargeRequest) -> Result<ChargeReply, Error> {
        let _step = self.one_step(Flaw::CheckThenCount);
        self.whole(id)?;
        let Some(mut entry) = self.read(id) else { return Ok(ChargeReply::Unknown) };
        let policy = if entry.hotp { charge.hotp_policy() } else { charge.totp_policy() };
        match (self.flaw, entry.throttle.lock()) {
            (Flaw::Unconfirmed, _) => entry.confirmed = charge.confirmed(),
            (Flaw::CountsMalformed, _) if charge.length() != entry.length => {
                let _ = entry.throttle.charge(policy, charge.now());
                self.write(id, entry.clone());
                return Ok(ChargeReply::Malformed {
                    length: entry.length,
                    throttle: entry.throttle,
                });
            }
            (Flaw::NoCut, Lock::Until(until)) if charge.now() < until => {
                return Ok(ChargeReply::Locked(entry.throttle));
            }
            (Flaw::ForgetsAhead, Lock::Until(until))
                if until
                    > charge
                        .now()
                        .saturating_add(policy.max_lock(entry.throttle.failures()).into()) =>
            {
                entry.throttle = Throttle::default();
            }
            (Flaw::SoftLock, Lock::Hard) => {
                entry.throttle = Throttle::resume(entry.throttle.failures(), Lock::Open);
            }
            _ => {}
        }
        let before = entry.clone();
        if self.flaw == Flaw::OnePolicy {
            entry.hotp = false;
        }
        let mut charged = entry.charge(charge);
        if let ChargeReply::Permitted(entry) = &mut charged {
            entry.hotp = before.hotp;
        }
        self.pause(Flaw::CheckThenCount);
        let mut kept = before;
        match &charged {
            ChargeReply::Permitted(entry) => {
                (kept.throttle, kept.last_charge) = (entry.throttle, entry.last_charge);
                if self.flaw == Flaw::OffByOne {
                    kept.throttle = shifted(entry.throttle, policy, charge);
                }
            }
            ChargeReply::Locked(throttle) => kept.throttle = *throttle,
            _ => return Ok(charged),
        }
        if self.flaw != Flaw::RolledBack {
            self.write(id, kept);
        }
        Ok(charged)
    }

    fn take_back(&self, id: &CredentialId, attempt: AttemptId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let counted = self.counted(id);
        let charge = rows.charges.get(&counted).copied().filter(|last| last.attempt == attempt);
        if charge.is_some() {
            rows.charges.remove(&counted);
        }
        let Some(throttle) = rows.throttles.get_mut(&counted) else { return Ok(false) };
        let found = match (charge, self.flaw) {
            (None, Flaw::LowersCount) | (Some(_), Flaw::KeepsLock) => throttle.lock(),
            (None, _) => return Ok(false),
            (Some(charge), _) => charge.found,
        };
        *throttle = Throttle::resume(throttle.failures().saturating_sub(1), found);
        Ok(charge.is_some())
    }

    fn spend(&self, id: &CredentialId, spend: &SpendRequest) -> Result<SpendReply, Error> {
        let _step = self.one_step(Flaw::ReadCheckWrite);
        self.whole(id)?;
        let Some(mut entry) = self.read(id) else { return Ok(SpendReply::Unknown) };
        let before = entry.clone();
        match self.flaw {
            Flaw::NoGeneration => entry.generation = spend.generation(),
            Flaw::LastCodeOnly if entry.next != spend.next() => {
                entry.next = entry.next.min(spend.counter());
            }
            Flaw::NoAttempt => entry.attempt = None,
            Flaw::NewAttempt if entry.next == spend.next() => entry.attempt = None,
            Flaw::RepeatsAll if entry.attempt == Some(spend.attempt()) => entry.next = 0,
            _ => {}
        }
        let spent = entry.spend(spend);
        self.pause(Flaw::ReadCheckWrite);
        if spent == SpendReply::Done {
            entry.generation = before.generation;
            match self.flaw {
                Flaw::ConfirmingClears => entry.throttle = Throttle::default(),
                Flaw::SpendsNothing => entry.next = before.next,
                Flaw::NoDrift => entry.drift = 0,
                _ => {}
            }
            self.write(id, entry);
        }
        Ok(spent)
    }

    fn reseal(&self, id: &CredentialId, old: &RecordText, new: &RecordText) -> Result<bool, Error> {
        let _step = self.one_step(Flaw::LookThenReseal);
        let Some(mut entry) = self.read(id) else { return Ok(false) };
        if entry.record != *old && self.flaw != Flaw::BlindReseal {
            return Ok(false);
        }
        self.pause(Flaw::LookThenReseal);
        entry.record = new.clone();
        self.write(id, entry);
        Ok(true)
    }

    fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let (key, all) = (self.key(id), self.flaw == Flaw::ForgetsAllDrift);
        let there = rows.entries.contains_key(&key);
        for (other, entry) in &mut rows.entries {
            if *other == key || all && other.0 == key.0 {
                entry.drift = 0;
            }
        }
        Ok(there)
    }

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        self.whole(id)?;
        let mut rows = self.rows.lock().unwrap();
        rows.charges.remove(&self.counted(id));
        let (account, _) = self.key(id);
        if !rows.entries.keys().any(|(other, _)| *other == account) {
            return Ok(false);
        }
        let throttle = rows.throttles.entry(self.counted(id)).or_default();
        let failures = if self.flaw == Flaw::HalfUnlock { throttle.failures() } else { 0 };
        *throttle = Throttle::resume(failures, Lock::Open);
        Ok(true)
    }

    fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let there = rows.entries.remove(&self.key(id)).is_some();
        let (account, _) = self.key(id);
        let stays = rows.entries.keys().any(|(other, _)| match self.flaw {
            Flaw::Ghost => true,
            Flaw::Neighbour => other.starts_with(&account),
            _ => *other == account,
        });
        if !stays {
            rows.throttles.remove(&self.counted(id));
            rows.charges.remove(&self.counted(id));
        }
        Ok(there)
    }

    fn list(&self, after: Option<&CredentialId>, most: usize) -> Result<Vec<CredentialId>, Error> {
        let rows = self.rows.lock().unwrap();
        let ids = rows.entries.keys().map(|(account, name)| {
            CredentialId::new(account.as_str()).unwrap().with_name(name.as_str()).unwrap()
        });
        let mut ids: Vec<_> = ids.filter(|id| after.is_none_or(|after| id > after)).collect();
        if self.flaw == Flaw::Unordered {
            ids.sort_by_key(|id| format!("{id}"));
        }
        ids.truncate(most);
        Ok(ids)
    }
}

/// Returns the throttle with a wait one place too early.
fn shifted(throttle: Throttle, policy: &ThrottlePolicy, charge: &ChargeRequest) -> Throttle {
    let lock = match (throttle.lock(), policy.wait_after(throttle.failures() - 1)) {
        (Lock::Hard, _) => Lock::Hard,
        (_, 0) => Lock::Open,
        (_, wait) => Lock::Until(charge.now().saturating_add(wait.into())),
    };
    Throttle::resume(throttle.failures(), lock)
}
