use core::fmt;
use std::collections::HashMap;

use otp_context::recovery::{RecoveryDigest, RecoverySet, RecoverySetId};

use crate::{Account, AttemptId, RecoveryCopy, RecoveryEntry, RecoveryReply, RecoverySpend};

/// A set of recovery codes.
pub(super) struct Recovery {
    set: RecoverySetId,
    key: String,
    /// The attempt that spent the code of each digest.
    codes: HashMap<[u8; 32], Option<AttemptId>>,
}

impl Recovery {
    pub(super) fn new(set: &RecoverySet) -> Self {
        let key = set.key().map(ToString::to_string).unwrap_or_default();
        let codes = set.digests().iter().map(RecoveryDigest::as_bytes);
        Self { set: set.id(), key, codes: codes.map(|digest| (*digest, None)).collect() }
    }

    pub(super) fn restore(set: RecoverySetId, copy: &RecoveryCopy) -> Self {
        let codes = copy.codes.iter().map(|(digest, attempt)| (*digest.as_bytes(), *attempt));
        Self { set, key: copy.key.clone(), codes: codes.collect() }
    }

    pub(super) fn copy(&self) -> RecoveryCopy {
        let codes = self.codes.iter().map(|(digest, by)| (RecoveryDigest::new(*digest), *by));
        RecoveryCopy::new(self.key.clone(), codes.collect())
    }

    pub(super) fn entry(&self, account: Account) -> RecoveryEntry {
        RecoveryEntry { account, ..RecoveryEntry::new(self.set, self.key.clone(), self.left()) }
    }

    fn left(&self) -> u32 {
        let left = self.codes.values().filter(|attempt| attempt.is_none()).count();
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Spends a code, and clears the state of the account.
    pub(super) fn spend(&mut self, spend: &RecoverySpend, account: &mut Account) -> RecoveryReply {
        if spend.set() != self.set {
            return RecoveryReply::Stale;
        }
        match self.codes.get_mut(spend.digest().as_bytes()) {
            None => return RecoveryReply::Mismatch,
            Some(Some(attempt)) if *attempt != spend.attempt() => return RecoveryReply::Replayed,
            Some(Some(_)) => {}
            Some(attempt) => {
                *attempt = Some(spend.attempt());
                account.clear();
            }
        }
        RecoveryReply::Done { left: self.left() }
    }

    pub(super) fn reseal(&mut self, set: RecoverySetId, old: &str, new: &str) -> bool {
        let same = self.set == set && self.key == old;
        if same {
            new.clone_into(&mut self.key);
        }
        same
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery")
            .field("set", &self.set)
            .field("left", &self.left())
            .finish_non_exhaustive()
    }
}
