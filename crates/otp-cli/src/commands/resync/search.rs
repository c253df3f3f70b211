use std::ops::RangeInclusive;

use otp_bulk::Engine;
use otp_core::{Code, Hotp};

use crate::output::progress::Progress;

/// The number of counters that are searched between two updates of the progress bar.
const PIECE: u64 = 1 << 16;

/// Searches a range of counters of any size for consecutive codes, to find a lost counter (RFC 4226
/// § 7.4). Returns the counter of the last code.
///
/// The counters of the codes before it may lie outside of the range. Of several matches the highest
/// wins, as with [`Hotp::resync`]: then every counter with these codes is spent with it. With `N`
/// codes of six digits a guess succeeds with odds of the range's length in 10^(6 N).
///
/// Not constant time: the duration reveals where codes equal to the last one are. So this is for an
/// operator, and not for a login.
pub(crate) fn search(
    hotp: &Hotp,
    codes: &[Code],
    counters: RangeInclusive<u64>,
    progress: &Progress,
) -> Option<u64> {
    in_pieces(PIECE, hotp, codes, counters, progress)
}

fn in_pieces(
    size: u64,
    hotp: &Hotp,
    codes: &[Code],
    counters: RangeInclusive<u64>,
    progress: &Progress,
) -> Option<u64> {
    let (last, before) = codes.split_last()?;
    let engine = Engine::new();
    let mut found = None;
    let mut rest = Some(counters);
    while let Some(counters) = rest {
        let (piece, after) = cut(counters, size)?;
        let length = piece.end().saturating_sub(*piece.start()).saturating_add(1);
        found = engine.search(hotp, *last, piece).preceded_by(before).last().or(found);
        progress.advance(length);
        rest = after;
    }
    found
}

/// Cuts a range into its first piece and the rest. Returns `None` for an empty range.
fn cut(
    counters: RangeInclusive<u64>,
    size: u64,
) -> Option<(RangeInclusive<u64>, Option<RangeInclusive<u64>>)> {
    let (first, last) = counters.into_inner();
    if first > last {
        return None;
    }
    Some(match first.checked_add(size) {
        Some(next) if next <= last => (first..=next.saturating_sub(1), Some(next..=last)),
        _ => (first..=last, None),
    })
}

#[cfg(test)]
mod tests {
    use otp_core::{Algorithm, Digits, Hotp};

    use std::collections::HashMap;

    use super::{in_pieces, search};
    use crate::output::progress::Progress;

    const PIECE: u64 = 40;
    const KEY: &[u8] = b"12345678901234567890";

    fn hotp(algorithm: Algorithm) -> Hotp {
        Hotp::new(algorithm, KEY).unwrap()
    }

    #[test]
    fn codes_are_found_on_both_sides_of_a_cut() {
        let last = u64::MAX;
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            let hotp = hotp(algorithm);
            for (first, counters) in [
                (0, 1..=PIECE),
                // On either side of a cut, and across it.
                (PIECE - 2, 0..=3 * PIECE),
                (PIECE - 1, 0..=3 * PIECE),
                (PIECE, 0..=3 * PIECE),
                (3 * PIECE - 1, 0..=3 * PIECE),
                // The first code is just outside of the range, and the second is its only counter.
                (41, 42..=42),
                (last - 1, last - PIECE..=last),
            ] {
                let codes = [hotp.generate(first), hotp.generate(first + 1)];
                let progress = Progress::hidden();
                let found = in_pieces(PIECE, &hotp, &codes, counters.clone(), &progress);
                assert_eq!(found, Some(first + 1), "{algorithm} {counters:?}");
            }
        }
    }

    #[test]
    fn absent_codes_are_not_found() {
        let hotp = hotp(Algorithm::Sha1);
        let progress = Progress::hidden();
        let codes = [hotp.generate(1000), hotp.generate(1001)];
        let swapped = [codes[1], codes[0]];
        let longer = Hotp::new(Algorithm::Sha1, KEY).unwrap().with_format(Digits::EIGHT);
        let long = [longer.generate(1000), longer.generate(1001)];
        assert_eq!(search(&hotp, &codes, 0..=1000, &progress), None);
        assert_eq!(search(&hotp, &codes, 1002..=2000, &progress), None);
        assert_eq!(search(&hotp, &swapped, 0..=PIECE, &progress), None);
        assert_eq!(search(&hotp, &long, 0..=PIECE, &progress), None);
        assert_eq!(search(&hotp, &[], 0..=PIECE, &progress), None);
        #[expect(clippy::reversed_empty_ranges, reason = "that is the case")]
        let empty = search(&hotp, &codes, 1001..=1000, &progress);
        assert_eq!(empty, None);
    }

    /// Among a few thousand codes of six digits some are equal.
    #[test]
    fn highest_of_several_matches_is_returned() {
        let hotp = hotp(Algorithm::Sha1);
        let mut places = HashMap::<_, Vec<u64>>::new();
        for counter in 0..=4000 {
            let text = hotp.generate(counter).text();
            places.entry(text.as_str().to_owned()).or_default().push(counter);
        }
        places.retain(|_, places| places.len() > 1);
        assert!(!places.is_empty());
        for places in places.values() {
            let code = hotp.generate(places[0]);
            let found = search(&hotp, &[code], 0..=4000, &Progress::hidden());
            assert_eq!(found, places.last().copied());
        }
    }
}
