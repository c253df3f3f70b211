use super::AttemptId;

/// The second request to a store: spend the counter that matched, and every lower one with it.
///
/// The store does it in one atomic, committed step, and only if the credential is still of this
/// [`generation`](Advance::generation) and its lowest unspent counter is at most
/// [`counter`](Advance::counter). It then stores [`next`](Advance::next), [`drift`](Advance::drift)
/// and [`attempt`](Advance::attempt), and marks the credential as confirmed. A verification clears
/// its account's failures. An attempt that [confirms](Advance::confirms) a new credential takes back
/// its own charge, and no other.
///
/// If the last spend is repeated, known by its attempt, the store replies as before and changes nothing.
/// So a client that lost the reply can ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendRequest {
    generation: u64,
    counter: u64,
    drift: i16,
    attempt: AttemptId,
    confirms: bool,
}

impl SpendRequest {
    pub(crate) const fn new(
        generation: u64,
        counter: u64,
        drift: i16,
        attempt: AttemptId,
        confirms: bool,
    ) -> Self {
        Self { generation, counter, drift, attempt, confirms }
    }

    /// Returns the generation of the credential that was evaluated.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the counter to spend.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns the lowest unspent counter after the spend. There is one, since `u64::MAX` never matches.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.counter.saturating_add(1)
    }

    /// Returns the drift to store, in steps. Negative: the user's clock is slow.
    #[must_use]
    pub const fn drift(&self) -> i16 {
        self.drift
    }

    /// Returns the id of the attempt.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// Returns whether the attempt confirms a new credential. That shows possession of the new key and
    /// of no other key of the account, so it clears no failures.
    #[must_use]
    pub const fn confirms(&self) -> bool {
        self.confirms
    }
}
