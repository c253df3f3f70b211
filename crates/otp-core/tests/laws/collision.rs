//! Two counters of one window with the same code.

use core::convert::Infallible;
use std::collections::HashMap;

use otp_core::{Algorithm, CodeFormat, Hotp, Rejected, Totp, UnixTime, Window, hazmat};
use proptest::prelude::*;

use crate::verify::{found, model};

const KEY: &[u8] = b"12345678901234567890";

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
fn the_higher_is_spent_and_the_lower_is_dead() {
    let totp = Totp::new(Algorithm::Sha1, KEY).unwrap();
    let pairs = pairs(totp.hotp());
    assert!(pairs.len() >= 3, "there are collisions to test with");

    for (low, high) in pairs {
        let code = totp.hotp().generate(high);
        assert_eq!(code, totp.hotp().generate(low));
        let middle = low + (high - low) / 2;
        let window = Window::new((middle - low) as u8, (high - middle) as u8);
        let at = |counter: u64| UnixTime::from_secs(counter * 30);

        let hit = totp.verify(code, at(middle), window, 0).unwrap();
        assert_eq!((hit.counter(), hit.next()), (high, high + 1));
        // A verifier that stops at the first match would spend the lower, and the same text would
        // be good again at the higher.
        assert!(low < hit.counter());
        assert_eq!(totp.verify(code, at(middle), window, hit.next()), Err(Rejected::Replayed));
        assert_eq!(totp.verify(code, at(high), Window::ZERO, hit.next()), Err(Rejected::Replayed));

        // The drift is that of the nearer, of two as near that of the one behind.
        let (behind, ahead) = (middle - low, high - middle);
        let nearest = if behind <= ahead { -(behind as i32) } else { ahead as i32 };
        assert_eq!(hit.drift(), nearest);

        // With the lower spent the higher is still good, and is its own drift.
        let hit = totp.verify(code, at(middle), window, low + 1).unwrap();
        assert_eq!((hit.counter(), hit.drift()), (high, ahead as i32));
    }
}

#[test]
fn hotp_spends_the_higher_too() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let (low, high) = pairs(&hotp).into_iter().find(|(low, high)| high - low < 256).unwrap();
    let code = hotp.generate(low);
    let hit = hotp.verify(code, low, Window::new(0, (high - low) as u8)).unwrap();
    assert_eq!((hit.counter(), hit.drift()), (high, 0));
    assert_eq!(hotp.verify(code, hit.next(), Window::new(255, 0)).unwrap_err(), Rejected::Replayed);
}

/// A MAC whose truncated value is small, so that few codes are shared by many counters.
fn few_codes(counter: u64, codes: u64, seed: u64) -> [u8; 20] {
    let mixed = (counter ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let mut mac = [0; 20];
    mac[3] = (mixed % codes) as u8;
    mac
}

proptest! {
    /// Scans with codes that collide all the time.
    #[test]
    fn many_matches_in_one_window(
        expected in prop_oneof![0..30_u64, 1000..1030_u64, u64::MAX - 30..=u64::MAX],
        floor in -20_i64..20, behind in 0_u8..20, ahead in 0_u8..20,
        codes in 1_u64..8, typed in 0_u32..8, seed: u64,
    ) {
        let floor = expected.saturating_add_signed(floor);
        let window = Window::new(behind, ahead);
        let format = CodeFormat::default();
        let mac = |counter| few_codes(counter, codes, seed);
        let actual = hazmat::verify(
            hazmat::code(typed, format), format, expected, floor, window,
            |message| Ok::<_, Infallible>(mac(u64::from_be_bytes(message))),
        ).unwrap();
        let wanted = model(
            |counter| format!("{:06}", mac(counter)[3]), &format!("{typed:06}"),
            expected, floor, window,
        );
        prop_assert_eq!(actual.as_ref().map(found).map_err(|reason| *reason), wanted);
    }
}
