use otp_context::replay::Lock;

use crate::Event;

/// Records of the crate `tracing`, with feature `tracing`.
impl Event {
    /// Writes the event with `tracing`, under the target `otp_store`, without the account.
    ///
    /// The fields are `event` ([`Event::name`]) and, where the event has them, `reason`, `failures`,
    /// `locked_until` (in Unix seconds; 0 if only unlocking helps) and `error`. Its level is ERROR for
    /// a store that failed and a key that does not open, WARN for a lock, and otherwise INFO.
    pub fn trace(self) {
        self.write(None);
    }

    /// Writes the event as [`Event::trace`] does, with the fields `account` and `credential`.
    ///
    /// Account ids are personal data in many logs.
    pub fn trace_with_account(self) {
        self.write(Some(self.account().as_str()));
    }

    fn write(&self, account: Option<&str>) {
        let credential = account.and(self.credential());
        let (mut reason, mut failures, mut lock, mut error) = (None, None, Lock::Open, None);
        match self {
            Self::Accepted { failures_before, .. } | Self::Recovered { failures_before, .. } => {
                failures = Some(*failures_before);
            }
            Self::Rejected { reason: why, failures: count, lock: until, .. } => {
                (reason, failures, lock) = (Some(why.name()), Some(*count), *until);
            }
            Self::Distrusted { why, .. } => reason = Some(why.name()),
            Self::Locked { failures: count, lock: until, .. } => {
                (failures, lock) = (Some(*count), *until);
            }
            Self::NotCompared { error: text, .. } | Self::StoreFailed { error: text, .. } => {
                error = Some(text.as_str());
            }
            _ => {}
        }
        let locked_until = match lock {
            Lock::Open => None,
            Lock::Until(until) => Some(until.as_secs()),
            Lock::Hard => Some(0),
        };
        macro_rules! write {
            ($level:ident) => {
                tracing::event!(
                    target: "otp_store",
                    tracing::Level::$level,
                    event = self.name(),
                    account,
                    credential,
                    reason,
                    failures,
                    locked_until,
                    error,
                )
            };
        }
        match (error, lock) {
            (Some(_), _) => write!(ERROR),
            (None, Lock::Open) => write!(INFO),
            (None, _) => write!(WARN),
        }
    }
}
