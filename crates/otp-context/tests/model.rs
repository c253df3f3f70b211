//! A server's state through hostile sequences, against a naive model: a set of accepted counters
//! and a count of evaluations.
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

use std::collections::BTreeSet;

use otp_context::replay::{Drift, Lock, Throttle, ThrottlePolicy, Tracker};
use otp_core::{Algorithm, Code, Hotp, Rejected, Totp, UnixTime, Window};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const START: u64 = 1_700_000_000;
const BOUND: u8 = 3;

/// Where the process dies, if it does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
    Never,
    AfterCharge,
    AfterMatch,
    AfterStore,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A code so many steps from the server's clock.
    Verify(i8, Crash),
    /// The code that was accepted last.
    Replay,
    /// A code that was right once, so many acceptances ago.
    Old(u8),
    /// A code of no counter near.
    Wrong(Crash),
    /// Two codes that follow one another, so many steps from the server's clock.
    Resync(i8),
    Clock(i32),
    Unlock,
    Enrol,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let crash = prop_oneof![
        6 => Just(Crash::Never),
        1 => Just(Crash::AfterCharge),
        1 => Just(Crash::AfterMatch),
        1 => Just(Crash::AfterStore),
    ];
    let step = prop_oneof![
        8 => (-4_i8..=4, crash.clone()).prop_map(|(off, crash)| Step::Verify(off, crash)),
        3 => Just(Step::Replay),
        2 => any::<u8>().prop_map(Step::Old),
        3 => crash.prop_map(Step::Wrong),
        1 => (-40_i8..=40).prop_map(Step::Resync),
        6 => prop_oneof![1 => -200_i32..0, 4 => 0_i32..200, 1 => 900_i32..4000].prop_map(Step::Clock),
        1 => Just(Step::Unlock),
        1 => Just(Step::Enrol),
    ];
    proptest::collection::vec(step, 1..80)
}

/// What is broken, to see that the harness notices.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The step of the clock is stored, not the matched one.
    StoresNow,
    /// What is spent is forgotten when the clock goes back.
    FollowsClock,
    /// The attempt is counted once it failed.
    CountsLater,
    /// Drift has no bound.
    Drifts,
}

/// What a database holds, and the process that uses it.
struct Server {
    fault: Fault,
    generation: u64,
    totp: Totp,
    next: u64,
    throttle: (u32, Lock),
    drift: i16,
    now: u64,
    policy: ThrottlePolicy,
    window: Window,
}

fn generator(generation: u64) -> Totp {
    Totp::new(Algorithm::Sha1, &generation.to_be_bytes()).unwrap()
}

impl Server {
    fn new(fault: Fault, window: Window) -> Self {
        let totp = generator(0);
        let policy = ThrottlePolicy::with_risk(totp.format(), window, 40_000).unwrap();
        Self {
            fault,
            generation: 0,
            totp,
            next: 0,
            throttle: (0, Lock::Open),
            drift: 0,
            now: START,
            policy,
            window,
        }
    }

    fn charge(&mut self) -> bool {
        let mut throttle = Throttle::resume(self.throttle.0, self.throttle.1);
        let charged = throttle.charge(&self.policy, UnixTime::from_secs(self.now)).is_ok();
        self.throttle = (throttle.failures(), throttle.lock());
        charged
    }

    /// Each line is a write or a crash. The result is what the user sees, and whether the code
    /// was evaluated.
    fn verify(&mut self, code: Code, crash: Crash) -> (Option<u64>, bool) {
        let before = self.throttle;
        if !self.charge() {
            return (None, false);
        }
        if self.fault == Fault::CountsLater && crash == Crash::AfterMatch {
            self.throttle = before;
        }
        if crash == Crash::AfterCharge {
            return (None, false);
        }
        let bound = if self.fault == Fault::Drifts { u8::MAX } else { BOUND };
        let mut drift = Drift::resume(self.drift, bound);
        let now = UnixTime::from_secs(self.now);
        if self.fault == Fault::FollowsClock {
            let time = drift.shift(now, self.totp.period());
            self.next = self.next.min(self.totp.counter_at(time).saturating_sub(1));
        }
        let mut tracker = Tracker::resume(self.next);
        let hit = tracker.verify_following(&self.totp, code, now, self.window, &mut drift);
        let Ok(hit) = hit else {
            return (None, true);
        };
        if crash == Crash::AfterMatch {
            return (None, true);
        }
        self.store(tracker.next(), drift.steps());
        (if crash == Crash::AfterStore { None } else { Some(hit.counter()) }, true)
    }

