use otp_core::{Code, Rejected, Totp, UnixTime, Window};

use crate::{Accepted, Error};

/// How far from where it is expected a code may be, for one verification.
///
/// ```
/// use otp_context::Leeway;
/// use otp_core::Window;
///
/// // One step on either side, by a clock that is known to be 40 seconds behind.
/// let leeway = Leeway::steps(Window::ONE).with_skew(-40);
/// // What passlib calls a window of 60 seconds.
/// let seconds = Leeway::seconds(60);
/// # let _ = (leeway, seconds);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leeway {
    reach: Reach,
    skew: i32,
    reuse: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Steps(Window),
    Seconds(u32),
}

impl Default for Reach {
    fn default() -> Self {
        Self::Steps(Window::ONE)
    }
}

/// Where a TOTP verification looks.
struct Aim {
    /// The time by the user's clock.
    time: UnixTime,
    window: Window,
    /// How long after the end of its step a code is still taken, at the most.
    late: u64,
}

impl Leeway {
    /// A window in steps. HOTP looks ahead only.
    #[must_use]
    pub const fn steps(window: Window) -> Self {
        Self { reach: Reach::Steps(window), skew: 0, reuse: false }
    }

    /// A window in seconds on either side, as passlib has it; TOTP only.
    ///
    /// The steps looked at are those of all instants within it, so seconds that are not a multiple
    /// of the period reach one step further at one end of a step than at the other.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self { reach: Reach::Seconds(seconds), skew: 0, reuse: false }
    }

    /// The same around the time of a clock that is so many seconds ahead; negative is behind. TOTP
    /// only.
    #[must_use]
    pub const fn with_skew(mut self, seconds: i32) -> Self {
        self.skew = seconds;
        self
    }

    /// The same, and the code that was spent last is taken again, as often as it is typed while it
    /// is in the window; TOTP only.
    ///
    /// This is passlib's `reuse`. It gives up what RFC 6238 § 5.2 demands: whoever saw the code
    /// can use it too.
    #[must_use]
    pub const fn with_reuse(mut self) -> Self {
        self.reuse = true;
        self
    }

    /// Looks for a TOTP code at `now`, without a memory: what is below the counter `floor` is
    /// spent. Store [`Accepted::next`], which is the next floor.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is wrong or spent.
    /// - [`Error::Leeway`]: more than 255 steps either side.
    ///
    /// ```
    /// use otp_context::Leeway;
    /// use otp_core::{Algorithm, Totp, UnixTime};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let code = totp.parse("287082")?; // of the step from 30 to 59
    /// let now = UnixTime::from_secs(75);
    /// let accepted = Leeway::seconds(45).verify(&totp, code, now, 0)?;
    /// assert_eq!((accepted.counter(), accepted.next()), (1, 2));
    /// assert!(Leeway::seconds(45).verify(&totp, code, now, accepted.next()).is_err());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn verify(
        &self,
        totp: &Totp,
        code: Code,
        now: UnixTime,
        floor: u64,
    ) -> Result<Accepted, Error> {
        let aim = self.aim(totp, now)?.ok_or(Rejected::Mismatch)?;
        let floor = if self.reuse { floor.saturating_sub(1) } else { floor };
        let hit = totp.verify(code, aim.time, aim.window, floor)?;
        Ok(Accepted::totp(&hit, now, totp.counter_at(now), aim.late))
    }

    /// The window of an HOTP verification. One step behind tells a replay from a mismatch.
    pub(crate) fn look_ahead(&self) -> Result<Window, Error> {
        match self.reach {
            Reach::Steps(window) if self.skew == 0 && !self.reuse => {
                Ok(Window::new(window.behind.max(1), window.ahead))
            }
            _ => Err(Error::Leeway),
        }
    }

    /// Where to look at `time`; `None` if all of it is before 1970.
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
                    u8::try_from(to.saturating_sub(from)).map_err(|_| Error::Leeway)
                };
                let window = Window::new(steps(first, expected)?, steps(expected, last)?);
                Aim { time: client, window, late: u64::from(seconds).saturating_add(behind) }
            }
        }))
    }
}
