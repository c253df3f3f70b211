use otp_core::{HotpMatch, Period, TotpMatch, UnixTime};

/// A match: store [`Consumed::next`], which spends the code, and then let the user in.
///
/// A [`Credential`](crate::Credential) makes one once for each code. [`Tolerance::verify`] has no memory
/// and makes one each time it is called with a lower counter. It is not `Clone`, and cannot be made from
/// parts or text, so it cannot be cached.
///
/// [`Tolerance::verify`]: crate::Tolerance::verify
///
/// ```compile_fail,E0599
/// fn twice(consumed: otp_context::Consumed) {
///     let _again = consumed.clone();
/// }
/// ```
///
/// ```compile_fail,E0451
/// let _forged = otp_context::Consumed { counter: 1, nearest: 1, expected: 1, timing: None };
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// fn ignored(credential: &mut otp_context::Credential) -> Result<(), otp_context::Error> {
///     credential.consume("123456", Default::default())?;
///     Ok(())
/// }
/// ```
///
/// Using its value compiles:
///
/// ```
/// #![deny(unused_must_use)]
/// fn stored(
///     credential: &mut otp_context::Credential,
/// ) -> Result<u64, otp_context::Error> {
///     let consumed = credential.consume("123456", Default::default())?;
///     Ok(consumed.next())
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a match that is not stored lets the same code in again"]
pub struct Consumed {
    counter: u64,
    nearest: u64,
    expected: u64,
    timing: Option<Timing>,
}

#[derive(Debug, PartialEq, Eq)]
struct Timing {
    time: UnixTime,
    start: UnixTime,
    period: Period,
    late: u64,
}

impl Consumed {
    pub(crate) fn hotp(hit: &HotpMatch) -> Self {
        let (counter, expected) = (hit.counter(), hit.expected());
        let nearest = expected.saturating_add_signed(hit.drift().into());
        Self { counter, nearest, expected, timing: None }
    }

    /// A match around the time of the user's clock, counted by the server's.
    pub(crate) fn totp(hit: &TotpMatch, time: UnixTime, expected: u64, late: u64) -> Self {
        Self {
            counter: hit.counter(),
            nearest: hit.expected().saturating_add_signed(hit.drift().into()),
            expected,
            timing: Some(Timing { time, start: hit.start(), period: hit.period(), late }),
        }
    }

    /// Returns the counter to spend, and every lower one with it.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns the expected counter. For TOTP it is that of the server's time, without the skew.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Returns how far the user's clock or counter is off, in steps. Negative: it is behind.
    ///
    /// It is the counter less the expected one, unless two steps of the window have the same code.
    /// The higher one is spent then, and the nearer one tells the drift.
    #[must_use]
    pub fn drift(&self) -> i64 {
        difference(self.expected, self.nearest)
    }

    /// Returns the lowest unspent counter from now on: store it.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.counter.saturating_add(1)
    }

    /// Returns the time of the verification by the server's clock. It is `None` for HOTP, like the methods
    /// that follow.
    #[must_use]
    pub fn time(&self) -> Option<UnixTime> {
        self.timing.as_ref().map(|timing| timing.time)
    }

    /// Returns the period: how long a code lives.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        self.timing.as_ref().map(|timing| timing.period)
    }

    /// Returns the first second after the spent step.
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        let end = |timing: &Timing| timing.start.saturating_add(timing.period.as_secs());
        self.timing.as_ref().map(end)
    }

    /// Returns until when this code could match again with this tolerance.
    ///
    /// A cache of spent codes must keep this one until then. A store that keeps [`Consumed::next`] for
    /// good does not need it.
    #[must_use]
    pub fn remember_until(&self) -> Option<UnixTime> {
        let late = self.timing.as_ref()?.late;
        Some(self.expires()?.saturating_add(late))
    }

    /// Returns the seconds from [`Consumed::time`] to [`Consumed::remember_until`].
    #[must_use]
    pub fn remember_for(&self) -> Option<u64> {
        Some(self.remember_until()?.seconds_since(self.time()?))
    }
}

fn difference(from: u64, to: u64) -> i64 {
    let steps = i64::try_from(from.abs_diff(to)).unwrap_or(i64::MAX);
    if to < from { steps.saturating_neg() } else { steps }
}
