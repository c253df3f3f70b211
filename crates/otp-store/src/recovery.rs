use core::fmt;

use otp_context::recovery::{RecoveryDigest, RecoverySetId};

use crate::{Account, AttemptId, ChargeReply, ChargeRequest};

/// A stored set of recovery codes, with the failures of its account.
///
/// A store calls [`RecoveryEntry::new`], and then sets the fields that it read. Later versions may add
/// fields.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryEntry {
    /// The id of the set.
    pub set: RecoverySetId,
    /// The sealed key of the set as text, or an empty text for a set without a key.
    pub key: String,
    /// The number of codes that are not spent.
    pub left: u32,
    /// The failures of its account, which count attempts on its credentials, too.
    pub account: Account,
}

impl RecoveryEntry {
    /// Makes a set of an account without failures.
    #[must_use]
    pub fn new(set: RecoverySetId, key: String, left: u32) -> Self {
        let account = Account { recovery: Some(set), ..Account::default() };
        Self { set, key, left, account }
    }

    /// Replies to a [`ChargeRequest`], as [`Entry::charge`](crate::Entry::charge) does. It costs the account
    /// no guesses, since 80 bits are out of reach.
    pub fn charge(mut self, charge: &ChargeRequest) -> ChargeReply<Self> {
        if self.account.count(charge, 0, 0) {
            ChargeReply::Permitted(self)
        } else {
            ChargeReply::Locked(self.account.throttle)
        }
    }
}

impl fmt::Debug for RecoveryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryEntry")
            .field("set", &self.set)
            .field("left", &self.left)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// The second request of a recovery: spend the code of a set with this digest.
///
/// The store does it in one atomic, committed step, and only if the set is still the account's and the
/// code is not spent. That clears the account's failures, guesses, lock and last charge. It moves no
/// counter.
///
/// A client that lost the reply may repeat the request. The store recognises the attempt that spent the
/// code, replies as before and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoverySpend {
    set: RecoverySetId,
    digest: RecoveryDigest,
    attempt: AttemptId,
}

impl RecoverySpend {
    pub(crate) const fn new(
        set: RecoverySetId,
        digest: RecoveryDigest,
        attempt: AttemptId,
    ) -> Self {
        Self { set, digest, attempt }
    }

    /// Returns the id of the set that was charged.
    #[must_use]
    pub const fn set(&self) -> RecoverySetId {
        self.set
    }

    /// Returns the digest of the typed code.
    #[must_use]
    pub const fn digest(&self) -> &RecoveryDigest {
        &self.digest
    }

    /// Returns the id of the attempt.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }
}

/// A store's reply to a [`RecoverySpend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Done` may let the user in"]
pub enum RecoveryReply {
    /// This attempt has spent the code, and the spend is committed.
    Done {
        /// The number of codes that are left.
        left: u32,
    },
    /// The set has no such code.
    Mismatch,
    /// The code was spent before.
    Replayed,
    /// The set was replaced.
    Stale,
    /// The account has no set.
    Unknown,
}
