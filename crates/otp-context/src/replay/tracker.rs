use otp_core::{Code, Hotp, HotpMatch, Rejected, Totp, TotpMatch, UnixTime, Window};

use crate::replay::Drift;

/// The lowest unspent counter, so that no code is accepted twice.
///
/// RFC 6238 § 5.2 says: "The verifier MUST NOT accept the second attempt of the OTP after the
/// successful validation has been issued for the first OTP".
///
/// The counter never falls, so a clock that goes back makes no counter unspent. Store [`Tracker::next`]
/// before you act on a match. If several processes verify, let the write decide: it must fail if the
/// stored value is above the matched counter.
///
/// Verify the code that confirms an enrolment with a new tracker, and keep that tracker: then the code is
/// spent. [`Tracker::verify_following`] follows a clock that is off. A tracker has no `Clone`: two
/// trackers of one key would each accept the same code.
///
/// ```compile_fail,E0599
/// # fn keep(tracker: otp_context::replay::Tracker) {
/// let _twin = tracker.clone();
/// # }
/// ```
///
/// ```
/// use otp_context::replay::Tracker;
/// use otp_core::{Algorithm, Rejected, Totp, UnixTime, Window};
///
/// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
/// let (now, typed) = (UnixTime::from_secs(59), totp.parse("287082")?);
///
/// let mut tracker = Tracker::new();
/// let hit = tracker.verify_totp(&totp, typed, now, Window::ONE)?;
/// assert_eq!((hit.counter(), tracker.next()), (1, 2));
/// assert_eq!(
///     tracker.verify_totp(&totp, typed, now, Window::ONE),
///     Err(Rejected::Replayed)
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tracker {
    next: u64,
}

impl Tracker {
    /// Starts with no counter spent.
    #[must_use]
    pub const fn new() -> Self {
        Self::resume(0)
    }

    /// Restores a stored tracker. `next` is the lowest unspent counter.
    #[must_use]
    pub const fn resume(next: u64) -> Self {
        Self { next }
    }

    /// Returns the lowest unspent counter: store it.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Verifies a TOTP code and spends it ([`Totp::verify`]).
    ///
    /// # Errors
    ///
    /// Those of [`Totp::verify`]. Then no counter is spent.
    pub fn verify_totp(
        &mut self,
        totp: &Totp,
        code: Code,
        time: UnixTime,
        window: Window,
    ) -> Result<TotpMatch, Rejected> {
        let hit = totp.verify(code, time, window, self.next)?;
        self.spend(hit.next());
        Ok(hit)
    }

    /// Verifies a TOTP code of a followed clock, spends it, and learns the clock's drift from it
    /// ([`Totp::verify_with_drift`]).
    ///
    /// It looks at two windows, around `time` and around the followed clock, so a clock that has been put
    /// right is accepted, too. With [`Drift::OFF`] there is one window, as in [`Tracker::verify_totp`].
    ///
    /// # Errors
    ///
    /// Those of [`Totp::verify_with_drift`]. Then no counter is spent, and no drift is learnt.
    pub fn verify_following(
        &mut self,
        totp: &Totp,
        code: Code,
        time: UnixTime,
        window: Window,
        drift: &mut Drift,
    ) -> Result<TotpMatch, Rejected> {
        let hit = match drift.bound() {
            0 => totp.verify(code, time, window, self.next)?,
            _ => totp.verify_with_drift(code, time, drift.steps(), window, self.next)?,
        };
        drift.learn(&hit);
        self.spend(hit.next());
        Ok(hit)
    }

    /// Verifies an HOTP code, and spends its counter and every lower one ([`Hotp::verify`]).
    ///
    /// # Errors
    ///
    /// Those of [`Hotp::verify`]. Then no counter is spent.
    pub fn verify_hotp(
        &mut self,
        hotp: &Hotp,
        code: Code,
        window: Window,
    ) -> Result<HotpMatch, Rejected> {
        let hit = hotp.verify(code, self.next, window)?;
        self.spend(hit.next());
        Ok(hit)
    }

    /// Resynchronises by consecutive TOTP codes, and spends them ([`Totp::resync`]).
    ///
    /// # Errors
    ///
    /// Those of [`Totp::resync`]. Then no counter is spent.
    pub fn resync_totp<const N: usize>(
        &mut self,
        totp: &Totp,
        codes: &[Code; N],
        time: UnixTime,
        reach: u16,
    ) -> Result<TotpMatch, Rejected> {
        let hit = totp.resync(codes, time, reach, self.next)?;
        self.spend(hit.next());
        Ok(hit)
    }

    /// Resynchronises by consecutive HOTP codes, and spends them ([`Hotp::resync`]).
    ///
    /// # Errors
    ///
    /// Those of [`Hotp::resync`]. Then no counter is spent.
    pub fn resync_hotp<const N: usize>(
        &mut self,
        hotp: &Hotp,
        codes: &[Code; N],
        look_ahead: u16,
    ) -> Result<HotpMatch, Rejected> {
        let hit = hotp.resync(codes, self.next, look_ahead)?;
        self.spend(hit.next());
        Ok(hit)
    }

    /// Marks every counter below `next` as spent.
    pub(crate) fn spend(&mut self, next: u64) {
        self.next = self.next.max(next);
    }
}
