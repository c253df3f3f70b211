use core::fmt;

use crate::{
    Algorithm, Code, CodeFormat, Error, Hotp, HotpMatch, Malformed, Period, Rejected, TotpMatch,
    TotpToken, UnixTime, Window,
};

/// A TOTP generator and verifier (RFC 6238): HOTP whose counter is the time.
///
/// It does not keep the key's own bytes. It wipes the prepared key on drop. Moving it leaves a copy
/// behind, as with any value, and hashing may leave words on the stack: the crate's first page says
/// which.
pub struct Totp {
    hotp: Hotp,
    period: Period,
    t0: UnixTime,
}

impl Totp {
    /// Prepares a key for codes of six digits that live thirty seconds, counted from 1970.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`] if the key has no bytes: anyone could compute its codes.
    ///
    /// ```
    /// use otp_core::{Algorithm, Digits, Totp, UnixTime};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?
    ///     .with_format(Digits::EIGHT);
    /// let token = totp.generate(UnixTime::from_secs(59));
    /// assert_eq!(token.code().text().as_str(), "94287082");
    /// assert_eq!(token.expires(), UnixTime::from_secs(60));
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        Hotp::new(algorithm, key).map(Self::over)
    }

    /// Prepares a `Secret`, which is never empty, so this cannot fail.
    ///
    /// ```
    /// use otp_core::{Algorithm, Secret, Totp, UnixTime};
    ///
    /// let secret =
    ///     Secret::from_base32("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")?;
    /// let token = Totp::from_secret(Algorithm::Sha1, &secret)
    ///     .generate(UnixTime::from_secs(59));
    /// assert_eq!(token.code().text().as_str(), "287082");
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn from_secret(algorithm: Algorithm, secret: &crate::Secret) -> Self {
        Self::over(Hotp::from_secret(algorithm, secret))
    }

    const fn over(hotp: Hotp) -> Self {
        Self { hotp, period: Period::THIRTY, t0: UnixTime::EPOCH }
    }

    /// Prepares a key for Steam Guard: SHA-1, thirty seconds, five letters and digits.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`] if the key has no bytes.
    #[cfg(feature = "sha1")]
    pub fn steam(key: &[u8]) -> Result<Self, Error> {
        Ok(Self::new(Algorithm::Sha1, key)?.with_format(CodeFormat::Steam))
    }

    /// Sets the code format, or the number of [`Digits`](crate::Digits). Default: six digits.
    #[must_use]
    pub fn with_format(mut self, format: impl Into<CodeFormat>) -> Self {
        self.hotp = self.hotp.with_format(format);
        self
    }

    /// Sets the period. Default: thirty seconds.
    #[must_use]
    pub const fn with_period(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// Sets the time from which steps are counted (RFC 6238 § 4.1). Default: 0, which is 1970.
    ///
    /// No URI can carry another. Times before `t0` count as `t0`.
    #[must_use]
    pub const fn with_t0(mut self, t0: UnixTime) -> Self {
        self.t0 = t0;
        self
    }

    /// Returns the hash.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.hotp.algorithm()
    }

    /// Returns the format of its codes.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.hotp.format()
    }

    /// Returns the period: how long a code lives.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// Returns when time step 0 begins.
    #[must_use]
    pub const fn t0(&self) -> UnixTime {
        self.t0
    }

    /// Returns the HOTP generator that it uses.
    #[must_use]
    pub const fn hotp(&self) -> &Hotp {
        &self.hotp
    }

    /// Returns the time step that holds an instant (RFC 6238 § 4.2): 0 before T0.
    #[must_use]
    pub fn counter_at(&self, time: UnixTime) -> u64 {
        self.period.steps_in(time.seconds_since(self.t0))
    }

    /// Returns when a time step begins, `u64::MAX` at the most.
    #[must_use]
    pub const fn start_of(&self, counter: u64) -> UnixTime {
        self.t0.saturating_add(counter.saturating_mul(self.period.as_secs()))
    }

    /// Returns the code of an instant.
    #[must_use]
    pub fn generate(&self, time: UnixTime) -> TotpToken {
        let counter = self.counter_at(time);
        let code = self.hotp.generate(counter);
        TotpToken::new(code, counter, self.start_of(counter), self.period)
    }

    /// Reads a typed code of this generator's format; see [`CodeFormat::parse`].
    ///
    /// # Errors
    ///
    /// Those of [`CodeFormat::parse`].
    pub fn parse(&self, text: &str) -> Result<Code, Malformed> {
        self.hotp.parse(text)
    }

    /// Looks for a code among the time steps around `time`. `next` is the lowest unspent step.
    ///
    /// It scans the whole window and compares in constant time. If two unspent steps have the code, the
    /// match is the higher one, so that the lower cannot be used later. Store [`TotpMatch::next`] for the
    /// next call, in one atomic write that fails if the stored value is above the matched counter.
    ///
    /// # Errors
    ///
    /// - [`Rejected::Mismatch`]: no step of the window has this code.
    /// - [`Rejected::Replayed`]: only steps below `next` have it.
    /// - [`Rejected::Exhausted`]: only step `u64::MAX` has it, or `next` is `u64::MAX`.
    ///
    /// ```
    /// use otp_core::{Algorithm, Rejected, Totp, UnixTime, Window};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let now = UnixTime::from_secs(1_111_111_111);
    /// let typed = totp.parse("050-471").unwrap();
    ///
    /// let hit = totp.verify(typed, now, Window::ONE, 0).unwrap();
    /// assert_eq!(hit.drift(), 0);
    /// assert_eq!(
    ///     totp.verify(typed, now, Window::ONE, hit.next()),
    ///     Err(Rejected::Replayed)
    /// );
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn verify(
        &self,
        code: Code,
        time: UnixTime,
        window: Window,
        next: u64,
    ) -> Result<TotpMatch, Rejected> {
        let hit = self.hotp.scan(code, self.counter_at(time), next, window)?;
        Ok(self.at(hit, time, window.behind.into()))
    }

    /// Looks for a code in two windows: around `time`, and around a clock that is `drift` steps off
    /// (RFC 6238 § 6). Negative: the clock is slow.
    ///
    /// So a followed clock is still accepted after it has been put right. It scans both windows whole,
    /// which doubles an attacker's chance. The match is the highest unspent step of both. Its
    /// [`TotpMatch::drift`] is counted from `time`, and is that of the match nearest to the middle of its
    /// window.
    ///
    /// # Errors
    ///
    /// Those of [`Totp::verify`], of both windows together.
    ///
    /// ```
    /// use otp_core::{Algorithm, Totp, UnixTime, Window};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let now = UnixTime::from_secs(1_111_111_111);
    /// for clock in [now, now.saturating_sub(180)] {
    ///     let typed = totp.generate(clock).code();
    ///     let hit =
    ///         totp.verify_with_drift(typed, now, -6, Window::ONE, 0).unwrap();
    ///     assert_eq!(hit.counter(), totp.counter_at(clock));
    /// }
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn verify_with_drift(
        &self,
        code: Code,
        time: UnixTime,
        drift: i16,
        window: Window,
        next: u64,
    ) -> Result<TotpMatch, Rejected> {
        let expected = self.counter_at(time);
        let followed = expected.saturating_add_signed(drift.into());
        let own = self.hotp.look(code, expected, next, window);
        let hit = own.finish_with(&self.hotp.look(code, followed, next, window))?;
        // A slow clock shows a code for longer.
        let behind = u64::from(window.behind).saturating_add(drift.min(0).unsigned_abs().into());
        Ok(self.at(HotpMatch::new(hit, expected), time, behind))
    }

    /// Resynchronises a clock by consecutive codes, in a far wider range than one code may be looked for
    /// in (RFC 6238 § 6).
    ///
    /// The last code is looked for within `reach` steps of `time` on either side, the others just before
    /// it, and no code below the step `next`. The match is that of the last code, so all of the codes are
    /// spent. Its [`TotpMatch::drift`] is the clock's error. Fewer than two codes do not compile.
    ///
    /// # Errors
    ///
    /// Those of [`Totp::verify`], except `Replayed`, which is a mismatch here.
    ///
    /// ```
    /// use otp_core::{Algorithm, Totp, UnixTime};
    ///
    /// let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// // A clock that is an hour slow shows two codes, one after the other.
    /// let now = UnixTime::from_secs(1_111_111_111);
    /// let (slow, next) = (now.saturating_sub(3600), now.saturating_sub(3570));
    /// let codes = [totp.generate(slow).code(), totp.generate(next).code()];
    ///
    /// let hit = totp.resync(&codes, now, 1000, 0).unwrap();
    /// assert_eq!(hit.drift(), -119);
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn resync<const N: usize>(
        &self,
        codes: &[Code; N],
        time: UnixTime,
        reach: u16,
        next: u64,
    ) -> Result<TotpMatch, Rejected> {
        let (expected, reach) = (self.counter_at(time), u64::from(reach));
        let before = u64::try_from(N.saturating_sub(1)).unwrap_or(u64::MAX);
        let first = expected.saturating_sub(reach.saturating_add(before)).max(next);
        let hit = self.hotp.search(codes, expected, first, expected.saturating_add(reach))?;
        Ok(self.at(hit, time, reach))
    }

    fn at(&self, hit: HotpMatch, time: UnixTime, behind: u64) -> TotpMatch {
        let start = self.start_of(hit.counter());
        TotpMatch::new(hit, time, start, self.period, behind)
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp")
            .field("algorithm", &self.algorithm())
            .field("format", &self.format())
            .field("period", &self.period)
            .field("t0", &self.t0)
            .finish_non_exhaustive()
    }
}
