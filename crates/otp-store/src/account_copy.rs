use core::fmt;

use otp_context::recovery::RecoveryDigest;

use crate::{Account, AccountId, AttemptId, CredentialId, Entry, Error};

/// The most recovery codes and the longest key of a set, in bytes, that every store reads back. A set
/// has ten codes.
const MOST_CODES: usize = 99;
const LONGEST_KEY: usize = 1024;
/// The largest trust epoch that every store can raise.
const LATEST_EPOCH: u64 = (1 << 53) - 2;

/// An account as a store keeps it, with all its credentials and recovery codes.
///
/// [`Store::copy`](crate::Store::copy) returns it, and [`Store::restore`](crate::Store::restore)
/// stores it in another database. The restored account behaves like the original: it has the same spent
/// counters, drift, failures, lock, spent recovery codes and trust. While both databases accept codes, each
/// accepts a code once, and a copy that is out of date brings back what was spent since. So stop the old
/// database first. Its accounts are those of [`Store::list`](crate::Store::list) and
/// [`Store::list_recovery`](crate::Store::list_recovery) together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCopy {
    id: AccountId,
    account: Account,
    credentials: Vec<(CredentialId, Entry)>,
    recovery: Option<RecoveryCopy>,
}

/// The recovery codes of an [`AccountCopy`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryCopy {
    /// The sealed key of the set as text, or an empty text for a set without a key.
    pub key: String,
    /// The digest of each code, with the attempt that spent it.
    pub codes: Vec<(RecoveryDigest, Option<AttemptId>)>,
}

impl RecoveryCopy {
    /// Makes a copy of a set.
    #[must_use]
    pub const fn new(key: String, codes: Vec<(RecoveryDigest, Option<AttemptId>)>) -> Self {
        Self { key, codes }
    }

    /// Sorts the codes, and returns whether every store would keep them as they are.
    fn sort(&mut self) -> bool {
        self.codes.sort_by_key(|(digest, _)| *digest.as_bytes());
        (1..=MOST_CODES).contains(&self.codes.len())
            && self.key.len() <= LONGEST_KEY
            && self.codes.iter().zip(self.codes.iter().skip(1)).all(|(one, next)| one.0 != next.0)
    }
}

impl AccountCopy {
    /// Makes a copy of what a store read: the state of the account, its credentials, and the recovery
    /// codes of the set that the state names. Returns `None` for an account without credentials and codes.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], if a store could not keep the copy as it is:
    ///
    /// - `account`: a credential is another account's, or two have one name.
    /// - `length`: codes of a credential have other than 5 to 10 characters.
    /// - `trust`: the trust epoch is above 2^53 - 2.
    /// - `set`: the state names a set and there are no codes, or the reverse; two codes are equal; there are
    ///   more than 99, or their key is longer than 1,024 bytes.
    pub fn new(
        id: AccountId,
        account: Account,
        mut credentials: Vec<(CredentialId, Entry)>,
        mut recovery: Option<RecoveryCopy>,
    ) -> Result<Option<Self>, Error> {
        if account.recovery.is_some() != recovery.is_some()
            || !recovery.as_mut().is_none_or(RecoveryCopy::sort)
        {
            return Err(Error::Corrupt("set"));
        }
        if account.trust_epoch > LATEST_EPOCH {
            return Err(Error::Corrupt("trust"));
        }
        credentials.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut pairs = credentials.iter().zip(credentials.iter().skip(1));
        if pairs.any(|(one, next)| one.0 == next.0)
            || credentials.iter().any(|(credential, _)| *credential.account() != id)
        {
            return Err(Error::Corrupt("account"));
        }
        for (_, entry) in &mut credentials {
            if !(5..=10).contains(&entry.length) {
                return Err(Error::Corrupt("length"));
            }
            entry.account = account;
        }
        let is_empty = credentials.is_empty() && recovery.is_none();
        Ok((!is_empty).then_some(Self { id, account, credentials, recovery }))
    }

    /// Returns the id of the account.
    #[must_use]
    pub const fn id(&self) -> &AccountId {
        &self.id
    }

    /// Returns the state of the account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Returns the credentials, in ascending order of their names.
    #[must_use]
    pub fn credentials(&self) -> &[(CredentialId, Entry)] {
        &self.credentials
    }

    /// Returns the recovery codes, in ascending order of their digests.
    #[must_use]
    pub const fn recovery(&self) -> Option<&RecoveryCopy> {
        self.recovery.as_ref()
    }
}

impl fmt::Debug for RecoveryCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCopy").field("codes", &self.codes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use otp_context::recovery::{RecoveryDigest, RecoverySetId};

    use super::{AccountCopy, RecoveryCopy};
    use crate::{Account, AttemptId, CredentialId, Entry, Error, RecordText};

    fn named(account: &str, name: &str) -> (CredentialId, Entry) {
        let id = CredentialId::new(account).unwrap().with_name(name).unwrap();
        (id, Entry::new(RecordText::new("{}".to_owned()), false, 6, 7))
    }

    fn codes(digests: &[u8]) -> Option<RecoveryCopy> {
        let code = |byte: &u8| (RecoveryDigest::new([*byte; 32]), None);
        Some(RecoveryCopy::new("key".to_owned(), digests.iter().map(code).collect()))
    }

    fn account() -> Account {
        Account { guesses: 3, recovery: RecoverySetId::new(5), ..Account::default() }
    }

    #[test]
    fn copy_is_sorted_and_has_one_state() {
        let id = named("alice", "").0.account().clone();
        let credentials = vec![named("alice", "b"), named("alice", "")];
        let copy = AccountCopy::new(id.clone(), account(), credentials, codes(&[9, 1])).unwrap();
        let copy = copy.unwrap();
        let names: Vec<_> = copy.credentials().iter().map(|(id, _)| id.name()).collect();
        assert_eq!((names, copy.recovery()), (vec!["", "b"], codes(&[1, 9]).as_ref()));
        assert!(copy.credentials().iter().all(|(_, entry)| entry.account == account()));
        assert_eq!(AccountCopy::new(id, Account::default(), Vec::new(), None).unwrap(), None);
    }

    #[test]
    fn copy_that_no_store_could_keep_is_corrupt() {
        let alice = || named("alice", "");
        let without = Account { recovery: None, ..account() };
        let late = Account { trust_epoch: (1 << 53) - 1, ..without };
        let long = (alice().0, Entry { length: 11, ..alice().1 });
        let mut twice = codes(&[1, 1]);
        if let Some((_, spent)) = twice.as_mut().and_then(|set| set.codes.first_mut()) {
            *spent = Some(AttemptId::from_bytes([1; 16]));
        }
        let many = codes(&(0..100).collect::<Vec<_>>());
        let mut key = codes(&[1]).unwrap();
        key.key = "k".repeat(1025);
        for (part, account, credentials, recovery) in [
            ("account", without, vec![alice(), named("bob", "")], None),
            ("account", without, vec![alice(), named("alice", "b"), alice()], None),
            ("length", without, vec![long], None),
            ("trust", late, vec![alice()], None),
            ("set", account(), vec![alice()], None),
            ("set", without, vec![alice()], codes(&[1])),
            ("set", account(), vec![alice()], codes(&[])),
            ("set", account(), vec![alice()], twice),
            ("set", account(), vec![alice()], many),
            ("set", account(), vec![alice()], Some(key)),
        ] {
            let id = alice().0.account().clone();
            let made = AccountCopy::new(id, account, credentials, recovery);
            assert!(matches!(made, Err(Error::Corrupt(wrong)) if wrong == part), "{part} {made:?}");
        }
    }
}
