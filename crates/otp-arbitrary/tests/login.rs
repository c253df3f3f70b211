//! The README's law "no code lets a user in twice", for an application that keeps it and for another
//! that breaks it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use core::time::Duration;
use std::time::Instant;

use arbitrary::{Arbitrary, Result, Unstructured};
use otp_arbitrary::text;
use otp_context::replay::Tracker;
use otp_core::{Totp, UnixTime, Window};

/// An application's login: the row's lowest unspent counter, a typed text, the time.
type LogIn = fn(&Totp, &mut u64, &str, UnixTime) -> bool;

fn careful(totp: &Totp, next: &mut u64, typed: &str, now: UnixTime) -> bool {
    let Ok(code) = totp.parse(typed) else { return false };
    let mut tracker = Tracker::resume(*next);
    let accepted = tracker.verify_totp(totp, code, now, Window::ONE).is_ok();
    *next = tracker.next();
    accepted
}

/// Does not store the tracker.
fn forgetful(totp: &Totp, next: &mut u64, typed: &str, now: UnixTime) -> bool {
    careful(totp, &mut next.clone(), typed, now)
}

struct Visits {
    totp: Totp,
    visits: Vec<(UnixTime, String)>,
}

impl<'a> Arbitrary<'a> for Visits {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let totp = otp_arbitrary::totp(bytes)?;
        let mut now = otp_arbitrary::unix_time(bytes)?;
        let mut visits = Vec::new();
        for _ in 0..bytes.int_in_range(1..=4)? {
            visits.push((now, text::due_code(bytes, &totp, now)?));
            now = now.saturating_add(bytes.int_in_range(0..=90)?);
        }
        Ok(Self { totp, visits })
    }
}

/// Returns the number of accepted codes, and whether the law held.
fn law(Visits { totp, visits }: &Visits, log_in: LogIn) -> (u32, bool) {
    let (mut next, mut accepted, mut held) = (0, 0, true);
    for (now, typed) in visits {
        let first = log_in(totp, &mut next, typed, *now);
        let again = log_in(totp, &mut next, typed, *now);
        held &= !(first && again);
        accepted += u32::from(first);
    }
    (accepted, held)
}

/// Returns different inputs, which are the same in every run.
fn inputs(count: u32) -> impl Iterator<Item = Vec<u8>> {
    let mut state = 1_u64;
    (0..count).map(move |_| {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 32).to_le_bytes()[0]
        };
        core::iter::repeat_with(next).take(120).collect()
    })
}

#[test]
fn most_inputs_have_an_accepted_code() {
    let mut with_acceptance = 0;
    for input in inputs(200_000) {
        let visits = Visits::arbitrary(&mut Unstructured::new(&input)).unwrap();
        let (accepted, held) = law(&visits, careful);
        assert!(held, "{input:?}");
        with_acceptance += u32::from(accepted > 0);
    }
    assert!(with_acceptance > 100_000, "{with_acceptance} of 200,000 inputs");
}

/// A control: arbitrary text, even a code of another key, checks nothing.
#[test]
fn control_codes_of_other_keys_are_not_accepted() {
    let mut accepted = 0;
    for input in inputs(20_000) {
        let mut bytes = Unstructured::new(&input);
        let totp = otp_arbitrary::totp(&mut bytes).unwrap();
        let now = otp_arbitrary::unix_time(&mut bytes).unwrap();
        let typed = text::typed_code(&mut bytes).unwrap();
        accepted += u32::from(careful(&totp, &mut 0, &typed, now));
    }
    assert!(accepted < 10, "{accepted} of 20,000 inputs");
}

/// A control: the law fails within a minute if the tracker is not stored.
#[test]
fn forgotten_tracker_breaks_the_law() {
    let start = Instant::now();
    let broken = inputs(200_000).position(|input| {
        !law(&Visits::arbitrary(&mut Unstructured::new(&input)).unwrap(), forgetful).1
    });
    assert!(broken.is_some_and(|place| place < 100), "{broken:?}");
    assert!(start.elapsed() < Duration::from_secs(60));
}
