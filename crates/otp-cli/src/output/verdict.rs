use otp_context::replay::{Lock, Throttle};
use otp_core::{Rejected, UnixTime};
use otp_store::{Reason, RecoveryVerdict, Rejection, Verdict};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::malformed;

/// The verdict on a code, as `--json` shows it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct VerdictOutput {
    outcome: &'static str,
    /// The name of the credential that matched, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<i32>,
    /// Whether it is a verdict on a recovery code.
    #[serde(skip)]
    recovery: bool,
    /// The number of recovery codes that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u32>,
    /// Failed attempts since the last success.
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failures_before: Option<u32>,
    /// Absent if the next attempt may be made at once; `null` if the account needs an unlock first.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<Option<u64>>,
}

impl VerdictOutput {
    /// Returns the fields of a verdict at a time.
    pub(crate) fn of(verdict: &Verdict, now: UnixTime) -> Self {
        match verdict {
            Verdict::Accepted(accepted) => Self {
                outcome: "accepted",
                name: Some(accepted.id().name().to_owned()).filter(|name| !name.is_empty()),
                counter: Some(accepted.counter()),
                drift: Some(accepted.drift()),
                failures_before: Some(accepted.failures_before()),
                ..Self::default()
            },
            Verdict::Rejected(rejection) => Self::rejected(rejection, now),
            Verdict::Locked(throttle) => Self::locked(*throttle, now),
        }
    }

    /// Returns the fields of a verdict on a recovery code.
    fn of_recovery(verdict: &RecoveryVerdict, now: UnixTime) -> Self {
        match verdict {
            RecoveryVerdict::Accepted(recovered) => Self {
                outcome: "accepted",
                left: Some(recovered.left()),
                failures_before: Some(recovered.failures_before()),
                ..Self::default()
            },
            RecoveryVerdict::Rejected(rejection) => {
                Self { recovery: true, ..Self::rejected(rejection, now) }
            }
            RecoveryVerdict::Locked(throttle) => Self::locked(*throttle, now),
        }
    }

    fn rejected(rejection: &Rejection, now: UnixTime) -> Self {
        Self {
            outcome: "rejected",
            reason: Some(rejection.reason().name()),
            failures: rejection.failures(),
            locked_until: locked_until(rejection.lock(), now),
            ..Self::default()
        }
    }

    fn locked(throttle: Throttle, now: UnixTime) -> Self {
        Self {
            outcome: "locked",
            failures: throttle.failures(),
            // The lock held at the attempt, even if it has ended since.
            locked_until: match throttle.lock() {
                Lock::Until(time) => Some(Some(time.as_secs())),
                lock => locked_until(lock, now),
            },
            ..Self::default()
        }
    }

    /// Returns the verdict for people, on one line.
    pub(crate) fn text(&self, now: UnixTime) -> String {
        let mut text = self.outcome.to_owned();
        if let Some(reason) = self.reason {
            let explained = if self.recovery { explain_recovery(reason) } else { explain(reason) };
            text.push_str(&format!(": {explained}"));
        }
        if let (Some(counter), Some(drift)) = (self.counter, self.drift) {
            text.push_str(&format!(": counter {counter}, drift {drift}"));
        }
        if let Some(left) = self.left {
            text.push_str(&format!(": {}", left_text(left)));
        }
        if let Some(name) = &self.name {
            text.push_str(&format!(", name {name:?}"));
        }
        text.push_str(&failures_text(self.failures_before.unwrap_or(self.failures)));
        if self.failures_before.is_some_and(|failures| failures > 0) {
            text.push_str(" before this one");
        }
        text.push_str(&lock_text(self.locked_until, now));
        text
    }
}

/// Shows a verdict, and turns it into an answer.
pub(crate) fn show(
    output: &mut Output,
    verdict: &Verdict,
    now: UnixTime,
) -> Result<Answer, Failure> {
    let shown = VerdictOutput::of(verdict, now);
    let reason =
        if let Verdict::Rejected(rejection) = verdict { Some(rejection.reason()) } else { None };
    show_as(output, &shown, reason, now)
}