    fn resync(&mut self, codes: &[Code; 2]) -> (Option<u64>, bool) {
        if !self.charge() {
            return (None, false);
        }
        let mut tracker = Tracker::resume(self.next);
        let now = UnixTime::from_secs(self.now);
        let Ok(hit) = tracker.resync_totp(&self.totp, codes, now, 50) else {
            return (None, true);
        };
        self.store(tracker.next(), self.drift);
        (Some(hit.counter()), true)
    }

    fn store(&mut self, next: u64, drift: i16) {
        let step = self.totp.counter_at(UnixTime::from_secs(self.now));
        self.next = if self.fault == Fault::StoresNow { step + 1 } else { next };
        self.drift = drift;
        self.throttle = (0, Lock::Open);
    }
}

/// What should happen, told without any of the crate's types.
#[derive(Default)]
struct Model {
    accepted: BTreeSet<(u64, u64)>,
    burnt: BTreeSet<(u64, u64)>,
    order: Vec<(u64, u64)>,
    evaluations: u32,
    last: Option<u64>,
}

fn play(fault: Fault, window: Window, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut server = Server::new(fault, window);
    let mut model = Model::default();
    for step in steps {
        let current = server.now / 30;
        let near = |off: i8| current.saturating_add_signed(off.into());
        let typed = match *step {
            Step::Verify(off, crash) => Some((server.generation, near(off), crash)),
            Step::Replay => model.order.last().map(|(one, two)| (*one, *two, Crash::Never)),
            Step::Old(ago) => {
                let place = model.order.len().checked_sub(1 + usize::from(ago) % 8);
                place.map(|place| (model.order[place].0, model.order[place].1, Crash::Never))
            }
            Step::Wrong(crash) => Some((server.generation, current + 100_000, crash)),
            Step::Resync(off) => {
                let last = near(off);
                let codes = [last - 1, last].map(|counter| server.totp.hotp().generate(counter));
                let fresh = model.last.is_none_or(|spent| last - 1 > spent);
                let (accepted, evaluated) = server.resync(&codes);
                model.evaluations += u32::from(evaluated);
                prop_assert_eq!(accepted, (evaluated && fresh).then_some(last));
                accept(&mut model, &server, accepted)?;
                continue;
            }
            Step::Clock(seconds) => {
                server.now = server.now.saturating_add_signed(seconds.into()).max(START / 2);
                continue;
            }
            Step::Unlock => {
                server.throttle = (0, Lock::Open);
                model.evaluations = 0;
                continue;
            }
            Step::Enrol => {
                server.generation += 1;
                server.totp = generator(server.generation);
                (server.next, server.drift) = (0, 0);
                model.last = None;
                continue;
            }
        };
        let Some((generation, counter, crash)) = typed else { continue };
        let code = generator(generation).hotp().generate(counter);

        let drift = i64::from(server.drift).clamp(-i64::from(BOUND), BOUND.into());
        let inside =
            [current, current.saturating_add_signed(drift)].into_iter().flat_map(|middle| {
                middle.saturating_sub(window.behind.into())
                    ..=middle.saturating_add(window.ahead.into())
            });
        let fresh = |counter: &u64| model.last.is_none_or(|last| *counter > last);
        // Once in a while a code is also that of another counter, or of another key.
        let right = inside
            .filter(fresh)
            .filter(|counter| generator(server.generation).hotp().generate(*counter) == code);
        let right = right.max();

        let (accepted, evaluated) = server.verify(code, crash);
        model.evaluations += u32::from(evaluated);
        let right = right.filter(|_| evaluated);
        prop_assert_eq!(accepted, right.filter(|_| crash == Crash::Never));
        if let (Some(counter), Crash::AfterStore) = (right, crash) {
            // Spent, and no user is let in.
            model.burnt.insert((server.generation, counter));
            model.last = Some(counter);
            model.evaluations = 0;
        }
        accept(&mut model, &server, accepted)?;
        prop_assert!(i64::from(server.drift).abs() <= i64::from(BOUND), "drift has no bound");
        prop_assert!(
            server.next > model.last.unwrap_or_default() || model.last.is_none(),
            "what is spent became unspent"
        );
        prop_assert!(model.evaluations <= server.policy.limit(), "more was evaluated than allowed");
    }
    Ok(())
}

fn accept(model: &mut Model, server: &Server, accepted: Option<u64>) -> Result<(), TestCaseError> {
    if let Some(counter) = accepted {
        let new = model.accepted.insert((server.generation, counter));
        prop_assert!(new, "a code was accepted twice");
        prop_assert!(!model.burnt.contains(&(server.generation, counter)), "a burnt code came in");
        prop_assert!(model.last.is_none_or(|last| counter > last), "the last counter fell");
        model.order.push((server.generation, counter));
        model.last = Some(counter);
        model.evaluations = 0;
    }
    Ok(())
}

