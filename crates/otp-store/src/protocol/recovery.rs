//! Decisions on recovery codes.

use otp_context::recovery::{
    MalformedRecoveryCode, OpenedRecoveryKey, RecoveryCode, RecoveryCodeSize, RecoveryCodes,
    RecoveryOwner, RecoverySet, RecoverySetId, SealedRecoveryKey,
};
use otp_context::replay::Throttle;
use otp_context::wallet::Tag;
use otp_core::{Rejected, UnixTime};

use super::Protocol;
use crate::{
    Accepted, AccountId, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, Reason,
    Recovered, RecoveryEntry, RecoveryReply, RecoverySpend, RecoveryVerdict, Rejection,
};

/// The seconds for which an accepted code may make recovery codes.
const FRESH: u64 = 300;

/// The account of the decoy set.
const DECOY: &str = "decoy@example.com";

/// An attempt on recovery codes.
pub(crate) struct RecoveryAttempt {
    code: RecoveryCode,
    at: UnixTime,
    id: AttemptId,
}

/// A spend that waits for the store's reply.
pub(crate) struct AwaitingRecovery {
    pub(crate) spend: RecoverySpend,
    /// The failures of the account. `None` for the decoy.
    throttle: Option<Throttle>,
    at: UnixTime,
}

/// The state of a recovery after the store's reply to its charge.
pub(crate) enum AfterRecoveryCharge {
    Decided(RecoveryVerdict),
    AwaitingSpend(AwaitingRecovery),
}

impl Protocol {
    fn recovery_owner<'a>(&'a self, account: &'a str) -> RecoveryOwner<'a> {
        RecoveryOwner::new(account).with_namespace(&self.namespace)
    }

    /// Makes the set that is opened for accounts without one. Without a wallet it has no key.
    pub(super) fn new_decoy_recovery(&self) -> Result<RecoveryEntry, Error> {
        let owner = self.recovery_owner(DECOY);
        let (_, set) = self.context.new_recovery_codes(owner, RecoveryCodeSize::Long)?;
        let key = set.key().map(ToString::to_string).unwrap_or_default();
        Ok(RecoveryEntry::new(set.id(), key, 0))
    }

    /// Makes a new set, and the codes to show.
    pub(crate) fn new_recovery_codes(
        &self,
        account: &AccountId,
    ) -> Result<(RecoveryCodes, RecoverySet), Error> {
        let owner = self.recovery_owner(account.as_str());
        Ok(self.context.new_recovery_codes(owner, self.options.recovery_codes())?)
    }

    /// Checks that a proof is at most five minutes old, and of a factor that the account has, and had before.
    /// `entries` are the credentials of the account.
    ///
    /// A proof from the future is as old as it is early. The first code of a new credential proves only
    /// that its key works, unless it is the account's only one.
    pub(crate) fn check_proof(
        &self,
        accepted: &Accepted,
        entries: &[(CredentialId, Entry)],
    ) -> Result<(), Error> {
        let age = self.now()?.as_secs().abs_diff(accepted.at().as_secs());
        let own = |(id, entry): &(CredentialId, Entry)| {
            id == accepted.id() && entry.generation == accepted.generation
        };
        if age > FRESH || !entries.iter().any(own) {
            return Err(Error::OldProof);
        }
        let other = |(id, entry): &(CredentialId, Entry)| entry.confirmed && id != accepted.id();
        if accepted.confirms && entries.iter().any(other) { Err(Error::NewProof) } else { Ok(()) }
    }

    /// Begins an attempt, unless the text is malformed.
    pub(crate) fn begin_recovery(
        &self,
        typed: &str,
    ) -> Result<Result<(RecoveryAttempt, ChargeRequest), MalformedRecoveryCode>, Error> {
        let code = match RecoveryCode::parse(typed) {
            Ok(code) => code,
            Err(why) => return Ok(Err(why)),
        };
        let (at, id) = (self.now()?, AttemptId::new(&self.context)?);
        let charge = ChargeRequest::recovery(&self.options, at, id)?;
        Ok(Ok((RecoveryAttempt { code, at, id }, charge)))
    }

    /// Returns the verdict on a text that began no attempt.
    pub(crate) fn malformed_recovery(
        why: MalformedRecoveryCode,
        entry: Option<RecoveryEntry>,
    ) -> RecoveryVerdict {
        match entry {
            Some(entry) => rejected(Reason::RecoveryCode(why), entry.account.throttle),
            None => rejected(Reason::Unknown, Throttle::default()),
        }
    }

