//! For each law a core that breaks it, and no other.

use otp_core::{Hotp, UnixTime, Window};

use super::subject::{CORE, Subject};
use super::{against, check};
use crate::model;

const INPUT: &[u8] = b"\0\0\x11\x11\x08\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x1e\0\0\0\0\0\0\0\0\
    12345678901234567890";

fn fails(subject: &Subject) {
    against(INPUT, subject, &model::truncated);
}

#[test]
fn the_model_agrees() {
    check(INPUT);
    check(b"");
    check(&[0xff; 40]);
}

#[test]
#[should_panic(expected = "generating differs")]
fn a_model_that_is_one_off_does_not() {
    against(INPUT, &CORE, &|algorithm, key, counter| model::truncated(algorithm, key, counter) ^ 1);
}

#[test]
#[should_panic(expected = "generating differs")]
fn a_model_that_counts_differently_does_not() {
    against(INPUT, &CORE, &|algorithm, key, counter| model::truncated(algorithm, key, counter / 2));
}

#[test]
#[should_panic(expected = "an empty key is not refused")]
fn a_core_that_takes_an_empty_key_does_not() {
    let prepare =
        |algorithm, key: &[u8]| Hotp::new(algorithm, if key.is_empty() { b"0" } else { key });
    against(b"", &Subject { prepare, ..CORE }, &model::truncated);
}

#[test]
#[should_panic(expected = "generating by another MAC differs")]
fn a_core_that_counts_otherwise_by_another_mac_does_not() {
    let generate_by = |counter, format, mac| (CORE.generate_by)(counter + 1, format, mac);
    fails(&Subject { generate_by, ..CORE });
}

#[test]
#[should_panic(expected = "verifying by another MAC differs")]
fn a_core_that_forgets_the_floor_by_another_mac_does_not() {
    fails(&Subject {
        verify_by: |code, format, expected, _, window, mac| {
            (CORE.verify_by)(code, format, expected, 0, window, mac)
        },
        ..CORE
    });
}

#[test]
#[should_panic(expected = "verifying differs")]
fn a_core_that_does_not_look_ahead_does_not() {
    let verify = |hotp: &Hotp, code, next, _| hotp.verify(code, next, Window::new(0, 0));
    fails(&Subject { verify, ..CORE });
}

#[test]
#[should_panic(expected = "resynchronising differs")]
fn a_core_that_resynchronises_one_too_near_does_not() {
    fails(&Subject {
        resync: |hotp, codes, next, reach| hotp.resync(codes, next, reach.saturating_sub(1)),
        ..CORE
    });
}

#[test]
#[should_panic(expected = "the token differs")]
fn a_core_whose_clock_is_slow_does_not() {
    fails(&Subject {
        token: |totp, now| totp.generate(UnixTime::from_secs(now.as_secs() + 30)),
        ..CORE
    });
}

#[test]
#[should_panic(expected = "verifying in time differs")]
fn a_core_that_forgets_the_floor_in_time_does_not() {
    fails(&Subject {
        verify_at: |totp, code, now, window, floor| totp.verify(code, now, window, floor + 1),
        ..CORE
    });
}
