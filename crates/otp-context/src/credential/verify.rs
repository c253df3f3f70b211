//! Verifying typed codes of a credential, and spending them.

use otp_core::Rejected;
use otp_uri::Generator;

use super::Credential;
use crate::replay::ClockOffset;
use crate::{Consumed, Error, Tolerance};

impl Credential {
    /// Verifies a typed code and spends its counter, and every lower one with it.
    ///
    /// Charge a [`Throttle`](crate::replay::Throttle) first, and store [`Credential::next`] before you
    /// act on the result. Where several processes verify, let the write decide.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is malformed, wrong or spent, and nothing else is spent.
    /// - [`Error::Clock`]: the clock cannot be read.
    /// - [`Error::Tolerance`]: more than 255 steps on one side.
    ///
    /// ```
    /// use otp_context::{Error, OtpContext, Tolerance};
    /// use otp_core::Rejected;
    ///
    /// let mut credential = OtpContext::new().new_totp("alice@example.com")?;
    /// let typed = credential.token()?.code().text();
    ///
    /// let consumed = credential.consume(typed.as_str(), Tolerance::new())?;
    /// assert_eq!(credential.next(), consumed.next());
    /// let again = credential.consume(typed.as_str(), Tolerance::new());
    /// assert_eq!(again, Err(Error::Rejected(Rejected::Replayed)));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn consume(&mut self, typed: &str, tolerance: Tolerance) -> Result<Consumed, Error> {
        let code = self.generator.parse(typed).map_err(Rejected::Malformed)?;
        let consumed = match &self.generator {
            Generator::Hotp(hotp) => {
                let hit = self.tracker.verify_hotp(hotp, code, tolerance.hotp_window())?;
                self.moved = true;
                Consumed::hotp(&hit)
            }
            Generator::Totp(totp) => {
                let now = self.context.now()?;
                let consumed = tolerance.verify(totp, code, now, self.tracker.next())?;
                self.spend(consumed.next());
                consumed
            }
        };
        self.is_proven = true;
        Ok(consumed)
    }

    /// Resynchronises by typed codes that follow one another, in a far wider range than one code may be
    /// looked for in, and spends them ([`Tracker::resync_totp`], [`Tracker::resync_hotp`]).
    ///
    /// [`Tracker::resync_totp`]: crate::replay::Tracker::resync_totp
    /// [`Tracker::resync_hotp`]: crate::replay::Tracker::resync_hotp
    ///
    /// `reach` is in steps: either side of now for TOTP, ahead for HOTP. Charge the throttle for it as for
    /// any attempt. Fewer than two codes do not compile.
    ///
    /// The user's clock stays off. Store [`Consumed::drift`], too, and from then on verify with
    /// [`Tolerance::with_skew`] of as many periods.
    ///
    /// # Errors
    ///
    /// Those of [`Credential::consume`].
    pub fn resync<const N: usize>(
        &mut self,
        typed: &[&str; N],
        reach: u16,
    ) -> Result<Consumed, Error> {
        let mut codes = [None; N];
        for (slot, typed) in codes.iter_mut().zip(typed) {
            *slot = Some(self.generator.parse(typed).map_err(Rejected::Malformed)?);
        }
        let first = codes.iter().flatten().next().copied().ok_or(Rejected::Mismatch)?;
        let codes = codes.map(|code| code.unwrap_or(first));
        let consumed = match &self.generator {
            Generator::Hotp(hotp) => {
                Consumed::hotp(&self.tracker.resync_hotp(hotp, &codes, reach)?)
            }
            Generator::Totp(totp) => {
                let now = self.context.now()?;
                let hit = self.tracker.resync_totp(totp, &codes, now, reach)?;
                let late = u64::from(reach).saturating_mul(totp.period().as_secs());
                Consumed::totp(&hit, now, hit.expected(), late)
            }
        };
        (self.moved, self.is_proven) = (true, true);
        Ok(consumed)
    }

    /// Looks for a rejected code up to `reach` time steps on either side of now, to say how far the clock is
    /// off. It lets no user in: see [`ClockOffset::find`].
    ///
    /// Returns `None` if no step has the code, and for HOTP.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is malformed.
    /// - [`Error::Clock`]: the clock cannot be read.
    pub fn diagnose(&self, typed: &str, reach: u8) -> Result<Option<ClockOffset>, Error> {
        let code = self.generator.parse(typed).map_err(Rejected::Malformed)?;
        let Some(totp) = self.totp() else { return Ok(None) };
        Ok(ClockOffset::find(totp, code, self.context.now()?, reach))
    }
}
