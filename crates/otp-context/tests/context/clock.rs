//! The clock, how far it is off, and the tolerance around it.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use otp_context::replay::{ClockOffset, Drift};
use otp_context::{ClockError, Credential, OtpContext, unix_time};
use otp_core::{Algorithm, Period, Totp, UnixTime, Window};
use otp_uri::OtpKind;

use crate::{ANY, MISMATCH, context, key};

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

fn totp() -> Totp {
    Totp::new(Algorithm::Sha1, b"12345678901234567890").unwrap()
}

#[test]
fn the_system_clock_is_read_in_whole_seconds() {
    let epoch = SystemTime::UNIX_EPOCH;
    for (millis, seconds) in [(0, 0), (999, 0), (1000, 1), (59_999, 59)] {
        assert_eq!(unix_time(epoch + Duration::from_millis(millis)), Ok(at(seconds)));
    }
    assert_eq!(unix_time(epoch - Duration::from_nanos(1)), Err(ClockError));
    let before = unix_time(SystemTime::now()).unwrap();
    let now = otp_context::now().unwrap();
    let after = OtpContext::new().now().unwrap();
    assert!(at(1_700_000_000) < before && before <= now && now <= after);
}

/// What a code that was made at one time tells at another.
fn offset(made: u64, now: u64) -> Option<ClockOffset> {
    ClockOffset::find(&totp(), totp().generate(at(made)).code(), at(now), 20)
}

#[test]
fn an_offset_is_a_range_that_further_codes_narrow() {
    for (made, now, earliest, latest, text) in [
        (10_000, 10_000, -10, 19, "clock is right within one period"),
        (10_000, 10_095, -105, -76, "clock is about 90 seconds behind"),
        (10_095, 10_000, 80, 109, "clock is about 94 seconds ahead"),
        (9_990, 9_990, 0, 29, "clock is right within one period"),
        (9_990, 10_019, -29, 0, "clock is right within one period"),
        (9_990, 10_020, -30, -1, "clock is about 15 seconds behind"),
        (9_990, 9_989, 1, 30, "clock is about 15 seconds ahead"),
    ] {
        let offset = offset(made, now).unwrap();
        assert_eq!((offset.earliest(), offset.latest()), (earliest, latest), "{made} {now}");
        assert_eq!(offset.to_string(), text);
        assert_eq!(offset.seconds(), (earliest + latest) / 2);
        let off = i64::try_from(made).unwrap() - i64::try_from(now).unwrap();
        assert!((offset.earliest()..=offset.latest()).contains(&off));
    }
    assert_eq!(offset(10_000, 10_000 + 22 * 30), None);
    assert!(offset(10_000, 10_000 + 20 * 30).is_some());

    let (one, other) = (offset(10_000, 10_095).unwrap(), offset(10_075, 10_170).unwrap());
    let both = one.narrow(other).unwrap();
    assert_eq!((both.earliest(), both.latest()), (-105, -91));
    assert_eq!(one.narrow(one), Some(one));
    assert_eq!(one.narrow(offset(10_000, 10_000).unwrap()), None);
    // They have one second in common, and then none.
    let [before, after] = [(9_990, 10_020), (9_990, 9_990)].map(|(made, now)| offset(made, now));
    assert_eq!(before.unwrap().narrow(after.unwrap()), None);
    let touching = offset(9_990, 10_019).unwrap().narrow(after.unwrap()).unwrap();
    assert_eq!((touching.earliest(), touching.latest()), (0, 0));
}

#[test]
fn drift_keeps_to_its_bound() {
    for (steps, bound, kept) in [(5, 3, 3), (-5, 3, -3), (2, 3, 2), (-3, 3, -3), (1, 0, 0)] {
        let drift = Drift::resume(steps, bound);
        assert_eq!((drift.steps(), drift.bound()), (kept, bound));
        let shifted = drift.shift(at(1000), Period::THIRTY);
        assert_eq!(i64::try_from(shifted.as_secs()), Ok(1000 + 30 * i64::from(kept)));
    }
    assert_eq!((Drift::OFF, Drift::within(3)), (Drift::default(), Drift::resume(0, 3)));
    assert_eq!(Drift::resume(-3, 3).shift(at(10), Period::THIRTY), at(0));
    assert_eq!(Drift::resume(3, 3).shift(at(u64::MAX), Period::THIRTY), at(u64::MAX));
}

/// A credential whose codes of any time the test knows.
fn credential(now: u64) -> Credential {
    let (context, clock) = context();
    clock.store(now, Ordering::Relaxed);
    context.import(OtpKind::default(), key())
}

#[test]
fn a_skewed_clock_is_looked_up_where_it_stands() {
    let (none, seconds) = (ANY.with_window(Window::ZERO), ANY.with_seconds(5));
    for (now, made, tolerance, is_found) in [
        (3000, 2960, none, false),
        (3000, 2960, none.with_skew(-40), true),
        (3000, 3040, none, false),
        (3000, 3040, none.with_skew(40), true),
        // The beginning of 1970 is an instant; what lies before it is none.
        (10, 0, none.with_skew(-10), true),
        (10, 0, ANY.with_skew(-11), false),
        (10, 0, seconds.with_skew(-15), true),
        (10, 0, seconds.with_skew(-16), false),
    ] {
        let typed = totp().generate(at(made)).code().text();
        let found = credential(now).consume(typed.as_str(), tolerance).map(|_| ());
        let expected = if is_found { Ok(()) } else { Err(MISMATCH) };
        assert_eq!(found, expected, "{now} {made} {tolerance:?}");
    }
}

#[test]
fn a_code_is_remembered_while_it_could_match_again() {
    for (tolerance, seconds) in [
        (ANY.with_window(Window::new(3, 0)), 90),
        (ANY.with_window(Window::new(3, 0)).with_skew(29), 90),
        (ANY.with_window(Window::new(3, 1)).with_skew(-20), 110),
        (ANY.with_seconds(50).with_skew(-20), 70),
        (ANY.with_seconds(50).with_skew(20), 50),
    ] {
        let typed = totp().generate(at(3000)).code().text();
        let accepted = credential(3000).consume(typed.as_str(), tolerance).unwrap();
        assert_eq!(accepted.period(), Some(Period::THIRTY));
        assert_eq!((accepted.counter(), accepted.expected(), accepted.next()), (100, 100, 101));
        assert_eq!(accepted.remember_until(), Some(at(3030 + seconds)), "{tolerance:?}");
    }
}
