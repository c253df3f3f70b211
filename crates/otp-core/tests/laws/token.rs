//! When a generated code begins and ends.

use otp_core::{Algorithm, Period, Totp, TotpToken, UnixTime};
use proptest::prelude::*;

const MAX: u64 = u64::MAX;

fn totp(period: u64, t0: u64) -> Totp {
    Totp::new(Algorithm::Sha1, b"12345678901234567890")
        .unwrap()
        .with_period(Period::from_secs(period).unwrap())
        .with_t0(UnixTime::from_secs(t0))
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(seconds)
}

/// Start, end, and how long it is left at its own time.
fn span(token: &TotpToken, time: u64) -> (u64, u64, u64) {
    (token.start().as_secs(), token.expires().as_secs(), token.remaining(at(time)))
}

#[test]
fn one_step_from_its_first_second_to_the_last() {
    let totp = totp(30, 0);
    for (time, counter, remaining) in [(0, 0, 30), (29, 0, 1), (30, 1, 30), (59, 1, 1), (60, 2, 30)]
    {
        let token = totp.generate(at(time));
        assert_eq!(token.counter(), counter);
        assert_eq!(span(&token, time), (counter * 30, counter * 30 + 30, remaining));
    }
    let token = totp.generate(at(45));
    for (time, remaining, valid) in [
        (0, 60, false),
        (29, 31, false),
        (30, 30, true),
        (59, 1, true),
        (60, 0, false),
        (61, 0, false),
        (MAX, 0, false),
    ] {
        assert_eq!((token.remaining(at(time)), token.is_valid_at(at(time))), (remaining, valid));
    }
}

#[test]
fn two_instants_of_one_step_have_one_token() {
    let totp = totp(30, 0);
    assert_eq!(totp.generate(at(30)), totp.generate(at(59)));
    assert_ne!(totp.generate(at(29)), totp.generate(at(30)));
}

#[test]
fn before_t0_it_is_step_0() {
    let totp = totp(30, 1000);
    for time in [0, 999, 1000, 1029] {
        let token = totp.generate(at(time));
        assert_eq!((token.counter(), token.start(), token.expires()), (0, at(1000), at(1030)));
        assert_eq!(token.code(), totp.hotp().generate(0));
        assert_eq!(token.is_valid_at(at(time)), time >= 1000);
        // The wait for its step is counted.
        assert_eq!(token.remaining(at(time)), 1030 - time);
    }
    assert_eq!(totp.generate(at(1030)).counter(), 1);
}

#[test]
fn the_last_second_there_is() {
    // 2^64 is 16 modulo 30, so the last step is cut off.
    let token = totp(30, 0).generate(at(MAX));
    assert_eq!(token.counter(), MAX / 30);
    assert_eq!(span(&token, MAX), (MAX - 15, MAX, 15));
    assert!(token.is_valid_at(at(MAX)));

    let token = totp(1, 0).generate(at(MAX));
    assert_eq!((token.counter(), span(&token, MAX)), (MAX, (MAX, MAX, 1)));
    assert!(token.is_valid_at(at(MAX)));

    let token = totp(MAX, 0).generate(at(MAX));
    assert_eq!((token.counter(), span(&token, MAX)), (1, (MAX, MAX, MAX)));
    let token = totp(MAX, 0).generate(at(MAX - 1));
    assert_eq!((token.counter(), span(&token, MAX - 1)), (0, (0, MAX, 1)));

    let token = totp(30, MAX).generate(at(5));
    assert_eq!((token.counter(), span(&token, 5)), (0, (MAX, MAX, MAX)));
}

#[test]
fn steps_begin_where_they_should() {
    let totp = totp(30, 7);
    assert_eq!(totp.start_of(0), at(7));
    assert_eq!(totp.start_of(10), at(307));
    assert_eq!(totp.start_of(MAX / 30), at(MAX - 8));
    assert_eq!(totp.start_of(MAX / 30 + 1), at(MAX));
    assert_eq!(totp.start_of(MAX), at(MAX));
}

proptest! {
    #[test]
    fn a_token_holds_its_time(time: u64, t0: u64, period in 1_u64.., shift in 0_u32..64) {
        let period = (period >> shift).max(1);
        let totp = totp(period, t0);
        let token = totp.generate(at(time));
        prop_assert_eq!(token.is_valid_at(at(time)), time >= t0);
        prop_assert_eq!(token.start(), totp.start_of(token.counter()));
        if time >= t0 {
            prop_assert!(token.start() <= at(time));
            let elapsed = time - token.start().as_secs();
            prop_assert!(elapsed < period);
            prop_assert_eq!(token.remaining(at(time)), period - elapsed);
            prop_assert!(token.expires() > at(time) || token.expires() == at(MAX));
        }
    }
}

#[test]
fn instants_stop_at_the_ends() {
    let time = at(1_700_000_000);
    assert_eq!(time.saturating_add(30), at(1_700_000_030));
    assert_eq!(time.saturating_sub(30), at(1_699_999_970));
    assert_eq!(time.saturating_add(MAX), at(MAX));
    assert_eq!(time.saturating_sub(MAX), UnixTime::EPOCH);
    assert_eq!(time.seconds_since(at(1_699_999_999)), 1);
    assert_eq!(time.seconds_since(at(MAX)), 0);
    assert_eq!(time.to_string(), "1700000000");
}
