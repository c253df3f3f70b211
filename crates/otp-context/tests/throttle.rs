//! Limits and odds of the policies. `laws.rs` has what a throttle does.
#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_precision_loss)]

use core::num::NonZeroU32;

use otp_context::replay::{Lock, Throttle, ThrottlePolicy};
use otp_core::{CodeFormat, Digits, UnixTime, Window};
use proptest::prelude::RngExt as _;
use proptest::test_runner::TestRunner;

const SIX: CodeFormat = CodeFormat::Decimal(Digits::SIX);
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// The default policy, with lock-outs that end after so many seconds.
fn reopening(seconds: u64) -> ThrottlePolicy {
    let seconds = NonZeroU32::new(u32::try_from(seconds).unwrap()).unwrap();
    ThrottlePolicy::new(SIX, Window::ONE).unwrap().with_reopen_after(seconds)
}

/// When each attempt is evaluated, by an attacker who never pauses.
fn attempts(policy: &ThrottlePolicy, until: u64) -> Vec<u64> {
    let (mut throttle, mut now, mut made) = (Throttle::default(), 0, Vec::new());
    while now <= until {
        let time = UnixTime::from_secs(now);
        match throttle.charge(policy, time).map_err(|locked| locked.retry_after(time)) {
            Ok(_permit) => made.push(now),
            Err(Some(wait)) => now += wait,
            Err(None) => break,
        }
    }
    made
}

#[test]
fn attempts_of_the_default_take_hours() {
    let made = attempts(&ThrottlePolicy::new(SIX, Window::ONE).unwrap(), u64::MAX);
    assert_eq!(&made[..10], [0, 0, 0, 0, 30, 90, 210, 510, 1110, 2010]);
    assert_eq!(made.len(), 33);
    assert!(*made.last().unwrap() >= 6 * HOUR);
}

#[test]
fn the_limit_follows_from_the_budget() {
    for (behind, ahead, limit) in [
        (0, 0, Some(99)),
        (0, 1, Some(49)),
        (1, 1, Some(33)),
        (2, 2, Some(19)),
        (3, 3, Some(14)),
        (5, 5, Some(9)),
        (9, 9, Some(5)),
        (10, 9, None),
        (0, 100, None),
    ] {
        let policy = ThrottlePolicy::new(SIX, Window::new(behind, ahead)).ok();
        assert_eq!(policy.map(|policy| policy.limit()), limit, "{behind} {ahead}");
    }
    let eight = CodeFormat::Decimal(Digits::EIGHT);
    assert_eq!(ThrottlePolicy::new(eight, Window::ONE).unwrap().limit(), 100);
    assert!(ThrottlePolicy::with_risk(SIX, Window::ONE, 0).is_err());
    assert_eq!(ThrottlePolicy::with_risk(SIX, Window::ONE, 50_000).unwrap().limit(), 6);
}

#[test]
fn attempts_are_counted_as_they_are_made() {
    let policies = [
        ThrottlePolicy::new(SIX, Window::ONE).unwrap(),
        ThrottlePolicy::new(SIX, Window::ZERO).unwrap(),
        ThrottlePolicy::rfc4226(5),
        ThrottlePolicy::rfc4226(1),
        ThrottlePolicy::rfc4226(77),
        ThrottlePolicy::nist(),
        reopening(DAY),
        reopening(HOUR).with_backoff(&[3, 7]),
        ThrottlePolicy::rfc4226(5)
            .with_limit(NonZeroU32::MIN.saturating_add(9))
            .with_reopen_after(NonZeroU32::MIN.saturating_add(999)),
        reopening(1).with_limit(NonZeroU32::MIN),
    ];
    for policy in policies {
        let spans = [0, 1, 4, 5, 29, 30, 31, 89, 90, 224, 225, 1110, 1111, HOUR, 6 * HOUR, DAY];
        let spans = spans.into_iter().chain([22_709, 22_710, 22_709 + DAY, 22_710 + DAY, 3 * DAY]);
        for seconds in spans {
            let made = attempts(&policy, seconds).len() as u64;
            assert_eq!(policy.attempts_within(seconds), made, "{policy:?} {seconds}");
        }
    }
    // What is published for these schemes.
    let linear = ThrottlePolicy::rfc4226(5);
    assert_eq!(
        [HOUR, DAY, 30 * DAY, YEAR].map(|seconds| linear.attempts_within(seconds)),
        [38, 186, 1018, 3552]
    );
    assert_eq!(ThrottlePolicy::rfc4226(0).attempts_within(0), u64::from(u32::MAX));
    assert_eq!(ThrottlePolicy::rfc4226(1).attempts_within(u64::MAX), u64::from(u32::MAX));
}

