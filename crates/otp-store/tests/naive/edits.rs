//! What each flaw changes before and after a call.

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_store::{Account, ChargeRequest, CredentialId, Entry, RecordText, Store as _};

use crate::careless::{Careless, State};
use crate::flaw::Flaw;
use crate::request::Request;

impl Careless {
    pub(crate) fn before(&self, request: &Request, state: &mut State) {
        let account = &mut state.account;
        let entry = request.id.as_ref().and_then(|id| state.credentials.get_mut(id));
        let Some(entry) = entry else { return };
        match (self.flaw, request.call) {
            (Flaw::Replaces, "insert") => entry.confirmed = false,
            (Flaw::BlindReseal, "reseal") => entry.record = request.record.clone().unwrap(),
            (_, "charge") => self.before_charge(request.charge.as_ref().unwrap(), account, entry),
            (flaw, "spend") => {
                let spend = request.spend.as_ref().unwrap();
                match flaw {
                    Flaw::NoGeneration => entry.generation = spend.generation(),
                    Flaw::LastCodeOnly if entry.next != spend.next() => {
                        entry.next = entry.next.min(spend.counter());
                    }
                    Flaw::NoAttempt => entry.attempt = None,
                    Flaw::RepeatsAll if entry.attempt == Some(spend.attempt()) => entry.next = 0,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn before_charge(&self, charge: &ChargeRequest, account: &mut Account, entry: &mut Entry) {
        let (failures, now) = (account.throttle.failures(), charge.now());
        let policy = policy(charge, entry.hotp);
        let longest = now.saturating_add(policy.max_lock(failures).into());
        let longest_wait =
            now.saturating_add(policy.wait_after(failures).saturating_add(900).into());
        match (self.flaw, account.throttle.lock()) {
            (Flaw::Unconfirmed, _) => entry.confirmed = charge.confirmed(),
            (Flaw::OnePolicy, _) => entry.hotp = false,
            (Flaw::ForgetsAhead, Lock::Until(until)) if until > longest => {
                account.throttle = Throttle::default();
            }
            (Flaw::CutsLockOut, Lock::Until(until)) => {
                account.throttle = Throttle::resume(failures, Lock::Until(until.min(longest_wait)));
            }
            (Flaw::SoftLock, Lock::Hard) => {
                account.throttle = Throttle::resume(failures, Lock::Open);
            }
            _ => {}
        }
    }

    pub(crate) fn after(&self, request: &Request, found: &State, state: &mut State, reply: &str) {
        let id = request.id.as_ref();
        let (before, throttle) = (found.account.throttle, state.account.throttle);
        let (permitted, done) = (reply.starts_with("Permitted"), reply == "Done");
        let charge = || request.charge.as_ref().unwrap();
        if request.call == "charge" {
            // A charge changes no credential.
            state.credentials.clone_from(&found.credentials);
        }
        if request.call == "spend" && !done {
            state.clone_from(found);
        }
        match (self.flaw, request.call) {
            (Flaw::FreshStart, "insert") if reply == "true" => state.account = Account::default(),
            (Flaw::Cuts, "insert") => {
                let entry = state.credentials.get_mut(id.unwrap()).unwrap();
                entry.record = RecordText::new(entry.record.as_str().chars().take(4096).collect());
            }
            (Flaw::Ghost | Flaw::Neighbour, "insert") => {
                let ghost = self.ghosts.lock().unwrap().remove(id.unwrap().account());
                state.account = ghost.unwrap_or(state.account);
            }
            (Flaw::Ghost | Flaw::Neighbour, "remove")
                if state.credentials.is_empty()
                    && (self.flaw == Flaw::Ghost || self.has_neighbour(id.unwrap())) =>
            {
                let account = id.unwrap().account().clone();
                self.ghosts.lock().unwrap().insert(account, found.account);
            }
            (Flaw::OrphansCodes, "remove") if state.credentials.is_empty() => {
                let recovery = state.account.recovery;
                state.account = Account::default();
                state.account.recovery = recovery;
            }
            (Flaw::RolledBack, "charge") | (Flaw::FreeRecovery, "charge_recovery") => {
                state.account = found.account;
            }
            (Flaw::NoCut, "charge") if reply.starts_with("Locked") => {
                state.account.throttle = before;
            }
            (Flaw::OffByOne, "charge") if permitted => {
                let hotp = found.credentials[id.unwrap()].hotp;
                state.account.throttle = shifted(throttle, policy(charge(), hotp), charge());
            }
            (Flaw::CountsMalformed, "charge") if reply.starts_with("Malformed") => {
                let _ = state.account.throttle.charge(policy(charge(), false), charge().now());
            }
            (Flaw::CountsEach | Flaw::OneGuess, "charge_account") if permitted => {
                let charged = |it: &&Entry| it.confirmed && it.length == charge().length();
                let charged: Vec<_> = found.credentials.values().filter(charged).collect();
                if self.flaw == Flaw::CountsEach {
                    let failures = before.failures() + charged.len() as u32;
                    state.account.throttle = Throttle::resume(failures, throttle.lock());
                } else {
                    let more = charge().guesses(charged[0].hotp);
                    state.account.guesses = found.account.guesses + more;
                }
            }
            (Flaw::LowersCount, "take_back") if reply == "false" => {
                let failures = before.failures().saturating_sub(1);
                state.account.throttle = Throttle::resume(failures, before.lock());
            }
            (Flaw::KeepsLock, "take_back") if reply == "true" => {
                state.account.throttle = Throttle::resume(throttle.failures(), before.lock());
            }
            (Flaw::HalfUnlock, "unlock") => {
                state.account.throttle = Throttle::resume(before.failures(), Lock::Open);
            }
            (Flaw::ConfirmingClears, "spend") if done => {
                state.account.throttle = Throttle::default();
            }
            (Flaw::ForgetsTrust, "spend") if done => state.account.trust_epoch = 0,
            (Flaw::ForgetsAllDrift, "reset_drift") => {
                state.credentials.values_mut().for_each(|entry| entry.drift = 0);
            }
            (Flaw::SpendsFirst, "spend_all") if done => {
                for (id, entry) in &mut state.credentials {
                    if id.name() != request.names[0] {
                        entry.clone_from(&found.credentials[id]);
                    }
                }
            }
            (Flaw::KeepsOldCodes, "store_recovery") => {
                let old = found.recovery.iter().flat_map(|old| old.codes.clone());
                state.recovery.as_mut().unwrap().codes.extend(old);
            }
            (Flaw::DeletesCode, "spend_recovery") if reply.starts_with("Done") => {
                let digest = *request.recovery.as_ref().unwrap().digest();
                state.recovery.as_mut().unwrap().codes.retain(|(other, _)| *other != digest);
            }
            (Flaw::RestoresCodes, "restore") => {
                let codes = state.recovery.iter_mut().flat_map(|it| &mut it.codes);
                codes.for_each(|(_, by)| *by = None);
            }
            (Flaw::RestoresOpen, "restore") => state.account.throttle = Throttle::default(),
            _ => {}
        }
        let Some((id, entry)) = id.and_then(|id| Some((id, state.credentials.get_mut(id)?))) else {
            return;
        };
        match (self.flaw, request.call) {
            (Flaw::Doubles, "insert" | "spend") => entry.next = entry.next as f64 as u64,
            (Flaw::DoubleGenerations, "insert") => {
                entry.generation = entry.generation as f64 as u64;
            }
            (Flaw::NoGeneration, "spend") => entry.generation = found.credentials[id].generation,
            (Flaw::SpendsNothing, "spend") => entry.next = found.credentials[id].next,
            (Flaw::NoDrift, "spend") => entry.drift = 0,
            _ => {}
        }
    }

    fn has_neighbour(&self, id: &CredentialId) -> bool {
        let own = id.account().as_str();
        let all = self.memory.list(None, usize::MAX).unwrap();
        all.iter().any(|other| other.account().as_str().starts_with(own))
    }
}

fn policy(charge: &ChargeRequest, hotp: bool) -> &ThrottlePolicy {
    if hotp { charge.hotp_policy() } else { charge.totp_policy() }
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
