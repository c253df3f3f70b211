use otp_core::{Code, Rejected, Totp, UnixTime, Window};

use crate::{Consumed, Error};

/// How far a code may be from the expected counter, in one verification.
///
/// The default is one step on either side for TOTP (RFC 6238 § 5.2) and five counters ahead for HOTP
/// (RFC 4226 § 7.4). A credential uses the part for its own type.
///
/// ```
/// use otp_context::Tolerance;
/// use otp_core::Window;
///
/// // One step on either side of a clock that is 40 seconds slow.
/// let slow = Tolerance::new().with_window(Window::ONE).with_skew(-40);
/// // What passlib calls a window of 60 seconds.
/// let seconds = Tolerance::new().with_seconds(60);
/// # let _ = (slow, seconds);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    reach: Reach,
    look_ahead: u8,
    skew: i32,
    reuse: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Steps(Window),
    Seconds(u32),
}

/// Where a TOTP verification looks.
struct Aim {
    /// The time by the user's clock.
    time: UnixTime,
    window: Window,
    /// The most seconds after the end of its step that a code is accepted.
    late: u64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::new()
    }
}

impl Tolerance {
    /// Returns the default: one step on either side for TOTP, five counters ahead for HOTP.
    #[must_use]
    pub const fn new() -> Self {
        Self { reach: Reach::Steps(Window::ONE), look_ahead: 5, skew: 0, reuse: false }
    }

    /// Sets the window of TOTP, in steps.
    #[must_use]
    pub const fn with_window(self, window: Window) -> Self {
        Self { reach: Reach::Steps(window), ..self }
    }

    /// Sets the window of TOTP in seconds on either side, as passlib has it.
    ///
    /// It covers the steps of all instants within it. So if the seconds are not a multiple of the period,
    /// it reaches one step further at one end of a step than at the other.
    #[must_use]
    pub const fn with_seconds(self, seconds: u32) -> Self {
        Self { reach: Reach::Seconds(seconds), ..self }
    }

    /// Sets the look-ahead of HOTP, in counters.
    #[must_use]
    pub const fn with_look_ahead(self, look_ahead: u8) -> Self {
        Self { look_ahead, ..self }
    }

    /// Shifts the window of TOTP by a known clock offset in seconds. Negative: the user's clock is
    /// slow.
    #[must_use]
    pub const fn with_skew(self, seconds: i32) -> Self {
        Self { skew: seconds, ..self }
    }

    /// Accepts the TOTP code that was spent last again, as often as it is typed while it is in the
    /// window.
    ///
    /// This is passlib's `reuse`. It gives up what RFC 6238 § 5.2 demands: an attacker who saw the
    /// code can use it, too.
    #[must_use]
    pub const fn with_reuse(self) -> Self {
        Self { reuse: true, ..self }
    }

    /// Looks for a TOTP code at `now`, without a memory: every counter below `next` is spent. Store
    /// [`Consumed::next`] for the next call.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is wrong or spent.
    /// - [`Error::Tolerance`]: more than 255 steps either side.
    ///
    /// ```
    /// use otp_context::Tolerance;
    /// use otp_core::{Algorithm, Totp, UnixTime};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let code = totp.parse("287082")?; // of the step from 30 to 59
    /// let now = UnixTime::from_secs(75);
    /// let consumed =
    ///     Tolerance::new().with_seconds(45).verify(&totp, code, now, 0)?;
    /// assert_eq!((consumed.counter(), consumed.next()), (1, 2));
    /// assert!(
    ///     Tolerance::new()
    ///         .with_seconds(45)
    ///         .verify(&totp, code, now, consumed.next())
    ///         .is_err()
    /// );
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn verify(
        &self,
        totp: &Totp,
        code: Code,
        now: UnixTime,
        next: u64,
    ) -> Result<Consumed, Error> {
        let aim = self.aim(totp, now)?.ok_or(Rejected::Mismatch)?;
        let next = if self.reuse { next.saturating_sub(1) } else { next };
        let hit = totp.verify(code, aim.time, aim.window, next)?;
        Ok(Consumed::totp(&hit, now, totp.counter_at(now), aim.late))
    }

    /// The window of an HOTP verification. One step behind tells a replay from a mismatch.
    pub(crate) const fn hotp_window(&self) -> Window {
        Window::new(1, self.look_ahead)
    }

    /// Returns where to look at `time`, and `None` if that is before 1970.
    fn aim(&self, totp: &Totp, time: UnixTime) -> Result<Option<Aim>, Error> {
        let skewed = i128::from(time.as_secs()).saturating_add(self.skew.into());
        let instant =
            |time: i128| UnixTime::from_secs(u64::try_from(time.max(0)).unwrap_or(u64::MAX));
        let behind = u64::from(self.skew.min(0).unsigned_abs());
        let client = instant(skewed);
        Ok(Some(match self.reach {
            Reach::Steps(_) if skewed < 0 => return Ok(None),
            Reach::Steps(window) => {
                let late = u64::from(window.behind).saturating_mul(totp.period().as_secs());
                Aim { time: client, window, late: late.saturating_add(behind) }
            }
            Reach::Seconds(seconds) => {
                let last = skewed.saturating_add(seconds.into());
                if last < 0 {
                    return Ok(None);
                }
                let expected = totp.counter_at(client);
                let first = totp.counter_at(instant(skewed.saturating_sub(seconds.into())));
                let last = totp.counter_at(instant(last));
                let steps = |from: u64, to: u64| {
                    u8::try_from(to.saturating_sub(from)).map_err(|_| Error::Tolerance)
                };
                let window = Window::new(steps(first, expected)?, steps(expected, last)?);
                Aim { time: client, window, late: u64::from(seconds).saturating_add(behind) }
            }
        }))
    }
}
