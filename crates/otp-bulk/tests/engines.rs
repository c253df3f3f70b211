//! Compares every engine of this machine with otp-core, code by code.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::reversed_empty_ranges
)]

use otp_bulk::Engine;
use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp};
use proptest::prelude::*;

const KEY: &[u8] = b"12345678901234567890";

fn each(mut test: impl FnMut(Engine, Algorithm)) {
    for engine in Engine::all() {
        for algorithm in Algorithm::ALL {
            test(engine, *algorithm);
        }
    }
}

fn same_codes(engine: Engine, hotp: &Hotp, first: u64, last: u64) {
    compare(engine, hotp, hotp, first, last);
}

fn compare(engine: Engine, hotp: &Hotp, core: &Hotp, first: u64, last: u64) {
    let by_core = (first..=last).map(|counter| (counter, core.generate(counter)));
    let codes: Vec<_> = engine.codes(hotp, first..=last).collect();
    assert!(codes.into_iter().eq(by_core), "{engine:?} {hotp:?} {first}..={last}");
}

#[test]
fn plain_engine_is_first_and_the_widest_is_last() {
    let names: Vec<_> = Engine::all().map(Engine::name).collect();
    assert_eq!(names[0], "plain");
    assert_eq!(*names.last().unwrap(), Engine::new().name());
    assert_eq!(format!("{:?}", Engine::new()), format!("Engine({:?})", Engine::new().name()));
}

/// A control for the comparisons below.
#[test]
#[should_panic(expected = "1000..=1000")]
fn control_codes_of_another_key_are_noticed() {
    let [hotp, core] = [KEY, b"another"].map(|key| Hotp::new(Algorithm::Sha1, key).unwrap());
    compare(Engine::new(), &hotp, &core, 1000, 1000);
}

#[test]
fn ranges_of_every_length_give_the_codes_of_the_core() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        for length in 0..70 {
            same_codes(engine, &hotp, 1000, 1000 + length);
        }
    });
}

#[test]
fn every_lane_carries_into_the_upper_half() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        for back in 0..40 {
            let carry: u64 = 1 << 32;
            same_codes(engine, &hotp, carry - back, carry - back + 39);
        }
    });
}

