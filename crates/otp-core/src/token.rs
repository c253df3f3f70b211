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

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The time step.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// The first second of the time step.
    #[must_use]
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// The first second after the time step, `u64::MAX` at the most.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.start.saturating_add(self.period.as_secs())
    }

    /// How many seconds of its step are left at `time`: 0 once it is over; before it begins, the
    /// wait is counted too.
    #[must_use]
    pub const fn remaining(&self, time: UnixTime) -> u64 {
        let early = self.start.seconds_since(time);
        let late = time.seconds_since(self.start);
        self.period.as_secs().saturating_add(early).saturating_sub(late)
    }

    /// Whether its step holds `time`.
    #[must_use]
    pub fn is_valid_at(&self, time: UnixTime) -> bool {
        time >= self.start && time.seconds_since(self.start) < self.period.as_secs()
    }
}
