//! The verdict on a typed code, decided naively. Of the core it has only the names of the reasons.

use otp_core::Rejected;

/// The counter to spend and how far the nearest match is from the expected counter, or why there is none.
pub(crate) type Verdict = Result<(u64, i128), Rejected>;

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
        (Some(counter), Some(drift)) => Ok((counter, drift)),
        _ if hits.iter().any(|hit| *hit < floor) => Err(Rejected::Replayed),
        _ if !hits.is_empty() || floor == u64::MAX => Err(Rejected::Exhausted),
        _ => Err(Rejected::Mismatch),
    }
}
