use core::fmt;

use otp_core::UnixTime;

use crate::replay::Policy;

/// Whether an attempt may be made now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// At once.
    #[default]
    Open,
    /// From this second on.
    Until(UnixTime),
    /// Not before somebody unlocks.
    Hard,
}

/// How often guessing failed, and until when the next attempt must wait (RFC 4226 § 7.3).
///
/// Every attempt is charged *before* it is evaluated, so attempts at the same instant cannot slip
/// past the count, and one whose process dies still counts. A success clears it.
///
/// ```
/// use otp_context::replay::{Lock, Policy, Throttle};
/// use otp_core::{CodeFormat, UnixTime, Window};
///
/// let policy = Policy::new(CodeFormat::default(), Window::ONE)?;
/// let now = UnixTime::from_secs(1_000_000);
/// let mut throttle = Throttle::default();
/// for _ in 0..4 {
///     let _evaluate = throttle.charge(&policy, now)?;
/// }
/// assert_eq!(throttle.charge(&policy, now).unwrap_err().lock(), Lock::Until(now.saturating_add(30)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    failures: u32,
    lock: Lock,
}

impl Throttle {
    /// Goes on where a stored throttle stopped.
    #[must_use]
    pub const fn resume(failures: u32, lock: Lock) -> Self {
        Self { failures, lock }
    }

    /// Attempts since the last success that were charged.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// When the next attempt may be made.
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.lock
    }

    /// Counts an attempt as failed until it proves otherwise.
    ///
    /// The state must be stored before the code is looked at.
    ///
    /// # Errors
    ///
    /// [`Locked`] if the attempt comes too early or none is left; it is not counted then. If the
    /// clock went back, the wait is cut to [`Policy::longest_wait`], and that must be stored too.
    pub fn charge(&mut self, policy: &Policy, now: UnixTime) -> Result<Permit, Locked> {
        match self.lock {
            Lock::Open => {}
            Lock::Hard => return Err(Locked(Lock::Hard)),
            Lock::Until(until) if now < until => {
                let latest = now.saturating_add(policy.longest_wait(self.failures).into());
                self.lock = Lock::Until(until.min(latest));
                return Err(Locked(self.lock));
            }
            Lock::Until(_) => {}
        }
        let before = self.failures;
        self.failures = before.saturating_add(1);
        self.lock = match policy.wait_after(self.failures) {
            _ if self.failures >= policy.limit() => Lock::Hard,
            0 => Lock::Open,
            wait => Lock::Until(now.saturating_add(wait.into())),
        };
        Ok(Permit { failures_before: before })
    }
}

/// An attempt is counted: evaluate one code for it.
///
/// ```compile_fail,E0599
/// fn twice(permit: otp_context::replay::Permit) {
///     let _again = permit.clone();
/// }
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use otp_context::replay::{Locked, Policy, Throttle};
/// fn ignored(throttle: &mut Throttle, policy: &Policy) -> Result<(), Locked> {
///     throttle.charge(policy, otp_core::UnixTime::EPOCH)?;
///     Ok(())
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the attempt is charged; evaluate it"]
pub struct Permit {
    failures_before: u32,
}

impl Permit {
    /// Attempts since the last success that failed before this one: worth telling the user.
    #[must_use]
    pub const fn failures_before(&self) -> u32 {
        self.failures_before
    }
}

/// No attempt may be made now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Locked(Lock);

impl Locked {
    /// When the next one may be: never [`Lock::Open`].
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.0
    }
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many failed attempts")
    }
}

impl core::error::Error for Locked {}

otp_core::__debug_error!(struct Locked(lock));
