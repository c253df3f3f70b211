//! The calls of a store with one flaw.

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_store::{
    AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    RecordText, SpendReply, SpendRequest,
};

use crate::flaw::Flaw;
use crate::rows::Careless;

impl Careless {
    pub(crate) fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let old = self.read(id);
        if old.as_ref().is_some_and(|old| old.confirmed) && self.flaw != Flaw::Replaces {
            return Ok(false);
        }
        let mut entry = entry.enrolled();
        if self.flaw != Flaw::FreshStart {
            let rows = self.rows.lock().unwrap();
            entry.account = rows.accounts.get(&self.counted(id)).copied().unwrap_or_default();
        }
        if self.flaw == Flaw::Cuts {
            let text: String = entry.record.as_str().chars().take(4096).collect();
            entry.record = RecordText::new(text);
        }
        self.write(id, entry);
        Ok(true)
    }

    pub(crate) fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        self.whole(id)?;
        Ok(self.read(id))
    }

    pub(crate) fn charge(
        &self,
        id: &CredentialId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply, Error> {
        let _step = self.one_step(Flaw::CheckThenCount);
        self.whole(id)?;
        let Some(mut entry) = self.read(id) else { return Ok(ChargeReply::Unknown) };
        let policy = if entry.hotp { charge.hotp_policy() } else { charge.totp_policy() };
        match (self.flaw, entry.account.throttle.lock()) {
            (Flaw::Unconfirmed, _) => entry.confirmed = charge.confirmed(),
            (Flaw::CountsMalformed, _) if charge.length() != entry.length => {
                let _ = entry.account.throttle.charge(policy, charge.now());
                self.write(id, entry.clone());
                return Ok(ChargeReply::Malformed {
                    length: entry.length,
                    throttle: entry.account.throttle,
                });
            }
            (Flaw::NoCut, Lock::Until(until)) if charge.now() < until => {
                return Ok(ChargeReply::Locked(entry.account.throttle));
            }
            (Flaw::ForgetsAhead, Lock::Until(until))
                if until
                    > charge.now().saturating_add(
                        policy.max_lock(entry.account.throttle.failures()).into(),
                    ) =>
            {
                entry.account.throttle = Throttle::default();
            }
            (Flaw::CutsLockOut, Lock::Until(until)) => {
                let longest = policy.wait_after(entry.account.throttle.failures()) + 900;
                let lock = Lock::Until(until.min(charge.now().saturating_add(longest.into())));
                entry.account.throttle = Throttle::resume(entry.account.throttle.failures(), lock);
            }
            (Flaw::SoftLock, Lock::Hard) => {
                entry.account.throttle =
                    Throttle::resume(entry.account.throttle.failures(), Lock::Open);
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
                kept.account = entry.account;
                if self.flaw == Flaw::OffByOne {
                    kept.account.throttle = shifted(entry.account.throttle, policy, charge);
                }
            }
            ChargeReply::Locked(throttle) => kept.account.throttle = *throttle,
            _ => return Ok(charged),
        }
        if self.flaw != Flaw::RolledBack {
            self.write(id, kept);
        }
        Ok(charged)
    }

    pub(crate) fn credentials(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let ids = self.list(None, usize::MAX)?.into_iter().filter(|id| id.account() == account);
        ids.map(|id| Ok((id.clone(), self.find(&id)?.ok_or(Error::Unknown)?))).collect()
    }

    pub(crate) fn charge_account(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<Vec<(CredentialId, Entry)>>, Error> {
        let _step = self.one_step(Flaw::CheckThenCount);
        let entries = self.credentials(account)?;
        let Some((id, first)) = entries.first().cloned() else { return Ok(ChargeReply::Unknown) };
        let mut charged = Entry::charge_account(entries, charge);
        let mut state = first.account;
        match &mut charged {
            ChargeReply::Permitted(entries) => {
                let count = entries.len() as u32;
                state = entries.first().unwrap().1.account;
                match self.flaw {
                    Flaw::CountsEach => {
                        let failures = first.account.throttle.failures() + count;
                        state.throttle = Throttle::resume(failures, state.throttle.lock());
                    }
                    Flaw::OneGuess => {
                        state.guesses = first.account.guesses + charge.guesses(first.hotp);
                    }
                    _ => {}
                }
                entries.iter_mut().for_each(|(_, entry)| entry.account = state);
            }
            ChargeReply::Locked(throttle) => state.throttle = *throttle,
            _ => return Ok(charged),
        }
        self.rows.lock().unwrap().accounts.insert(self.counted(&id), state);
        Ok(charged)
    }

    pub(crate) fn spend_all(
        &self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> Result<SpendReply, Error> {
        let _step = self.one_step(Flaw::ReadCheckWrite);
        let (mut ids, mut entries) = (Vec::new(), Vec::new());
        for (name, spend) in spends {
            let id = CredentialId::from(account.clone()).with_name(*name)?;
            let Some(entry) = self.find(&id)? else { return Ok(SpendReply::Unknown) };
            ids.push(id);
            entries.push((entry, *spend));
        }
        if self.flaw == Flaw::SpendsFirst {
            entries.truncate(1);
        }
        let spent = Entry::spend_all(&mut entries);
        self.pause(Flaw::ReadCheckWrite);
        ids.iter().zip(entries).for_each(|(id, (entry, _))| self.write(id, entry));
        Ok(spent)
    }

    pub(crate) fn take_back(&self, account: &AccountId, attempt: AttemptId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let counted = self.counted(&CredentialId::from(account.clone()));
        let Some(account) = rows.accounts.get_mut(&counted) else { return Ok(false) };
        let before = account.throttle;
        let taken_back = account.take_back(attempt);
        match self.flaw {
            Flaw::LowersCount if !taken_back => {
                let failures = before.failures().saturating_sub(1);
                account.throttle = Throttle::resume(failures, before.lock());
            }
            Flaw::KeepsLock if taken_back => {
                account.throttle = Throttle::resume(account.throttle.failures(), before.lock());
            }
            _ => {}
        }
        Ok(taken_back)
    }

    pub(crate) fn spend(
        &self,
        id: &CredentialId,
        spend: &SpendRequest,
    ) -> Result<SpendReply, Error> {
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
                Flaw::ConfirmingClears => entry.account.throttle = Throttle::default(),
                Flaw::SpendsNothing => entry.next = before.next,
                Flaw::NoDrift => entry.drift = 0,
                Flaw::ForgetsTrust => entry.account.trust_epoch = 0,
                _ => {}
            }
            self.write(id, entry);
        }
        Ok(spent)
    }

    pub(crate) fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
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

    pub(crate) fn reset_drift(&self, id: &CredentialId) -> Result<bool, Error> {
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

    pub(crate) fn unlock(&self, account: &AccountId) -> Result<bool, Error> {
        let id = CredentialId::from(account.clone());
        let (account, _) = self.key(&id);
        let names = self.rows.lock().unwrap().entries.keys().cloned().collect::<Vec<_>>();
        let mut names = names.into_iter().filter(|(other, _)| *other == account);
        match names.next() {
            Some((_, name)) => self.whole(&id.clone().with_name(name)?)?,
            None if self.rows.lock().unwrap().recovery.contains_key(id.account()) => {}
            None => return Ok(false),
        }
        let mut rows = self.rows.lock().unwrap();
        let kept = rows.accounts.entry(self.counted(&id)).or_default();
        let failures = if self.flaw == Flaw::HalfUnlock { kept.throttle.failures() } else { 0 };
        kept.clear();
        kept.throttle = Throttle::resume(failures, Lock::Open);
        Ok(true)
    }

    pub(crate) fn revoke_trust(&self, account: &AccountId) -> Result<bool, Error> {
        let id = CredentialId::from(account.clone());
        if self.list(None, usize::MAX)?.iter().all(|other| other.account() != account)
            && self.recovery(account)?.is_none()
        {
            return Ok(false);
        }
        let mut rows = self.rows.lock().unwrap();
        rows.accounts.entry(self.counted(&id)).or_default().trust_epoch += 1;
        Ok(true)
    }

    pub(crate) fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let there = rows.entries.remove(&self.key(id)).is_some();
        let (account, _) = self.key(id);
        let stays = rows.entries.keys().any(|(other, _)| match self.flaw {
            Flaw::Ghost => true,
            Flaw::Neighbour => other.starts_with(&account),
            _ => *other == account,
        });
        if !stays && (self.flaw == Flaw::OrphansCodes || !rows.recovery.contains_key(id.account()))
        {
            rows.accounts.remove(&self.counted(id));
        }
        Ok(there)
    }

    pub(crate) fn copy(&self, account: &AccountId) -> Result<Option<AccountCopy>, Error> {
        let _step = self.one_step(Flaw::TornCopy);
        let counted = self.counted(&account.clone().into());
        let state = self.rows.lock().unwrap().accounts.get(&counted).copied().unwrap_or_default();
        self.pause(Flaw::TornCopy);
        let (credentials, codes) = (self.credentials(account)?, self.copy_codes(account));
        AccountCopy::new(account.clone(), state, credentials, codes)
    }

    pub(crate) fn restore(&self, copy: &AccountCopy) -> Result<bool, Error> {
        if self.copy(copy.id())?.is_some() {
            return Ok(false);
        }
        for (id, entry) in copy.credentials() {
            self.write(id, entry.clone());
        }
        let mut state = *copy.account();
        if self.flaw == Flaw::RestoresOpen {
            state.throttle = Throttle::default();
        }
        let counted = self.counted(&copy.id().clone().into());
        self.rows.lock().unwrap().accounts.insert(counted, state);
        self.restore_codes(copy);
        Ok(true)
    }

    pub(crate) fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
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
