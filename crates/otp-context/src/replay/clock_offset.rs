use core::fmt;

use otp_core::{Code, Rejected, Totp, TotpMatch, UnixTime, Window};

/// How far a user's clock is off, in seconds, as matches show it (RFC 6238 § 6).
///
/// A code shows only its time step, so one match leaves a range as long as the period.
/// [`ClockOffset::narrow`] makes the range smaller with each further match. The time for typing and for
/// the network counts as a slow clock.
///
/// It is a diagnosis for a support desk or a log, and lets no user in. That a code would have been right
/// at another time reveals something about the key. Show it only after the first factor, and charge the
/// [`Throttle`](crate::replay::Throttle) for it.
///
/// ```
/// use otp_context::replay::ClockOffset;
/// use otp_core::{Algorithm, Totp, UnixTime};
///
/// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
/// // The user's clock is 95 seconds slow.
/// let first = totp.generate(UnixTime::from_secs(10_000)).code();
/// let second = totp.generate(UnixTime::from_secs(10_075)).code();
///
/// let offset =
///     ClockOffset::find(&totp, first, UnixTime::from_secs(10_095), 20)
///         .unwrap();
/// assert_eq!((offset.earliest(), offset.latest()), (-105, -76));
/// let again =
///     ClockOffset::find(&totp, second, UnixTime::from_secs(10_170), 20)
///         .unwrap();
/// let offset = offset.narrow(again).unwrap();
/// assert_eq!((offset.earliest(), offset.latest()), (-105, -91));
/// assert_eq!(offset.to_string(), "clock is about 98 seconds behind");
/// # Ok::<(), otp_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    earliest: i64,
    latest: i64,
}

impl ClockOffset {
    /// Looks for a code up to `reach` time steps on either side of `time`, spent steps included.
    ///
    /// Returns `None` if no step has the code. If several have it, the nearest counts. With a reach of 20
    /// and six digits a wrong code is found in 1 of 24,000 cases, so ask for a second code.
    #[must_use]
    pub fn find(totp: &Totp, code: Code, time: UnixTime, reach: u8) -> Option<Self> {
        match totp.verify(code, time, Window::new(reach, reach), 0) {
            Ok(hit) => Some(Self::of(&hit, totp)),
            Err(Rejected::Malformed(_) | Rejected::Mismatch) => None,
            Err(Rejected::Replayed | Rejected::Exhausted) => None,
        }
    }

    /// Returns the offset that a match shows, counted from the time of the verification. If that time was
    /// shifted by a known drift ([`Drift::shift`](crate::replay::Drift::shift)), add the drift.
    #[must_use]
    pub fn of(hit: &TotpMatch, totp: &Totp) -> Self {
        let start = totp.start_of(hit.expected().saturating_add_signed(hit.drift().into()));
        let earliest = difference(start, hit.time());
        let length = i64::try_from(hit.period().as_secs()).unwrap_or(i64::MAX);
        Self { earliest, latest: earliest.saturating_add(length.saturating_sub(1)) }
    }

    /// Combines two offsets. Returns `None` if they contradict: the clock did not run steadily, or one match
    /// was chance.
    #[must_use]
    pub fn narrow(self, other: Self) -> Option<Self> {
        let both = Self {
            earliest: self.earliest.max(other.earliest),
            latest: self.latest.min(other.latest),
        };
        (both.earliest <= both.latest).then_some(both)
    }

    /// Returns the fewest seconds that the clock is fast. Negative: it is slow.
    #[must_use]
    pub const fn earliest(&self) -> i64 {
        self.earliest
    }

    /// Returns the most seconds that the clock is fast. Negative: it is slow.
    #[must_use]
    pub const fn latest(&self) -> i64 {
        self.latest
    }

    /// Returns the middle of the range, in seconds. Negative: the clock is slow.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.earliest.midpoint(self.latest)
    }
}

impl fmt::Display for ClockOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds().unsigned_abs();
        if self.earliest > 0 {
            write!(f, "clock is about {seconds} seconds ahead")
        } else if self.latest < 0 {
            write!(f, "clock is about {seconds} seconds behind")
        } else {
            f.write_str("clock is right within one period")
        }
    }
}

fn difference(later: UnixTime, earlier: UnixTime) -> i64 {
    let seconds = i64::try_from(later.as_secs().abs_diff(earlier.as_secs())).unwrap_or(i64::MAX);
    if later < earlier { seconds.saturating_neg() } else { seconds }
}
