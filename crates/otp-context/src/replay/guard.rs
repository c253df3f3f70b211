use core::fmt;

use otp_core::{Hotp, HotpMatch, Rejected, Totp, TotpMatch, UnixTime, Window};

use super::{Lock, Locked, Throttle, ThrottlePolicy, Tracker};

/// A tracker and a throttle in one value, which verifies a code in the only safe order:
///
/// 1. It counts the attempt and stores that, before it compares the code.
/// 2. It looks for the code in the whole window.
/// 3. It spends the counter that matched, clears the failures and stores both, before it returns the
///    match.
///
/// The closure stores [`Guard::next`] and [`Guard::throttle`] where they survive a power cut. If the
/// closure fails, the guard keeps its last stored state: no counter is spent, and no match is returned.
/// An attacker gains no guess from a power cut.
///
/// A guard is for one device or process. If several verify the same key, use `otp-store`, whose writes
/// decide between them.
///
/// It has no `Clone`: two guards of one key would each accept the same code.
///
/// ```
/// use core::convert::Infallible;
///
/// use otp_context::replay::{Guard, Throttle, ThrottlePolicy};
/// use otp_core::{Algorithm, Totp, UnixTime, Window};
///
/// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
/// let policy = ThrottlePolicy::new(totp.format(), Window::ONE)?;
/// let mut flash = (0, Throttle::default()); // what outlives a power cut
/// for (typed, opens) in [("287082", true), ("287082", false)] {
///     let mut guard = Guard::resume(flash.0, flash.1);
///     let now = UnixTime::from_secs(59);
///     let hit =
///         guard.verify(&policy, &totp, typed, now, Window::ONE, |state| {
///             flash = (state.next(), state.throttle());
///             Ok::<_, Infallible>(())
///         });
///     assert_eq!(hit.is_ok(), opens);
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Guard {
    tracker: Tracker,
    throttle: Throttle,
}

impl Guard {
    /// Starts with no counter spent and no failure.
    #[must_use]
    pub const fn new() -> Self {
        Self::resume(0, Throttle::resume(0, Lock::Open))
    }

    /// Restores a stored guard. `next` is the lowest unspent counter.
    #[must_use]
    pub const fn resume(next: u64, throttle: Throttle) -> Self {
        Self { tracker: Tracker::resume(next), throttle }
    }

    /// Returns the lowest unspent counter. Store it with [`Guard::throttle`].
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.tracker.next()
    }

    /// Returns the failures since the last match, and the lock that follows from them. Store it with
    /// [`Guard::next`].
    #[must_use]
    pub const fn throttle(&self) -> Throttle {
        self.throttle
    }

    /// Verifies a typed TOTP code and spends it ([`Totp::verify`]).
    ///
    /// It calls `store` with the state to store, before it compares the code and after a match.
    ///
    /// # Errors
    ///
    /// - [`GuardError::Rejected`]: the text is no code, which costs no attempt, or the code is wrong
    ///   or spent.
    /// - [`GuardError::Locked`]: there were too many failures. The code was not compared.
    /// - [`GuardError::Store`]: the closure failed.
    pub fn verify<E>(
        &mut self,
        policy: &ThrottlePolicy,
        totp: &Totp,
        typed: &str,
        now: UnixTime,
        window: Window,
        store: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<TotpMatch, GuardError<E>> {
        let code = totp.parse(typed).map_err(Rejected::Malformed)?;
        self.decide(policy, now, store, |tracker| tracker.verify_totp(totp, code, now, window))
    }

    /// Verifies a typed HOTP code, and spends its counter and every lower one ([`Hotp::verify`]). `now` is
    /// for the throttle.
    ///
    /// # Errors
    ///
    /// Those of [`Guard::verify`].
    pub fn verify_hotp<E>(
        &mut self,
        policy: &ThrottlePolicy,
        hotp: &Hotp,
        typed: &str,
        now: UnixTime,
        window: Window,
        store: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<HotpMatch, GuardError<E>> {
        let code = hotp.parse(typed).map_err(Rejected::Malformed)?;
        self.decide(policy, now, store, |tracker| tracker.verify_hotp(hotp, code, window))
    }

    fn decide<M, E>(
        &mut self,
        policy: &ThrottlePolicy,
        now: UnixTime,
        mut store: impl FnMut(&Self) -> Result<(), E>,
        look: impl FnOnce(&mut Tracker) -> Result<M, Rejected>,
    ) -> Result<M, GuardError<E>> {
        let mut throttle = self.throttle;
        let charged = throttle.charge(policy, now);
        // A lock that was shortened because the clock went back is stored, too.
        if charged.is_ok() || throttle != self.throttle {
            self.keep(self.next(), throttle, &mut store)?;
        }
        let _permit = charged.map_err(GuardError::Locked)?;
        let mut tracker = Tracker::resume(self.next());
        let hit = look(&mut tracker)?;
        self.keep(tracker.next(), Throttle::default(), &mut store)?;
        Ok(hit)
    }

    /// Stores a state, and then takes it over.
    fn keep<E>(
        &mut self,
        next: u64,
        throttle: Throttle,
        store: &mut impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<(), GuardError<E>> {
        let state = Self::resume(next, throttle);
        store(&state).map_err(GuardError::Store)?;
        *self = state;
        Ok(())
    }
}

/// Why a [`Guard`] returned no match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardError<E> {
    /// The text is no code, or the code is wrong or spent.
    Rejected(Rejected),
    /// No attempt may be made now.
    Locked(Locked),
    /// The state was not stored.
    Store(E),
}

impl<E> From<Rejected> for GuardError<E> {
    fn from(error: Rejected) -> Self {
        Self::Rejected(error)
    }
}

impl<E: fmt::Display> fmt::Display for GuardError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(error) => error.fmt(f),
            Self::Locked(error) => error.fmt(f),
            Self::Store(error) => write!(f, "state is not stored: {error}"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for GuardError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            // The other two have no source.
            _ => None,
        }
    }
}
