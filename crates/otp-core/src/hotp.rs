use core::fmt;

use crate::midstates::Midstates;
use crate::scan::{Run, Scan, counters};
use crate::{Algorithm, Code, CodeFormat, Error, HotpMatch, Malformed, Rejected, Window};

/// An HOTP generator and verifier (RFC 4226): a prepared key and a code format.
///
/// It does not keep the key's own bytes. It wipes the prepared key on drop. Moving it leaves a copy
/// behind, as with any value, and hashing may leave words on the stack: the crate's first page says
/// which.
pub struct Hotp {
    pub(crate) midstates: Midstates,
    format: CodeFormat,
}

impl Hotp {
    /// Prepares a key for codes of six digits.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`] if the key has no bytes: anyone could compute its codes.
    ///
    /// ```
    /// use otp_core::{Algorithm, Digits, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?
    ///     .with_format(Digits::SEVEN);
    /// assert_eq!(hotp.generate(0).text().as_str(), "4755224");
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        let midstates = Midstates::new(algorithm, key)?;
        Ok(Self { midstates, format: CodeFormat::default() })
    }

    /// Prepares a `Secret`, which is never empty, so this cannot fail.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn from_secret(algorithm: Algorithm, secret: &crate::Secret) -> Self {
        let midstates = Midstates::prepare(algorithm, secret.reveal());
        Self { midstates, format: CodeFormat::default() }
    }

    /// Sets the code format, or the number of [`Digits`](crate::Digits). Default: six digits.
    #[must_use]
    pub fn with_format(mut self, format: impl Into<CodeFormat>) -> Self {
        self.format = format.into();
        self
    }

    /// Returns the hash.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.midstates.algorithm()
    }

    /// Returns the format of its codes.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }

    /// Returns the code of a counter (RFC 4226 § 5.3), any `u64`.
    #[must_use]
    pub fn generate(&self, counter: u64) -> Code {
        self.format.code(self.midstates.truncated(counter))
    }

    /// Reads a typed code of this generator's format; see [`CodeFormat::parse`].
    ///
    /// # Errors
    ///
    /// Those of [`CodeFormat::parse`].
    pub fn parse(&self, text: &str) -> Result<Code, Malformed> {
        self.format.parse(text)
    }

    /// Looks for a code among the counters around `next`, the lowest unspent one.
    ///
    /// It scans the whole window and compares in constant time. It looks at counters before `next` only
    /// to tell a replay from a mismatch. They are never accepted.
    ///
    /// # Errors
    ///
    /// - [`Rejected::Mismatch`]: no counter of the window has this code.
    /// - [`Rejected::Replayed`]: only spent ones have it.
    /// - [`Rejected::Exhausted`]: only `u64::MAX` has it, or `next` is `u64::MAX`.
    ///
    /// ```
    /// use otp_core::{Algorithm, Hotp, Rejected, Window};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let typed = hotp.parse("359 152").unwrap();
    ///
    /// let hit = hotp.verify(typed, 0, Window::new(1, 5)).unwrap();
    /// assert_eq!((hit.counter(), hit.skipped(), hit.next()), (2, 2, 3));
    /// assert_eq!(
    ///     hotp.verify(typed, hit.next(), Window::new(1, 5)),
    ///     Err(Rejected::Replayed)
    /// );
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn verify(&self, code: Code, next: u64, window: Window) -> Result<HotpMatch, Rejected> {
        self.scan(code, next, next, window)
    }

    /// [`Hotp::verify`] with a window that does not begin at the lowest unspent counter.
    pub(crate) fn scan(
        &self,
        code: Code,
        expected: u64,
        next: u64,
        window: Window,
    ) -> Result<HotpMatch, Rejected> {
        let scan = self.look(code, expected, next, window);
        scan.finish().map(|hit| HotpMatch::new(hit, expected))
    }

    /// Looks at each counter of a window.
    pub(crate) fn look(&self, code: Code, expected: u64, next: u64, window: Window) -> Scan {
        let mut scan = Scan::new(expected, next);
        // A code of another format never matches.
        if code.format() == self.format {
            self.midstates.each(counters(expected, window), |counter, truncated| {
                scan.see(counter, code.matches(truncated));
            });
        }
        scan
    }

    /// Resynchronises a counter by consecutive codes, in a far wider range than one code may be looked
    /// for in (RFC 4226 § 7.4).
    ///
    /// `next` is the lowest unspent counter. `look_ahead` counters after it are searched, too. The match
    /// is that of the last code, so all of the codes are spent. With `N` codes of six digits, a
    /// guess succeeds with odds of `look_ahead` in 10^(6 N): two are enough for a few thousand
    /// counters. Fewer than two codes do not compile.
    ///
    /// # Errors
    ///
    /// Those of [`Hotp::verify`], except `Replayed`, which is a mismatch here.
    ///
    /// ```
    /// use otp_core::{Algorithm, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let hit = hotp
    ///     .resync(&[hotp.generate(700), hotp.generate(701)], 3, 1000)
    ///     .unwrap();
    /// assert_eq!(hit.next(), 702);
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    ///
    /// ```compile_fail
    /// # use otp_core::{Algorithm, Hotp};
    /// # let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    /// let hit = hotp.resync(&[hotp.generate(700)], 3, 1000);
    /// ```
    pub fn resync<const N: usize>(
        &self,
        codes: &[Code; N],
        next: u64,
        look_ahead: u16,
    ) -> Result<HotpMatch, Rejected> {
        self.search(codes, next, next, next.saturating_add(look_ahead.into()))
    }

    /// The run of codes that ends highest within `first..=last`.
    pub(crate) fn search<const N: usize>(
        &self,
        codes: &[Code; N],
        expected: u64,
        first: u64,
        last: u64,
    ) -> Result<HotpMatch, Rejected> {
        let mut scan = Scan::new(expected, first);
        let mut run = Run::new(codes);
        if codes.iter().all(|code| code.format() == self.format) {
            self.midstates.each(first..=last, |counter, truncated| {
                scan.see(counter, run.ends(truncated));
            });
        }
        scan.finish().map(|hit| HotpMatch::new(hit, expected))
    }
}

impl fmt::Debug for Hotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hotp")
            .field("algorithm", &self.algorithm())
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
