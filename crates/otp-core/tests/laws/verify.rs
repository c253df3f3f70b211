//! Verifying, against plain loops over a list of codes.

use otp_core::{Algorithm, CodeFormat, Digits, Hotp, HotpMatch, Rejected, Totp, UnixTime, Window};
use proptest::prelude::*;

use crate::oracle::{self, Known};

/// What a match says: the counter to spend and the drift.
pub type Found = (u64, i128);

/// The model: every code of the window is written down, then looked through.
pub fn model(
    code_of: impl Fn(u64) -> String,
    typed: &str,
    expected: u64,
    floor: u64,
    window: Window,
) -> Result<Found, Rejected> {
    let first = i128::from(expected) - i128::from(window.behind);
    let last = i128::from(expected) + i128::from(window.ahead);
    let mut list = Vec::new();
    for counter in first..=last {
        if let Ok(counter) = u64::try_from(counter) {
            list.push((counter, code_of(counter)));
        }
    }

    let (mut unspent, mut spent, mut at_the_end) = (Vec::new(), false, false);
    for (counter, code) in list {
        if code != typed {
            continue;
        }
        if counter < floor {
            spent = true;
        } else if counter == u64::MAX {
            at_the_end = true;
        } else {
            unspent.push(counter);
        }
    }

    if let Some(highest) = unspent.iter().max() {
        let distance = |counter: u64| i128::from(counter) - i128::from(expected);
        // Of two at the same distance, the one behind.
        let nearest = unspent
            .iter()
            .map(|counter| distance(*counter))
            .min_by_key(|distance| (distance.abs(), *distance))
            .unwrap();
        Ok((*highest, nearest))
    } else if spent {
        Err(Rejected::Replayed)
    } else if at_the_end || floor == u64::MAX {
        Err(Rejected::Exhausted)
    } else {
        Err(Rejected::Mismatch)
    }
}

/// What the model says of a match, from a match.
pub fn found(hit: &HotpMatch) -> Found {
    (hit.counter(), hit.drift().into())
}

fn windows() -> impl Strategy<Value = Window> {
    prop_oneof![
        8 => (0_u8..12, 0_u8..12).prop_map(|(behind, ahead)| Window::new(behind, ahead)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(behind, ahead)| Window::new(behind, ahead)),
    ]
}

/// A counter, one not far from it, and one not far from that.
fn neighbours() -> impl Strategy<Value = (u64, u64, u64)> {
    (oracle::counters(), -14_i64..15, -14_i64..15).prop_map(|(counter, typed, floor)| {
        let typed = counter.saturating_add_signed(typed);
        (counter, typed, typed.saturating_add_signed(floor))
    })
}

