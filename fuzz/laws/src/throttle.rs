//! An attempt is evaluated when a plain count of failures allows it, and never more of them between
//! two successes than the policy says, however the clock moves.
//!
//! Input: the policy, a byte; its window, a byte; its number, two bytes; the time, eight bytes; all
//! big endian. Then operations, three bytes each: what to do, and how far the clock moves.

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{CodeFormat, UnixTime, Window};

use crate::bytes::Bytes;

/// How a throttle comes back from where it was stored.
type Restart = fn(&Throttle) -> Throttle;

/// The law.
pub fn check(data: &[u8]) {
    against(data, |throttle| Throttle::resume(throttle.failures(), throttle.lock()));
}

/// What the naive server knows.
struct Model {
    waits: Waits,
    limit: u128,
    failures: u128,
    /// The next attempt may be made from this second on.
    until: u128,
}

enum Waits {
    Table([u128; 9]),
    /// Seconds for each failure.
    Each(u128),
}

impl Waits {
    fn after(&self, failures: u128) -> u128 {
        match self {
            Self::Table(waits) => {
                let place = usize::try_from(failures).unwrap_or(usize::MAX).clamp(1, waits.len());
                waits[place - 1]
            }
            Self::Each(seconds) => (seconds * failures).min(u32::MAX.into()),
        }
    }
}

fn against(data: &[u8], restart: Restart) {
    let mut bytes = Bytes(data);
    let (which, window) = (bytes.byte(), bytes.byte());
    let number = u16::from_be_bytes([bytes.byte(), bytes.byte()]);
    let mut now = bytes.number();
    let Some((policy, waits)) = policy(which, window, number) else { return };
    let limit = u128::from(policy.limit());
    let mut model = Model { waits, limit, failures: 0, until: 0 };
    let mut throttle = Throttle::default();
    let mut evaluated = 0_u128;
    for operation in bytes.rest().as_chunks::<3>().0.iter().take(512) {
        let [what, high, low] = *operation;
        match what % 5 {
            0..=2 => {
                let allowed = model.charge(now.into());
                let permit = throttle.charge(&policy, UnixTime::from_secs(now));
                assert_eq!(permit.is_ok(), allowed, "allowed or not at {now}: {throttle:?}");
                if let Ok(permit) = permit {
                    evaluated += 1;
                    assert_eq!(u128::from(permit.failures_before()), model.failures - 1);
                    // A right code.
                    if what == 0 {
                        throttle = Throttle::default();
                        (model.failures, model.until, evaluated) = (0, 0, 0);
                    }
                }
            }
            3 => {
                let seconds = i16::from_be_bytes([high, low]);
                now = now.saturating_add_signed(seconds.into());
            }
            _ => throttle = restart(&throttle),
        }
        assert_eq!(u128::from(throttle.failures()), model.failures, "other failures");
        assert!(evaluated <= limit, "more was evaluated than the policy allows");
        let hard = model.failures >= limit;
        assert_eq!(throttle.lock() == Lock::Hard, hard, "locked or not at {now}: {throttle:?}");
    }
}

fn policy(which: u8, window: u8, number: u16) -> Option<(ThrottlePolicy, Waits)> {
    let table = Waits::Table([0, 0, 0, 30, 60, 120, 300, 600, 900]);
    let (format, window) = (CodeFormat::default(), Window::new(window % 16, window / 16));
    match which % 4 {
        0 => Some((ThrottlePolicy::new(format, window).ok()?, table)),
        1 => Some((ThrottlePolicy::with_risk(format, window, number.into()).ok()?, table)),
        2 => Some((ThrottlePolicy::rfc4226(number.into()), Waits::Each(number.into()))),
        _ => Some((ThrottlePolicy::nist(), Waits::Each(0))),
    }
}

impl Model {
    /// Whether an attempt may be made, which then counts as failed.
    fn charge(&mut self, now: u128) -> bool {
        if self.failures >= self.limit {
            return false;
        }
        if now < self.until {
            // A clock that went back locks an account for no longer than the wait and a quarter of an hour.
            let longest = (self.waits.after(self.failures) + 900).min(u32::MAX.into());
            self.until = self.until.min((now + longest).min(u64::MAX.into()));
            return false;
        }
        self.failures += 1;
        self.until = match self.waits.after(self.failures) {
            0 => 0,
            wait => (now + wait).min(u64::MAX.into()),
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{against, check};
    use otp_context::replay::{Lock, Throttle};

    /// Attempts without end, and a restart after each; the clock stands or outruns every wait.
    fn guessing(policy: u8, clock: &[u8; 3]) -> Vec<u8> {
        let head = [policy, 0x11, 0x27, 0x10, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40];
        [&head[..], &[&b"\x01\0\0\x04\0\0"[..], clock].concat().repeat(150)].concat()
    }

    const STANDS: &[u8; 3] = b"\x03\0\0";
    const RUNS: &[u8; 3] = b"\x03\x0f\xff";

    #[test]
    fn the_model_agrees() {
        for policy in 0..4 {
            check(&guessing(policy, STANDS));
            check(&guessing(policy, RUNS));
        }
        check(b"");
        check(&[0xff; 80]);
    }

    #[test]
    #[should_panic(expected = "allowed or not at")]
    fn a_throttle_that_forgets_its_wait_does_not() {
        against(&guessing(0, STANDS), |throttle| Throttle::resume(throttle.failures(), Lock::Open));
    }

    #[test]
    #[should_panic(expected = "locked or not at")]
    fn a_throttle_that_forgets_its_stop_does_not() {
        against(&guessing(0, RUNS), |throttle| Throttle::resume(throttle.failures(), Lock::Open));
    }

    #[test]
    #[should_panic(expected = "other failures")]
    fn a_throttle_that_forgets_its_failures_does_not() {
        against(&guessing(3, RUNS), |throttle| Throttle::resume(0, throttle.lock()));
    }
}
