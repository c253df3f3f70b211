//! What a match says about time.

use otp_core::{Algorithm, Period, Totp, TotpMatch, UnixTime, Window};
use proptest::prelude::*;

const MAX: u64 = u64::MAX;

fn totp(period: u64, t0: u64) -> Totp {
    Totp::new(Algorithm::Sha1, b"12345678901234567890")
        .unwrap()
        .with_period(Period::from_secs(period).unwrap())
        .with_t0(UnixTime::from_secs(t0))
}

fn verify(totp: &Totp, counter: u64, time: u64, window: Window) -> TotpMatch {
    let code = totp.hotp().generate(counter);
    totp.verify(code, UnixTime::from_secs(time), window, 0).unwrap()
}

/// Start, end, until when to remember it and for how long.
fn span(hit: &TotpMatch) -> (u64, u64, u64, u64) {
    let (start, expires) = (hit.start().as_secs(), hit.expires().as_secs());
    (start, expires, hit.remember_until().as_secs(), hit.remember_for())
}

#[test]
fn all_that_passlib_knows() {
    let totp = totp(30, 0);
    let hit = verify(&totp, 99, 3017, Window::new(2, 1));
    assert_eq!((hit.counter(), hit.expected(), hit.drift()), (99, 100, -1));
    assert_eq!((hit.next(), hit.period(), hit.time().as_secs()), (100, Period::THIRTY, 3017));
    assert_eq!(span(&hit), (2970, 3000, 3060, 43));

    let hit = verify(&totp, 101, 3000, Window::ONE);
    assert_eq!((hit.counter(), hit.drift()), (101, 1));
    assert_eq!(span(&hit), (3030, 3060, 3090, 90));
}

#[test]
fn before_t0() {
    let hit = verify(&totp(30, 1000), 0, 10, Window::ONE);
    assert_eq!((hit.counter(), hit.expected(), hit.next()), (0, 0, 1));
    assert_eq!(span(&hit), (1000, 1030, 1060, 1050));
    let hit = verify(&totp(30, 1000), 1, 10, Window::ONE);
    assert_eq!((hit.counter(), hit.drift()), (1, 1));
}

#[test]
fn at_the_end_of_time() {
    let hit = verify(&totp(30, 0), MAX / 30, MAX, Window::ONE);
    assert_eq!(span(&hit), (MAX - 15, MAX, MAX, 0));
    assert_eq!(hit.next(), MAX / 30 + 1);
    // A step that begins after the end of time is verified all the same.
    let hit = verify(&totp(30, 0), MAX / 30 + 1, MAX, Window::ONE);
    assert_eq!((hit.drift(), span(&hit)), (1, (MAX, MAX, MAX, 0)));
    let hit = verify(&totp(1, 0), MAX - 1, MAX, Window::new(255, 255));
    assert_eq!((hit.next(), hit.drift(), span(&hit)), (MAX, -1, (MAX - 1, MAX, MAX, 0)));
    let hit = verify(&totp(MAX, 0), 1, 5, Window::ONE);
    assert_eq!(span(&hit), (MAX, MAX, MAX, MAX - 5));
}

proptest! {
    /// A match is remembered exactly as long as this verifier could meet the code again.
    #[test]
    fn remembered_while_it_could_be_met_again(
        now in 0..1_u64 << 40, period in 1_u64..100, t0 in 0_u64..1000,
        behind in 0_u8..5, ahead in 0_u8..5, steps in -5_i64..5,
    ) {
        let totp = totp(period, t0);
        let expected = totp.counter_at(UnixTime::from_secs(now));
        let counter = expected.saturating_add_signed(steps);
        let window = Window::new(behind, ahead);
        let code = totp.hotp().generate(counter);
        let Ok(hit) = totp.verify(code, UnixTime::from_secs(now), window, 0) else {
            return Ok(());
        };
        prop_assume!(hit.counter() == counter);
        let met = |time| totp.verify(code, time, window, counter).is_ok_and(
            |hit| hit.counter() == counter);
        let until = hit.remember_until();
        prop_assert!(met(until.saturating_sub(1)));
        prop_assert!(!met(until));
        prop_assert_eq!(hit.remember_for(), until.seconds_since(hit.time()));
        prop_assert!(hit.remember_for() > 0);
    }
}
