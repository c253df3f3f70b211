//! A store that is right but for one thing, as stores are in the wild.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use otp_context::{Advance, Charge, Lock, Policy, Throttle};
use otp_store::{Advanced, Charged, CredentialId, Entry, Error, RecordText, Store};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing.
    None,
    /// Reads a row, checks, and writes it back.
    ReadCheckWrite,
    /// Looks whether an account is locked, and counts later.
    CheckThenCount,
    /// Looks at a record, and replaces it later.
    LookThenReseal,
    /// Has no generation.
    NoGeneration,
    /// Keeps what is spent in the memory of a handle.
    OwnMemory,
    /// Keeps no counter.
    SpendsNothing,
    /// Refuses only the counter that was spent last.
    LastCodeOnly,
    /// Does not know who advanced last.
    NoAttempt,
    /// Does a repeated advance again.
    RepeatsAll,
    /// Keeps no drift.
    NoDrift,
    /// Keeps counters in doubles.
    Doubles,
    /// Keeps generations in doubles.
    DoubleGenerations,
    /// Takes large letters for small ones.
    CaseBlind,
    /// Makes one text of account and name.
    Glued,
    /// Lists as it likes.
    Unordered,
    /// Counts failures by credential.
    ByCredential,
    /// Counts codes of a wrong length.
    CountsMalformed,
    /// Waits as long as was said once.
    NoCut,
    /// Takes a lock far ahead for one that is over.
    ForgetsAhead,
    /// Lets a hard lock end.
    SoftLock,
    /// Replaces a confirmed credential.
    Replaces,
    /// Clears failures with a new credential.
    FreshStart,
    /// Keeps failures of an account that is gone.
    Ghost,
    /// Unlocks without clearing failures.
    HalfUnlock,
    /// Lets an unconfirmed credential verify.
    Unconfirmed,
    /// Replaces any record.
    BlindReseal,
    /// Rolls a charge back when a code was wrong.
    RolledBack,
    /// Cuts long records.
    Cuts,
    /// Waits by the failures before this one.
    OffByOne,
    /// Takes an advance that fails for one that is to be done anew.
    NewAttempt,
}

#[derive(Default)]
struct Rows {
    throttles: HashMap<String, Throttle>,
    entries: BTreeMap<(String, String), Entry>,
}

pub(crate) struct Careless {
    flaw: Flaw,
    rows: Mutex<Rows>,
}

type Key = (String, String);

impl Careless {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, rows: Mutex::default() }
    }

    fn key(&self, id: &CredentialId) -> Key {
        match self.flaw {
            Flaw::CaseBlind => (id.account().to_lowercase(), id.name().to_lowercase()),
            Flaw::Glued => (format!("{}:{}", id.account(), id.name()), String::new()),
            _ => (id.account().to_owned(), id.name().to_owned()),
        }
    }

    /// What the failures are counted by.
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
        rows.entries.get(&self.key(id)).map(|entry| Entry { throttle, ..entry.clone() })
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
        rows.entries.insert(self.key(id), entry);
    }

    /// Where a flaw lets others in between, as the way to a database and back does.
    fn pause(&self, flaw: Flaw) {
        if self.flaw == flaw {
            thread::sleep(Duration::from_millis(4));
        }
    }

    /// Whether something is done in one step.
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
        }
        if self.flaw == Flaw::Cuts {
            let text: String = entry.record.as_str().chars().take(4096).collect();
            entry.record = RecordText::new(text);
        }
        self.write(id, entry);
        Ok(true)
    }

    fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        Ok(self.read(id))
    }

    fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        let _step = self.one_step(Flaw::CheckThenCount);
        let Some(mut entry) = self.read(id) else { return Ok(Charged::Unknown) };
        let policy = if entry.hotp { charge.hotp_policy() } else { charge.totp_policy() };
        match (self.flaw, entry.throttle.lock()) {
            (Flaw::Unconfirmed, _) => entry.confirmed = charge.confirmed(),
            (Flaw::CountsMalformed, _) if charge.length() != entry.length => {
                let _ = entry.throttle.charge(policy, charge.now());
                self.write(id, entry.clone());
                return Ok(Charged::Malformed { length: entry.length, throttle: entry.throttle });
            }
            (Flaw::NoCut, Lock::Until(until)) if charge.now() < until => {
                return Ok(Charged::Locked(entry.throttle));
            }
            (Flaw::ForgetsAhead, Lock::Until(until))
                if until
                    > charge
                        .now()
                        .saturating_add(policy.longest_wait(entry.throttle.failures()).into()) =>
            {
                entry.throttle = Throttle::default();
            }
            (Flaw::SoftLock, Lock::Hard) => {
                entry.throttle = Throttle::resume(entry.throttle.failures(), Lock::Open);
            }
            _ => {}
        }
        let before = entry.clone();
        let charged = entry.charge(charge);
        self.pause(Flaw::CheckThenCount);
        let throttle = match &charged {
            Charged::Permitted(entry) if self.flaw == Flaw::OffByOne => {
                shifted(entry.throttle, policy, charge)
            }
            Charged::Permitted(Entry { throttle, .. }) | Charged::Locked(throttle) => *throttle,
            _ => return Ok(charged),
        };
        if self.flaw != Flaw::RolledBack {
            self.write(id, Entry { throttle, ..before });
        }
        Ok(charged)
    }

    fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let _step = self.one_step(Flaw::ReadCheckWrite);
        let Some(mut entry) = self.read(id) else { return Ok(Advanced::Unknown) };
        let before = entry.clone();
        match self.flaw {
            Flaw::NoGeneration => entry.generation = advance.generation(),
            Flaw::LastCodeOnly if entry.next != advance.next() => {
                entry.next = entry.next.min(advance.counter());
            }
            Flaw::NoAttempt => entry.attempt = None,
            Flaw::NewAttempt if entry.next == advance.next() => entry.attempt = None,
            Flaw::RepeatsAll if entry.attempt == Some(advance.attempt()) => entry.next = 0,
            _ => {}
        }
        let advanced = entry.advance(advance);
        self.pause(Flaw::ReadCheckWrite);
        if advanced == Advanced::Done {
            entry.generation = before.generation;
            match self.flaw {
                Flaw::SpendsNothing => entry.next = before.next,
                Flaw::NoDrift => entry.drift = 0,
                _ => {}
            }
            self.write(id, entry);
        }
        Ok(advanced)
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

    fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
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
        if self.flaw != Flaw::Ghost && !rows.entries.keys().any(|(other, _)| *other == account) {
            rows.throttles.remove(&self.counted(id));
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

/// A table that is read one place too early.
fn shifted(throttle: Throttle, policy: &Policy, charge: &Charge) -> Throttle {
    let lock = match (throttle.lock(), policy.wait_after(throttle.failures() - 1)) {
        (Lock::Hard, _) => Lock::Hard,
        (_, 0) => Lock::Open,
        (_, wait) => Lock::Until(charge.now().saturating_add(wait.into())),
    };
    Throttle::resume(throttle.failures(), lock)
}