    /// Takes the reply to a charge. After [`Error::NotCompared`] take the charge back.
    ///
    /// An account without recovery codes gets a spend that no store can do, so that it takes as long.
    pub(crate) fn charged_recovery(
        &self,
        account: &AccountId,
        attempt: RecoveryAttempt,
        reply: ChargeReply<RecoveryEntry>,
    ) -> Result<AfterRecoveryCharge, Error> {
        let RecoveryAttempt { code, at, id } = attempt;
        let (owner, key, set, throttle) = match &reply {
            ChargeReply::Permitted(entry) => {
                let throttle = Some(entry.account.throttle);
                (account.as_str(), entry.key.as_str(), entry.set, throttle)
            }
            ChargeReply::Locked(throttle) => {
                return Ok(AfterRecoveryCharge::Decided(RecoveryVerdict::Locked(*throttle)));
            }
            _ => (DECOY, self.decoy_recovery.key.as_str(), self.decoy_recovery.set, None),
        };
        let opened = self.open_recovery(owner, key, set);
        let opened = opened.map_err(|why| Error::NotCompared(Box::new(why)))?;
        let spend = RecoverySpend::new(set, opened.digest(&code), id);
        Ok(AfterRecoveryCharge::AwaitingSpend(AwaitingRecovery { spend, throttle, at }))
    }

    fn open_recovery<'a>(
        &'a self,
        account: &'a str,
        key: &str,
        set: RecoverySetId,
    ) -> Result<OpenedRecoveryKey<'a>, Error> {
        let owner = self.recovery_owner(account);
        Ok(self.context.open_recovery_key(sealed(key)?.as_ref(), owner, set)?)
    }

    /// Opens a set's key and returns the tag that it is sealed under, or `None` for a set without a key.
    pub(crate) fn check_recovery_key(
        &self,
        account: &AccountId,
        entry: &RecoveryEntry,
    ) -> Result<Option<Tag>, Error> {
        let (owner, sealed) = (self.recovery_owner(account.as_str()), sealed(&entry.key)?);
        self.context.open_recovery_key(sealed.as_ref(), owner, entry.set)?;
        Ok(sealed.map(|sealed| sealed.tag().clone()))
    }

    /// Returns the key re-encrypted, if that is due.
    pub(crate) fn resealed_recovery(
        &self,
        account: &AccountId,
        entry: &RecoveryEntry,
    ) -> Result<Option<String>, Error> {
        let opened = self.open_recovery(account.as_str(), &entry.key, entry.set)?;
        let resealed = self.context.reseal_recovery_key(&opened)?;
        Ok(resealed.map(|sealed| sealed.to_string()))
    }
}

impl AwaitingRecovery {
    /// Takes the reply to the spend. This is the only place that accepts a recovery code.
    pub(crate) fn spent(self, account: &AccountId, reply: RecoveryReply) -> RecoveryVerdict {
        let Some(throttle) = self.throttle else {
            return rejected(Reason::Unknown, Throttle::default());
        };
        rejected(
            match reply {
                RecoveryReply::Done { left } => {
                    // This attempt is one of those that the charge has counted.
                    let failures = throttle.failures().saturating_sub(1);
                    let (account, at) = (account.clone(), self.at);
                    return RecoveryVerdict::Accepted(Recovered { account, at, left, failures });
                }
                RecoveryReply::Mismatch => Reason::Code(Rejected::Mismatch),
                RecoveryReply::Replayed => Reason::Code(Rejected::Replayed),
                RecoveryReply::Stale => Reason::Stale,
                RecoveryReply::Unknown => Reason::Unknown,
            },
            throttle,
        )
    }
}

/// Reads the sealed key of a set, or `None` for a set without a key.
fn sealed(key: &str) -> Result<Option<SealedRecoveryKey>, Error> {
    if key.is_empty() {
        return Ok(None);
    }
    key.parse().map(Some).map_err(|_| Error::Corrupt("recovery key"))
}

const fn rejected(reason: Reason, throttle: Throttle) -> RecoveryVerdict {
    RecoveryVerdict::Rejected(Rejection::new(reason, throttle))
}
