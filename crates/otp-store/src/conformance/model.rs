use alloc::collections::BTreeMap;
use core::num::NonZeroU32;

use otp_context::replay::ThrottlePolicy;
use otp_core::{CodeFormat, UnixTime, Window};

use super::random::Random;
use super::subject::{NOW, Subject, done, policy};
use crate::{
    Account, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, RecordText,
    SpendReply, SpendRequest, Store,
};

/// The shortest implementation of a store.
#[derive(Default)]
struct Model {
    accounts: BTreeMap<AccountId, Account>,
    entries: BTreeMap<CredentialId, Entry>,
}

impl Model {
    fn find(&self, id: &CredentialId) -> Option<Entry> {
        let account = self.accounts.get(id.account()).copied().unwrap_or_default();
        self.entries.get(id).map(|entry| Entry { account, ..entry.clone() })
    }

    fn credentials(&self, account: &AccountId) -> Vec<(CredentialId, Entry)> {
        let ids = self.entries.keys().filter(|id| id.account() == account);
        ids.filter_map(|id| Some((id.clone(), self.find(id)?))).collect()
    }

    fn insert(&mut self, id: &CredentialId, entry: &Entry) -> bool {
        let free = !self.find(id).is_some_and(|entry| entry.confirmed);
        if free {
            self.entries.insert(id.clone(), entry.enrolled());
        }
        free
    }

    fn charge(&mut self, id: &CredentialId, charge: &ChargeRequest) -> ChargeReply {
        let Some(entry) = self.find(id) else { return ChargeReply::Unknown };
        let found = entry.account;
        let charged = entry.charge(charge);
        self.charged(id.account(), found, &charged, |entry| entry.account);
        charged
    }

    fn charge_account(
        &mut self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> ChargeReply<Vec<(CredentialId, Entry)>> {
        let entries = self.credentials(account);
        let Some((_, Entry { account: found, .. })) = entries.first() else {
            return ChargeReply::Unknown;
        };
        let found = *found;
        let charged = Entry::charge_account(entries, charge);
        self.charged(account, found, &charged, |entries| {
            entries.first().map_or(found, |(_, entry)| entry.account)
        });
        charged
    }

    fn charged<T>(
        &mut self,
        account: &AccountId,
        found: Account,
        charged: &ChargeReply<T>,
        state: impl FnOnce(&T) -> Account,
    ) {
        let state = charged.account(found, state);
        self.accounts.insert(account.clone(), state);
    }

    fn take_back(&mut self, account: &AccountId, attempt: AttemptId) -> bool {
        self.accounts.get_mut(account).is_some_and(|account| account.take_back(attempt))
    }

    fn reset_drift(&mut self, id: &CredentialId) -> bool {
        self.entries.get_mut(id).map(|entry| entry.drift = 0).is_some()
    }

    fn spend(&mut self, id: &CredentialId, spend: &SpendRequest) -> SpendReply {
        let Some(mut entry) = self.find(id) else { return SpendReply::Unknown };
        let spent = entry.spend(spend);
        self.accounts.insert(id.account().clone(), entry.account);
        self.entries.insert(id.clone(), entry);
        spent
    }

    fn spend_all(&mut self, ids: &[CredentialId], spends: &[SpendRequest]) -> SpendReply {
        let found = ids.iter().zip(spends).map(|(id, spend)| Some((self.find(id)?, *spend)));
        let Some(mut entries) = found.collect::<Option<Vec<_>>>() else {
            return SpendReply::Unknown;
        };
        let spent = Entry::spend_all(&mut entries);
        for (id, (entry, _)) in ids.iter().zip(entries) {
            self.accounts.insert(id.account().clone(), entry.account);
            self.entries.insert(id.clone(), entry);
        }
        spent
    }

    fn reseal(&mut self, id: &CredentialId, old: &RecordText, new: &RecordText) -> bool {
        let entry = self.entries.get_mut(id).filter(|entry| entry.record == *old);
        entry.map(|entry| entry.record = new.clone()).is_some()
    }

    fn with_account(&mut self, account: &AccountId, work: impl FnOnce(&mut Account)) -> bool {
        let there = self.entries.keys().any(|other| other.account() == account);
        if there {
            work(self.accounts.entry(account.clone()).or_default());
        }
        there
    }

    fn unlock(&mut self, account: &AccountId) -> bool {
        self.with_account(account, Account::clear)
    }

    fn revoke_trust(&mut self, account: &AccountId) -> bool {
        self.with_account(account, |account| account.trust_epoch += 1)
    }

    fn remove(&mut self, id: &CredentialId) -> bool {
        let there = self.entries.remove(id).is_some();
        if !self.entries.keys().any(|other| other.account() == id.account()) {
            self.accounts.remove(id.account());
        }
        there
    }
}

/// Policies of every shape: waits that repeat, end, shrink, or grow without end, and lock-outs that end.
fn policies() -> [ThrottlePolicy; 9] {
    [
        policy(5),
        policy(100),
        policy(7).with_backoff(&[1]),
        policy(9).with_backoff(&[]),
        policy(50).with_backoff(&[0, 900, 0, 30, 60, 120, 300, 600, 4_000_000_000]),
        ThrottlePolicy::rfc4226(5),
        ThrottlePolicy::unlimited(),
        policy(6).with_reopen_after(NonZeroU32::MIN.saturating_add(99)),
        ThrottlePolicy::new(CodeFormat::default(), Window::ONE)
            .map_or(policy(8), |policy| policy.with_reopen_after(NonZeroU32::MAX)),
    ]
}

/// For any requests in any order, the store's replies and stored values equal those of the model,
/// which calls [`Entry::charge`], [`Entry::charge_account`], [`Entry::spend`], [`Entry::spend_all`] and
/// [`Account::take_back`].
pub fn agreement_with_the_model<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let handles = [open(), open()];
    for seed in 0..40 {
        Walk::new(seed).run(&handles);
    }
}