proptest! {
    #[test]
    fn hotp_finds_what_the_model_finds(
        known in oracle::generators(), (next, typed, _) in neighbours(), window in windows()
    ) {
        let hotp = known.hotp();
        let text = known.code(typed);
        let code = hotp.parse(&text).unwrap();
        let expected = model(|counter| known.code(counter), &text, next, next, window);
        let actual = hotp.verify(code, next, window);
        prop_assert_eq!(actual.as_ref().map(found).map_err(|reason| *reason), expected);
        if let Ok(hit) = actual {
            prop_assert_eq!(hit.expected(), next);
            prop_assert_eq!(hit.skipped(), hit.counter() - next);
            prop_assert_eq!(hit.next(), hit.counter() + 1);
        }
    }

    #[test]
    fn totp_finds_what_the_model_finds(
        known in oracle::generators(), (now, typed, floor) in neighbours(), window in windows()
    ) {
        let totp = Totp::new(known.algorithm, &known.key).unwrap()
            .with_format(known.format)
            .with_period(1.try_into().unwrap());
        let text = known.code(typed);
        let code = totp.parse(&text).unwrap();
        let expected = model(|counter| known.code(counter), &text, now, floor, window);
        let actual = totp.verify(code, UnixTime::from_secs(now), window, floor);
        let found = actual.as_ref().map(|hit| (hit.counter(), i128::from(hit.drift())));
        prop_assert_eq!(found.map_err(|reason| *reason), expected);
        if let Ok(hit) = actual {
            prop_assert!(hit.next() > floor, "a floor never falls");
            // Once spent, it is dead.
            let again = totp.verify(code, UnixTime::from_secs(now), window, hit.next());
            prop_assert!(again.is_err());
        }
    }

    #[test]
    fn a_followed_clock_is_looked_at_in_both_windows(
        known in oracle::generators(), (now, typed, floor) in neighbours(), drift in -20_i16..=20,
        window in windows(),
    ) {
        let totp = Totp::new(known.algorithm, &known.key).unwrap()
            .with_format(known.format)
            .with_period(1.try_into().unwrap());
        let text = known.code(typed);
        let followed = now.saturating_add_signed(drift.into());
        let within = |middle| model(|counter| known.code(counter), &text, middle, floor, window);
        let steps = i128::from(followed) - i128::from(now);
        let expected = match (within(now), within(followed)) {
            (Ok((one, own)), Ok((other, off))) => {
                let nearest = if off.abs() <= own.abs() { steps + off } else { own };
                Ok((one.max(other), nearest))
            }
            (Ok(own), Err(_)) => Ok(own),
            (Err(_), Ok((counter, off))) => Ok((counter, steps + off)),
            (Err(one), Err(other)) => Err([Rejected::Replayed, Rejected::Exhausted]
                .into_iter()
                .find(|reason| [one, other].contains(reason))
                .unwrap_or(Rejected::Mismatch)),
        };
        let time = UnixTime::from_secs(now);
        let actual = totp.verify_with_drift(totp.parse(&text).unwrap(), time, drift, window, floor);
        let found = actual.as_ref().map(|hit| (hit.counter(), i128::from(hit.drift())));
        prop_assert_eq!(found.map_err(|reason| *reason), expected);
        if let Ok(hit) = actual {
            prop_assert_eq!(hit.expected(), now);
            // The code is met for as long as either window reaches back.
            let last = hit.counter().saturating_add(window.behind.into());
            let last = last.max(last.saturating_add_signed(-i64::from(drift)));
            prop_assert!(hit.remember_until().as_secs() >= last.min(u64::MAX - 1));
        }
    }

    #[test]
    fn any_text_of_the_right_form_is_treated_alike(
        known in oracle::generators(), value in 0..1_u32 << 31, next in oracle::counters(),
        window in windows(),
    ) {
        let text = oracle::text(known.format, value.into());
        let hotp = known.hotp();
        let actual = hotp.verify(hotp.parse(&text).unwrap(), next, window);
        let expected = model(|counter| known.code(counter), &text, next, next, window);
        prop_assert_eq!(actual.as_ref().map(found).map_err(|reason| *reason), expected);
    }

    #[test]
    fn widening_a_window_never_loses_a_match(
        known in oracle::generators(), (now, typed, floor) in neighbours(), window in windows(),
        behind: u8, ahead: u8,
    ) {
        let wider = Window::new(window.behind.max(behind), window.ahead.max(ahead));
        let totp = Totp::new(known.algorithm, &known.key).unwrap()
            .with_format(known.format)
            .with_period(1.try_into().unwrap());
        let (time, code) = (UnixTime::from_secs(now), totp.hotp().generate(typed));
        if let Ok(hit) = totp.verify(code, time, window, floor) {
            let wide = totp.verify(code, time, wider, floor).unwrap();
            prop_assert!(wide.counter() >= hit.counter());
            prop_assert!(wide.drift().abs() <= hit.drift().abs());
        }
    }

    #[test]
    fn a_code_of_another_format_never_matches(
        known in oracle::generators(), other in oracle::formats(), counter in 0..u64::MAX
    ) {
        prop_assume!(other != known.format);
        let code = known.hotp().with_format(other).generate(counter);
        prop_assert_eq!(
            known.hotp().verify(code, counter, Window::ONE).unwrap_err(), Rejected::Mismatch);
    }
}

