#[cfg(feature = "tracing")]
mod trace;

use alloc::sync::Arc;
use core::fmt;

use otp_context::replay::{Lock, Throttle};

use crate::{
    AccountId, CredentialId, Distrust, Error, Reason, RecoveryVerdict, Rejection, Verdict,
};

/// A decision of a verifier, for audit tables, metrics and mail to users
/// ([`Verifier::with_events`](crate::Verifier::with_events)).
///
/// It holds no secret and no typed text. Texts of errors are for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A credential is stored.
    Enrolled {
        /// The new credential.
        id: CredentialId,
        /// Whether it verifies at once, because it was in use elsewhere.
        confirmed: bool,
    },
    /// A first code has confirmed a credential.
    Confirmed {
        /// The credential.
        id: CredentialId,
    },
    /// A code was right, and is spent.
    Accepted {
        /// The credential that it belongs to.
        id: CredentialId,
        /// The failed attempts since the last success.
        failures_before: u32,
    },
    /// A code was not accepted.
    Rejected {
        /// The account.
        account: AccountId,
        /// The name of the credential, if the caller named one.
        name: Option<String>,
        /// Why.
        reason: Reason,
        /// The failed attempts since the last success. It is 0 for an unknown account.
        failures: u32,
        /// When the next attempt may be made. Unless the text was malformed, this attempt set it.
        lock: Lock,
    },
    /// A code was not compared, because the account is locked.
    Locked {
        /// The account.
        account: AccountId,
        /// The failed attempts since the last success.
        failures: u32,
        /// When the next attempt may be made.
        lock: Lock,
    },
    /// The failures and the lock of an account were cleared.
    Unlocked {
        /// The account.
        account: AccountId,
    },
    /// A credential was removed.
    Removed {
        /// The credential.
        id: CredentialId,
    },
    /// A key was re-encrypted.
    Resealed {
        /// The credential.
        id: CredentialId,
    },
    /// The learnt drift of a clock was reset.
    DriftReset {
        /// The credential.
        id: CredentialId,
    },
    /// The account got new recovery codes, and lost the old ones.
    RecoveryCodesMade {
        /// The account.
        account: AccountId,
    },
    /// A recovery code was right, and is spent.
    Recovered {
        /// The account.
        account: AccountId,
        /// The number of codes that are left.
        left: u32,
        /// The failed attempts since the last success.
        failures_before: u32,
    },
    /// The recovery codes of an account were removed.
    RecoveryCodesRemoved {
        /// The account.
        account: AccountId,
    },
    /// The key of the account's recovery codes was re-encrypted.
    RecoveryCodesResealed {
        /// The account.
        account: AccountId,
    },
    /// A browser of the account is trusted from now on.
    TrustGiven {
        /// The account.
        account: AccountId,
    },
    /// A browser showed a token that is not trusted.
    Distrusted {
        /// The account.
        account: AccountId,
        /// Why.
        why: Distrust,
    },
    /// The trust in all browsers of the account was revoked.
    TrustRevoked {
        /// The account.
        account: AccountId,
    },
    /// A code was not compared with a credential, because its key does not open or its row is damaged.
    NotCompared {
        /// The account.
        account: AccountId,
        /// The name of the credential. `None` if any credential of the account may be the cause.
        name: Option<String>,
        /// What the key or the row is missing.
        error: String,
    },
    /// The store failed, or lost data.
    StoreFailed {
        /// The account of the call.
        account: AccountId,
        /// What the store reported.
        error: String,
    },
}

impl Event {
    /// Returns the name of the event, which never changes, for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Enrolled { .. } => "enrolled",
            Self::Confirmed { .. } => "confirmed",
            Self::Accepted { .. } => "accepted",
            Self::Rejected { .. } => "rejected",
            Self::Locked { .. } => "locked",
            Self::Unlocked { .. } => "unlocked",
            Self::Removed { .. } => "removed",
            Self::Resealed { .. } => "resealed",
            Self::DriftReset { .. } => "drift_reset",
            Self::RecoveryCodesMade { .. } => "recovery_codes_made",
            Self::Recovered { .. } => "recovered",
            Self::RecoveryCodesRemoved { .. } => "recovery_codes_removed",
            Self::RecoveryCodesResealed { .. } => "recovery_codes_resealed",
            Self::TrustGiven { .. } => "trust_given",
            Self::Distrusted { .. } => "distrusted",
            Self::TrustRevoked { .. } => "trust_revoked",
            Self::NotCompared { .. } => "not_compared",
            Self::StoreFailed { .. } => "store_failed",
        }
    }

    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> &AccountId {
        match self {
            Self::Enrolled { id, .. }
            | Self::Confirmed { id }
            | Self::Accepted { id, .. }
            | Self::Removed { id }
            | Self::Resealed { id }
            | Self::DriftReset { id } => id.account(),
            Self::Rejected { account, .. }
            | Self::Locked { account, .. }
            | Self::Unlocked { account }
            | Self::RecoveryCodesMade { account }
            | Self::Recovered { account, .. }
            | Self::RecoveryCodesRemoved { account }
            | Self::RecoveryCodesResealed { account }
            | Self::TrustGiven { account }
            | Self::Distrusted { account, .. }
            | Self::TrustRevoked { account }
            | Self::NotCompared { account, .. }
            | Self::StoreFailed { account, .. } => account,
        }
    }

    /// Returns the name of the credential, or `None` if the event is about the whole account.
    #[must_use]
    pub fn credential(&self) -> Option<&str> {
        match self {
            Self::Enrolled { id, .. }
            | Self::Confirmed { id }
            | Self::Accepted { id, .. }
            | Self::Removed { id }
            | Self::Resealed { id }
            | Self::DriftReset { id } => Some(id.name()),
            Self::Rejected { name, .. } | Self::NotCompared { name, .. } => name.as_deref(),
            _ => None,
        }
    }
}

