use crate::scan::Hit;
use crate::{Period, UnixTime};

/// An accepted HOTP code: which counter it was, and what to store (RFC 4226 § 7.2).
///
/// It is neither `Clone` nor `Copy`: one code makes one match. Store [`HotpMatch::next`] to spend it.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a match that is not spent lets the same code in again"]
pub struct HotpMatch {
    counter: u64,
    nearest: u64,
    expected: u64,
}

impl HotpMatch {
    pub(crate) fn new(hit: Hit, expected: u64) -> Self {
        Self { counter: hit.counter, nearest: hit.nearest, expected }
    }

    /// Returns the counter to spend: the highest unspent one of the window that has this code.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns the counter that the verifier expected.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Returns how many counters were skipped to reach [`HotpMatch::counter`].
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.counter.saturating_sub(self.expected)
    }

    /// Returns the lowest unspent counter from now on. It never falls.
    #[must_use]
    pub const fn next(&self) -> u64 {
        // A match at `u64::MAX` does not exist.
        self.counter.saturating_add(1)
    }

    /// Returns how far the nearest match is from the expected counter, in steps. Negative: behind.
    ///
    /// It is [`HotpMatch::counter`] less [`HotpMatch::expected`], unless two counters of the window have
    /// the same code.
    #[must_use]
    pub fn drift(&self) -> i32 {
        distance(self.expected, self.nearest)
    }
}

/// An accepted TOTP code: which time step it was, and what to store (RFC 6238 § 5.2).
///
/// It is neither `Clone` nor `Copy`: one code makes one match. Store [`TotpMatch::next`] to spend it.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a match that is not spent lets the same code in again"]
pub struct TotpMatch {
    hotp: HotpMatch,
    time: UnixTime,
    start: UnixTime,
    period: Period,
    behind: u64,
}

impl TotpMatch {
    pub(crate) const fn new(
        hotp: HotpMatch,
        time: UnixTime,
        start: UnixTime,
        period: Period,
        behind: u64,
    ) -> Self {
        Self { hotp, time, start, period, behind }
    }

    /// Returns the time step to spend: the highest unspent one of the window that has this code.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.hotp.counter()
    }

    /// Returns the time step of [`TotpMatch::time`].
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.hotp.expected()
    }

    /// Returns how far the user's clock is off, in steps (RFC 6238 § 6). Negative: it is slow.
    ///
    /// It is the spent step less the expected one, unless two steps of the window have the same code.
    /// The higher one is spent then, and the nearer one tells the drift.
    #[must_use]
    pub fn drift(&self) -> i32 {
        self.hotp.drift()
    }

    /// Returns the lowest unspent time step from now on. It never falls.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.hotp.next()
    }

    /// Returns the time of the verification.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// Returns the period: how long a code lives.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// Returns when the spent time step begins.
    #[must_use]
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// Returns the first second after the spent time step.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.start.saturating_add(self.period.as_secs())
    }

    /// Returns until when this verifier, with this window, could match the code again. A drift shifts it.
    ///
    /// A cache of spent counters must keep this one until then. A store that keeps [`TotpMatch::next`]
    /// for good does not need it.
    #[must_use]
    pub const fn remember_until(&self) -> UnixTime {
        self.expires().saturating_add(self.behind.saturating_mul(self.period.as_secs()))
    }

    /// Returns the seconds from [`TotpMatch::time`] to [`TotpMatch::remember_until`].
    #[must_use]
    pub const fn remember_for(&self) -> u64 {
        self.remember_until().seconds_since(self.time)
    }
}

/// Steps from one counter to another, at most those of the widest search.
fn distance(from: u64, to: u64) -> i32 {
    let steps = i32::try_from(from.abs_diff(to)).unwrap_or(i32::MAX);
    if to < from { steps.saturating_neg() } else { steps }
}
