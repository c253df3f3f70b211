//! An attempt is evaluated when a plain count of failures allows it, and never more of them between
//! two successes than the policy says, however the clock moves.
//!
//! Input: the policy and what of it is other, a byte; its window, a byte; its number, two bytes; the
//! time, eight bytes; all big endian. Then operations, three bytes each: what to do, and how far the
//! clock moves.

use core::num::NonZeroU32;

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
    /// The seconds after which a lock-out ends, if it does.
    reopen: Option<u128>,
    failures: u128,
    /// The next attempt may be made from this second on; 0 is at once, and nothing is never.
    until: Option<u128>,
}

enum Waits {
    Table(&'static [u32]),
    /// Seconds for each failure.
    Each(u128),
}

impl Waits {
    fn after(&self, failures: u128) -> u128 {
        match self {
            Self::Table(waits) => {
                let place = usize::try_from(failures).unwrap_or(usize::MAX).clamp(1, waits.len());
                waits[place - 1].into()
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
    let Some((policy, mut model)) = policy(which, window, number) else { return };
    assert_eq!(u128::from(policy.limit()), model.limit, "another limit");
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
                    if what % 15 == 0 {
                        throttle = Throttle::default();
                        (model.failures, model.until, evaluated) = (0, Some(0), 0);
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
        let is_within = evaluated <= model.limit || model.reopen.is_some();
        assert!(is_within, "more was evaluated than the policy allows");
        assert_eq!(throttle.lock(), model.lock(), "another lock at {now}");
    }
}

const DEFAULT: &[u32] = &[0, 0, 0, 30, 60, 120, 300, 600, 900];
const SHORT: &[u32] = &[3, 0, 7];

fn policy(which: u8, window: u8, number: u16) -> Option<(ThrottlePolicy, Model)> {
    let (format, window) = (CodeFormat::default(), Window::new(window % 16, window / 16));
    let space = format.guess_space();
    let limit = |odds: u32| u128::from(space / odds / u32::from(window.size())).min(100);
    let each = Waits::Each(number.into());
    let (mut policy, waits, limit) = match which % 4 {
        0 => (ThrottlePolicy::new(format, window).ok()?, Waits::Table(DEFAULT), limit(10_000)),
        1 => {
            let policy = ThrottlePolicy::with_risk(format, window, number.into()).ok()?;
            (policy, Waits::Table(DEFAULT), limit(number.into()))
        }
        2 => (ThrottlePolicy::rfc4226(number.into()), each, u32::MAX.into()),
        _ => (ThrottlePolicy::nist(), Waits::Each(0), 100),
    };
    let mut model = Model { waits, limit, reopen: None, failures: 0, until: Some(0) };
    if which & 4 != 0 {
        let failures = NonZeroU32::MIN.saturating_add(u32::from(number) % 16);
        policy = policy.with_limit(failures);
        model.limit = failures.get().into();
    }
    if which & 8 != 0 {
        policy = policy.with_backoff(SHORT);
        model.waits = Waits::Table(SHORT);
    }
    if which & 16 != 0 {
        let seconds = NonZeroU32::MIN.saturating_add(number.into());
        policy = policy.with_reopen_after(seconds);
        let wait = model.waits.after(model.limit);
        // Without a limit there is nothing to reopen.
        let has_limit = model.limit < u32::MAX.into();
        model.reopen = has_limit.then_some(wait.max(seconds.get().into()));
    }
    Some((policy, model))
}

impl Model {
    /// Whether an attempt may be made, which then counts as failed.
    fn charge(&mut self, now: u128) -> bool {
        let Some(until) = self.until else { return false };
        let from_now = |seconds: u128| (now + seconds).min(u64::MAX.into());
        if now < until {
            // A clock that went back locks an account for no longer than the wait and a quarter of an hour.
            let longest = self.waits.after(self.failures).max(self.reopen.unwrap_or_default());
            self.until = Some(until.min(from_now((longest + 900).min(u32::MAX.into()))));
            return false;
        }
        self.failures += 1;
        self.until = match self.waits.after(self.failures) {
            _ if self.failures >= self.limit => self.reopen.map(from_now),
            0 => Some(0),
            wait => Some(from_now(wait)),
        };
        true
    }

    fn lock(&self) -> Lock {
        match self.until.map(u64::try_from) {
            None => Lock::Hard,
            Some(Ok(0)) => Lock::Open,
            Some(until) => Lock::Until(UnixTime::from_secs(until.expect("it is cut to 64 bits"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Restart, against, check};
    use crate::control::notices;
    use otp_context::replay::{Lock, Throttle};

    /// Attempts without end, and a restart after each; the clock stands or outruns every wait.
    fn guessing(policy: u8, clock: &[u8; 3]) -> Vec<u8> {
        let head = [policy, 0x11, 0x27, 0x10, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40];
        [&head[..], &[&b"\x01\0\0\x04\0\0"[..], clock].concat().repeat(150)].concat()
    }

    const STANDS: &[u8; 3] = b"\x03\0\0";
    const RUNS: &[u8; 3] = b"\x03\x0f\xff";

    #[test]
    fn every_policy_keeps_the_law() {
        for policy in 0..32 {
            check(&guessing(policy, STANDS));
            check(&guessing(policy, RUNS));
        }
    }

    #[test]
    fn throttle_with_one_flaw_does_not() {
        let is_noticed = |words, input: Vec<u8>, restart: Restart| {
            notices(words, || against(&input, restart));
        };
        let without_lock: Restart = |it| Throttle::resume(it.failures(), Lock::Open);
        let without_failures: Restart = |it| Throttle::resume(0, it.lock());
        // It forgets a wait, or that it is locked out.
        is_noticed("another lock at", guessing(0, STANDS), without_lock);
        is_noticed("another lock at", guessing(0, RUNS), without_lock);
        is_noticed("other failures", guessing(3, RUNS), without_failures);
    }
}
