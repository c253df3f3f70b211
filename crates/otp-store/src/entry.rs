use otp_context::replay::Throttle;

use crate::{Account, AttemptId, ChargeRequest, CredentialId, RecordText, SpendRequest};

/// A stored credential, with the failures of its account.
///
/// A store calls [`Entry::new`], and then sets the fields that it read. Later versions may add
/// fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The key and the parameters.
    pub record: RecordText,
    /// Whether the type is HOTP, which selects the policy of a [`ChargeRequest`].
    pub hotp: bool,
    /// The number of characters of a code: 5 to 10.
    pub length: u8,
    /// A number that differs for every enrolment under this id, less than 2^63.
    pub generation: u64,
    /// Whether a first code has confirmed the credential.
    pub confirmed: bool,
    /// The lowest unspent counter.
    pub next: u64,
    /// How far the user's clock is known to be off, in steps. Negative: it is slow.
    pub drift: i16,
    /// The attempt that spent a counter last.
    pub attempt: Option<AttemptId>,
    /// The failures of its account, and what else all its credentials share.
    pub account: Account,
}

impl Entry {
    /// Makes a credential without history: it is not confirmed, and no counter is spent.
    #[must_use]
    pub fn new(record: RecordText, hotp: bool, length: u8, generation: u64) -> Self {
        Self {
            record,
            hotp,
            length,
            generation,
            confirmed: false,
            next: 0,
            drift: 0,
            attempt: None,
            account: Account::default(),
        }
    }

    /// Returns what a store keeps when it inserts this entry: the drift is 0, no attempt has spent
    /// a counter, and the account is new.
    #[must_use]
    pub fn enrolled(&self) -> Self {
        let mut entry = Self::new(self.record.clone(), self.hotp, self.length, self.generation);
        (entry.confirmed, entry.next) = (self.confirmed, self.next);
        entry
    }

    /// Replies to a [`ChargeRequest`], for stores that can hold a row while they compute.
    ///
    /// In one transaction that keeps other writers out, read the entry, call this, and write what
    /// changed:
    ///
    /// - [`ChargeReply::Permitted`]: the account;
    /// - [`ChargeReply::Locked`]: the throttle, if it differs from the one that was read. So an
    ///   attempt on a locked account costs no write, unless its lock changes.
    pub fn charge(mut self, charge: &ChargeRequest) -> ChargeReply {
        match (charge.confirmed(), self.confirmed) {
            (true, false) => return ChargeReply::Unknown,
            (false, true) => return ChargeReply::Enrolled,
            _ => {}
        }
        if charge.length() != self.length {
            let throttle = self.account.throttle;
            return ChargeReply::Malformed { length: self.length, throttle };
        }
        if self.account.count(charge, usize::from(!self.hotp), self.hotp.into()) {
            ChargeReply::Permitted(self)
        } else {
            ChargeReply::Locked(self.account.throttle)
        }
    }

    /// Replies to a [`ChargeRequest`] on an account, as [`Entry::charge`] does for one credential.
    /// `entries` are all credentials of the account, in the order of their names.
    ///
    /// The attempt is on the confirmed credentials whose codes have the length of the request. Their
    /// entries are the reply, each with the new state of the account.
    pub fn charge_account(
        entries: Vec<(CredentialId, Self)>,
        charge: &ChargeRequest,
    ) -> ChargeReply<Vec<(CredentialId, Self)>> {
        let confirmed = |entry: &Self| entry.confirmed;
        let Some((_, first)) = entries.iter().find(|(_, entry)| confirmed(entry)) else {
            return ChargeReply::Unknown;
        };
        let (length, mut account) = (first.length, first.account);
        let chosen = |(_, entry): &(_, Self)| confirmed(entry) && entry.length == charge.length();
        let mut entries: Vec<_> = entries.into_iter().filter(chosen).collect();
        if entries.is_empty() {
            return ChargeReply::Malformed { length, throttle: account.throttle };
        }
        let hotp = entries.iter().filter(|(_, entry)| entry.hotp).count();
        if !account.count(charge, entries.len().saturating_sub(hotp), hotp) {
            return ChargeReply::Locked(account.throttle);
        }
        for (_, entry) in &mut entries {
            entry.account = account;
        }
        ChargeReply::Permitted(entries)
    }

