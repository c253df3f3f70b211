//! A credential verifies typed codes and spends what they match.

use otp_core::{Rejected, Window};
use otp_uri::Generator;

use super::Credential;
use crate::replay::ClockOffset;
use crate::{Accepted, Error, Leeway};

impl Credential {
    /// Verifies a typed code with the leeway of the context and spends it, and all before it.
    ///
    /// Charge a [`Throttle`](crate::replay::Throttle) first, and store [`Credential::next`] before you
    /// act on it. Where several processes verify, let the write decide.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is malformed, wrong or spent, and nothing else is spent.
    /// - [`Error::Clock`]: the clock tells no time.
    ///
    /// ```
    /// use otp_context::{Error, OtpContext};
    /// use otp_core::Rejected;
    ///
    /// let mut credential = OtpContext::new().new_totp("alice@example.com")?;
    /// let typed = credential.token()?.code().text();
    ///
    /// let accepted = credential.consume(typed.as_str())?;
    /// assert_eq!(credential.next(), accepted.next());
    /// assert_eq!(credential.consume(typed.as_str()), Err(Error::Rejected(Rejected::Replayed)));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn consume(&mut self, typed: &str) -> Result<Accepted, Error> {
        let leeway = match self.generator {
            Generator::Totp(_) => self.context.leeway(),
            Generator::Hotp(_) => Leeway::steps(Window::new(1, self.context.look_ahead())),
        };
        self.consume_within(typed, leeway)
    }

    /// Verifies a typed code with another leeway and spends it, and all before it.
    ///
    /// # Errors
    ///
    /// - Those of [`Credential::consume`].
    /// - [`Error::Leeway`]: more than 255 steps either side; for HOTP seconds, a skew or reuse.
    pub fn consume_within(&mut self, typed: &str, leeway: Leeway) -> Result<Accepted, Error> {
        let code = self.generator.parse(typed).map_err(Rejected::Malformed)?;
        let accepted = match &self.generator {
            Generator::Hotp(hotp) => {
                let hit = self.tracker.verify_hotp(hotp, code, leeway.look_ahead()?)?;
                self.moved = true;
                Accepted::hotp(&hit)
            }
            Generator::Totp(totp) => {
                let now = self.context.now()?;
                let accepted = leeway.verify(totp, code, now, self.tracker.next())?;
                self.spend(accepted.next());
                accepted
            }
        };
        self.is_proven = true;
        Ok(accepted)
    }

    /// Finds typed codes that follow one another in a far wider range than one may be looked for
    /// in, and spends them ([`Tracker::resync_totp`], [`Tracker::resync_hotp`]).
    ///
    /// [`Tracker::resync_totp`]: crate::replay::Tracker::resync_totp
    /// [`Tracker::resync_hotp`]: crate::replay::Tracker::resync_hotp
    ///
    /// `reach` is in steps: either side of now for TOTP, ahead for HOTP. Charge the throttle for
    /// it as for any attempt. Fewer than two codes do not compile.
    ///
    /// A clock that is off stays so: store [`Accepted::drift`] too, and from then on verify with
    /// [`Leeway::with_skew`] of as many periods.
    ///
    /// # Errors
    ///
    /// Those of [`Credential::consume`].
    pub fn resync<const N: usize>(
        &mut self,
        typed: &[&str; N],
        reach: u16,
    ) -> Result<Accepted, Error> {
        let mut codes = [None; N];
        for (slot, typed) in codes.iter_mut().zip(typed) {
            *slot = Some(self.generator.parse(typed).map_err(Rejected::Malformed)?);
        }
        let first = codes.iter().flatten().next().copied().ok_or(Rejected::Mismatch)?;
        let codes = codes.map(|code| code.unwrap_or(first));
        let accepted = match &self.generator {
            Generator::Hotp(hotp) => {
                Accepted::hotp(&self.tracker.resync_hotp(hotp, &codes, reach)?)
            }
            Generator::Totp(totp) => {
                let now = self.context.now()?;
                let hit = self.tracker.resync_totp(totp, &codes, now, reach)?;
                let late = u64::from(reach).saturating_mul(totp.period().as_secs());
                Accepted::totp(&hit, now, hit.expected(), late)
            }
        };
        (self.moved, self.is_proven) = (true, true);
        Ok(accepted)
    }

    /// Looks up to `reach` time steps either side of now for a code that was refused: "right
    /// code, about so many seconds off". It lets no one in: see [`ClockOffset::find`].
    ///
    /// `None` if no step has it, and for HOTP.
    ///
    /// # Errors
    ///
    /// - [`Error::Rejected`]: the code is malformed.
    /// - [`Error::Clock`]: the clock tells no time.
    pub fn diagnose(&self, typed: &str, reach: u8) -> Result<Option<ClockOffset>, Error> {
        let code = self.generator.parse(typed).map_err(Rejected::Malformed)?;
        let Some(totp) = self.totp() else { return Ok(None) };
        Ok(ClockOffset::find(totp, code, self.context.now()?, reach))
    }
}
