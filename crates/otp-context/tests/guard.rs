//! A guard through hostile sequences and power cuts, against a naive model: a list of accepted counters and
//! a count of compared codes.
#![cfg(test)]
#![cfg(feature = "sha1")]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects)]

use std::error::Error as _;

use otp_context::ClockError;
use otp_context::replay::{Guard, GuardError, Lock, Throttle, ThrottlePolicy};
use otp_core::{Algorithm, Hotp, Malformed, Rejected, Totp, UnixTime, Window};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const START: u64 = 1_700_000_000;

/// The power is cut at a write: the first counts the attempt, the second spends the match.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cut {
    write: usize,
    /// Whether the write still lands.
    lands: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A code so many steps from the clock.
    Verify(i8, Option<Cut>),
    /// A code that was accepted, so many acceptances ago.
    Replay(usize),
    /// A code of no counter near.
    Wrong(Option<Cut>),
    /// A text that is no code.
    Malformed,
    Clock(i32),
    Unlock,
    Enrol,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let cut = (0_usize..2, any::<bool>()).prop_map(|(write, lands)| Cut { write, lands });
    let cut = prop::option::weighted(0.4, cut);
    // Further back than a quarter of an hour, locks are cut.
    let clock = prop_oneof![-4000_i32..-900, -200..0, 0..200, 0..200, 0..200, 900..4000];
    let step = prop_oneof![
        8 => (-4_i8..=4, cut.clone()).prop_map(|(off, cut)| Step::Verify(off, cut)),
        5 => (0_usize..8).prop_map(Step::Replay),
        3 => cut.prop_map(Step::Wrong),
        1 => Just(Step::Malformed),
        6 => clock.prop_map(Step::Clock),
        1 => Just(Step::Unlock),
        1 => Just(Step::Enrol),
    ];
    prop::collection::vec(step, 1..80)
}

/// What is broken, to see that the model notices.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The step of the clock is stored, not the matched one.
    StoresNow,
    /// What is spent is forgotten when the clock goes back.
    FollowsClock,
    /// The attempt is counted once it failed.
    CountsLater,
}

/// What outlives a power cut, and the clock.
struct Device {
    fault: Fault,
    generation: u64,
    stored: (u64, Throttle),
    now: u64,
    policy: ThrottlePolicy,
    window: Window,
}

fn generator(generation: u64) -> Totp {
    Totp::new(Algorithm::Sha1, &generation.to_be_bytes()).unwrap()
}

type Verified = Result<u64, GuardError<Cut>>;

impl Device {
    fn new(fault: Fault, window: Window) -> Self {
        let policy = ThrottlePolicy::with_risk(generator(0).format(), window, 40_000).unwrap();
        let stored = (0, Throttle::default());
        Self { fault, generation: 0, stored, now: START, policy, window }
    }

    fn totp(&self) -> Totp {
        generator(self.generation)
    }

    fn time(&self) -> UnixTime {
        UnixTime::from_secs(self.now)
    }

    /// Verifies a text after a restart. Returns whether its code was compared, too.
    fn verify(&mut self, typed: &str, cut: Option<Cut>) -> (Verified, bool) {
        let (totp, step) = (self.totp(), self.totp().counter_at(self.time()));
        if self.fault == Fault::FollowsClock {
            self.stored.0 = self.stored.0.min(step.saturating_sub(1));
        }
        let mut throttle = self.stored.1;
        let charge = throttle.charge(&self.policy, self.time()).map(drop);
        let mut guard = Guard::resume(self.stored.0, self.stored.1);
        let (before, now, mut writes) = (self.stored, self.time(), Vec::new());
        let hit = guard.verify(&self.policy, &totp, typed, now, self.window, |state| {
            let cut = cut.filter(|cut| cut.write == writes.len());
            let write = (state.next(), state.throttle());
            writes.push(write);
            let is_skipped = self.fault == Fault::CountsLater && writes.len() == 1;
            if cut.is_none_or(|cut| cut.lands) && !is_skipped {
                self.stored = write;
            }
            if self.fault == Fault::StoresNow && writes.len() == 2 {
                self.stored.0 = step + 1;
            }
            cut.map_or(Ok(()), Err)
        });
        // The guard knows what is stored, and no more.
        let is_known = cut.is_none_or(|cut| !cut.lands) && self.fault == Fault::None;
        assert!(!is_known || guard == Guard::resume(self.stored.0, self.stored.1));

        // The first write counts the attempt, or cuts a lock: it does not tell whether the code is right.
        let is_text = !matches!(hit, Err(GuardError::Rejected(Rejected::Malformed(_))));
        let first = (before.0, throttle);
        assert_eq!(writes.first(), (is_text && first != before).then_some(&first));
        if let (true, Err(locked), None) = (is_text, charge, cut) {
            assert_eq!(hit, Err(GuardError::Locked(locked)));
        }
        // The second write spends a match.
        let is_compared = is_text && charge.is_ok() && cut.is_none_or(|cut| cut.write > 0);
        for (next, throttle) in writes.iter().skip(1) {
            assert!(is_compared && *next > before.0 && *throttle == Throttle::default());
        }
        (hit.map(|hit| hit.counter()), is_compared)
    }
}

