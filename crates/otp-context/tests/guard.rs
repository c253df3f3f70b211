//! A guard stores before it looks, and spends what it stored.
#![cfg(feature = "sha1")]
#![allow(missing_docs, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use core::cell::Cell;

use otp_context::replay::{Guard, GuardError, Lock, Throttle, ThrottlePolicy};
use otp_core::{Algorithm, Hotp, Malformed, Rejected, Totp, UnixTime, Window};

const KEY: &[u8; 20] = b"12345678901234567890";
const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);
const STEP: u64 = 56_666_667;

/// The flash of a device failed.
#[derive(Debug, PartialEq, Eq)]
struct Worn;

/// What outlives a power cut, and how many more writes it takes.
struct Flash {
    writes: Cell<usize>,
    left: Cell<usize>,
    next: Cell<u64>,
    throttle: Cell<Throttle>,
}

impl Flash {
    fn of(writes: usize) -> Self {
        Self {
            writes: Cell::new(0),
            left: Cell::new(writes),
            next: Cell::new(0),
            throttle: Cell::new(Throttle::default()),
        }
    }

    fn new() -> Self {
        Self::of(usize::MAX)
    }

    fn store(&self, state: &Guard) -> Result<(), Worn> {
        self.left.set(self.left.get().checked_sub(1).ok_or(Worn)?);
        self.writes.set(self.writes.get() + 1);
        self.next.set(state.next());
        self.throttle.set(state.throttle());
        Ok(())
    }

    /// A guard after a power cut.
    fn guard(&self) -> Guard {
        Guard::resume(self.next.get(), self.throttle.get())
    }

    fn failures(&self) -> u32 {
        self.throttle.get().failures()
    }
}

fn totp() -> Totp {
    Totp::new(Algorithm::Sha1, KEY).unwrap()
}

fn policy() -> ThrottlePolicy {
    ThrottlePolicy::new(totp().format(), Window::ONE).unwrap()
}

fn right(now: UnixTime) -> String {
    totp().generate(now).code().text().to_string()
}

fn wrong(now: UnixTime) -> String {
    let near = |by: u64| right(UnixTime::from_secs(now.as_secs() + by - 60));
    let near: Vec<_> = (0..5).map(|step| near(step * 30)).collect();
    (0..10).map(|digit| digit.to_string().repeat(6)).find(|code| !near.contains(code)).unwrap()
}

/// The counter that matched.
fn try_at(
    guard: &mut Guard,
    flash: &Flash,
    typed: &str,
    now: UnixTime,
) -> Result<u64, GuardError<Worn>> {
    let store = |state: &Guard| flash.store(state);
    guard.verify(&policy(), &totp(), typed, now, Window::ONE, store).map(|hit| hit.counter())
}

#[test]
fn charge_is_stored_before_the_code_is_looked_at() {
    for typed in [right(NOW), wrong(NOW)] {
        let (flash, mut guard, mut stored) = (Flash::new(), Guard::new(), Vec::new());
        let _ = guard.verify(&policy(), &totp(), &typed, NOW, Window::ONE, |state| {
            stored.push((state.next(), state.throttle().failures()));
            flash.store(state)
        });
        // Whether the code is right cannot be told from the first state.
        assert_eq!(stored.first(), Some(&(0, 1)));
        assert_eq!(stored.len(), if typed == right(NOW) { 2 } else { 1 });
        assert_eq!(flash.guard(), guard);
    }
}

#[test]
fn match_is_spent_and_clears_the_failures() {
    let (flash, mut guard) = (Flash::new(), Guard::new());
    assert_eq!(
        try_at(&mut guard, &flash, &wrong(NOW), NOW),
        Err(GuardError::Rejected(Rejected::Mismatch))
    );
    assert_eq!((flash.next.get(), flash.failures()), (0, 1));
    assert_eq!(try_at(&mut guard, &flash, &right(NOW), NOW), Ok(STEP));
    assert_eq!((flash.next.get(), flash.failures()), (STEP + 1, 0));
    assert_eq!(flash.guard(), guard);
}

#[test]
fn nothing_is_spent_if_storing_fails() {
    // The write before the code is looked at fails, then the one after the match.
    for (writes, failures) in [(0, 0), (1, 1)] {
        let (flash, mut guard) = (Flash::of(writes), Guard::new());
        assert_eq!(try_at(&mut guard, &flash, &right(NOW), NOW), Err(GuardError::Store(Worn)));
        assert_eq!((guard.next(), guard.throttle().failures()), (0, failures));
        assert_eq!(flash.guard(), guard, "it is as it was stored last");
        // Nothing was accepted, so the same code is, once the flash works again.
        flash.left.set(2);
        assert_eq!(try_at(&mut guard, &flash, &right(NOW), NOW), Ok(STEP));
    }
}

