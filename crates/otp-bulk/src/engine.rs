use core::fmt;
use core::ops::RangeInclusive;

use otp_core::{Code, Hotp};

use crate::codes::Codes;
use crate::keys;
use crate::search::Search;
use crate::width::Width;

/// Computes many codes at once, in the vector registers of the processor.
///
/// It has no key and is cheap to copy. Every engine gives the same codes.
#[derive(Clone, Copy)]
pub struct Engine {
    width: Width,
}

impl Engine {
    /// Returns the widest engine of this processor.
    ///
    /// Without feature `std` it is the widest engine that every processor of the build's target has.
    #[must_use]
    pub fn new() -> Self {
        let width = Width::all().into_iter().flatten().last().unwrap_or(Width::Plain);
        Self { width }
    }

    /// Returns every engine of this processor, the narrowest first, for tests and comparisons.
    pub fn all() -> impl Iterator<Item = Self> {
        Width::all().into_iter().flatten().map(|width| Self { width })
    }

    /// Returns the name: `AVX-512`, `AVX2`, or `plain` for the registers that the build's target always
    /// has.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.width.name()
    }

    /// Returns the codes of many counters of one key, in order.
    ///
    /// ```
    /// use otp_bulk::Engine;
    /// use otp_core::{Algorithm, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let (counter, code) = Engine::new().codes(&hotp, 0..=999).last().unwrap();
    /// assert_eq!((counter, code), (999, hotp.generate(999)));
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    #[must_use]
    pub fn codes(self, hotp: &Hotp, counters: RangeInclusive<u64>) -> Codes<'_> {
        Codes::new(self.width, hotp, counters)
    }

    /// Searches many counters of one key for a code, lowest first (RFC 4226 § 7.4).
    ///
    /// [`Search::preceded_by`] adds the codes typed before it. To show progress, search a piece
    /// of the range at a time.
    ///
    /// Not constant time: the duration reveals where the codes are. Use it to find a lost counter. For a
    /// login use [`Hotp::verify`] and [`Hotp::resync`]. The search spends no counter: begin the range at
    /// the lowest unspent counter, and store the successor of the counter that you accept.
    ///
    /// ```
    /// use otp_bulk::Engine;
    /// use otp_core::{Algorithm, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let typed = [hotp.generate(70_000), hotp.generate(70_001)];
    /// let search = Engine::new().search(&hotp, typed[1], 1..=100_000);
    /// assert!(search.preceded_by(&typed[..1]).eq([70_001]));
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    #[must_use]
    pub fn search(self, hotp: &Hotp, code: Code, counters: RangeInclusive<u64>) -> Search<'_> {
        Search::new(self.width, hotp, code, counters)
    }

    /// Computes a code for each key and counter, such as those of all accounts at one time.
    ///
    /// `see` gets the place of each request, counted from 0, and its code. The calls are not in the order
    /// of the requests. Keys of different hashes and formats may be mixed.
    ///
    /// ```
    /// use otp_bulk::Engine;
    /// use otp_core::{Algorithm, Totp, UnixTime};
    ///
    /// let accounts = [b"12345678901234567890", b"09876543210987654321"]
    ///     .map(|key| Totp::new(Algorithm::Sha1, key).unwrap());
    /// let now = UnixTime::from_secs(1_111_111_111);
    ///
    /// let requests =
    ///     accounts.iter().map(|totp| (totp.hotp(), totp.counter_at(now)));
    /// let mut codes = [None; 2];
    /// Engine::new().generate(requests, |place, code| codes[place] = Some(code));
    /// assert_eq!(codes[1], Some(accounts[1].generate(now).code()));
    /// ```
    pub fn generate<'a>(
        self,
        requests: impl IntoIterator<Item = (&'a Hotp, u64)>,
        mut see: impl FnMut(usize, Code),
    ) {
        let requests = requests.into_iter().map(|(hotp, counter)| (hotp, counter, ()));
        keys::each(self.width, requests, |place, (), code| see(place, code));
    }

    /// Compares many typed codes, each with the code of its key and counter.
    ///
    /// `see` gets the place of each triple, counted from 0, and whether the code is right. The calls are
    /// not in the order of the triples. Codes are compared in constant time. For a window, pass each of
    /// its counters. The caller must check which counters are spent: a right code may have been used
    /// before.
    ///
    /// ```
    /// use otp_bulk::Engine;
    /// use otp_core::{Algorithm, Hotp};
    ///
    /// let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890")?;
    /// let typed = hotp.parse("287 082").unwrap();
    /// let mut right = [false; 2];
    /// let triples = [(&hotp, 0, typed), (&hotp, 1, typed)];
    /// Engine::new().compare(triples, |place, equal| right[place] = equal);
    /// assert_eq!(right, [false, true]);
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn compare<'a>(
        self,
        triples: impl IntoIterator<Item = (&'a Hotp, u64, Code)>,
        mut see: impl FnMut(usize, bool),
    ) {
        keys::each(self.width, triples.into_iter(), |place, typed, code| see(place, typed == code));
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.name()).finish()
    }
}
