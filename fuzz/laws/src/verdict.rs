//! What becomes of a typed code, decided naively. Nothing of the core is asked.

/// What becomes of a code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The counter to spend, and how far the nearest match is from the expected counter.
    Match {
        counter: u64,
        drift: i128,
    },
    Replayed,
    Exhausted,
    Mismatch,
}

/// Looks at counters one after the other; those outside `u64` do not exist.
pub(crate) fn verdict(
    counters: impl Iterator<Item = i128>,
    expected: u64,
    floor: u64,
    has_code: impl Fn(u64) -> bool,
) -> Verdict {
    let counters = counters.filter_map(|counter| u64::try_from(counter).ok());
    let hits: Vec<u64> = counters.filter(|counter| has_code(*counter)).collect();
    let unspent = hits.iter().copied().filter(|hit| *hit >= floor && *hit != u64::MAX);
    let drift = |hit: u64| i128::from(hit) - i128::from(expected);
    match (unspent.clone().max(), unspent.map(drift).min_by_key(|drift| (drift.abs(), *drift))) {
        (Some(counter), Some(drift)) => Verdict::Match { counter, drift },
        _ if hits.iter().any(|hit| *hit < floor) => Verdict::Replayed,
        _ if !hits.is_empty() || floor == u64::MAX => Verdict::Exhausted,
        _ => Verdict::Mismatch,
    }
}
