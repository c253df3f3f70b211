//! Compares every engine of this machine with otp-core, code by code.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::reversed_empty_ranges, unreachable_pub)]

use otp_bulk::Engine;
use otp_core::{Algorithm, Digits, Hotp};
use proptest::prelude::*;

#[path = "../../../fuzz/laws/src/bulk.rs"]
mod bulk;
#[path = "../../../fuzz/laws/src/bytes.rs"]
mod bytes;
#[path = "../../../fuzz/laws/src/control.rs"]
mod control;

const KEY: &[u8] = b"12345678901234567890";

fn each(mut test: impl FnMut(Engine, Algorithm)) {
    for engine in Engine::all() {
        for algorithm in Algorithm::ALL {
            test(engine, *algorithm);
        }
    }
}

/// Checks codes and comparisons from a counter on, with six digits, and the search of the last one.
fn check(algorithm: u8, first: u64, more: u8, key: &[u8]) {
    bulk::check(&[&[algorithm, 0, more, more][..], &first.to_be_bytes(), key].concat());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn engines_keep_the_law(
        head: [u8; 4], less in 0_u64..40, key in prop::collection::vec(any::<u8>(), 1..200),
        // Often a counter next to a carry or to the highest value.
        place in prop_oneof![any::<u64>(), Just(u64::MAX), Just(1 << 32), Just(40), Just((1 << 33) - 1)],
    ) {
        bulk::check(&[&head[..], &place.wrapping_sub(less).to_be_bytes(), &key].concat());
    }
}

/// Each length of a range, each lane that carries into the upper half, and each way to end at the last
/// counter.
#[test]
fn edges_keep_the_law() {
    for algorithm in 0..3 {
        for more in 0..70 {
            check(algorithm, 1000, more, KEY);
            check(algorithm, (1 << 32) - u64::from(more), 39, KEY);
            check(algorithm, u64::MAX - u64::from(more), more, KEY);
        }
        let key: Vec<u8> = (0..=255).collect();
        (1..=key.len()).for_each(|length| check(algorithm, 7, 15, &key[..length]));
    }
}

#[test]
fn plain_engine_is_first_and_the_widest_is_last() {
    let names: Vec<_> = Engine::all().map(Engine::name).collect();
    assert_eq!(names[0], "plain");
    assert_eq!(*names.last().unwrap(), Engine::new().name());
    assert_eq!(format!("{:?}", Engine::new()), format!("Engine({:?})", Engine::new().name()));
}

#[test]
fn range_may_be_empty_or_have_every_counter() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        assert_eq!(engine.codes(&hotp, 1..=0).count(), 0);
        assert_eq!(engine.codes(&hotp, u64::MAX..=u64::MAX - 17).count(), 0);
        assert_eq!(engine.codes(&hotp, 0..=u64::MAX).take(100).count(), 100);
    });
}

/// A range that was iterated to its end keeps its bounds, and is still empty.
#[test]
fn used_range_has_no_codes() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        for first in [0, 7, u64::MAX - 20] {
            let mut counters = first..=first + 20;
            assert_eq!(counters.by_ref().count(), 21);
            let last = hotp.generate(first + 20);
            assert_eq!(engine.codes(&hotp, counters.clone()).count(), 0);
            assert_eq!(engine.codes(&hotp, counters.clone()).size_hint(), (0, Some(0)));
            assert!(engine.search(&hotp, last, counters).eq([]));
            // The rest of a range that was begun has codes.
            let mut counters = first..=first + 20;
            counters.next();
            assert_eq!(
                engine.codes(&hotp, counters).next(),
                Some((first + 1, hotp.generate(first + 1)))
            );
        }
    });
}

#[test]
fn number_of_codes_is_known_in_advance() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let mut codes = Engine::new().codes(&hotp, 5..=54);
    for left in (0..=50).rev() {
        assert_eq!(codes.size_hint(), (left, Some(left)));
        assert_eq!(codes.next().is_some(), left > 0);
    }
    assert!(codes.next().is_none());
}

#[test]
fn search_finds_only_the_right_counters() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        for place in [0, 100, 4999, 5000] {
            let found = engine.search(&hotp, hotp.generate(place), 0..=5000);
            let by_core = (0..=5000).filter(|it| hotp.generate(*it) == hotp.generate(place));
            assert!(found.eq(by_core), "{engine:?} {algorithm} {place}");
        }
        // A counter just outside of the range.
        assert!(engine.search(&hotp, hotp.generate(99), 100..=140).eq([]));
        assert!(engine.search(&hotp, hotp.generate(141), 100..=140).eq([]));
        assert!(engine.search(&hotp, hotp.generate(141), 1..=0).eq([]));
    });
}

#[test]
fn codes_before_it_narrow_a_search() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        let codes: Vec<_> = (40..=43).map(|counter| hotp.generate(counter)).collect();
        let search = || engine.search(&hotp, codes[3], 0..=200);
        assert!(search().eq([43]));
        assert!(search().preceded_by(&codes[..3]).eq([43]));
        assert!(search().preceded_by(&codes[1..3]).eq([43]));
        assert!(search().preceded_by(&codes[..2]).eq([]));
        assert!(search().preceded_by(&codes).eq([]));
        // Their counters may lie outside of the range, but not below 0.
        assert!(engine.search(&hotp, codes[3], 43..=43).preceded_by(&codes[..3]).eq([43]));
        let zero = hotp.generate(0);
        assert!(engine.search(&hotp, zero, 0..=0).preceded_by(&[zero]).eq([]));
    });
}

#[test]
fn code_of_another_format_is_not_found() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let eight = Hotp::new(Algorithm::Sha1, KEY).unwrap().with_format(Digits::EIGHT);
    // The code of the counter with more digits, and its value with leading zeros.
    let padded = eight.parse(&format!("00{}", hotp.generate(9).text())).unwrap();
    for longer in [eight.generate(9), padded] {
        for engine in Engine::all() {
            assert!(engine.search(&hotp, longer, 0..=100).eq([]));
            let search = engine.search(&hotp, hotp.generate(10), 0..=100);
            assert!(search.preceded_by(&[longer]).eq([]));
            engine.compare([(&hotp, 9, longer); 20], |_, equal| assert!(!equal));
        }
    }
}

#[test]
fn debug_shows_no_key_and_no_code() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let mut codes = Engine::new().codes(&hotp, 0..=99);
    codes.next();
    assert_eq!(format!("{codes:?}"), "Codes { rest: 16..=99, .. }");
    let search = Engine::new().search(&hotp, hotp.generate(5), 0..=99);
    assert_eq!(format!("{search:?}"), "Search { rest: 0..=99, .. }");
}
