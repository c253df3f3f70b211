use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use otp_store::{
    Account, AccountCopy, AccountId, CredentialId, Entry, Error, Memory, RecoveryCopy, Store,
};

use crate::calls::calls;
use crate::flaw::Flaw;
use crate::request::{Argument, Request};

/// A store in memory with one flaw that real stores have.
pub(crate) struct Careless {
    pub(crate) flaw: Flaw,
    pub(crate) memory: Memory,
    /// What is kept of accounts without credentials.
    pub(crate) ghosts: Mutex<BTreeMap<AccountId, Account>>,
    damaged: Mutex<BTreeSet<AccountId>>,
    gap: Duration,
    step: Mutex<()>,
}

/// All that an account has.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) credentials: BTreeMap<CredentialId, Entry>,
    pub(crate) recovery: Option<RecoveryCopy>,
}

impl State {
    fn read(memory: &Memory, account: &AccountId) -> Self {
        let Some(copy) = memory.copy(account).unwrap() else { return Self::default() };
        Self {
            account: *copy.account(),
            credentials: copy.credentials().iter().cloned().collect(),
            recovery: copy.recovery().cloned(),
        }
    }

    /// Replaces all that an account has.
    fn write(&self, memory: &Memory, account: &AccountId) {
        for id in Self::read(memory, account).credentials.keys() {
            assert!(memory.remove(id).unwrap());
        }
        let _had_codes = memory.remove_recovery(account).unwrap();
        let Self { account: state, credentials, recovery } = self.clone();
        let credentials = credentials.into_iter().collect();
        let copy = AccountCopy::new(account.clone(), state, credentials, recovery).unwrap();
        assert!(copy.is_none_or(|copy| memory.restore(&copy).unwrap()));
    }
}

impl Careless {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            memory: Memory::new(10_000),
            ghosts: Mutex::default(),
            damaged: Mutex::default(),
            gap: Duration::ZERO,
            step: Mutex::default(),
        }
    }

    /// Sets how long a flaw leaves a gap for other calls, as the way to a database does.
    pub(crate) fn with_gap(self, gap: Duration) -> Self {
        Self { gap, ..self }
    }

    /// Deletes an account row, as an operator could by hand.
    pub(crate) fn damage(&self, id: &CredentialId) {
        self.damaged.lock().unwrap().insert(id.account().clone());
    }

    /// Returns the id under which a credential is stored.
    fn kept(&self, id: &CredentialId) -> CredentialId {
        let (account, name) = match self.flaw {
            Flaw::CaseBlind => (id.account().as_str().to_lowercase(), id.name().to_lowercase()),
            Flaw::Glued => (format!("{}:{}", id.account(), id.name()), String::new()),
            Flaw::ByCredential => (id.to_string(), id.name().to_owned()),
            _ => return id.clone(),
        };
        CredentialId::new(account).unwrap().with_name(name).unwrap()
    }

    fn one_step(&self) -> MutexGuard<'_, ()> {
        self.step.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Makes a call in one step, with the flaw's changes of the account before and after it.
    fn call<T: Debug + 'static>(
        &self,
        request: &Request,
        work: impl Fn(&Memory) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(account) = &request.account else {
            let mut reply = work(&self.memory)?;
            let ids: &mut dyn Any = &mut reply;
            let ids = ids.downcast_mut::<Vec<CredentialId>>();
            if let (Flaw::Unordered, Some(ids)) = (self.flaw, ids) {
                ids.sort_by_key(ToString::to_string);
            }
            return Ok(reply);
        };
        if self.damaged.lock().unwrap().contains(account) && self.flaw != Flaw::SilentDamage {
            return Err(Error::Corrupt("throttle"));
        }
        if self.flaw.leaves_a_gap(request.call) {
            return self.call_in_gap(request.call, account, work);
        }
        let _step = self.one_step();
        let found = self.edit(account, |state| self.before(request, state));
        let reply = work(&self.memory)?;
        let text = format!("{reply:?}");
        self.edit(account, |state| self.after(request, &found, state, &text));
        Ok(reply)
    }

    /// Changes what an account has, and returns what it had.
    fn edit(&self, account: &AccountId, edit: impl FnOnce(&mut State)) -> State {
        let found = State::read(&self.memory, account);
        let mut state = found.clone();
        edit(&mut state);
        if state != found {
            state.write(&self.memory, account);
        }
        found
    }

    /// Reads the account, makes the call on what was read, and writes it back later. A copy reads the
    /// recovery codes later.
    fn call_in_gap<T>(
        &self,
        call: &str,
        account: &AccountId,
        work: impl Fn(&Memory) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let read = || {
            let _step = self.one_step();
            State::read(&self.memory, account)
        };
        let (mut state, aside) = (read(), Memory::new(100));
        if call == "copy" {
            thread::sleep(self.gap);
            state.recovery = read().recovery;
        }
        state.write(&aside, account);
        let reply = work(&aside)?;
        if call != "copy" {
            thread::sleep(self.gap);
            let _step = self.one_step();
            State::read(&aside, account).write(&self.memory, account);
        }
        Ok(reply)
    }
}

macro_rules! careless {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl Store for Careless {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                let mut request = Request { call: stringify!($name), ..Request::default() };
                $(Argument::note(&$argument, &mut request);)*
                if let Some(id) = &mut request.id {
                    *id = self.kept(id);
                    request.account = Some(id.account().clone());
                }
                let request = &request;
                self.call(request, |memory| {
                    Store::$name(memory, $(Argument::kept($argument, request)),*)
                })
            })*
        }
    };
}

calls!(careless);