#[test]
fn range_may_end_at_the_last_counter_or_be_empty() {
    each(|engine, algorithm| {
        let hotp = Hotp::new(algorithm, KEY).unwrap();
        for length in 0..40 {
            same_codes(engine, &hotp, u64::MAX - length, u64::MAX);
        }
        same_codes(engine, &hotp, 1, 0);
        same_codes(engine, &hotp, u64::MAX, u64::MAX - 17);
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
fn keys_of_every_length_give_the_codes_of_the_core() {
    let key: Vec<u8> = (0..=255).collect();
    each(|engine, algorithm| {
        for length in 1..=key.len() {
            let hotp = Hotp::new(algorithm, &key[..length]).unwrap();
            same_codes(engine, &hotp, 7, 22);
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
        for place in [0, 1, 15, 16, 17, 100, 4999, 5000] {
            let found = engine.search(&hotp, hotp.generate(place), 0..=5000);
            let by_core = (0..=5000).filter(|it| hotp.generate(*it) == hotp.generate(place));
            assert!(found.eq(by_core), "{engine:?} {algorithm} {place}");
        }
        // A counter just outside of the range.
        assert!(engine.search(&hotp, hotp.generate(99), 100..=140).eq([]));
        assert!(engine.search(&hotp, hotp.generate(141), 100..=140).eq([]));
        assert!(engine.search(&hotp, hotp.generate(141), 1..=0).eq([]));
        assert!(
            engine.search(&hotp, hotp.generate(u64::MAX), u64::MAX - 99..=u64::MAX).eq([u64::MAX])
        );
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
    // The value is equal, with leading zeros.
    let format = CodeFormat::Decimal(Digits::EIGHT);
    let longer = format.parse(&format!("00{}", hotp.generate(9).text())).unwrap();
    for engine in Engine::all() {
        assert!(engine.search(&hotp, longer, 0..=100).eq([]));
        let search = engine.search(&hotp, hotp.generate(10), 0..=100);
        assert!(search.preceded_by(&[longer]).eq([]));
        engine.compare([(&hotp, 9, longer); 20], |_, equal| assert!(!equal));
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

fn any_hotp() -> impl Strategy<Value = Hotp> {
    let format = prop_oneof![
        5 => (6_u8..=10).prop_map(|digits| CodeFormat::Decimal(Digits::new(digits).unwrap())),
        1 => Just(CodeFormat::Steam),
    ];
    let key = proptest::collection::vec(any::<u8>(), 1..200);
    (0..Algorithm::ALL.len(), key, format).prop_map(|(algorithm, key, format)| {
        Hotp::new(Algorithm::ALL[algorithm], &key).unwrap().with_format(format)
    })
}

/// Returns any counter, and often one next to a carry or to the highest value.
fn any_counter() -> impl Strategy<Value = u64> {
    let near = |place: u64| (0_u64..40).prop_map(move |less| place.wrapping_sub(less));
    prop_oneof![any::<u64>(), near(u64::MAX), near(1 << 32), near(40), near((1 << 33) - 1)]
}

proptest! {
    #[test]
    fn ranges_of_one_key_agree(hotp in any_hotp(), first in any_counter(), length in 0_u64..60) {
        for engine in Engine::all() {
            same_codes(engine, &hotp, first, first.saturating_add(length));
        }
    }

    #[test]
    fn searches_agree(hotp in any_hotp(), first in any_counter(), place in 0_u64..100) {
        let last = first.saturating_add(99);
        let place = first.saturating_add(place);
        let code = hotp.generate(place);
        let by_core: Vec<_> = (first..=last).filter(|it| hotp.generate(*it) == code).collect();
        for engine in Engine::all() {
            prop_assert!(engine.search(&hotp, code, first..=last).eq(by_core.iter().copied()));
        }
    }

    #[test]
    fn many_keys_agree(
        keys in proptest::collection::vec((any_hotp(), any_counter(), any::<bool>()), 0..90),
    ) {
        for engine in Engine::all() {
            let mut codes = vec![None; keys.len()];
            let requests = keys.iter().map(|(hotp, counter, _)| (hotp, *counter));
            engine.generate(requests, |place, code| {
                assert!(codes[place].replace(code).is_none(), "answered once");
            });
            for ((hotp, counter, _), code) in keys.iter().zip(&codes) {
                prop_assert_eq!(*code, Some(hotp.generate(*counter)));
            }

            let typed = |hotp: &Hotp, counter: u64, right: bool| -> Code {
                hotp.generate(if right { counter } else { !counter })
            };
            let triples: Vec<_> = keys
                .iter()
                .map(|(hotp, counter, right)| (hotp, *counter, typed(hotp, *counter, *right)))
                .collect();
            let mut equal = vec![None; keys.len()];
            engine.compare(triples.iter().copied(), |place, it| {
                assert!(equal[place].replace(it).is_none(), "answered once");
            });
            for ((hotp, counter, code), equal) in triples.into_iter().zip(equal) {
                prop_assert_eq!(equal, Some(hotp.generate(counter) == code));
            }
        }
    }
}

#[test]
fn any_number_of_keys_is_answered_in_place() {
    each(|engine, algorithm| {
        let keys: Vec<_> = (0..40_u32)
            .map(|number| Hotp::new(algorithm, &number.to_be_bytes()).unwrap())
            .collect();
        for length in 0..=keys.len() {
            let mut codes = vec![None; length];
            let requests = keys.iter().take(length).zip(1000..);
            engine.generate(requests, |place, code| codes[place] = Some(code));
            for ((hotp, counter), code) in keys.iter().zip(1000..).zip(codes) {
                assert_eq!(code, Some(hotp.generate(counter)), "{engine:?} {algorithm} {length}");
            }
        }
    });
}
