use core::fmt;

use otp_context::recovery::RecoveryDigest;

use crate::{Account, AccountId, AttemptId, CredentialId, Entry, Error};

/// An account as a store keeps it, with all its credentials and recovery codes.
///
/// [`Store::copy`](crate::Store::copy) returns it, and [`Store::restore`](crate::Store::restore)
/// stores it in another database. The restored account behaves like the original: it has the same spent
/// counters, drift, failures, lock, spent recovery codes and trust. While both databases accept codes, each
/// accepts a code once. So stop the old one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountCopy {
    id: AccountId,
    account: Account,
    credentials: Vec<(CredentialId, Entry)>,
    recovery: Option<RecoveryCopy>,
}

/// The recovery codes of an [`AccountCopy`].
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCopy {
    /// The sealed key of the set as text, or an empty text for a set without a key.
    pub key: String,
    /// The digest of each code, with the attempt that spent it.
    pub codes: Vec<(RecoveryDigest, Option<AttemptId>)>,
}

impl AccountCopy {
    /// Makes a copy of what a store read: the state of the account, its credentials, and the recovery
    /// codes of the set that the state names. Returns `None` for an account without credentials and codes.
    ///
    /// # Errors
    ///
    /// - [`Error::Corrupt`] with `account`: a credential is another account's.
    /// - [`Error::Corrupt`] with `set`: the state names a set and there are no codes, or the reverse.
    pub fn new(
        id: AccountId,
        account: Account,
        mut credentials: Vec<(CredentialId, Entry)>,
        mut recovery: Option<RecoveryCopy>,
    ) -> Result<Option<Self>, Error> {
        if account.recovery.is_some() != recovery.is_some() {
            return Err(Error::Corrupt("set"));
        }
        for (credential, entry) in &mut credentials {
            if *credential.account() != id {
                return Err(Error::Corrupt("account"));
            }
            entry.account = account;
        }
        if credentials.is_empty() && recovery.is_none() {
            return Ok(None);
        }
        credentials.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some(recovery) = &mut recovery {
            recovery.codes.sort_by_key(|(digest, _)| *digest.as_bytes());
        }
        Ok(Some(Self { id, account, credentials, recovery }))
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
