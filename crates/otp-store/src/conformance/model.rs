use alloc::collections::BTreeMap;

use otp_context::recovery::{RecoverySet, RecoverySetId};

use crate::{
    Account, AccountCopy, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry,
    RecordText, RecoveryCopy, RecoveryEntry, RecoveryReply, RecoverySpend, SpendReply,
    SpendRequest,
};

/// The shortest implementation of a store.
#[derive(Default)]
pub(super) struct Model {
    accounts: BTreeMap<AccountId, Account>,
    entries: BTreeMap<CredentialId, Entry>,
    recovery: BTreeMap<AccountId, RecoveryCopy>,
}

impl Model {
    fn account(&self, account: &AccountId) -> Account {
        self.accounts.get(account).copied().unwrap_or_default()
    }

    pub(super) fn find(&self, id: &CredentialId) -> Option<Entry> {
        let account = self.account(id.account());
        self.entries.get(id).map(|entry| Entry { account, ..entry.clone() })
    }

    pub(super) fn credentials(&self, account: &AccountId) -> Vec<(CredentialId, Entry)> {
        let ids = self.entries.keys().filter(|id| id.account() == account);
        ids.filter_map(|id| Some((id.clone(), self.find(id)?))).collect()
    }

    pub(super) fn ids(&self) -> Vec<CredentialId> {
        self.entries.keys().cloned().collect()
    }

    pub(super) fn insert(&mut self, id: &CredentialId, entry: &Entry) -> bool {
        let free = !self.find(id).is_some_and(|entry| entry.confirmed);
        if free {
            self.entries.insert(id.clone(), entry.enrolled());
        }
        free
    }

    pub(super) fn charge(&mut self, id: &CredentialId, charge: &ChargeRequest) -> ChargeReply {
        let Some(entry) = self.find(id) else { return ChargeReply::Unknown };
        self.charged(id.account(), entry.charge(charge), |entry| entry.account)
    }