    /// Replies to a [`SpendRequest`], in a transaction like that of [`Entry::charge`]. After
    /// [`SpendReply::Done`] write the entry and its account.
    pub fn spend(&mut self, spend: &SpendRequest) -> SpendReply {
        if spend.generation() != self.generation {
            return SpendReply::Stale;
        }
        if self.next <= spend.counter() {
            self.next = spend.next();
            self.drift = spend.drift();
            self.attempt = Some(spend.attempt());
            self.confirmed = true;
            if spend.confirms() {
                let _ = self.account.take_back(spend.attempt());
            } else {
                self.account.clear();
            }
            return SpendReply::Done;
        }
        let repeated = self.attempt == Some(spend.attempt()) && self.next == spend.next();
        if repeated { SpendReply::Done } else { SpendReply::Replayed }
    }

    /// Replies to a [`SpendRequest`] for each of these entries of one account, as [`Entry::spend`] does
    /// for one. Afterwards write every entry, and the account, which all entries then have.
    ///
    /// [`SpendReply::Done`] means that this attempt has spent every counter. Otherwise it has spent
    /// those that were unspent, and the account stays as it was.
    pub fn spend_all(spends: &mut [(Self, SpendRequest)]) -> SpendReply {
        let Some((first, _)) = spends.first() else { return SpendReply::Unknown };
        let (found, mut account, mut reply) = (first.account, first.account, SpendReply::Done);
        for (entry, spend) in spends.iter_mut() {
            entry.account = found;
            match entry.spend(spend) {
                SpendReply::Done if entry.account == found => {}
                SpendReply::Done => account = entry.account,
                refused => reply = refused,
            }
        }
        if reply != SpendReply::Done {
            account = found;
        }
        for (entry, _) in spends {
            entry.account = account;
        }
        reply
    }
}

/// A store's reply to a [`ChargeRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a permitted attempt should be evaluated"]
pub enum ChargeReply<T = Entry> {
    /// The attempt is counted and committed. The entry is the credential, with the account that
    /// counts it.
    Permitted(T),
    /// The account is locked, so the attempt is not counted.
    ///
    /// If the clock was set back, the lock is shortened to the longest one of the policy, and
    /// stored. If the attempt would exceed the budget and lock-outs do not end, the lock becomes hard, and
    /// is stored.
    Locked(Throttle),
    /// Codes of this credential have another length, so the attempt is not counted.
    Malformed {
        /// The number of characters of a code of this credential.
        length: u8,
        /// The failures and the lock of the account.
        throttle: Throttle,
    },
    /// There is no such credential, or it is not confirmed yet.
    Unknown,
    /// The credential is already confirmed.
    Enrolled,
}

impl<T> ChargeReply<T> {
    /// Returns the state of the account after the reply, for a store that found the state `found`.
    /// `permitted` returns that of a permitted attempt.
    pub fn account(&self, found: Account, permitted: impl FnOnce(&T) -> Account) -> Account {
        match self {
            Self::Permitted(entry) => permitted(entry),
            Self::Locked(throttle) => Account { throttle: *throttle, ..found },
            _ => found,
        }
    }
}

/// A store's reply to a [`SpendRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Done` may let the user in"]
pub enum SpendReply {
    /// This attempt has spent the counter, and the spend is committed.
    Done,
    /// The counter was spent before.
    Replayed,
    /// The credential was replaced.
    Stale,
    /// The credential was removed.
    Unknown,
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Throttle};

    use super::Entry;
    use crate::{Account, AttemptId, LastCharge, RecordText};

    #[test]
    fn enrolled_entry_has_no_history() {
        let mut new = Entry::new(RecordText::new("{}".to_owned()), false, 6, 7);
        new.next = 9;
        let attempt = AttemptId::from_bytes([1; 16]);
        let account = Account {
            throttle: Throttle::resume(1, Lock::Open),
            guesses: 3,
            last_charge: Some(LastCharge { attempt, found: Lock::Hard, guesses: 0 }),
            ..Account::default()
        };
        let attempt = Some(attempt);
        let old = Entry { confirmed: true, drift: 2, attempt, account, ..new.clone() };
        assert_eq!(old.enrolled(), Entry { confirmed: true, ..new });
    }
}