fn run(fault: Fault, cases: u32) -> Result<(), String> {
    let windows = prop_oneof![
        Just(Window::ZERO),
        Just(Window::ONE),
        Just(Window::new(2, 0)),
        Just(Window::new(0, 2)),
    ];
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&(windows, steps()), |(window, steps)| play(fault, window, &steps))
        .map_err(|error| error.to_string())
}

#[test]
fn no_sequence_breaks_the_rules() {
    run(Fault::None, 3000).unwrap();
}

#[test]
fn controls_every_fault_is_found() {
    for fault in [Fault::StoresNow, Fault::FollowsClock, Fault::Drifts] {
        assert!(run(fault, 3000).is_err());
    }
}

/// Between two successes no more codes are evaluated than the policy allows, however the clock
/// moves and wherever the process dies.
#[test]
fn evaluations_between_successes_stay_within_the_policy() {
    let count = |fault: Fault| {
        let mut server = Server::new(fault, Window::ONE);
        let wrong = server.totp.hotp().generate(1);
        let mut evaluated = 0;
        for attempt in 0..500_u64 {
            server.now = START + attempt * 1000 - (attempt % 7) * 300;
            let crash = if attempt % 3 == 0 { Crash::AfterMatch } else { Crash::Never };
            evaluated += u32::from(server.verify(wrong, crash).1);
        }
        (evaluated, server.policy.limit())
    };
    let (evaluated, limit) = count(Fault::None);
    assert_eq!(evaluated, limit);
    let (evaluated, limit) = count(Fault::CountsLater);
    assert!(evaluated > limit, "the control must exceed the limit");
}

#[test]
fn attempts_at_one_instant_are_four() {
    let mut server = Server::new(Fault::None, Window::ONE);
    let wrong = server.totp.hotp().generate(1);
    let evaluated = (0..1920).filter(|_| server.verify(wrong, Crash::Never).1).count();
    assert_eq!(evaluated, 4);
}

#[test]
fn the_code_that_confirms_an_enrolment_is_burnt() {
    let totp = generator(1);
    let now = UnixTime::from_secs(START);
    let code = totp.generate(now).code();
    let mut tracker = Tracker::new();
    let _confirmed = tracker.verify_totp(&totp, code, now, Window::ONE).unwrap();
    let stored = tracker.next();
    assert_eq!(
        Tracker::resume(stored).verify_totp(&totp, code, now, Window::ONE),
        Err(Rejected::Replayed)
    );
}

proptest! {
    /// Drift adds a window that is off by its bound at the most, and no wider.
    #[test]
    fn drift_is_bounded(off in -12_i64..=12, stored: i16, bound in 0_u8..8, behind in 0_u8..3, ahead in 0_u8..3) {
        let totp = generator(1);
        let now = UnixTime::from_secs(START);
        let mut drift = Drift::resume(stored, bound);
        let counter = totp.counter_at(now).saturating_add_signed(off);
        let shift = i64::from(drift.steps());
        let code = totp.hotp().generate(counter);
        let window = Window::new(behind, ahead);
        let hit = Tracker::new().verify_following(&totp, code, now, window, &mut drift);
        prop_assert!(shift.abs() <= i64::from(bound));
        let own = -i64::from(behind)..=i64::from(ahead);
        prop_assert_eq!(hit.is_ok(), own.contains(&off) || own.contains(&(off - shift)));
        if hit.is_ok() {
            prop_assert_eq!(i64::from(drift.steps()), off.clamp(-i64::from(bound), bound.into()));
        }
        prop_assert_eq!(Drift::OFF.shift(now, totp.period()), now);
    }

    /// An HOTP tracker against a set of used counters.
    #[test]
    fn hotp_counters_are_spent_once(codes in proptest::collection::vec(0_u64..60, 1..60), ahead in 0_u8..10) {
        let hotp = Hotp::new(Algorithm::Sha256, b"0123456789").unwrap();
        let mut tracker = Tracker::new();
        let mut used = BTreeSet::new();
        for counter in codes {
            let next = used.last().map_or(0, |last| last + 1);
            let hit = tracker.verify_hotp(&hotp, hotp.generate(counter), Window::new(2, ahead));
            let should = (next..=next + u64::from(ahead)).contains(&counter);
            prop_assert_eq!(hit.is_ok(), should);
            if should {
                prop_assert!(used.insert(counter));
            }
            prop_assert_eq!(tracker.next(), used.last().map_or(0, |last| last + 1));
        }
    }
}
