use crate::{Code, Period, UnixTime};

/// A generated TOTP code with the time step it belongs to (RFC 6238 § 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpToken {
    code: Code,
    counter: u64,
    start: UnixTime,
    period: Period,
}

impl TotpToken {
    pub(crate) const fn new(code: Code, counter: u64, start: UnixTime, period: Period) -> Self {
        Self { code, counter, start, period }
    }

    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Returns the time step.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns the first second of the time step.
    #[must_use]
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// Returns the first second after the time step, `u64::MAX` at the most.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.start.saturating_add(self.period.as_secs())
    }

    /// Returns the seconds from `time` to the end of the step, and 0 after it. Before the step begins, the
    /// wait is included.
    #[must_use]
    pub const fn remaining(&self, time: UnixTime) -> u64 {
        let early = self.start.seconds_since(time);
        let late = time.seconds_since(self.start);
        self.period.as_secs().saturating_add(early).saturating_sub(late)
    }

    /// Returns whether `time` is within its step.
    #[must_use]
    pub fn is_valid_at(&self, time: UnixTime) -> bool {
        time >= self.start && time.seconds_since(self.start) < self.period.as_secs()
    }
}
