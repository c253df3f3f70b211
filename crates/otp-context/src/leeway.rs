use otp_core::{Totp, UnixTime, Window};

use crate::Error;

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
pub(crate) struct Aim {
    /// The time by the user's clock.
    pub(crate) time: UnixTime,
    pub(crate) window: Window,
    /// How long after the end of its step a code is still taken, at the most.
    pub(crate) late: u64,
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

    /// The same around the time of a clock that is so many seconds ahead; negative is behind.
    #[must_use]
    pub const fn with_skew(mut self, seconds: i32) -> Self {
        self.skew = seconds;
        self
    }

    /// The same, and the code that was spent last is taken once more; TOTP only.
    ///
    /// This is passlib's `reuse`. It gives up what RFC 6238 § 5.2 demands: whoever saw the code
    /// can use it too.
    #[must_use]
    pub const fn with_reuse(mut self) -> Self {
        self.reuse = true;
        self
    }

    /// Whether the code that was spent last is taken once more.
    pub(crate) const fn reuses(&self) -> bool {
        self.reuse
    }

    /// The window of an HOTP verification. One step behind tells a replay from a mismatch.
    pub(crate) fn look_ahead(&self) -> Result<Window, Error> {
        match self.reach {
            Reach::Steps(window) => Ok(Window::new(window.behind.max(1), window.ahead)),
            Reach::Seconds(_) => Err(Error::Leeway),
        }
    }

    /// Where to look at `time`; `None` if all of it is before 1970.
    pub(crate) fn aim(&self, totp: &Totp, time: UnixTime) -> Result<Option<Aim>, Error> {
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
