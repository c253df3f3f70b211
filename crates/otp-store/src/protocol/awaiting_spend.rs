use otp_context::replay::Throttle;
use otp_context::wallet::Reseal;
use otp_core::{Rejected, UnixTime};

use super::rejected;
use crate::{Accepted, CredentialId, Reason, SpendReply, SpendRequest, UnspentMatch, Verdict};

/// Matches that wait for the store's reply to their [`SpendRequest`]s. Almost always there is one.
pub(crate) struct AwaitingSpend {
    pub(super) first: Matched,
    pub(super) others: Vec<Matched>,
    pub(super) throttle: Throttle,
    pub(super) at: UnixTime,
}

/// A credential that a code matches.
pub(super) struct Matched {
    pub(super) id: CredentialId,
    pub(super) matched: UnspentMatch,
    pub(super) reseal: Option<Reseal>,
}

impl AwaitingSpend {
    /// Returns the one credential to spend a counter of, or `None` if there are several.
    pub(crate) fn one(&self) -> Option<(&CredentialId, &SpendRequest)> {
        let Matched { id, matched, .. } = &self.first;
        self.others.is_empty().then(|| (id, matched.spend()))
    }

    /// Returns every spend, with the name of its credential.
    pub(crate) fn all(&self) -> Vec<(&str, SpendRequest)> {
        let all = core::iter::once(&self.first).chain(&self.others);
        all.map(|Matched { id, matched, .. }| (id.name(), *matched.spend())).collect()
    }

    /// Takes the reply to the spend. This is the only place that accepts a code.
    pub(crate) fn spent(self, reply: SpendReply) -> Verdict {
        let reason = match reply {
            SpendReply::Done => {
                // This attempt is one of those that the charge has counted.
                let failures = self.throttle.failures().saturating_sub(1);
                let Matched { id, matched, reseal } = self.first;
                return Verdict::Accepted(Accepted {
                    id,
                    at: self.at,
                    generation: matched.spend().generation(),
                    confirms: matched.spend().confirms(),
                    counter: matched.counter(),
                    drift: matched.drift(),
                    failures,
                    reseal,
                });
            }
            SpendReply::Replayed => Reason::Code(Rejected::Replayed),
            SpendReply::Stale => Reason::Stale,
            SpendReply::Unknown => Reason::Unknown,
        };
        rejected(reason, self.throttle)
    }
}
