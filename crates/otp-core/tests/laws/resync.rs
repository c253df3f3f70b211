//! Consecutive codes that bring a counter back into step.

use otp_core::{Algorithm, Code, Digits, Hotp, Rejected, Totp, UnixTime, Window};
use proptest::prelude::*;

use crate::oracle;

const KEY: &[u8] = b"12345678901234567890";

fn hotp() -> Hotp {
    Hotp::new(Algorithm::Sha1, KEY).unwrap()
}

/// Two codes of two counters, looked for from 100 on.
fn pair(first: u64, second: u64) -> Result<u64, Rejected> {
    let hotp = hotp();
    hotp.resync(&[hotp.generate(first), hotp.generate(second)], 100, 1000).map(|hit| hit.counter())
}

#[test]
fn a_pair_must_be_consecutive_and_unspent() {
    for counter in [100, 101, 555, 1099] {
        assert_eq!(pair(counter, counter + 1), Ok(counter + 1));
        assert_eq!(pair(counter, counter), Err(Rejected::Mismatch));
        assert_eq!(pair(counter, counter + 2), Err(Rejected::Mismatch));
        assert_eq!(pair(counter + 1, counter), Err(Rejected::Mismatch));
    }
    // Both old; one old and one new; the last one just out of reach.
    assert_eq!(pair(98, 99), Err(Rejected::Mismatch));
    assert_eq!(pair(99, 100), Err(Rejected::Mismatch));
    assert_eq!(pair(1100, 1101), Err(Rejected::Mismatch));
}

#[test]
fn after_it_all_of_the_codes_are_dead() {
    let hotp = hotp();
    let codes = [hotp.generate(700), hotp.generate(701)];
    let hit = hotp.resync(&codes, 3, 1000).unwrap();
    assert_eq!((hit.expected(), hit.counter(), hit.next()), (3, 701, 702));
    assert_eq!((hit.skipped(), hit.drift()), (698, 698));
    for code in codes {
        let again = hotp.verify(code, hit.next(), Window::new(2, 255));
        assert_eq!(again.unwrap_err(), Rejected::Replayed);
    }
    assert_eq!(hotp.resync(&codes, hit.next(), 1000).unwrap_err(), Rejected::Mismatch);
    let next = hotp.verify(hotp.generate(702), hit.next(), Window::ZERO);
    assert_eq!(next.unwrap().counter(), 702);
}

#[test]
fn three_codes_must_all_follow() {
    let hotp = hotp();
    let resync = |counters: [u64; 3]| {
        hotp.resync(&counters.map(|counter| hotp.generate(counter)), 0, 500)
            .map(|hit| hit.counter())
    };
    assert_eq!(resync([0, 1, 2]), Ok(2));
    assert_eq!(resync([498, 499, 500]), Ok(500));
    for counters in [[499, 500, 501], [7, 8, 10], [7, 9, 10], [7, 8, 8], [9, 8, 7], [6, 8, 9]] {
        assert_eq!(resync(counters), Err(Rejected::Mismatch), "{counters:?}");
    }
}

#[test]
fn codes_of_another_format_never_match() {
    let (hotp, eight) = (hotp(), hotp().with_format(Digits::EIGHT));
    let mixed = [hotp.generate(5), eight.generate(6)];
    assert_eq!(hotp.resync(&mixed, 0, 100).unwrap_err(), Rejected::Mismatch);
    assert_eq!(eight.resync(&mixed, 0, 100).unwrap_err(), Rejected::Mismatch);
}