#[test]
fn the_odds_are_those_published() {
    let near = |odds: f64, expected: f64| (odds / expected - 1.0).abs() < 0.03;
    let linear = ThrottlePolicy::rfc4226(5);
    assert!(near(linear.odds_within(HOUR, SIX, Window::ONE), 1.14e-4));
    assert!(near(linear.odds_within(YEAR, SIX, Window::ONE), 0.0106));
    assert!(near(ThrottlePolicy::nist().odds(SIX, Window::ZERO), 1e-4));
    assert!(near(ThrottlePolicy::nist().odds(SIX, Window::ONE), 3e-4));
    // Never above the budget, with any window and any format that the constructor takes.
    for digits in 6..=10 {
        let format = CodeFormat::Decimal(Digits::new(digits).unwrap());
        for width in 0..=255 {
            let window = Window::new(0, width);
            if let Ok(policy) = ThrottlePolicy::new(format, window) {
                assert!(policy.odds(format, window) <= 1e-4);
                assert!(policy.odds_within(HOUR, format, window) <= policy.odds(format, window));
            }
        }
    }
}

/// Attackers who guess until they are in or locked out; how many came in.
fn break_ins(
    policy: Option<&ThrottlePolicy>,
    attackers: u64,
    mut guess: impl FnMut() -> bool,
) -> u64 {
    let comes_in = |_: &u64| {
        let (mut throttle, mut now) = (Throttle::default(), UnixTime::EPOCH);
        for _ in 0..500 {
            if let Some(policy) = policy {
                let Some(wait) = throttle.retry_after(now) else { return false };
                now = now.saturating_add(wait);
                let _permit = throttle.charge(policy, now).unwrap();
            }
            if guess() {
                return true;
            }
        }
        false
    };
    (0..attackers).filter(comes_in).count() as u64
}

fn within_three_sigma(count: u64, trials: u64, odds: f64) -> bool {
    let (count, trials) = (count as f64, trials as f64);
    (count - trials * odds).abs() <= 3.0 * (trials * odds * (1.0 - odds)).sqrt()
}

/// A hundred thousand attackers, each guess right with the odds of a window of 201 counters.
#[test]
fn a_simulated_attacker_has_the_odds_that_are_told() {
    let (window, attackers) = (Window::new(100, 100), 100_000);
    let policy = ThrottlePolicy::with_risk(SIX, window, 200).unwrap();
    let odds = policy.odds(SIX, window);
    assert!(odds <= 1.0 / 200.0);
    let mut dice = TestRunner::deterministic().new_rng();
    let mut guess = || dice.random_range(0..1_000_000) < 201;
    let came_in = break_ins(Some(&policy), attackers, &mut guess);
    assert!(within_three_sigma(came_in, attackers, odds), "{came_in} of {attackers}, {odds}");
    // The control: without a throttle the same attackers come in far more often.
    let free = break_ins(None, attackers, &mut guess);
    assert!(!within_three_sigma(free, attackers, odds), "{free} of {attackers}, {odds}");
}

#[test]
fn a_count_that_is_full_stays_full() {
    let mut throttle = Throttle::resume(u32::MAX, Lock::Open);
    let permit = throttle.charge(&ThrottlePolicy::rfc4226(0), UnixTime::EPOCH).unwrap();
    assert_eq!((permit.failures_before(), throttle.failures()), (u32::MAX, u32::MAX));
    assert_eq!(throttle.lock(), Lock::Hard);
    assert_eq!(ThrottlePolicy::unlimited(), ThrottlePolicy::rfc4226(0));
}

