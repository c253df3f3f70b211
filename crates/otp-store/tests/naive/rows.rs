use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use otp_store::{Account, AccountId, CredentialId, Entry, Error};

use crate::flaw::Flaw;
use crate::recovery::Codes;

#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) accounts: HashMap<String, Account>,
    pub(crate) entries: BTreeMap<(String, String), Entry>,
    pub(crate) recovery: BTreeMap<AccountId, Codes>,
}

/// A store with one flaw that real stores have.
pub(crate) struct Careless {
    pub(crate) flaw: Flaw,
    gap: Duration,
    pub(crate) rows: Mutex<Rows>,
}

pub(crate) type Key = (String, String);

impl Careless {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, gap: Duration::ZERO, rows: Mutex::default() }
    }

    /// Sets how long a flaw leaves a gap for other calls.
    pub(crate) fn with_gap(self, gap: Duration) -> Self {
        Self { gap, ..self }
    }

    pub(crate) fn key(&self, id: &CredentialId) -> Key {
        match self.flaw {
            Flaw::CaseBlind => (id.account().as_str().to_lowercase(), id.name().to_lowercase()),
            Flaw::Glued => (format!("{}:{}", id.account(), id.name()), String::new()),
            _ => (id.account().to_string(), id.name().to_owned()),
        }
    }

    /// Returns the key that failures are counted under.
    pub(crate) fn counted(&self, id: &CredentialId) -> String {
        match self.flaw {
            Flaw::ByCredential => format!("{id}"),
            Flaw::CaseBlind => id.account().as_str().to_lowercase(),
            _ => id.account().to_string(),
        }
    }

    pub(crate) fn read(&self, id: &CredentialId) -> Option<Entry> {
        let rows = self.rows.lock().unwrap();
        let account = rows.accounts.get(&self.counted(id)).copied().unwrap_or_default();
        let mut entry = rows.entries.get(&self.key(id))?.clone();
        entry.account = account;
        Some(entry)
    }

    pub(crate) fn write(&self, id: &CredentialId, mut entry: Entry) {
        if self.flaw == Flaw::Doubles {
            entry.next = entry.next as f64 as u64;
        }
        if self.flaw == Flaw::DoubleGenerations {
            entry.generation = entry.generation as f64 as u64;
        }
        let mut rows = self.rows.lock().unwrap();
        rows.accounts.insert(self.counted(id), entry.account);
        rows.entries.insert(self.key(id), entry);
    }

    /// Pauses where a flaw leaves a gap, as the way to a database does.
    pub(crate) fn pause(&self, flaw: Flaw) {
        if self.flaw == flaw {
            thread::sleep(self.gap);
        }
    }

    /// Deletes an account row, as an operator could by hand.
    pub(crate) fn damage(&self, id: &CredentialId) {
        self.rows.lock().unwrap().accounts.remove(&self.counted(id));
    }

    /// Refuses a credential without its account row.
    pub(crate) fn whole(&self, id: &CredentialId) -> Result<(), Error> {
        let rows = self.rows.lock().unwrap();
        let damaged = rows.entries.contains_key(&self.key(id))
            && !rows.accounts.contains_key(&self.counted(id));
        if damaged && self.flaw != Flaw::SilentDamage {
            return Err(Error::Corrupt("throttle"));
        }
        Ok(())
    }

    /// Locks the step that the flaw does not split.
    pub(crate) fn one_step(&self, flaw: Flaw) -> Option<std::sync::MutexGuard<'static, ()>> {
        static STEP: Mutex<()> = Mutex::new(());
        (self.flaw != flaw).then(|| STEP.lock().unwrap_or_else(|poison| poison.into_inner()))
    }
}
