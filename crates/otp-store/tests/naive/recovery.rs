//! The recovery codes of a store with one flaw.

use std::collections::BTreeMap;

use otp_store::{
    AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Error,
    RecoveryCopy, RecoveryDigest, RecoveryEntry, RecoveryReply, RecoverySet, RecoverySetId,
    RecoverySpend,
};

use crate::flaw::Flaw;
use crate::rows::Careless;

/// A set, its key, and the codes by digest.
#[derive(Clone)]
pub(crate) struct Codes {
    set: RecoverySetId,
    key: String,
    codes: BTreeMap<[u8; 32], Option<AttemptId>>,
}

impl Careless {
    pub(crate) fn store_recovery(
        &self,
        account: &AccountId,
        set: &RecoverySet,
    ) -> Result<(), Error> {
        let _step = self.one_step(Flaw::TornCopy);
        let mut rows = self.rows.lock().unwrap();
        let key = set.key().map(ToString::to_string).unwrap_or_default();
        let mut codes = BTreeMap::new();
        if self.flaw == Flaw::KeepsOldCodes {
            codes = rows.recovery.get(account).map(|old| old.codes.clone()).unwrap_or_default();
        }
        codes.extend(set.digests().iter().map(|digest| (*digest.as_bytes(), None)));
        rows.recovery.insert(account.clone(), Codes { set: set.id(), key, codes });
        let kept = rows.accounts.entry(self.counted(&account.clone().into())).or_default();
        kept.recovery = Some(set.id());
        Ok(())
    }

    pub(crate) fn recovery(&self, account: &AccountId) -> Result<Option<RecoveryEntry>, Error> {
        let rows = self.rows.lock().unwrap();
        let Some(Codes { set, key, codes }) = rows.recovery.get(account) else { return Ok(None) };
        let left = codes.values().filter(|attempt| attempt.is_none()).count();
        let mut entry = RecoveryEntry::new(*set, key.clone(), left as u32);
        let counted = self.counted(&account.clone().into());
        entry.account = rows.accounts.get(&counted).copied().unwrap_or_default();
        Ok(Some(entry))
    }

    pub(crate) fn charge_recovery(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<ChargeReply<RecoveryEntry>, Error> {
        let _step = self.one_step(Flaw::CheckThenCount);
        let Some(entry) = self.recovery(account)? else { return Ok(ChargeReply::Unknown) };
        let found = entry.account;
        let charged = entry.charge(charge);
        if self.flaw != Flaw::FreeRecovery {
            let state = charged.account(found, |entry| entry.account);
            let counted = self.counted(&account.clone().into());
            self.rows.lock().unwrap().accounts.insert(counted, state);
        }
        Ok(charged)
    }

    pub(crate) fn spend_recovery(
        &self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> Result<RecoveryReply, Error> {
        let _step = self.one_step(Flaw::LookThenDelete);
        let found = self.rows.lock().unwrap().recovery.get(account).cloned();
        let Some(Codes { set, codes, .. }) = found else { return Ok(RecoveryReply::Unknown) };
        let digest = spend.digest().as_bytes();
        let again = match codes.get(digest) {
            _ if set != spend.set() => return Ok(RecoveryReply::Stale),
            None => return Ok(RecoveryReply::Mismatch),
            Some(Some(by)) if *by != spend.attempt() => return Ok(RecoveryReply::Replayed),
            Some(by) => by.is_some(),
        };
        self.pause(Flaw::LookThenDelete);
        let mut rows = self.rows.lock().unwrap();
        let kept = rows.recovery.get_mut(account).unwrap();
        if self.flaw == Flaw::DeletesCode {
            kept.codes.remove(digest);
        } else {
            kept.codes.insert(*digest, Some(spend.attempt()));
        }
        let left = kept.codes.values().filter(|attempt| attempt.is_none()).count() as u32;
        if !again {
            rows.accounts.entry(self.counted(&account.clone().into())).or_default().clear();
        }
        Ok(RecoveryReply::Done { left })
    }

    pub(crate) fn reseal_recovery(
        &self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let kept = rows.recovery.get_mut(account);
        let kept = kept.filter(|kept| kept.set == set && kept.key == old);
        Ok(kept.map(|kept| new.clone_into(&mut kept.key)).is_some())
    }

    pub(crate) fn remove_recovery(&self, account: &AccountId) -> Result<bool, Error> {
        let mut rows = self.rows.lock().unwrap();
        let removed = rows.recovery.remove(account).is_some();
        let id = CredentialId::from(account.clone());
        let (key, _) = self.key(&id);
        if !rows.entries.keys().any(|(other, _)| *other == key) {
            rows.accounts.remove(&self.counted(&id));
        } else if let Some(kept) = rows.accounts.get_mut(&self.counted(&id)) {
            kept.recovery = None;
        }
        Ok(removed)
    }

    pub(crate) fn copy_codes(&self, account: &AccountId) -> Option<RecoveryCopy> {
        let rows = self.rows.lock().unwrap();
        let Codes { key, codes, .. } = rows.recovery.get(account)?.clone();
        let codes = codes.into_iter().map(|(digest, by)| (RecoveryDigest::new(digest), by));
        Some(RecoveryCopy::new(key, codes.collect()))
    }

    pub(crate) fn restore_codes(&self, copy: &AccountCopy) {
        let Some((set, recovery)) = copy.account().recovery.zip(copy.recovery()) else { return };
        let keeps = self.flaw != Flaw::RestoresCodes;
        let codes = recovery.codes.iter();
        let codes = codes.map(|(digest, by)| (*digest.as_bytes(), by.filter(|_| keeps)));
        let codes = Codes { set, key: recovery.key.clone(), codes: codes.collect() };
        self.rows.lock().unwrap().recovery.insert(copy.id().clone(), codes);
    }

    pub(crate) fn list_recovery(
        &self,
        after: Option<&AccountId>,
        most: usize,
    ) -> Result<Vec<AccountId>, Error> {
        let rows = self.rows.lock().unwrap();
        let later =
            rows.recovery.keys().filter(|account| after.is_none_or(|after| *account > after));
        Ok(later.take(most).cloned().collect())
    }
}
