use otp_core::{HotpMatch, Period, TotpMatch, UnixTime};

/// A code was right: store [`Consumed::next`], which spends it, then let its owner in.
///
/// A [`Credential`](crate::Credential) makes one for one code once; [`Tolerance::verify`], which has no
/// memory, as often as it is told of a lower floor. It is neither `Clone` nor to be had from parts or
/// from text, so it cannot be kept or cached.
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
/// What compiles is to look at it:
///
/// ```
/// #![deny(unused_must_use)]
/// fn stored(credential: &mut otp_context::Credential) -> Result<u64, otp_context::Error> {
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

    /// A match at the time of the user's clock, told by ours.
    pub(crate) fn totp(hit: &TotpMatch, time: UnixTime, expected: u64, late: u64) -> Self {
        Self {
            counter: hit.counter(),
            nearest: hit.expected().saturating_add_signed(hit.drift().into()),
            expected,
            timing: Some(Timing { time, start: hit.start(), period: hit.period(), late }),
        }
    }

    /// The counter that is spent now, with all below it.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// The counter that was expected: of TOTP, that of the server's time, skew not counted.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// How far the user's clock or counter is off, in steps; negative is behind.
    ///
    /// It is the counter less the expected one, unless two steps of the window have the same code.
    /// The higher one is spent then, and the nearer one tells the drift.
    #[must_use]
    pub fn drift(&self) -> i64 {
        difference(self.expected, self.nearest)
    }

    /// The lowest counter that is unspent from now on: what to store.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.counter.saturating_add(1)
    }

    /// When it was verified, by the server's clock; `None` for HOTP, as for all that follows.
    #[must_use]
    pub fn time(&self) -> Option<UnixTime> {
        self.timing.as_ref().map(|timing| timing.time)
    }

    /// How long a code lives.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        self.timing.as_ref().map(|timing| timing.period)
    }

    /// When the spent step ends: its first second no more.
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        let end = |timing: &Timing| timing.start.saturating_add(timing.period.as_secs());
        self.timing.as_ref().map(end)
    }

    /// Until when this code, with this leeway, could match again.
    ///
    /// A store that keeps [`Consumed::next`] for good needs none of this; a cache of spent codes
    /// must keep this one until then.
    #[must_use]
    pub fn remember_until(&self) -> Option<UnixTime> {
        let late = self.timing.as_ref()?.late;
        Some(self.expires()?.saturating_add(late))
    }

    /// Seconds from [`Consumed::time`] to [`Consumed::remember_until`].
    #[must_use]
    pub fn remember_for(&self) -> Option<u64> {
        Some(self.remember_until()?.seconds_since(self.time()?))
    }
}

fn difference(from: u64, to: u64) -> i64 {
    let steps = i64::try_from(from.abs_diff(to)).unwrap_or(i64::MAX);
    if to < from { steps.saturating_neg() } else { steps }
}
