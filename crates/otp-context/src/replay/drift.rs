use otp_core::{Period, TotpMatch, UnixTime};

/// How far a user's clock is known to be off, in time steps, within a bound (RFC 6238 § 6).
///
/// It is off by default and kept beside a [`Tracker`](crate::replay::Tracker), not in it: spent steps stay
/// spent, and drift is learnt only from a match. [`Tracker::verify_following`] looks at a second
/// window around the clock that is followed, so a clock that has been put right is accepted at once.
///
/// [`Tracker::verify_following`]: crate::replay::Tracker::verify_following
///
/// ```
/// use otp_context::replay::{Drift, Tracker};
/// use otp_core::{Algorithm, Totp, UnixTime, Window};
///
/// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
/// let (mut tracker, mut drift) = (Tracker::new(), Drift::within(4));
///
/// // A clock one step behind, and a step further behind later on.
/// for (now, clock) in [(900, 870), (1500, 1440)] {
///     let (now, typed) = (UnixTime::from_secs(now), totp.generate(UnixTime::from_secs(clock)).code());
///     let _hit = tracker.verify_following(&totp, typed, now, Window::ONE, &mut drift)?;
/// }
/// assert_eq!(drift.steps(), -2);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    steps: i16,
    bound: u8,
}

impl Drift {
    /// No drift, and none is learnt.
    pub const OFF: Self = Self::within(0);

    /// No drift yet, and at most `bound` steps of it either way.
    #[must_use]
    pub const fn within(bound: u8) -> Self {
        Self { steps: 0, bound }
    }

    /// Goes on with stored steps, cut to the bound.
    #[must_use]
    pub fn resume(steps: i16, bound: u8) -> Self {
        Self { steps: steps.clamp(i16::from(bound).saturating_neg(), bound.into()), bound }
    }

    /// The steps to store; negative is behind.
    #[must_use]
    pub const fn steps(&self) -> i16 {
        self.steps
    }

    /// The most steps either way.
    #[must_use]
    pub const fn bound(&self) -> u8 {
        self.bound
    }

    /// The time by the user's clock.
    #[must_use]
    pub fn shift(&self, time: UnixTime, period: Period) -> UnixTime {
        let seconds = u64::from(self.steps.unsigned_abs()).saturating_mul(period.as_secs());
        if self.steps < 0 { time.saturating_sub(seconds) } else { time.saturating_add(seconds) }
    }

    /// Takes over what a match around the server's own time tells, within the bound.
    pub fn learn(&mut self, hit: &TotpMatch) {
        let bound = i32::from(self.bound);
        let steps = hit.drift().clamp(bound.saturating_neg(), bound);
        self.steps = i16::try_from(steps).unwrap_or_default();
    }
}