/// Six digits and ten hold the same number, and are two codes.
#[test]
fn the_same_number_in_another_format_never_matches() {
    let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    let code = hotp.generate(5);
    assert!(hotp.verify(code, 5, Window::ZERO).is_ok(), "control");
    let padded = format!("0000{}", code.text());
    let ten = CodeFormat::Decimal(Digits::TEN).parse(&padded).unwrap();
    assert_eq!(hotp.verify(ten, 5, Window::ZERO).unwrap_err(), Rejected::Mismatch);
    // Nor is it an attempt at an exhausted counter that would say something else.
    assert_eq!(hotp.verify(ten, u64::MAX, Window::ZERO).unwrap_err(), Rejected::Exhausted);
}

/// Each lane of a scan, and each way a window can end in the middle of a run of lanes.
#[test]
fn every_place_of_every_window_is_seen() {
    for algorithm in Algorithm::ALL {
        let known = Known {
            algorithm: *algorithm,
            key: b"12345678901234567890".to_vec(),
            format: CodeFormat::Decimal(Digits::EIGHT),
        };
        let hotp = known.hotp();
        for ahead in (0..20).chain([254, 255]) {
            for place in 0..=u64::from(ahead) {
                let hit = hotp.verify(hotp.generate(1000 + place), 1000, Window::new(0, ahead));
                assert_eq!(hit.unwrap().counter(), 1000 + place);
            }
            let after = hotp.generate(1001 + u64::from(ahead));
            let miss = hotp.verify(after, 1000, Window::new(0, ahead));
            assert_eq!(miss.unwrap_err(), Rejected::Mismatch);
        }
    }
}

#[test]
fn the_ends_of_the_counter() {
    let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    let wide = Window::new(255, 255);
    const MAX: u64 = u64::MAX;

    // Nothing wraps round.
    let (first, last) = (hotp.generate(0), hotp.generate(MAX - 1));
    assert_eq!(hotp.verify(last, 0, wide).unwrap_err(), Rejected::Mismatch);
    assert_eq!(hotp.verify(first, MAX - 3, wide).unwrap_err(), Rejected::Mismatch);

    let hit = hotp.verify(first, 0, wide).unwrap();
    assert_eq!((hit.counter(), hit.next()), (0, 1));
    let hit = hotp.verify(last, MAX - 1, wide).unwrap();
    assert_eq!((hit.counter(), hit.next()), (MAX - 1, MAX));

    // The last counter of all is never accepted, since nothing could follow it.
    let end = hotp.generate(MAX);
    assert_eq!(hotp.verify(end, MAX - 1, wide).unwrap_err(), Rejected::Exhausted);
    assert_eq!(hotp.verify(end, MAX, wide).unwrap_err(), Rejected::Exhausted);
    // When it is reached, every code is told so, but a spent one is still a replay.
    assert_eq!(hotp.verify(first, MAX, wide).unwrap_err(), Rejected::Exhausted);
    assert_eq!(hotp.verify(last, MAX, wide).unwrap_err(), Rejected::Replayed);
    assert_eq!(hotp.verify(last, MAX, Window::ZERO).unwrap_err(), Rejected::Exhausted);
}

#[test]
fn spent_codes_are_replays_only_within_the_window() {
    let totp = Totp::new(Algorithm::Sha256, b"12345678901234567890").unwrap();
    let now = UnixTime::from_secs(3000);
    let verify = |counter, floor| {
        totp.verify(totp.hotp().generate(counter), now, Window::ONE, floor).map(|hit| hit.counter())
    };
    assert_eq!(verify(100, 0), Ok(100));
    assert_eq!(verify(99, 100), Err(Rejected::Replayed));
    assert_eq!(verify(98, 100), Err(Rejected::Mismatch));
    assert_eq!(verify(101, 100), Ok(101));
    assert_eq!(verify(102, 100), Err(Rejected::Mismatch));
    // A floor above the window leaves only replays.
    assert_eq!(verify(101, 500), Err(Rejected::Replayed));
    assert_eq!(verify(500, 500), Err(Rejected::Mismatch));
}
