use otp_core::{Period, TotpMatch, UnixTime};

/// The learnt drift of a user's clock, in time steps, within a bound (RFC 6238 § 6).
///
/// It is off by default. It is a value beside a [`Tracker`](crate::replay::Tracker): spent steps stay
/// spent, and drift is learnt only from a match. [`Tracker::verify_following`] looks at a second window
/// around the followed clock, so a clock that has been put right is accepted at once.
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
/// // A clock that is one step slow, and later two steps.
/// for (now, clock) in [(900, 870), (1500, 1440)] {
///     let (now, typed) = (
///         UnixTime::from_secs(now),
///         totp.generate(UnixTime::from_secs(clock)).code(),
///     );
///     let _hit = tracker.verify_following(
///         &totp,
///         typed,
///         now,
///         Window::ONE,
///         &mut drift,
///     )?;
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
    /// No drift, which is never learnt.
    pub const OFF: Self = Self::within(0);

    /// Starts without drift, and learns at most `bound` steps either way.
    #[must_use]
    pub const fn within(bound: u8) -> Self {
        Self { steps: 0, bound }
    }

    /// Restores stored steps, cut to the bound.
    #[must_use]
    pub fn resume(steps: i16, bound: u8) -> Self {
        Self { steps: steps.clamp(i16::from(bound).saturating_neg(), bound.into()), bound }
    }

    /// Returns the steps to store. Negative: the clock is slow.
    #[must_use]
    pub const fn steps(&self) -> i16 {
        self.steps
    }

    /// Returns the most steps that are learnt either way.
    #[must_use]
    pub const fn bound(&self) -> u8 {
        self.bound
    }

    /// Returns the time by the user's clock.
    #[must_use]
    pub fn shift(&self, time: UnixTime, period: Period) -> UnixTime {
        let seconds = u64::from(self.steps.unsigned_abs()).saturating_mul(period.as_secs());
        if self.steps < 0 { time.saturating_sub(seconds) } else { time.saturating_add(seconds) }
    }

    /// Learns the drift of a match around the server's own time, within the bound.
    pub fn learn(&mut self, hit: &TotpMatch) {
        let bound = i32::from(self.bound);
        let steps = hit.drift().clamp(bound.saturating_neg(), bound);
        self.steps = i16::try_from(steps).unwrap_or_default();
    }
}