/// The figures in the documentation of `with_reopen_after` and in docs/guide/server.md.
#[test]
fn odds_of_reopening_are_those_written() {
    let odds = |policy: ThrottlePolicy| policy.odds_within(YEAR, SIX, Window::ONE);
    let figures = [
        (reopening(7 * DAY), 85, 2.5e-4..3e-4),
        (reopening(DAY), 397, 1.15e-3..1.2e-3),
        (reopening(HOUR), 8786, 2.55e-2..2.65e-2),
        (ThrottlePolicy::new(SIX, Window::ONE).unwrap(), 33, 0.95e-4..1e-4),
    ];
    for (policy, attempts, range) in figures {
        assert_eq!(policy.attempts_within(YEAR), attempts);
        assert!(range.contains(&odds(policy)), "{attempts} {}", odds(policy));
    }
    // Six credentials.
    let six = reopening(DAY).odds_within(YEAR, SIX, Window::new(9, 8));
    assert!((6.5e-3..7.2e-3).contains(&six), "{six}");
    assert!(reopening(DAY).odds(SIX, Window::ONE) > 0.999);
}

/// What a database computes of a policy's parts is what the policy says.
#[test]
fn the_parts_of_a_policy_tell_every_wait() {
    let policy = ThrottlePolicy::new(CodeFormat::default(), Window::ONE).unwrap();
    for policy in [
        policy,
        ThrottlePolicy::rfc4226(5),
        ThrottlePolicy::nist(),
        ThrottlePolicy::unlimited(),
        policy.with_backoff(&[0, 0, 0, 5]),
        policy.with_backoff(&[]),
    ] {
        for failures in (1..200).chain([u32::MAX]) {
            let place = usize::try_from(failures).unwrap().min(policy.backoff().len());
            let wait = policy.backoff()[place - 1]
                .saturating_add(policy.linear_step().saturating_mul(failures));
            assert_eq!(policy.wait_after(failures), wait);
            assert_eq!(policy.max_lock(failures), wait.saturating_add(900));
        }
    }
    // A lock-out is not shorter than the wait that it replaces, and a policy without a limit has none.
    let short = reopening(60);
    assert_eq!(short.reopen_after().unwrap().get(), 900);
    assert_eq!((short.max_lock(1), reopening(DAY).max_lock(1)), (1800, 87_300));
    assert_eq!(short.with_backoff(&[5]).reopen_after().unwrap().get(), 60);
    let unlimited = ThrottlePolicy::rfc4226(5).with_reopen_after(NonZeroU32::MIN);
    assert_eq!((unlimited.reopen_after(), unlimited.max_lock(2)), (None, 910));
    // A lock that was hard before stays hard, and one that lasts stays as it is.
    let [now, end] = [60, 70].map(UnixTime::from_secs);
    for (lock, now) in [(Lock::Hard, UnixTime::from_secs(u64::MAX)), (Lock::Until(end), now)] {
        let locked = Throttle::resume(1, lock).charge(&reopening(DAY), now).unwrap_err();
        assert_eq!((locked.lock(), locked.retry_after(now)), (lock, lock.retry_after(now)));
    }
}

/// The figures in docs/guide/server.md, and in the documentation of `VerifierOptions`.
#[test]
fn what_a_stop_leaves_is_what_is_written() {
    // Short of it every day, and forgotten by the owner's log-in.
    let policy = ThrottlePolicy::new(SIX, Window::ONE).unwrap();
    let short = NonZeroU32::new(policy.limit() - 1).unwrap();
    let daily = policy.with_limit(short);
    assert_eq!(daily.attempts_within(DAY), 32);
    let yearly = 1.0 - (1.0 - daily.odds(SIX, Window::ONE)).powi(365);
    assert!((0.03..0.04).contains(&yearly), "{yearly}");

    // HOTP up to its stop, and on to TOTP's.
    let (ahead, mut throttle, mut now) = (Window::new(0, 5), Throttle::default(), 0);
    let hotp = ThrottlePolicy::new(SIX, ahead).unwrap();
    let (mut counters, mut made) = (0, 0);
    while throttle.lock() != Lock::Hard {
        let is_hotp = throttle.failures() + 1 < hotp.limit();
        let (policy, window) = if is_hotp { (hotp, ahead) } else { (policy, Window::ONE) };
        let _permit = throttle.charge(&policy, UnixTime::from_secs(now)).unwrap();
        (counters, made) = (counters + u32::from(window.size()), made + 1);
        now += u64::from(policy.wait_after(made));
    }
    let odds = f64::from(counters) / f64::from(SIX.guess_space());
    assert!((1.4e-4..1.45e-4).contains(&odds), "{counters} {odds}");
}