struct Walk {
    subject: Subject,
    random: Random,
    model: Model,
    /// Earlier requests, to repeat.
    spends: Vec<SpendRequest>,
    all: Option<(Vec<CredentialId>, Vec<SpendRequest>)>,
    attempts: Vec<AttemptId>,
    now: UnixTime,
    /// The policy of most charges, so that a limit is reached.
    policy: ThrottlePolicy,
    guessing: bool,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let (subject, mut random) = (Subject::new(), Random::new(seed));
        let policy = *random.pick(&policies());
        Self {
            subject,
            random,
            model: Model::default(),
            spends: Vec::new(),
            all: None,
            attempts: Vec::new(),
            now: NOW,
            policy,
            guessing: seed.is_multiple_of(2),
        }
    }

    fn run<S: Store>(mut self, handles: &[S]) {
        let accounts = [("a", ""), ("a", "1"), ("a", "B"), ("b", "")];
        let ids = accounts.map(|(account, name)| self.subject.named(account, name));
        let mut asked = Vec::new();
        for _ in 0..80 {
            let (store, id) = (self.random.pick(handles), self.random.pick(&ids).clone());
            let (question, same) = self.step(store, &id);
            asked.push(format!("{} {:?}: {question}", id.account(), id.name()));
            assert!(same, "the replies of the store and the model differ after {asked:#?}");
            for id in &ids {
                let (kept, expected) = (done("find", store.find(id)), self.model.find(id));
                assert!(
                    kept == expected,
                    "the store keeps {kept:?} where the model keeps {expected:?}, after {asked:#?}"
                );
            }
            let listed = done("credentials", store.credentials(id.account()));
            assert!(listed == self.model.credentials(id.account()), "{listed:?} after {asked:#?}");
        }
    }

    /// Sends one request to both. Returns the request with both replies, and whether the replies
    /// are equal.
    fn step(&mut self, store: &impl Store, id: &CredentialId) -> (String, bool) {
        let entry = self.model.find(id);
        let question = self.random.below(27);
        // An account that is being guessed seldom gets its failures cleared.
        let guess = self.guessing && entry.is_some() && self.random.below(4) > 0;
        let guesses = *self.random.pick(&[3, 3, 22]);
        match if guess { guesses } else { question } {
            0..=2 => {
                let generation = self.random.below(3);
                let new = if self.random.below(2) == 0 {
                    self.subject.totp(generation)
                } else {
                    self.subject.hotp(self.random.below(4), generation)
                };
                let new = Entry { confirmed: self.random.below(4) == 0, ..new };
                let answers = (done("insert", store.insert(id, &new)), self.model.insert(id, &new));
                compared("insert", &answers)
            }
            3..=13 => {
                let charge = self.charge(entry.as_ref());
                self.attempts.push(charge.attempt());
                let answers =
                    (done("charge", store.charge(id, &charge)), self.model.charge(id, &charge));
                compared(&format!("{charge:?}"), &answers)
            }
            14..=16 => {
                let spend = self.spend(entry.as_ref());
                let answers =
                    (done("spend", store.spend(id, &spend)), self.model.spend(id, &spend));
                compared(&format!("{spend:?}"), &answers)
            }
            17 => {
                let old = entry.filter(|_| self.random.below(4) > 0).map(|entry| entry.record);
                let old = old.unwrap_or_else(|| RecordText::new("another".to_owned()));
                let new = RecordText::new(self.random.next().to_string());
                let answers = (
                    done("reseal", store.reseal(id, &old, &new)),
                    self.model.reseal(id, &old, &new),
                );
                compared("reseal", &answers)
            }
            18 => {
                // Usually the last one that was charged.
                let back = usize::try_from(self.random.below(3)).unwrap_or_default();
                let Some(attempt) = self.attempts.iter().rev().nth(back).copied() else {
                    return ("nothing".to_owned(), true);
                };
                let answers = (
                    done("take_back", store.take_back(id.account(), attempt)),
                    self.model.take_back(id.account(), attempt),
                );
                compared("take_back", &answers)
            }
            19 => {
                let answers =
                    (done("reset_drift", store.reset_drift(id)), self.model.reset_drift(id));
                compared("reset_drift", &answers)
            }
            20 => {
                let account = id.account();
                compared(
                    "unlock",
                    &(done("unlock", store.unlock(account)), self.model.unlock(account)),
                )
            }
            22 | 23 => {
                let (charge, account) = (self.charge(entry.as_ref()), id.account());
                self.attempts.push(charge.attempt());
                let answers = (
                    done("charge_account", store.charge_account(account, &charge)),
                    self.model.charge_account(account, &charge),
                );
                compared(&format!("account, {charge:?}"), &answers)
            }
            25 => {
                let account = id.account();
                let answers = (
                    done("revoke_trust", store.revoke_trust(account)),
                    self.model.revoke_trust(account),
                );
                compared("revoke_trust", &answers)
            }
            24 => {
                let (ids, spends) = self.spend_all(id);
                let named = ids.iter().map(CredentialId::name).zip(spends.iter().copied());
                let named: Vec<_> = named.collect();
                let answers = (
                    done("spend_all", store.spend_all(id.account(), &named)),
                    self.model.spend_all(&ids, &spends),
                );
                compared(&format!("{named:?}"), &answers)
            }
            _ => compared("remove", &(done("remove", store.remove(id)), self.model.remove(id))),
        }
    }

    fn charge(&mut self, entry: Option<&Entry>) -> ChargeRequest {
        let other = *self.random.pick(&policies());
        let policy = *self.random.pick(&[self.policy, self.policy, self.policy, other]);
        self.now = match self.random.below(12) {
            0 => UnixTime::from_secs(1 + self.random.below(2_000_000_000)),
            1 => self.now.saturating_sub(self.random.below(2000)),
            2..=7 => self.now.saturating_add(self.random.below(40)),
            // The second in which a lock ends, and the one before.
            _ => match entry.map(|entry| entry.account.throttle.lock()) {
                Some(otp_context::replay::Lock::Until(until)) => {
                    until.saturating_sub(self.random.below(2)).max(UnixTime::from_secs(1))
                }
                _ => self.now,
            },
        };
        let confirmed = entry.is_some_and(|entry| entry.confirmed) != (self.random.below(8) == 0);
        let length = *self.random.pick(&[6, 6, 6, 6, 6, 7, 5, 10]);
        self.subject.charge(policy, self.now, confirmed, length)
    }

    fn spend(&mut self, entry: Option<&Entry>) -> SpendRequest {
        if let (0, Some(last)) = (self.random.below(2), self.spends.last()) {
            let earlier = self.random.pick(&self.spends);
            return *self.random.pick(&[*last, *last, *earlier]);
        }
        let next = entry.map_or(0, |entry| entry.next);
        let counter = next.saturating_add(self.random.below(4)).saturating_sub(1);
        let generation = match entry {
            Some(entry) if self.random.below(6) > 0 => entry.generation,
            _ => self.random.below(3),
        };
        let spend = match self.random.below(4) {
            0 => self.subject.spend(generation, counter),
            1 => {
                let policy = self.policy;
                let (charge, spend) =
                    self.subject.confirming(policy, self.now, generation, counter);
                self.attempts.push(charge.attempt());
                spend
            }
            _ => {
                let drift = *self.random.pick(&[0, 1, -1, 3, -255, 255]);
                self.subject.spend_with_drift(generation, counter + 1000, drift)
            }
        };
        self.spends.push(spend);
        spend
    }

    /// Returns one to three credentials of the account with a spend for each, or the last ones again.
    fn spend_all(&mut self, id: &CredentialId) -> (Vec<CredentialId>, Vec<SpendRequest>) {
        let again = self
            .all
            .as_ref()
            .filter(|(ids, _)| ids.first().is_some_and(|other| other.account() == id.account()));
        if let (0, Some(all)) = (self.random.below(3), again) {
            return all.clone();
        }
        let mut entries = self.model.credentials(id.account());
        entries.truncate(usize::try_from(self.random.below(3)).unwrap_or_default().max(1));
        let ids: Vec<_> = entries.iter().map(|(id, _)| id.clone()).collect();
        let ids = if ids.is_empty() { vec![id.clone()] } else { ids };
        let next = entries.iter().map(|(_, entry)| entry.next).max().unwrap_or_default();
        let counter = next.saturating_add(self.random.below(4)).saturating_sub(1);
        let stale = self.random.below(6) == 0;
        let generation = |(_, entry): &(_, Entry)| entry.generation;
        let generations: Vec<_> = entries.iter().map(generation).collect();
        let generations =
            if stale || generations.is_empty() { vec![9; ids.len()] } else { generations };
        let spends = self.subject.spend_all(&generations, counter);
        self.all = Some((ids.clone(), spends.clone()));
        (ids, spends)
    }
}

fn compared<T: PartialEq + core::fmt::Debug>(question: &str, answers: &(T, T)) -> (String, bool) {
    let (store, model) = answers;
    (format!("{question}: {store:?}, and the model {model:?}"), store == model)
}