#[test]
fn the_ends_of_the_counter() {
    let hotp = hotp();
    let codes = |first: u64| [hotp.generate(first), hotp.generate(first.wrapping_add(1))];
    const MAX: u64 = u64::MAX;

    let hit = hotp.resync(&codes(MAX - 2), MAX - 10, u16::MAX).unwrap();
    assert_eq!((hit.counter(), hit.next()), (MAX - 1, MAX));
    // The last counter ends it, and nothing wraps round to 0.
    assert_eq!(hotp.resync(&codes(MAX - 1), MAX - 10, 50).unwrap_err(), Rejected::Exhausted);
    assert_eq!(hotp.resync(&codes(MAX), MAX - 10, 50).unwrap_err(), Rejected::Mismatch);
    assert_eq!(hotp.resync(&codes(MAX), MAX, 50).unwrap_err(), Rejected::Exhausted);
    // No room for two codes.
    assert_eq!(hotp.resync(&codes(0), 0, 0).unwrap_err(), Rejected::Mismatch);
    assert_eq!(hotp.resync(&codes(0), 0, 1).unwrap().counter(), 1);
}

fn totp() -> Totp {
    Totp::new(Algorithm::Sha512, KEY).unwrap()
}

/// The codes of the time steps from one on.
fn shown<const N: usize>(totp: &Totp, first: u64) -> [Code; N] {
    core::array::from_fn(|place| totp.hotp().generate(first + place as u64))
}

#[test]
fn a_clock_may_be_off_either_way() {
    let totp = totp();
    let now = UnixTime::from_secs(30 * 5000 + 17);
    for drift in [-120_i32, -100, -99, -2, -1, 0, 1, 2, 99, 100, 120] {
        let last = 5000_u64.checked_add_signed(drift.into()).unwrap();
        let resync = |floor| totp.resync(&shown::<2>(&totp, last - 1), now, 100, floor);
        if drift.abs() > 100 {
            assert_eq!(resync(0).unwrap_err(), Rejected::Mismatch, "{drift}");
            continue;
        }
        let hit = resync(0).unwrap();
        assert_eq!((hit.counter(), hit.drift()), (last, drift));
        assert_eq!((hit.expected(), hit.time(), hit.next()), (5000, now, last + 1));
        assert_eq!(hit.start(), UnixTime::from_secs(30 * last));
        // Met again with this reach until the last of its steps is behind it.
        let until = UnixTime::from_secs(30 * (last + 1 + 100));
        assert_eq!(hit.remember_until(), until);

        // Both codes must be unspent.
        assert_eq!(resync(last - 1).unwrap().counter(), last);
        assert_eq!(resync(last).unwrap_err(), Rejected::Mismatch);
        assert_eq!(resync(hit.next()).unwrap_err(), Rejected::Mismatch);
    }
}

#[test]
fn times_near_the_ends() {
    let totp = totp();
    let resync = |first, time, floor| {
        totp.resync(&shown::<3>(&totp, first), UnixTime::from_secs(time), 10, floor)
            .map(|hit| hit.counter())
    };
    assert_eq!(resync(0, 0, 0), Ok(2));
    assert_eq!(resync(8, 0, 0), Ok(10));
    assert_eq!(resync(9, 0, 0), Err(Rejected::Mismatch));
    let last = u64::MAX / 30;
    assert_eq!(resync(last - 2, u64::MAX, 0), Ok(last));
    assert_eq!(resync(last - 2, u64::MAX, u64::MAX), Err(Rejected::Exhausted));
    // A floor beyond the reach leaves nothing to look at.
    assert_eq!(resync(100, 3000, 1 << 40), Err(Rejected::Mismatch));
}

proptest! {
    /// Exactly the runs that lie in reach are found, wherever they lie.
    #[test]
    fn a_run_is_found_if_it_is_in_reach(
        known in oracle::generators(), next in 0..1_u64 << 40, first in 0_u64..300,
        look_ahead in 0_u16..300,
    ) {
        let hotp = known.hotp();
        let codes = [0, 1, 2].map(|place| hotp.generate(next + first + place));
        let hit = hotp.resync(&codes, next, look_ahead).map(|hit| hit.counter());
        let in_reach = first + 2 <= u64::from(look_ahead);
        let wanted = if in_reach { Ok(next + first + 2) } else { Err(Rejected::Mismatch) };
        prop_assert_eq!(hit, wanted);
    }
}
