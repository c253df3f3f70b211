use alloc::collections::BTreeSet;
use core::num::NonZeroU32;

use otp_context::replay::{Lock, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime, Window};

use super::model::Model;
use super::random::Random;
use super::subject::{NOW, Subject, done, policy};
use crate::{
    AttemptId, ChargeRequest, CredentialId, Entry, RecordText, RecoverySpend, SpendRequest, Store,
    VerifierOptions,
};

/// The number of sequences, and the requests of each.
const SEQUENCES: u64 = 60;
const REQUESTS: u32 = 80;
/// The latest time that every store takes.
const LATEST: UnixTime = UnixTime::from_secs((1 << 53) - (1 << 32));
/// Counters at which decimal numbers get longer, and doubles get coarser.
const COUNTERS: [u64; 8] = [0, 0, 0, 8, 98, 9_999_999_998, (1 << 53) - 2, (1 << 53) + 1];
const GENERATIONS: [u64; 3] = [0, 7, (1 << 53) + 1];

/// The replies that must come up, so that the law shows something.
const REPLIES: &[(&str, &[&str])] = &[
    ("charge", &["Enrolled", "Locked", "Malformed", "Permitted", "Unknown"]),
    ("charge_account", &["Locked", "Malformed", "Permitted", "Unknown"]),
    ("charge_recovery", &["Locked", "Permitted", "Unknown"]),
    ("spend", &["Done", "Replayed", "Stale", "Unknown"]),
    ("spend_all", &["Done", "Replayed", "Stale", "Unknown"]),
    ("spend_recovery", &["Done", "Mismatch", "Replayed", "Stale", "Unknown"]),
    ("insert", &["false", "true"]),
    ("take_back", &["false", "true"]),
    ("reset_drift", &["false", "true"]),
    ("reseal", &["false", "true"]),
    ("reseal_recovery", &["false", "true"]),
    ("unlock", &["false", "true"]),
    ("revoke_trust", &["false", "true"]),
    ("remove", &["false", "true"]),
    ("remove_recovery", &["false", "true"]),
];

/// Options with policies of every shape: waits that repeat, end, shrink, or grow without end, lock-outs
/// that end, and one policy for each type.
fn options() -> [VerifierOptions; 14] {
    let with = |policy| VerifierOptions::new().with_policy(policy);
    [
        with(policy(5)),
        with(policy(100)),
        with(policy(7).with_backoff(&[1])),
        with(policy(9).with_backoff(&[])),
        with(policy(50).with_backoff(&[0, 900, 0, 30, 60, 120, 300, 600, 4_000_000_000])),
        with(ThrottlePolicy::rfc4226(5)),
        // Twice that is the longest wait, less one.
        with(ThrottlePolicy::rfc4226(2_147_483_647)),
        with(ThrottlePolicy::rfc4226(u32::MAX)),
        with(ThrottlePolicy::nist()),
        with(ThrottlePolicy::unlimited()),
        with(policy(6).with_reopen_after(NonZeroU32::MIN.saturating_add(99))),
        with(
            ThrottlePolicy::new(CodeFormat::default(), Window::ONE)
                .map_or(policy(8), |policy| policy.with_reopen_after(NonZeroU32::MAX)),
        ),
        VerifierOptions::new(),
        // Far fewer attempts for HOTP than for TOTP.
        VerifierOptions::new().with_look_ahead(18),
    ]
}

/// For any requests in any order, the store's replies and stored values equal those of the model,
/// which calls [`Entry::charge`], [`Entry::charge_account`], [`Entry::spend`], [`Entry::spend_all`],
/// [`RecoveryEntry::charge`](crate::RecoveryEntry::charge) and [`Account::take_back`](crate::Account::take_back).
pub fn agreement_with_the_model<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (handles, mut seen) = ([open(), open()], BTreeSet::new());
    for seed in 0..SEQUENCES {
        Walk::new(seed).run(&handles, &mut seen);
    }
    for (call, replies) in REPLIES {
        for reply in *replies {
            assert!(seen.contains(&format!("{call} {reply}")), "no {call} got the reply {reply}");
        }
    }
}

struct Walk {
    subject: Subject,
    random: Random,
    model: Model,
    /// Earlier requests, to repeat.
    spends: Vec<SpendRequest>,
    all: Option<(CredentialId, Vec<(String, SpendRequest)>)>,
    attempts: Vec<AttemptId>,
    codes: Vec<RecoverySpend>,
    now: UnixTime,
    /// The options of most charges, so that a limit is reached.
    options: VerifierOptions,
    guessing: bool,
}

/// A request to both, with both replies.
struct Asked {
    call: &'static str,
    text: String,
    reply: String,
    same: bool,
}

