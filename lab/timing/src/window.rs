//! Verifying a code in a window.

use std::hint::black_box;

use otp_core::{Algorithm, Code, Rejected, Totp, TotpMatch, UnixTime, Window, hazmat};

use crate::measure::Random;

/// As wide as a whole minute of drift either way.
const WINDOW: Window = Window::new(4, 4);

/// What one verification sees.
pub(crate) struct Login {
    totp: Totp,
    typed: Code,
    expected: u64,
}

impl Login {
    fn time(&self) -> UnixTime {
        self.totp.start_of(self.expected)
    }
}

fn totp(random: &mut Random) -> (Totp, u64) {
    let mut key = [0; 20];
    for byte in &mut key {
        *byte = random.next().to_le_bytes()[0];
    }
    let totp = Totp::new(Algorithm::Sha1, &key).expect("a key of twenty bytes");
    (totp, 1000 + random.next() % (1 << 32))
}

/// A code that belongs to a counter of the window, or to none.
pub(crate) fn login(at: Option<i64>, random: &mut Random) -> Login {
    let (totp, expected) = totp(random);
    // Computed in either class; the counter beyond is of no window.
    let typed = totp.hotp().generate(expected.saturating_add_signed(at.unwrap_or(900)));
    Login { totp, typed, expected }
}

/// A code that is nearly that of the middle, or nothing like it.
pub(crate) fn missed(near: bool, random: &mut Random) -> Login {
    let (totp, expected) = totp(random);
    let text = totp.hotp().generate(expected).text().to_string();
    let other = |digit: u32| (digit + 1 + random.below(9)) % 10;
    let digits = text.bytes().map(|digit| u32::from(digit - b'0'));
    let mut value = digits.map(other).fold(0, |value, digit| value * 10 + digit);
    if near {
        let right: u32 = text.parse().unwrap_or_default();
        value = right - right % 10 + value % 10;
    }
    Login { typed: hazmat::code(value, totp.format()), totp, expected }
}

pub(crate) type Found = Result<TotpMatch, Rejected>;

pub(crate) fn whole(login: &Login) -> Found {
    let login = black_box(login);
    login.totp.verify(login.typed, login.time(), WINDOW, 0)
}

/// With every counter of the window spent.
pub(crate) fn spent(login: &Login) -> Found {
    let login = black_box(login);
    login.totp.verify(login.typed, login.time(), WINDOW, login.expected + 5)
}

pub(crate) fn until_found(login: &Login) -> Option<u64> {
    let Login { totp, typed, expected } = black_box(login);
    (expected - 4..=expected + 4).find(|counter| totp.hotp().generate(*counter) == *typed)
}

#[cfg(test)]
mod tests {
    use otp_core::Rejected;

    use super::{login, missed, spent, until_found, whole};
    use crate::measure::Random;

    #[test]
    fn the_classes_are_what_they_say() {
        let mut random = Random(2);
        for _ in 0..1000 {
            for at in [-4, 4] {
                let login = login(Some(at), &mut random);
                assert_eq!(
                    whole(&login).map(|hit| hit.drift()),
                    i32::try_from(at).map_err(|_| Rejected::Mismatch)
                );
                assert_eq!(until_found(&login), login.expected.checked_add_signed(at));
                assert_eq!(spent(&login), Err(Rejected::Replayed));
            }
            assert_eq!(whole(&login(None, &mut random)), Err(Rejected::Mismatch));
            let near = missed(true, &mut random);
            let right = near.totp.generate(near.time()).code().text().to_string();
            assert_eq!(near.typed.text().as_str()[..5], right[..5]);
            let far = missed(false, &mut random);
            let right = far.totp.generate(far.time()).code().text().to_string();
            let same = far.typed.text().as_str().bytes().zip(right.bytes()).any(|(a, b)| a == b);
            assert!(!same && near.typed.text().as_str() != right);
        }
    }
}
