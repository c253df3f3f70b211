use super::AttemptId;

/// The second request to a store: spend the counter that matched, and every lower one.
///
/// The store does it in one atomic, committed step, and only if the credential still has this
/// [`generation`](SpendRequest::generation) and its lowest unspent counter is at most
/// [`counter`](SpendRequest::counter). It then stores [`next`](SpendRequest::next),
/// [`drift`](SpendRequest::drift) and [`attempt`](SpendRequest::attempt), and marks the credential
/// as confirmed. A verification clears its account's failures. An attempt that
/// [confirms](SpendRequest::confirms) a new credential takes back only its own charge.
///
/// A client that lost the reply may repeat the request. The store recognises the attempt of its
/// last spend, replies as before and changes nothing.
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

    /// Returns the lowest unspent counter after the spend. It cannot overflow, since `u64::MAX`
    /// never matches.
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

    /// Returns whether the attempt confirms a new credential. It then clears no failures: it shows
    /// possession of the new key, not of another key of the account.
    #[must_use]
    pub const fn confirms(&self) -> bool {
        self.confirms
    }
}