/// The function that a verifier calls with each event.
#[derive(Clone, Default)]
pub(crate) struct Events(Option<Arc<dyn Fn(Event) + Send + Sync>>);

impl Events {
    pub(crate) fn new(report: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(report)))
    }

    /// Reports an event, which is made only if there is a function for it.
    fn report(&self, event: impl FnOnce() -> Event) {
        if let Self(Some(report)) = self {
            report(event());
        }
    }

    /// Reports what a call has done, or that its store failed.
    pub(crate) fn done<T>(
        &self,
        account: &AccountId,
        result: Result<T, Error>,
        event: impl FnOnce(&T) -> Option<Event>,
    ) -> Result<T, Error> {
        if let Self(Some(report)) = self {
            let event = match &result {
                Ok(value) => event(value),
                Err(error) => failed(account, error),
            };
            event.into_iter().for_each(|event| report(event));
        }
        result
    }

    /// Reports a credential whose key did not open beside others that did.
    pub(crate) fn not_compared(&self, id: &CredentialId, error: &Error) {
        self.report(|| Event::NotCompared {
            account: id.account().clone(),
            name: Some(id.name().to_owned()),
            error: error.to_string(),
        });
    }

    /// Reports a verdict.
    pub(crate) fn verdict(
        &self,
        account: &AccountId,
        name: Option<&str>,
        confirms: bool,
        result: Result<Verdict, Error>,
    ) -> Result<Verdict, Error> {
        self.decided(account, name, result, |verdict| match verdict {
            Verdict::Accepted(accepted) if confirms => {
                Ok(Event::Confirmed { id: accepted.id().clone() })
            }
            Verdict::Accepted(accepted) => Ok(Event::Accepted {
                id: accepted.id().clone(),
                failures_before: accepted.failures_before(),
            }),
            Verdict::Rejected(rejection) => Err(Refused::Rejected(rejection)),
            Verdict::Locked(throttle) => Err(Refused::Locked(*throttle)),
        })
    }

    /// Reports the verdict on a recovery code.
    pub(crate) fn recovery(
        &self,
        account: &AccountId,
        result: Result<RecoveryVerdict, Error>,
    ) -> Result<RecoveryVerdict, Error> {
        self.decided(account, None, result, |verdict| match verdict {
            RecoveryVerdict::Accepted(recovered) => Ok(Event::Recovered {
                account: account.clone(),
                left: recovered.left(),
                failures_before: recovered.failures_before(),
            }),
            RecoveryVerdict::Rejected(rejection) => Err(Refused::Rejected(rejection)),
            RecoveryVerdict::Locked(throttle) => Err(Refused::Locked(*throttle)),
        })
    }

    fn decided<V>(
        &self,
        account: &AccountId,
        name: Option<&str>,
        result: Result<V, Error>,
        event: impl for<'a> FnOnce(&'a V) -> Result<Event, Refused<'a>>,
    ) -> Result<V, Error> {
        let name = || name.map(str::to_owned);
        if let Err(Error::NotCompared(why)) = &result {
            self.report(|| Event::NotCompared {
                account: account.clone(),
                name: name(),
                error: why.to_string(),
            });
            return result;
        }
        self.done(account, result, |verdict| {
            Some(event(verdict).unwrap_or_else(|refused| match refused {
                Refused::Rejected(rejection) => Event::Rejected {
                    account: account.clone(),
                    name: name(),
                    reason: rejection.reason(),
                    failures: rejection.failures(),
                    lock: rejection.lock(),
                },
                Refused::Locked(throttle) => Event::Locked {
                    account: account.clone(),
                    failures: throttle.failures(),
                    lock: throttle.lock(),
                },
            }))
        })
    }
}

/// A verdict that lets no user in.
enum Refused<'a> {
    Rejected(&'a Rejection),
    Locked(Throttle),
}

/// Returns the event of an error, unless it is the caller's.
fn failed(account: &AccountId, error: &Error) -> Option<Event> {
    let callers = matches!(
        error,
        Error::Unknown
            | Error::Enrolled
            | Error::DuplicateKey
            | Error::TooManyCredentials(_)
            | Error::OldProof
            | Error::NewProof
            | Error::TooLarge(_)
            | Error::Window(_)
            | Error::PlainKey
            | Error::Context(_)
    );
    let event = || Event::StoreFailed { account: account.clone(), error: error.to_string() };
    (!callers).then(event)
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&self.0.is_some()).finish()
    }
}
