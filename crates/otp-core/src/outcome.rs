use crate::scan::Hit;
use crate::{Period, UnixTime};

/// An accepted HOTP code: which counter it was, and what to store (RFC 4226 § 7.2).
///
/// It is neither `Clone` nor `Copy`: one code, one match, to be spent once by storing
/// [`HotpMatch::next`].
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

    /// The counter to spend: the highest unspent one of the window that has this code.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// The counter that the verifier expected.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Returns how many counters were skipped to reach [`HotpMatch::counter`].
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.counter.saturating_sub(self.expected)
    }

    /// The lowest counter that is unspent from now on; never lower than before.
    #[must_use]
    pub const fn next(&self) -> u64 {
        // A match at `u64::MAX` does not exist.
        self.counter.saturating_add(1)
    }

    /// How far the nearest match is from the expected counter, in steps; negative is behind.
    ///
    /// Only if two counters of the window have the same code does it differ from
    /// [`HotpMatch::counter`] less [`HotpMatch::expected`].
    #[must_use]
    pub fn drift(&self) -> i32 {
        distance(self.expected, self.nearest)
    }
}

/// An accepted TOTP code: which time step it was, and what to store (RFC 6238 § 5.2).
///
/// It is neither `Clone` nor `Copy`: one code, one match, to be spent once by storing
/// [`TotpMatch::next`].
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

    /// The time step to spend: the highest unspent one of the window that has this code.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.hotp.counter()
    }

    /// The time step of [`TotpMatch::time`].
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.hotp.expected()
    }

    /// How far the user's clock is off, in steps; negative is behind (RFC 6238 § 6).
    ///
    /// It is the spent step less the expected one, unless two steps of the window have the same code.
    /// The higher one is spent then, and the nearer one tells the drift.
    #[must_use]
    pub fn drift(&self) -> i32 {
        self.hotp.drift()
    }

    /// The lowest time step that is unspent from now on; never lower than before.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.hotp.next()
    }

    /// When it was verified.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// How long a code lives.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// When the spent time step begins.
    #[must_use]
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// When the spent time step ends: its first second no more.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.start.saturating_add(self.period.as_secs())
    }

    /// Until when this verifier, with this window, could meet the code again. If the time was shifted
    /// by a drift, this one is too.
    ///
    /// A store that keeps [`TotpMatch::next`] for good needs none of this; a cache of spent
    /// counters must keep this one until then.
    #[must_use]
    pub const fn remember_until(&self) -> UnixTime {
        self.expires().saturating_add(self.behind.saturating_mul(self.period.as_secs()))
    }

    /// Seconds from [`TotpMatch::time`] to [`TotpMatch::remember_until`].
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