    pub(super) fn charge_account(
        &mut self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> ChargeReply<Vec<(CredentialId, Entry)>> {
        let (entries, found) = (self.credentials(account), self.account(account));
        if entries.is_empty() {
            return ChargeReply::Unknown;
        }
        self.charged(account, Entry::charge_account(entries, charge), |entries| {
            entries.first().map_or(found, |(_, entry)| entry.account)
        })
    }

    pub(super) fn charge_recovery(
        &mut self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> ChargeReply<RecoveryEntry> {
        let Some(entry) = self.recovery(account) else { return ChargeReply::Unknown };
        self.charged(account, entry.charge(charge), |entry| entry.account)
    }

    fn charged<T>(
        &mut self,
        account: &AccountId,
        reply: ChargeReply<T>,
        state: impl FnOnce(&T) -> Account,
    ) -> ChargeReply<T> {
        let state = reply.account(self.account(account), state);
        self.accounts.insert(account.clone(), state);
        reply
    }

    pub(super) fn take_back(&mut self, account: &AccountId, attempt: AttemptId) -> bool {
        self.accounts.get_mut(account).is_some_and(|account| account.take_back(attempt))
    }

    pub(super) fn reset_drift(&mut self, id: &CredentialId) -> bool {
        self.entries.get_mut(id).map(|entry| entry.drift = 0).is_some()
    }

    pub(super) fn spend(&mut self, id: &CredentialId, spend: &SpendRequest) -> SpendReply {
        let Some(mut entry) = self.find(id) else { return SpendReply::Unknown };
        let reply = entry.spend(spend);
        self.accounts.insert(id.account().clone(), entry.account);
        self.entries.insert(id.clone(), entry);
        reply
    }

    pub(super) fn spend_all(
        &mut self,
        account: &AccountId,
        spends: &[(&str, SpendRequest)],
    ) -> SpendReply {
        let id = |name: &str| CredentialId::from(account.clone()).with_name(name).ok();
        let found = spends.iter().map(|(name, spend)| {
            let id = id(name)?;
            Some((self.find(&id)?, *spend, id))
        });
        let Some(found) = found.collect::<Option<Vec<_>>>() else { return SpendReply::Unknown };
        let (mut entries, ids): (Vec<_>, Vec<_>) =
            found.into_iter().map(|(entry, spend, id)| ((entry, spend), id)).unzip();
        let reply = Entry::spend_all(&mut entries);
        for (id, (entry, _)) in ids.into_iter().zip(entries) {
            self.accounts.insert(account.clone(), entry.account);
            self.entries.insert(id, entry);
        }
        reply
    }

    pub(super) fn reseal(&mut self, id: &CredentialId, old: &RecordText, new: &RecordText) -> bool {
        let entry = self.entries.get_mut(id).filter(|entry| entry.record == *old);
        entry.map(|entry| entry.record = new.clone()).is_some()
    }

    fn exists(&self, account: &AccountId) -> bool {
        self.recovery.contains_key(account)
            || self.entries.keys().any(|other| other.account() == account)
    }

    fn with_account(&mut self, account: &AccountId, work: impl FnOnce(&mut Account)) -> bool {
        let there = self.exists(account);
        if there {
            work(self.accounts.entry(account.clone()).or_default());
        }
        there
    }

    pub(super) fn unlock(&mut self, account: &AccountId) -> bool {
        self.with_account(account, Account::clear)
    }

    pub(super) fn revoke_trust(&mut self, account: &AccountId) -> bool {
        self.with_account(account, |account| account.trust_epoch += 1)
    }

    pub(super) fn remove(&mut self, id: &CredentialId) -> bool {
        let there = self.entries.remove(id).is_some();
        self.clean(id.account());
        there
    }

    /// Removes the state of an account without credentials and recovery codes.
    fn clean(&mut self, account: &AccountId) {
        if !self.exists(account) {
            self.accounts.remove(account);
        }
    }

    pub(super) fn store_recovery(&mut self, account: &AccountId, set: &RecoverySet) {
        let key = set.key().map(ToString::to_string).unwrap_or_default();
        let codes = set.digests().iter().map(|digest| (*digest, None)).collect();
        self.recovery.insert(account.clone(), RecoveryCopy::new(key, codes));
        self.with_account(account, |account| account.recovery = Some(set.id()));
    }

    pub(super) fn recovery(&self, account: &AccountId) -> Option<RecoveryEntry> {
        let (codes, state) = (self.recovery.get(account)?, self.account(account));
        let left = codes.codes.iter().filter(|(_, attempt)| attempt.is_none()).count();
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        let entry = RecoveryEntry::new(state.recovery?, codes.key.clone(), left);
        Some(RecoveryEntry { account: state, ..entry })
    }

    pub(super) fn spend_recovery(
        &mut self,
        account: &AccountId,
        spend: &RecoverySpend,
    ) -> RecoveryReply {
        let set = self.account(account).recovery;
        let Some(kept) = self.recovery.get_mut(account) else { return RecoveryReply::Unknown };
        if set != Some(spend.set()) {
            return RecoveryReply::Stale;
        }
        let code = kept.codes.iter_mut().find(|(digest, _)| digest == spend.digest());
        let Some((_, attempt)) = code else { return RecoveryReply::Mismatch };
        let before = attempt.replace(spend.attempt());
        if before.is_some_and(|before| before != spend.attempt()) {
            *attempt = before;
            return RecoveryReply::Replayed;
        }
        if before.is_none() {
            self.with_account(account, Account::clear);
        }
        RecoveryReply::Done { left: self.recovery(account).map_or(0, |entry| entry.left) }
    }

    pub(super) fn reseal_recovery(
        &mut self,
        account: &AccountId,
        set: RecoverySetId,
        old: &str,
        new: &str,
    ) -> bool {
        let same = self.account(account).recovery == Some(set);
        let kept = self.recovery.get_mut(account).filter(|kept| same && kept.key == old);
        kept.map(|kept| new.clone_into(&mut kept.key)).is_some()
    }

    pub(super) fn remove_recovery(&mut self, account: &AccountId) -> bool {
        let there = self.recovery.remove(account).is_some();
        if let Some(account) = self.accounts.get_mut(account) {
            account.recovery = None;
        }
        self.clean(account);
        there
    }

    pub(super) fn copy(&self, account: &AccountId) -> Option<AccountCopy> {
        let recovery = self.recovery.get(account).cloned();
        let credentials = self.credentials(account);
        AccountCopy::new(account.clone(), self.account(account), credentials, recovery).ok()?
    }
}
