use otp_context::replay::{Drift, Tracker, WindowTooWide};
use otp_context::{Credential, EntropyError, OtpContext};
use otp_core::{Code, CodeFormat, Digits, Hotp, Rejected, UnixTime, Window};
use otp_uri::Generator;

use super::{AttemptId, ChargeRequest, SpendRequest, VerifierOptions};
use crate::Entry;

/// One attempt to verify a code, from the typed text to the counter to spend, without a database.
///
/// It makes the requests to a store. The caller sends them, blocking or not:
///
/// 1. [`Attempt::charge`]: the store counts the attempt, and replies with the credential.
/// 2. [`Attempt::evaluate`] searches the whole window for the code.
/// 3. [`UnspentMatch::spend`]: the store spends the counter that matched. Only
///    [`SpendReply::Done`](crate::SpendReply::Done) may let the user in.
///
/// It has no `Clone`, and evaluating consumes it, so it cannot be evaluated twice. The caller has
/// to charge it first: the store's reply has the credential to evaluate.
///
/// With more than one code it resynchronises: the codes must follow one another, and the search
/// range is far wider ([`Attempt::evaluate_run`]).
///
/// ```compile_fail,E0599
/// fn twice(attempt: otp_store::Attempt) {
///     let _again = attempt.clone();
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is verified yet"]
pub struct Attempt<const N: usize = 1> {
    codes: [Code; N],
    now: UnixTime,
    id: AttemptId,
    options: VerifierOptions,
    confirms: bool,
}

impl<const N: usize> Attempt<N> {
    /// Begins an attempt, with an id from the context's entropy. Returns `None` if a text is not a
    /// code of any format. Such a text can never match, so it costs no attempt.
    ///
    /// # Errors
    ///
    /// [`EntropyError`]: there is no entropy for its id.
    pub fn begin(
        context: &OtpContext,
        typed: &[&str; N],
        now: UnixTime,
        options: &VerifierOptions,
    ) -> Result<Option<Self>, EntropyError> {
        let Some(codes) = codes(typed) else { return Ok(None) };
        let id = AttemptId::new(context)?;
        Ok(Some(Self { codes, now, id, options: *options, confirms: false }))
    }

    /// Makes it an attempt to confirm a new credential by its first code. It spends the counter and
    /// takes back its own charge. It clears no other failure of the account.
    pub const fn confirming(mut self) -> Self {
        self.confirms = true;
        self
    }

    /// Returns the first request to the store: for a new credential after [`Attempt::confirming`],
    /// otherwise for a confirmed one.
    ///
    /// # Errors
    ///
    /// [`WindowTooWide`]: the window of the options is too wide for codes of this length.
    pub fn charge(&self) -> Result<ChargeRequest, WindowTooWide> {
        ChargeRequest::new(&self.options, self.format(), self.now, !self.confirms, self.id)
    }

    /// Returns the time of the attempt.
    pub(crate) const fn now(&self) -> UnixTime {
        self.now
    }

    /// Returns the format that all codes of the attempt have.
    #[must_use]
    pub fn format(&self) -> CodeFormat {
        self.codes.first().map(Code::format).unwrap_or_default()
    }

    /// Searches for codes that follow one another, up to `reach` steps away
    /// ([`Totp::resync`](otp_core::Totp::resync), [`Hotp::resync`](otp_core::Hotp::resync)). For
    /// TOTP that is on either side of the attempt's time, for HOTP ahead. Fewer than two codes do
    /// not compile.
    ///
    /// `generation` is that of the stored credential.
    ///
    /// # Errors
    ///
    /// Those of `resync`.
    pub fn evaluate_run(
        self,
        credential: &Credential,
        generation: u64,
        reach: u16,
    ) -> Result<UnspentMatch, Rejected> {
        match credential.generator() {
            Generator::Hotp(hotp) => {
                let hit = hotp.resync(&self.codes, credential.next(), reach)?;
                Ok(self.matched(generation, hit.counter(), hit.drift(), 0))
            }
            Generator::Totp(totp) => {
                // The range is centred on the time itself, not on the known drift.
                let hit = totp.resync(&self.codes, self.now, reach, credential.next())?;
                let mut drift = Drift::within(self.options.drift());
                drift.learn(&hit);
                Ok(self.matched(generation, hit.counter(), hit.drift(), drift.steps()))
            }
        }
    }

    /// Checks HOTP codes that follow one another and end at a counter that the caller found, for a
    /// range too wide for [`Attempt::evaluate_run`]. A wrong counter accepts no code. Fewer than
    /// two codes do not compile.
    ///
    /// `find` gets the generator, the codes and the lowest unspent counter, and returns the counter
    /// of the last code. The odds of a guess are the length of its range in 10^(6 N) for N codes of
    /// six digits.
    ///
    /// # Errors
    ///
    /// - [`Rejected::Mismatch`]: `find` returns `None`, the codes are not those of the counters that end
    ///   there, the first of them is spent, or the credential is not HOTP.
    /// - Those of [`Hotp::resync`](otp_core::Hotp::resync).
    pub fn evaluate_found(
        self,
        credential: &Credential,
        generation: u64,
        find: impl FnOnce(&Hotp, &[Code; N], u64) -> Option<u64>,
    ) -> Result<UnspentMatch, Rejected> {
        let Generator::Hotp(hotp) = credential.generator() else { return Err(Rejected::Mismatch) };
        let next = credential.next();
        let found = find(hotp, &self.codes, next).ok_or(Rejected::Mismatch)?;
        let before = u16::try_from(N.saturating_sub(1)).unwrap_or(u16::MAX);
        let first = found.checked_sub(before.into()).filter(|first| *first >= next);
        let hit = hotp.resync(&self.codes, first.ok_or(Rejected::Mismatch)?, before)?;
        let ahead = i32::try_from(hit.counter().saturating_sub(next)).unwrap_or(i32::MAX);
        Ok(self.matched(generation, hit.counter(), ahead, 0))
    }

