use alloc::string::String;
use core::fmt;

use otp_core::{Hotp, Rejected, Secret, Totp, UnixTime, Window};
use otp_uri::{Finding, Findings, Generator, KeyUri, Kind, Label};

use crate::record::name;
use crate::{
    Accepted, ClockOffset, Error, Leeway, OtpContext, Record, Reseal, Token, Tracker, Weakness,
};

/// A user's key with its label, its parameters and its memory of what is spent.
///
/// A context makes it ([`OtpContext::new_totp`], [`OtpContext::from_uri`], [`OtpContext::open`])
/// and it keeps a handle on that context: its clock, its wallet, its defaults. It borrows nothing,
/// so it can be held across threads and `await`s.
///
/// The first code that is consumed confirms an enrolment, and is spent by it like any other.
///
/// It has a key in it, so it is neither printed nor serialised, and two of it would each accept
/// the same code, so it is not copied:
///
/// ```compile_fail,E0277
/// # fn show(credential: &otp_context::Credential) {
/// println!("{credential}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn store(credential: &otp_context::Credential) -> serde_json::Result<String> {
/// serde_json::to_string(credential)
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn keep(credential: otp_context::Credential) {
/// let _twin = credential.clone();
/// # }
/// ```
pub struct Credential {
    context: OtpContext,
    account: Option<String>,
    issuer: Option<String>,
    kind: Kind,
    secret: Secret,
    generator: Generator,
    tracker: Tracker,
    moved: bool,
    reseal: Option<Reseal>,
    /// Whether the key is known to be the right one: it is authentic, or a code has matched.
    is_proven: bool,
    findings: Findings,
}

impl Credential {
    pub(crate) fn new(context: OtpContext, kind: Kind, secret: Secret) -> Self {
        let next = match kind {
            Kind::Hotp { counter, .. } => counter,
            _ => 0,
        };
        Self {
            generator: Generator::new(kind, &secret),
            context,
            account: None,
            issuer: None,
            kind,
            secret,
            tracker: Tracker::resume(next),
            moved: false,
            reseal: None,
            is_proven: true,
            findings: Findings::default(),
        }
    }

    /// A key that could not be sealed before should be if it can be now.
    pub(crate) fn with_context(self, context: OtpContext) -> Self {
        let first = context.can_encrypt() && !self.context.can_encrypt();
        let reseal = if first { self.reseal.or(Some(Reseal::Plain)) } else { self.reseal };
        Self { context, reseal, ..self }
    }

    pub(crate) fn with_reseal(self, reseal: Option<Reseal>) -> Self {
        Self { reseal, ..self }
    }

    pub(crate) fn with_findings(self, findings: Findings) -> Self {
        Self { findings, ..self }
    }

    /// What a record says beside its key.
    pub(crate) fn resume(self, record: &Record, reseal: Option<Reseal>, is_proven: bool) -> Self {
        Self {
            account: record.account().map(Into::into),
            issuer: record.issuer().map(Into::into),
            tracker: Tracker::resume(record.next()),
            reseal,
            is_proven,
            ..self
        }
    }

    /// The same with an account's name; one of white space is none.
    #[must_use]
    pub fn with_account(self, account: &str) -> Self {
        Self { account: name(account), ..self }
    }

    /// The same with an issuer's name; one of white space is none.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        Self { issuer: name(issuer), ..self }
    }

    /// The context that made it.
    #[must_use]
    pub const fn context(&self) -> &OtpContext {
        &self.context
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The issuer's name.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// What codes it makes; of HOTP, with the next counter.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.kind {
            Kind::Hotp { algorithm, digits, .. } => {
                Kind::Hotp { algorithm, digits, counter: self.tracker.next() }
            }
            kind => kind,
        }
    }

    /// The key.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) const fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The TOTP generator, Steam Guard's included: codes of any instant, and verification without
    /// memory.
    #[must_use]
    pub const fn totp(&self) -> Option<&Totp> {
        match &self.generator {
            Generator::Totp(totp) => Some(totp),
            Generator::Hotp(_) => None,
        }
    }

    /// The HOTP generator: codes of any counter, and verification without memory.
    #[must_use]
    pub const fn hotp(&self) -> Option<&Hotp> {
        match &self.generator {
            Generator::Hotp(hotp) => Some(hotp),
            Generator::Totp(_) => None,
        }
    }

    /// What was odd about the URI it came from.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.findings.iter()
    }

    /// What is wrong with its key.
    pub fn weaknesses(&self) -> impl Iterator<Item = Weakness> + use<> {
        Weakness::of(self.secret.reveal())
    }

    /// Its URI, of HOTP with the next counter. It shows the key.
    ///
    /// # Errors
    ///
    /// - [`Error::NoAccount`]: it has no account.
    /// - [`Error::Uri`]: the account or the issuer cannot stand in a URI.
    pub fn key_uri(&self) -> Result<KeyUri, Error> {
        let label = Label::new(self.account().ok_or(Error::NoAccount)?)?;
        let label = match self.issuer() {
            Some(issuer) => label.with_issuer(issuer)?,
            None => label,
        };
        Ok(KeyUri::new(label, self.copy_secret()?, self.kind())?)
    }

    /// The lowest unspent counter: what to store after a code was consumed or made.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.tracker.next()
    }

    /// The last spent counter; `None` if none is.
    #[must_use]
    pub const fn last_counter(&self) -> Option<u64> {
        self.tracker.next().checked_sub(1)
    }

    /// When the last spent time step ends; `None` if none is spent, and for HOTP.
    #[must_use]
    pub fn spent_until(&self) -> Option<UnixTime> {
        let _ = self.last_counter()?;
        Some(self.totp()?.start_of(self.next()))
    }

    /// Whether what is stored is no longer right: a code was spent, or the key should be sealed
    /// again.
    ///
    /// A key that passlib encrypted counts once a code has matched ([`Credential::reseal`]).
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.moved || self.reseal().is_some()
    }

    /// Why the key should be sealed again, if so.
    ///
    /// A key that passlib encrypted may be a wrong one until a code has matched: only that shows that
    /// it is the right one, and until then there is no reason to seal it.
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        if self.is_proven { self.reseal } else { None }
    }

    /// The code of now, or of the next counter; it is not spent.
    ///
    /// # Errors
    ///
    /// [`Error::Clock`]: the clock tells no time.
    pub fn token(&self) -> Result<Token, Error> {
        Ok(match &self.generator {
            Generator::Totp(totp) => Token::Totp(totp.generate(self.context.now()?)),
            Generator::Hotp(hotp) => {
                Token::Hotp { code: hotp.generate(self.next()), counter: self.next() }
            }
        })
    }

    /// The code of now, or of the next counter, and spends it: for the side that shows codes.
    ///
    /// # Errors
    ///
    /// - [`Error::Used`]: the code of this time step is spent, or the clock went back; nothing
    ///   spent is shown again. [`Credential::token`] shows it all the same.
    /// - [`Error::Exhausted`]: counter `u64::MAX` is never used, since nothing could follow it.
    /// - [`Error::Clock`]: the clock tells no time.
    pub fn advance(&mut self) -> Result<Token, Error> {
        let token = self.token()?;
        if let Some(totp) = self.totp()
            && token.counter() < self.next()
        {
            return Err(Error::Used { until: totp.start_of(self.next()) });
        }
        let next = token.counter().checked_add(1).ok_or(Error::Exhausted)?;
        self.spend(next);
        Ok(token)
    }

    /// Verifies a typed code with the leeway of the context and spends it, and all before it.
    ///
    /// Charge a [`Throttle`](crate::Throttle) first, and store [`Credential::next`] before you
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
    /// code, about so many seconds off". It admits nobody; see [`ClockOffset::find`].
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

    fn spend(&mut self, next: u64) {
        self.moved |= next > self.tracker.next();
        self.tracker.spend(next);
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind())
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}
