use core::fmt;

use otp_context::{EntropyError, OtpContext};

/// What a store is asked last: to spend the counter that matched, and every lower one with it.
///
/// The store does it in one atomic, committed step, and only if the credential is still of this
/// [`generation`](Advance::generation) and its lowest unspent counter is at most
/// [`counter`](Advance::counter). It then stores [`next`](Advance::next), [`drift`](Advance::drift)
/// and [`attempt`](Advance::attempt), and marks the credential as confirmed. A verification clears
/// its account's failures. An attempt that [confirms](Advance::confirms) a new credential takes back
/// its own charge, and no other.
///
/// A repetition of the advance that was done last, known by its attempt, is answered as the first
/// time and changes nothing: so whoever lost the answer can ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    generation: u64,
    counter: u64,
    drift: i16,
    attempt: AttemptId,
    confirms: bool,
}

impl Advance {
    pub(crate) const fn new(
        generation: u64,
        counter: u64,
        drift: i16,
        attempt: AttemptId,
        confirms: bool,
    ) -> Self {
        Self { generation, counter, drift, attempt, confirms }
    }

    /// The generation of the credential that was evaluated.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The counter to spend.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// The lowest counter that is unspent then. `u64::MAX` never matches, so there is one.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.counter.saturating_add(1)
    }

    /// The drift to store, in steps; negative is behind.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.drift
    }

    /// Which attempt it is.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// Whether the attempt confirms a new credential. It then shows that its maker has the new key,
    /// and nothing of the account's other credentials, so it gives no guess back.
    #[must_use]
    pub const fn confirms(&self) -> bool {
        self.confirms
    }
}

/// Tells one attempt from every other, so that a repeated advance is known as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptId([u8; 16]);

impl AttemptId {
    /// The id that a store kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A new one, of the context's entropy.
    pub(crate) fn new(context: &OtpContext) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        context.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Its bytes: no secret.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttemptId({:032x})", u128::from_be_bytes(self.0))
    }
}