/// Sends a request to the store and to the model.
macro_rules! ask {
    ($walk:ident, $store:ident.$call:ident($($argument:expr),*)) => {{
        let request = format!("{:?}", ($(&$argument,)*));
        let reply = done(stringify!($call), $store.$call($($argument),*));
        let expected = $walk.model.$call($($argument),*);
        let text = format!("{}{request}: {reply:?}, and the model {expected:?}", stringify!($call));
        let same = reply == expected;
        Asked { call: stringify!($call), text, reply: format!("{reply:?}"), same }
    }};
}

impl Walk {
    fn new(seed: u64) -> Self {
        let (subject, mut random) = (Subject::new(), Random::new(seed));
        let options = *random.pick(&options());
        Self {
            subject,
            random,
            model: Model::default(),
            spends: Vec::new(),
            all: None,
            attempts: Vec::new(),
            codes: Vec::new(),
            now: NOW,
            options,
            guessing: seed.is_multiple_of(2),
        }
    }

    fn run<S: Store>(mut self, handles: &[S], seen: &mut BTreeSet<String>) {
        // In many languages these names sort in another order.
        let accounts = [("a", ""), ("a", "Z"), ("a", "\u{e9}"), ("b", "")];
        let ids = accounts.map(|(account, name)| self.subject.named(account, name));
        let before = self.subject.id("");
        let mut asked = Vec::new();
        for _ in 0..REQUESTS {
            let (store, id) = (self.random.pick(handles), self.random.pick(&ids).clone());
            let Some(step) = self.step(store, &id) else { continue };
            let word = step.reply.split([' ', '(']).next().unwrap_or_default();
            seen.insert(format!("{} {word}", step.call));
            asked.push(step.text);
            assert!(step.same, "the replies of the store and the model differ after {asked:#?}");
            for id in &ids {
                let (kept, expected) = (done("find", store.find(id)), self.model.find(id));
                assert!(
                    kept == expected,
                    "the store keeps {kept:?} where the model keeps {expected:?}, after {asked:#?}"
                );
            }
            let account = id.account();
            let kept = done("credentials", store.credentials(account));
            assert!(kept == self.model.credentials(account), "{kept:?} after {asked:#?}");
            let kept = done("recovery", store.recovery(account));
            assert!(kept == self.model.recovery(account), "{kept:?} after {asked:#?}");
            let kept = done("copy", store.copy(account));
            assert!(kept == self.model.copy(account), "{kept:?} after {asked:#?}");
            let mut listed = done("list", store.list(Some(&before), ids.len()));
            listed.retain(|id| self.subject.owns(id));
            assert!(listed == self.model.ids(), "{listed:?} after {asked:#?}");
        }
    }

    /// Sends one request to both, unless there is none to repeat.
    fn step(&mut self, store: &impl Store, id: &CredentialId) -> Option<Asked> {
        let (entry, account) = (self.model.find(id), id.account());
        let question = self.random.below(40);
        // An account that is being guessed seldom gets its failures cleared.
        let guess = self.guessing && entry.is_some() && self.random.below(4) > 0;
        let guesses = *self.random.pick(&[5, 5, 22, 30]);
        Some(match if guess { guesses } else { question } {
            0..=3 => {
                let new = self.entry();
                ask!(self, store.insert(id, &new))
            }
            4..=13 => {
                let charge = self.charge(entry.as_ref());
                ask!(self, store.charge(id, &charge))
            }
            14..=17 => {
                let spend = self.spend(entry.as_ref());
                ask!(self, store.spend(id, &spend))
            }
            18 => {
                let old = entry.filter(|_| self.random.below(4) > 0).map(|entry| entry.record);
                let old = old.unwrap_or_else(|| RecordText::new("another".to_owned()));
                let new = RecordText::new(self.random.next().to_string());
                ask!(self, store.reseal(id, &old, &new))
            }
            19 => {
                // Usually the last one that was charged.
                let back = usize::try_from(self.random.below(3)).unwrap_or_default();
                let attempt = *self.attempts.iter().rev().nth(back)?;
                ask!(self, store.take_back(account, attempt))
            }
            20 => ask!(self, store.reset_drift(id)),
            21 => ask!(self, store.unlock(account)),
            22..=24 => {
                let charge = self.charge(entry.as_ref());
                ask!(self, store.charge_account(account, &charge))
            }
            25 | 26 => {
                let spends = self.spend_all(id);
                let spends: Vec<_> =
                    spends.iter().map(|(name, spend)| (name.as_str(), *spend)).collect();
                ask!(self, store.spend_all(account, &spends))
            }
            27 => ask!(self, store.revoke_trust(account)),
            28 | 29 => {
                let (codes, set) = self.subject.recovery(account);
                self.codes.extend(codes);
                ask!(self, store.store_recovery(account, &set))
            }
            30 | 31 => {
                let charge = self.recovery_charge(entry.as_ref());
                ask!(self, store.charge_recovery(account, &charge))
            }
            32..=35 => {
                let spend = self.recovery_spend(id)?;
                ask!(self, store.spend_recovery(account, &spend))
            }
            36 => {
                let keys = *self.random.pick(&[["", "sealed"], ["sealed", ""]]);
                let set = self.random.pick(self.codes.rchunks(20).next()?).set();
                ask!(self, store.reseal_recovery(account, set, keys[0], keys[1]))
            }
            37 => ask!(self, store.remove_recovery(account)),
            _ => ask!(self, store.remove(id)),
        })
    }