/// What should happen, told without any of the crate's types.
#[derive(Default)]
struct Model {
    /// Generation and counter of each code, in order.
    accepted: Vec<(u64, u64)>,
    compared: u32,
    /// The highest counter that is spent.
    last: Option<u64>,
}

fn play(fault: Fault, window: Window, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut device, mut model) = (Device::new(fault, window), Model::default());
    for step in steps {
        let current = device.totp().counter_at(device.time());
        let (generation, counter, cut) = match *step {
            Step::Verify(off, cut) => {
                (device.generation, current.saturating_add_signed(off.into()), cut)
            }
            Step::Replay(ago) => match model.accepted.iter().nth_back(ago) {
                Some((generation, counter)) => (*generation, *counter, None),
                None => continue,
            },
            Step::Wrong(cut) => (device.generation, current + 100_000, cut),
            Step::Malformed => {
                let malformed = Rejected::Malformed(Malformed::Length { expected: 6 });
                let stored = device.stored;
                let (hit, is_compared) = device.verify("28708", None);
                prop_assert_eq!(hit, Err(GuardError::Rejected(malformed)));
                prop_assert!(!is_compared && device.stored == stored);
                continue;
            }
            Step::Clock(seconds) => {
                device.now = device.now.saturating_add_signed(seconds.into()).max(START / 2);
                continue;
            }
            Step::Unlock => {
                (device.stored.1, model.compared) = (Throttle::default(), 0);
                continue;
            }
            Step::Enrol => {
                device.generation += 1;
                (device.stored.0, model.last) = (0, None);
                continue;
            }
        };
        let code = generator(generation).hotp().generate(counter);
        // Once in a while a code is also that of another counter, or of another key.
        let (behind, ahead) = (u64::from(window.behind), u64::from(window.ahead));
        let right = (current.saturating_sub(behind)..=current.saturating_add(ahead))
            .filter(|counter| model.last.is_none_or(|last| *counter > last))
            .filter(|counter| device.totp().hotp().generate(*counter) == code)
            .max();

        let (hit, is_compared) = device.verify(&code.text().to_string(), cut);
        model.compared += u32::from(is_compared);
        prop_assert!(model.compared <= device.policy.limit(), "more was compared than allowed");
        let right = right.filter(|_| is_compared);
        prop_assert_eq!(hit.ok(), right.filter(|_| cut.is_none()));
        if let Some(counter) = right.filter(|_| cut.is_none_or(|cut| cut.lands)) {
            // If the power was cut, it is spent, and no user is let in.
            let code = (device.generation, counter);
            prop_assert!(!model.accepted.contains(&code), "a code was accepted twice");
            model.accepted.push(code);
            (model.last, model.compared) = (Some(counter), 0);
        }
        let is_spent = model.last.is_none_or(|last| device.stored.0 > last);
        prop_assert!(is_spent, "what is spent became unspent");
    }
    Ok(())
}

fn run(fault: Fault) -> Result<(), String> {
    let windows = vec![Window::ZERO, Window::ONE, Window::new(2, 0), Window::new(0, 2)];
    let inputs = (prop::sample::select(windows), steps());
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    let kept = TestRunner::new(config).run(&inputs, |(window, steps)| play(fault, window, &steps));
    kept.map_err(|error| error.to_string())
}

#[test]
fn no_sequence_breaks_the_rules() {
    run(Fault::None).unwrap();
}

#[test]
fn controls_every_fault_is_found() {
    for fault in [Fault::StoresNow, Fault::FollowsClock, Fault::CountsLater] {
        assert!(run(fault).is_err());
    }
}

#[test]
fn hotp_code_is_spent_with_all_before_it() {
    let hotp = Hotp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    let policy = ThrottlePolicy::new(hotp.format(), Window::ONE).unwrap();
    assert!(Guard::new() == Guard::resume(0, Throttle::default()));
    let mut guard = Guard::resume(3, Throttle::default());
    let (now, window) = (UnixTime::from_secs(START), Window::new(1, 5));
    let mut verify = |counter| {
        let typed = hotp.generate(counter).text();
        let store = |_: &Guard| Ok::<_, ()>(());
        let hit = guard.verify_hotp(&policy, &hotp, typed.as_str(), now, window, store);
        hit.map(|hit| hit.counter())
    };
    assert_eq!(verify(5), Ok(5));
    assert_eq!(verify(5), Err(GuardError::Rejected(Rejected::Replayed)));
    assert_eq!(verify(4), Err(GuardError::Rejected(Rejected::Mismatch)));
    assert_eq!((guard.next(), guard.throttle().failures()), (6, 2));
}

#[test]
fn error_names_its_part() {
    let policy = ThrottlePolicy::nist();
    let locked = Throttle::resume(1, Lock::Hard).charge(&policy, UnixTime::EPOCH).unwrap_err();
    for (error, text, is_of_the_store) in [
        (
            GuardError::Store(ClockError),
            "state is not stored: clock cannot be read or is before 1970",
            true,
        ),
        (GuardError::Rejected(Rejected::Mismatch), "code not accepted", false),
        (GuardError::Locked(locked), "too many failed attempts", false),
    ] {
        assert_eq!((error.to_string().as_str(), error.source().is_some()), (text, is_of_the_store));
    }
}
