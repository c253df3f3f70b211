//! Verifying: every place of a window, other formats, two matches in one window, and three codes in a row.
//! The laws of `codes` and `clock` have the rest.

use std::collections::HashMap;

use otp_core::{Algorithm, Digits, Hotp, Rejected, Totp, UnixTime, Window, hazmat};

use crate::parameters::FORMATS;

const KEY: &[u8] = b"12345678901234567890";

/// Each lane of a scan, and each way a window can end in the middle of a run of lanes.
#[test]
fn every_place_of_every_window_is_seen() {
    for algorithm in Algorithm::ALL {
        let hotp = Hotp::new(*algorithm, KEY).unwrap().with_format(Digits::EIGHT);
        for ahead in (0..20).chain([254, 255]) {
            let find =
                |place| hotp.verify(hotp.generate(1000 + place), 1000, Window::new(0, ahead));
            for place in 0..=u64::from(ahead) {
                assert_eq!(find(place).unwrap().counter(), 1000 + place);
            }
            assert_eq!(find(1 + u64::from(ahead)).unwrap_err(), Rejected::Mismatch);
        }
    }
}

/// Neither the code of the counter in that format, nor one that holds the same number.
#[test]
fn code_of_another_format_never_matches() {
    let hotp = |format| Hotp::new(Algorithm::Sha1, KEY).unwrap().with_format(format);
    for typed in FORMATS {
        for format in FORMATS {
            let found = hotp(format).verify(hotp(typed).generate(5), 5, Window::ONE);
            let expected = if typed == format { Ok(5) } else { Err(Rejected::Mismatch) };
            assert_eq!(found.map(|hit| hit.counter()), expected, "{typed:?} {format:?}");
            // Codes of one value, as MACs of zeros make them.
            let (code, zeros) = (hazmat::code(0, typed), |_| Ok::<_, ()>([0; 20]));
            let found = hazmat::verify(code, format, 5, 0, Window::ZERO, zeros).unwrap();
            assert_eq!(found.map(|hit| hit.counter()), expected, "{typed:?} {format:?}");
        }
    }
    let [six, ten] = [FORMATS[0], FORMATS[4]];
    let ten = ten.parse(&format!("0000{}", hotp(six).generate(5).text())).unwrap();
    assert_eq!(hotp(six).verify(ten, 5, Window::ZERO).unwrap_err(), Rejected::Mismatch);
    // Nor is it an attempt at an exhausted counter that would say something else.
    assert_eq!(hotp(six).verify(ten, u64::MAX, Window::ZERO).unwrap_err(), Rejected::Exhausted);
}

/// Pairs of counters, less than 510 apart, that really have the same code of six digits.
fn pairs(hotp: &Hotp) -> Vec<(u64, u64)> {
    let (mut seen, mut pairs) = (HashMap::new(), Vec::new());
    for counter in 0..20_000_u64 {
        if let Some(earlier) = seen.insert(hotp.generate(counter).text().to_string(), counter)
            && counter - earlier < 510
        {
            pairs.push((earlier, counter));
        }
    }
    pairs
}

#[test]
fn of_two_steps_with_one_code_the_higher_is_spent() {
    let totp = Totp::new(Algorithm::Sha1, KEY).unwrap();
    let pairs = pairs(totp.hotp());
    assert!(pairs.len() >= 3, "there are collisions to test with");
    for (low, high) in pairs {
        let code = totp.hotp().generate(low);
        let (behind, ahead) = ((high - low) / 2, (high - low).div_ceil(2));
        let now = UnixTime::from_secs(30 * (low + behind));
        let window = Window::new(behind as u8, ahead as u8);
        let verify = |next| totp.verify(code, now, window, next);

        let hit = verify(0).unwrap();
        assert_eq!((hit.counter(), hit.drift()), (high, -(behind as i32)), "the nearer's drift");
        assert_eq!(verify(hit.next()), Err(Rejected::Replayed));
        // A verifier that spent the lower would accept the same text again.
        let again = verify(low + 1).unwrap();
        assert_eq!((again.counter(), again.drift()), (high, ahead as i32));

        // Of a window around each, the higher is spent, too, whichever of the two is the clock's own.
        let steps = (high - low) as i16;
        for (own, drift) in [(low, steps), (high, -steps)] {
            let now = UnixTime::from_secs(30 * own);
            let hit = totp.verify_with_drift(code, now, drift, Window::ONE, 0).unwrap();
            assert_eq!((hit.counter(), hit.drift()), (high, drift.into()));
        }
    }
}

/// The other window has no match.
#[test]
fn code_spent_in_one_of_two_windows_is_a_replay() {
    let totp = Totp::new(Algorithm::Sha1, KEY).unwrap();
    for counter in [5000, 5100] {
        let (code, now) = (totp.hotp().generate(counter), UnixTime::from_secs(30 * 5000));
        let verify = |next| totp.verify_with_drift(code, now, 100, Window::ONE, next);
        assert_eq!(verify(counter).map(|hit| hit.counter()), Ok(counter));
        assert_eq!(verify(counter + 1), Err(Rejected::Replayed));
    }
}

#[test]
fn resynchronising_takes_consecutive_codes_within_its_reach() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let resync = |counters: [u64; 3]| {
        let codes = counters.map(|counter| hotp.generate(counter));
        hotp.resync(&codes, 5, 500).map(|hit| hit.counter())
    };
    for last in [7, 8, 505] {
        assert_eq!(resync([last - 2, last - 1, last]), Ok(last));
    }
    for counters in
        [[4, 5, 6], [504, 505, 506], [7, 8, 10], [7, 9, 10], [7, 8, 8], [9, 8, 7], [6, 8, 9]]
    {
        assert_eq!(resync(counters), Err(Rejected::Mismatch), "{counters:?}");
    }

    // With a clock it goes both ways.
    let totp = Totp::new(Algorithm::Sha1, KEY).unwrap();
    for (last, drift) in [(4500, Some(-500)), (5500, Some(500)), (4499, None), (5501, None)] {
        let codes = [last - 1, last].map(|counter| hotp.generate(counter));
        let hit = totp.resync(&codes, UnixTime::from_secs(30 * 5000), 500, 0);
        assert_eq!(hit.ok().map(|hit| hit.drift()), drift, "{last}");
    }
    let eight = Hotp::new(Algorithm::Sha1, KEY).unwrap().with_format(Digits::EIGHT);
    let mixed = [hotp.generate(10), hotp.generate(11), eight.generate(12)];
    assert_eq!(hotp.resync(&mixed, 5, 500).unwrap_err(), Rejected::Mismatch);
}