    fn entry(&mut self) -> Entry {
        let generation = *self.random.pick(&GENERATIONS);
        let new = if self.random.below(2) == 0 {
            self.subject.totp(generation)
        } else {
            let counter = *self.random.pick(&COUNTERS) + self.random.below(4);
            self.subject.hotp(counter, generation)
        };
        Entry { confirmed: self.random.below(4) == 0, ..new }
    }

    /// Returns the options of a charge, and moves the clock.
    fn turn(&mut self, entry: Option<&Entry>) -> VerifierOptions {
        let other = *self.random.pick(&options());
        let now = match self.random.below(16) {
            0 => UnixTime::from_secs(1 + self.random.below(2_000_000_000)),
            1 => self.now.saturating_sub(self.random.below(2000)),
            2 => self.now.saturating_add(5_000_000_000),
            3 => LATEST.saturating_sub(self.random.below(2)),
            4..=9 => self.now.saturating_add(self.random.below(40)),
            // The second in which a lock ends, and the one before.
            _ => match entry.map(|entry| entry.account.throttle.lock()) {
                Some(Lock::Until(until)) => until.saturating_sub(self.random.below(2)),
                _ => self.now,
            },
        };
        self.now = now.clamp(UnixTime::from_secs(1), LATEST);
        *self.random.pick(&[self.options, self.options, self.options, other])
    }

    fn charge(&mut self, entry: Option<&Entry>) -> ChargeRequest {
        let options = self.turn(entry);
        let confirmed = entry.is_some_and(|entry| entry.confirmed) != (self.random.below(8) == 0);
        let length = *self.random.pick(&[6, 6, 6, 6, 6, 7, 5, 10]);
        let charge = self.subject.charge_by(&options, self.now, confirmed, length);
        self.attempts.push(charge.attempt());
        charge
    }

    fn recovery_charge(&mut self, entry: Option<&Entry>) -> ChargeRequest {
        let options = self.turn(entry);
        let charge = self.subject.recovery_charge_by(&options, self.now);
        self.attempts.push(charge.attempt());
        charge
    }

    /// Returns the spend of a code of one of the last sets, usually of this account's. Some repeat an
    /// attempt, and some name another set.
    fn recovery_spend(&mut self, id: &CredentialId) -> Option<RecoverySpend> {
        let own = self.model.recovery(id.account()).filter(|_| self.random.below(8) > 0);
        let of = |code: &&RecoverySpend| own.as_ref().is_none_or(|own| own.set == code.set());
        // Few different codes, so that they are repeated.
        let codes: Vec<_> = self.codes.iter().filter(of).take(3).copied().collect();
        if codes.is_empty() {
            return None;
        }
        let code = *self.random.pick(&codes);
        let set = self.random.pick(self.codes.rchunks(20).next()?).set();
        let attempt = self.subject.free(true).attempt();
        Some(match self.random.below(6) {
            0 => RecoverySpend::new(set, *code.digest(), attempt),
            1 | 2 => RecoverySpend::new(code.set(), *code.digest(), attempt),
            _ => code,
        })
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
            _ => *self.random.pick(&GENERATIONS),
        };
        let spend = match self.random.below(4) {
            0 => self.subject.spend(generation, counter),
            1 => {
                let (charge, spend) =
                    self.subject.confirming(&self.options, self.now, generation, counter);
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

    /// Returns a spend for one to three credentials of the account, or the last ones again.
    fn spend_all(&mut self, id: &CredentialId) -> Vec<(String, SpendRequest)> {
        let again = self.all.as_ref().filter(|(other, _)| other.account() == id.account());
        if let (0, Some((_, all))) = (self.random.below(3), again) {
            return all.clone();
        }
        let mut entries = self.model.credentials(id.account());
        entries.truncate(usize::try_from(self.random.below(3)).unwrap_or_default().max(1));
        let names: Vec<_> = entries.iter().map(|(id, _)| id.name().to_owned()).collect();
        let names = if names.is_empty() { vec![id.name().to_owned()] } else { names };
        let next = entries.iter().map(|(_, entry)| entry.next).max().unwrap_or_default();
        let counter = next.saturating_add(self.random.below(4)).saturating_sub(1);
        let stale = self.random.below(6) == 0;
        let generation = |(_, entry): &(_, Entry)| entry.generation;
        let generations: Vec<_> = entries.iter().map(generation).collect();
        let generations =
            if stale || generations.is_empty() { vec![9; names.len()] } else { generations };
        let spends = self.subject.spend_all(&generations, counter);
        let all: Vec<_> = names.into_iter().zip(spends).collect();
        self.all = Some((id.clone(), all.clone()));
        all
    }
}