#[test]
fn replayed_code_is_rejected_after_a_power_cut_too() {
    let (flash, mut guard) = (Flash::new(), Guard::new());
    assert_eq!(try_at(&mut guard, &flash, &right(NOW), NOW), Ok(STEP));
    for mut guard in [guard, flash.guard()] {
        let again = try_at(&mut guard, &flash, &right(NOW), NOW);
        assert_eq!(again, Err(GuardError::Rejected(Rejected::Replayed)));
    }
}

#[test]
fn power_cut_after_the_charge_still_counts_it() {
    let flash = Flash::of(1);
    assert_eq!(try_at(&mut Guard::new(), &flash, &right(NOW), NOW), Err(GuardError::Store(Worn)));
    assert_eq!((flash.next.get(), flash.failures()), (0, 1));
}

#[test]
fn locked_guard_does_not_look_at_the_code() {
    let (flash, mut guard) = (Flash::new(), Guard::new());
    for _ in 0..4 {
        let _ = try_at(&mut guard, &flash, &wrong(NOW), NOW);
    }
    let until = NOW.saturating_add(30);
    let answer = try_at(&mut guard, &flash, &right(NOW), NOW);
    assert!(
        matches!(answer, Err(GuardError::Locked(locked)) if locked.lock() == Lock::Until(until))
    );
    assert_eq!(flash.writes.get(), 4, "a lock that stays as it is is not written again");
    assert_eq!(try_at(&mut guard, &flash, &right(until), until), Ok(STEP + 1));

    let mut hard = Guard::resume(0, Throttle::resume(33, Lock::Hard));
    let answer = try_at(&mut hard, &flash, &right(NOW), NOW);
    assert!(matches!(answer, Err(GuardError::Locked(locked)) if locked.lock() == Lock::Hard));
}

#[test]
fn lock_that_a_clock_gone_back_cuts_is_stored() {
    let far = Lock::Until(NOW.saturating_add(1_000_000));
    let (flash, mut guard) = (Flash::new(), Guard::resume(0, Throttle::resume(4, far)));
    let answer = try_at(&mut guard, &flash, &right(NOW), NOW);
    let cut = NOW.saturating_add(policy().max_lock(4).into());
    assert!(matches!(answer, Err(GuardError::Locked(locked)) if locked.lock() == Lock::Until(cut)));
    assert_eq!(flash.throttle.get(), Throttle::resume(4, Lock::Until(cut)));
}

#[test]
fn text_that_is_no_code_costs_nothing() {
    let (flash, mut guard) = (Flash::new(), Guard::new());
    let answer = try_at(&mut guard, &flash, "28708", NOW);
    let malformed = Rejected::Malformed(Malformed::Length { expected: 6 });
    assert_eq!(answer, Err(GuardError::Rejected(malformed)));
    assert_eq!((flash.writes.get(), guard), (0, Guard::new()));
}

#[test]
fn hotp_code_is_spent_with_all_before_it() {
    let hotp = Hotp::new(Algorithm::Sha1, KEY).unwrap();
    let (flash, mut guard) = (Flash::new(), Guard::resume(3, Throttle::default()));
    let window = Window::new(1, 5);
    let mut verify = |counter| {
        let typed = hotp.generate(counter).text();
        let store = |state: &Guard| flash.store(state);
        let hit = guard.verify_hotp(&policy(), &hotp, typed.as_str(), NOW, window, store);
        hit.map(|hit| hit.counter())
    };
    assert_eq!(verify(5), Ok(5));
    assert_eq!(verify(5), Err(GuardError::Rejected(Rejected::Replayed)));
    assert_eq!(verify(4), Err(GuardError::Rejected(Rejected::Mismatch)));
    assert_eq!((flash.next.get(), flash.failures()), (6, 2));
}

#[test]
fn error_names_its_part() {
    let stored = GuardError::Store("flash is worn out");
    assert_eq!(stored.to_string(), "state is not stored: flash is worn out");
    let rejected = GuardError::<&str>::Rejected(Rejected::Mismatch);
    assert_eq!(rejected.to_string(), Rejected::Mismatch.to_string());
    let locked = Throttle::resume(1, Lock::Hard).charge(&policy(), NOW).unwrap_err();
    assert_eq!(GuardError::<&str>::Locked(locked).to_string(), "too many failed attempts");
}
