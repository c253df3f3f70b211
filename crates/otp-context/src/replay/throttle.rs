use core::fmt;

use otp_core::UnixTime;

use crate::replay::ThrottlePolicy;

/// When the next attempt may be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// The next attempt may be made at once.
    #[default]
    Open,
    /// The next attempt may be made from this second on.
    Until(UnixTime),
    /// No attempt may be made before an operator unlocks the account.
    Hard,
}

impl Lock {
    /// Returns the seconds until the next attempt may be made: 0 if it may be made at once, `None`
    /// if only unlocking helps.
    ///
    /// ```
    /// use otp_context::replay::Lock;
    /// use otp_core::UnixTime;
    ///
    /// let lock = Lock::Until(UnixTime::from_secs(130));
    /// assert_eq!(lock.retry_after(UnixTime::from_secs(100)), Some(30));
    /// assert_eq!(lock.retry_after(UnixTime::from_secs(131)), Some(0));
    /// assert_eq!(Lock::Hard.retry_after(UnixTime::from_secs(131)), None);
    /// ```
    #[must_use]
    pub const fn retry_after(&self, now: UnixTime) -> Option<u64> {
        match self {
            Self::Open => Some(0),
            Self::Until(until) => Some(until.seconds_since(now)),
            Self::Hard => None,
        }
    }
}

/// The failures of an account, and the lock that follows from them (RFC 4226 § 7.3).
///
/// Every attempt is charged *before* its code is compared, so parallel attempts cannot slip past the
/// count, and an attempt whose process dies still counts. A success clears the failures.
///
/// ```
/// use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
/// use otp_core::{CodeFormat, UnixTime, Window};
///
/// let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE)?;
/// let now = UnixTime::from_secs(1_000_000);
/// let mut throttle = Throttle::default();
/// for _ in 0..4 {
///     let _evaluate = throttle.charge(&policy, now)?;
/// }
/// assert_eq!(
///     throttle.charge(&policy, now).unwrap_err().lock(),
///     Lock::Until(now.saturating_add(30))
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    failures: u32,
    lock: Lock,
}

impl Throttle {
    /// Restores a stored throttle.
    #[must_use]
    pub const fn resume(failures: u32, lock: Lock) -> Self {
        Self { failures, lock }
    }

    /// Returns the charged attempts since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns when the next attempt may be made.
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.lock
    }

    /// Returns the seconds until the next attempt may be made ([`Lock::retry_after`]).
    #[must_use]
    pub const fn retry_after(&self, now: UnixTime) -> Option<u64> {
        self.lock.retry_after(now)
    }

    /// Counts an attempt as failed until its code is found right.
    ///
    /// Store the state before you compare the code.
    ///
    /// # Errors
    ///
    /// [`Locked`] if the attempt comes too early, or no attempt is left. It is not counted then. If the
    /// clock went back, the lock is shortened to [`ThrottlePolicy::max_lock`]: store that, too.
    pub fn charge(&mut self, policy: &ThrottlePolicy, now: UnixTime) -> Result<Permit, Locked> {
        match self.lock {
            Lock::Open => {}
            Lock::Hard => return Err(Locked(Lock::Hard)),
            Lock::Until(until) if now < until => {
                let latest = now.saturating_add(policy.max_lock(self.failures).into());
                self.lock = Lock::Until(until.min(latest));
                return Err(Locked(self.lock));
            }
            Lock::Until(_) => {}
        }
        let before = self.failures;
        self.failures = before.saturating_add(1);
        self.lock = match policy.wait_after(self.failures) {
            _ if self.failures >= policy.limit() => policy.lock_out(now),
            0 => Lock::Open,
            wait => Lock::Until(now.saturating_add(wait.into())),
        };
        Ok(Permit { failures_before: before })
    }
}

/// A counted attempt: compare one code for it.
///
/// ```compile_fail,E0599
/// fn twice(permit: otp_context::replay::Permit) {
///     let _again = permit.clone();
/// }
/// ```
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use otp_context::replay::{Locked, ThrottlePolicy, Throttle};
/// fn ignored(throttle: &mut Throttle, policy: &ThrottlePolicy) -> Result<(), Locked> {
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
    /// Returns the failed attempts between the last success and this one. Tell the user if there were any.
    #[must_use]
    pub const fn failures_before(&self) -> u32 {
        self.failures_before
    }
}

/// No attempt may be made now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Locked(Lock);

impl Locked {
    /// Returns when the next attempt may be made: never [`Lock::Open`].
    #[must_use]
    pub const fn lock(&self) -> Lock {
        self.0
    }

    /// Returns the seconds until the next attempt may be made ([`Lock::retry_after`]).
    #[must_use]
    pub const fn retry_after(&self, now: UnixTime) -> Option<u64> {
        self.0.retry_after(now)
    }
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many failed attempts")
    }
}

impl core::error::Error for Locked {}

otp_core::__debug_error!(struct Locked(lock));