    const fn matched(&self, generation: u64, counter: u64, seen: i32, drift: i16) -> UnspentMatch {
        let spend = SpendRequest::new(generation, counter, drift, self.id, self.confirms);
        UnspentMatch { spend, drift: seen }
    }
}

impl Attempt {
    /// Searches the whole window for the code, in constant time.
    ///
    /// `drift` and `generation` are those of the stored credential.
    ///
    /// # Errors
    ///
    /// Those of [`Tracker::verify_following`] and [`Hotp::verify`](otp_core::Hotp::verify).
    pub fn evaluate(
        self,
        credential: &Credential,
        generation: u64,
        drift: i16,
    ) -> Result<UnspentMatch, Rejected> {
        self.search(credential, generation, drift)
    }

    /// Searches the whole windows of all these credentials of one account, and returns the matches
    /// with the places of their credentials. Spend all of them
    /// ([`Store::spend_all`](crate::Store::spend_all)).
    ///
    /// Each credential comes with its stored entry.
    ///
    /// # Errors
    ///
    /// - [`Rejected::Replayed`]: one of the credentials has spent the code.
    /// - [`Rejected::Exhausted`], [`Rejected::Mismatch`]: no credential accepts the code.
    pub fn evaluate_all(
        self,
        credentials: &[(&Credential, &Entry)],
    ) -> Result<Vec<(usize, UnspentMatch)>, Rejected> {
        let (mut matches, mut rejected) = (Vec::new(), Rejected::Mismatch);
        for (place, (credential, entry)) in credentials.iter().enumerate() {
            match (self.search(credential, entry.generation, entry.drift), rejected) {
                (Ok(matched), _) => matches.push((place, matched)),
                // A replay outweighs the reasons of the other credentials.
                (Err(_), Rejected::Replayed) | (Err(Rejected::Mismatch), _) => {}
                (Err(reason), _) => rejected = reason,
            }
        }
        if matches.is_empty() || rejected == Rejected::Replayed {
            Err(rejected)
        } else {
            Ok(matches)
        }
    }

    fn search(
        &self,
        credential: &Credential,
        generation: u64,
        drift: i16,
    ) -> Result<UnspentMatch, Rejected> {
        let ([code], options) = (self.codes, self.options);
        match credential.generator() {
            Generator::Hotp(hotp) => {
                // One counter behind distinguishes a replay from a mismatch.
                let window = Window::new(1, options.look_ahead());
                let hit = hotp.verify(code, credential.next(), window)?;
                Ok(self.matched(generation, hit.counter(), hit.drift(), 0))
            }
            Generator::Totp(totp) => {
                let mut known = Drift::resume(drift, options.drift());
                let mut tracker = Tracker::resume(credential.next());
                let (now, window) = (self.now, options.window());
                let hit = tracker.verify_following(totp, code, now, window, &mut known)?;
                Ok(self.matched(generation, hit.counter(), hit.drift(), known.steps()))
            }
        }
    }
}

/// A match whose counter was unspent when it was read. The store has to
/// [`spend`](UnspentMatch::spend) it.
///
/// A match alone lets no user in: another attempt may have spent the counter in the meantime.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a match that is not spent accepts the same code again"]
pub struct UnspentMatch {
    spend: SpendRequest,
    drift: i32,
}

impl UnspentMatch {
    /// Returns the second request to the store. Send the same request again if a reply is lost.
    #[must_use]
    pub const fn spend(&self) -> &SpendRequest {
        &self.spend
    }

    /// Returns the counter that matched.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.spend.counter()
    }

    /// Returns how far the user's clock or counter is off, in steps. Negative: it is behind.
    #[must_use]
    pub const fn drift(&self) -> i32 {
        self.drift
    }
}

/// Parses typed codes, which must all have one format.
fn codes<const N: usize>(typed: &[&str; N]) -> Option<[Code; N]> {
    let format = format(typed.first()?)?;
    let mut codes = [None; N];
    for (slot, typed) in codes.iter_mut().zip(typed) {
        *slot = format.parse(typed).ok();
    }
    let first = codes.iter().flatten().next().copied()?;
    let all = codes.iter().all(Option::is_some);
    all.then(|| codes.map(|code| code.unwrap_or(first)))
}

/// Returns the format of the codes that are as long as a typed text.
fn format(typed: &str) -> Option<CodeFormat> {
    if typed.len() > CodeFormat::LONGEST_TEXT {
        return None;
    }
    let length = typed.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).count();
    match u8::try_from(length).ok()? {
        5 => Some(CodeFormat::Steam),
        digits => Digits::new(digits).ok().map(CodeFormat::Decimal),
    }
}