/// Shows a verdict on a recovery code, and turns it into an answer.
pub(crate) fn show_recovery(
    output: &mut Output,
    verdict: &RecoveryVerdict,
    now: UnixTime,
) -> Result<Answer, Failure> {
    let shown = VerdictOutput::of_recovery(verdict, now);
    let reason = match verdict {
        RecoveryVerdict::Rejected(rejection) => Some(rejection.reason()),
        _ => None,
    };
    show_as(output, &shown, reason, now)
}

fn show_as(
    output: &mut Output,
    shown: &VerdictOutput,
    reason: Option<Reason>,
    now: UnixTime,
) -> Result<Answer, Failure> {
    match reason {
        Some(Reason::Code(Rejected::Malformed(why))) => {
            return malformed::malformed(output, &why, shown);
        }
        Some(Reason::RecoveryCode(why)) => return malformed::malformed(output, &why, shown),
        _ => {}
    }
    let answer = if shown.outcome == "accepted" { Answer::Yes } else { Answer::No };
    if output.is_json() {
        output.object(shown)?;
    } else {
        output.text(&output.verdict(answer, &shown.text(now)))?;
    }
    Ok(answer)
}

/// Returns the number of recovery codes for people.
pub(crate) fn left_text(left: u32) -> String {
    match left {
        1 => "1 recovery code left".to_owned(),
        left => format!("{left} recovery codes left"),
    }
}

/// Returns the end of a lock: absent if the lock does not hold now, `null` if it has no end.
#[expect(clippy::option_option, reason = "null is not the same as left out")]
pub(crate) fn locked_until(lock: Lock, now: UnixTime) -> Option<Option<u64>> {
    match lock {
        Lock::Until(time) if now < time => Some(Some(time.as_secs())),
        Lock::Hard => Some(None),
        _ => None,
    }
}

/// Returns the end of a lock for people, to append to a sentence.
#[expect(clippy::option_option, reason = "null is not the same as left out")]
pub(crate) fn lock_text(locked_until: Option<Option<u64>>, now: UnixTime) -> String {
    match locked_until {
        None => String::new(),
        Some(None) => "; locked until an operator runs otp unlock ACCOUNT".to_owned(),
        Some(Some(until)) => {
            let wait = UnixTime::from_secs(until).seconds_since(now);
            format!("; the next attempt may be made in {wait} s")
        }
    }
}

/// Returns the number of failures for people, to append to a sentence.
pub(crate) fn failures_text(failures: u32) -> String {
    match failures {
        0 => String::new(),
        1 => "; 1 failed attempt".to_owned(),
        failures => format!("; {failures} failed attempts"),
    }
}

fn explain_recovery(reason: &'static str) -> &'static str {
    match reason {
        "unknown" => "the account has no recovery codes",
        "stale" => "the account got new recovery codes in the meantime",
        other => explain(other),
    }
}

fn explain(reason: &'static str) -> &'static str {
    match reason {
        "mismatch" => "the code is wrong",
        "replayed" => "the code was used already",
        "exhausted" => "no counter is left",
        "unknown" => "the account is not enrolled, or not confirmed yet",
        "stale" => "the account was enrolled again in the meantime",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use otp_context::replay::{Lock, Throttle};
    use otp_core::UnixTime;
    use otp_store::Verdict;

    use super::{VerdictOutput, locked_until};

    #[test]
    fn locked_verdict_tells_the_end_of_the_lock() {
        let until = UnixTime::from_secs(1000);
        let verdict = Verdict::Locked(Throttle::resume(4, Lock::Until(until)));
        for (now, wait) in [(990, 10), (1000, 0), (2000, 0)] {
            let now = UnixTime::from_secs(now);
            let shown = VerdictOutput::of(&verdict, now);
            assert_eq!(shown.locked_until, Some(Some(1000)));
            let text =
                format!("locked; 4 failed attempts; the next attempt may be made in {wait} s");
            assert_eq!(shown.text(now), text);
        }
        let verdict = Verdict::Locked(Throttle::resume(4, Lock::Hard));
        assert_eq!(VerdictOutput::of(&verdict, until).locked_until, Some(None));
        // The status of an account does not show a lock that has ended.
        assert_eq!(locked_until(Lock::Until(until), until), None);
    }
}
