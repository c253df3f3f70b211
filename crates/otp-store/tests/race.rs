//! Concurrent verifiers on memory and SQLite.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc
)]

mod patience;

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use otp_context::OtpContext;
use otp_context::replay::{ThrottlePolicy, Tracker};
use otp_core::{Totp, UnixTime, Window};
use otp_store::{CredentialId, Sqlite, Verdict, Verifier, VerifierOptions};

use crate::patience::patiently;

const THREADS: usize = 8;
const ROUNDS: u64 = 12;
const START: u64 = 1_700_000_010;

/// A shared database file, a clock, and Alice's phone.
struct Site {
    folder: tempfile::TempDir,
    clock: Arc<AtomicU64>,
    alice: CredentialId,
    phone: Totp,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicU64::new(START));
        let alice = CredentialId::new("alice").unwrap();
        let verifier = verifier(folder.path(), &clock, VerifierOptions::new());
        let credential = verifier.context().new_totp("alice").unwrap();
        let phone = Totp::from_secret(credential.kind().algorithm(), credential.secret());
        verifier.enroll(&alice, &credential).unwrap();
        let site = Self { folder, clock, alice, phone };
        let verdict = verifier.confirm(&site.alice, &site.code(START)).unwrap();
        assert!(matches!(verdict, Verdict::Accepted(_)));
        site
    }

    /// Makes a verifier with a connection of its own, as a process has.
    fn verifier(&self, options: VerifierOptions) -> Verifier<Sqlite> {
        verifier(self.folder.path(), &self.clock, options)
    }

    fn verify(&self, verifier: &Verifier<Sqlite>, typed: &str) -> Verdict {
        patiently(|| verifier.verify(&self.alice, typed))
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.clock.load(Ordering::SeqCst))
    }

    fn code(&self, at: u64) -> String {
        self.phone.generate(UnixTime::from_secs(at)).code().text().to_string()
    }
}

fn verifier(folder: &Path, clock: &Arc<AtomicU64>, options: VerifierOptions) -> Verifier<Sqlite> {
    let clock = Arc::clone(clock);
    let context =
        OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(clock.load(Ordering::SeqCst))));
    let store = patiently(|| Sqlite::create(folder.join("otp.db")));
    Verifier::new(store, context.with_plain_keys(), options).unwrap()
}

/// Counts how often each code is accepted if all threads submit it at once. `verifier` makes a
/// verifier for a thread: a closure that returns whether it accepts a text.
fn accepted<V: Fn(&str) -> bool>(site: &Site, verifier: impl Fn() -> V + Sync) -> Vec<u32> {
    let barrier = Barrier::new(THREADS);
    let accepted: Vec<AtomicU32> = (0..ROUNDS).map(|_| AtomicU32::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let accepts = verifier();
                for (round, accepted) in (1..).zip(&accepted) {
                    // Far enough apart for the waits of earlier failures.
                    let now = START + round * 3000;
                    site.clock.store(now, Ordering::SeqCst);
                    let typed = site.code(now);
                    barrier.wait();
                    if accepts(&typed) {
                        accepted.fetch_add(1, Ordering::SeqCst);
                    }
                    barrier.wait();
                }
            });
        }
    });
    accepted.into_iter().map(AtomicU32::into_inner).collect()
}

#[test]
fn code_submitted_concurrently_is_accepted_once() {
    let site = Site::new();
    // A retry is another attempt, which no lock may block.
    let options = VerifierOptions::new().with_policy(ThrottlePolicy::unlimited());
    let accepted = accepted(&site, || {
        let verifier = site.verifier(options);
        let site = &site;
        move |typed| matches!(site.verify(&verifier, typed), Verdict::Accepted(_))
    });
    assert_eq!(accepted, vec![1; accepted.len()]);
}

/// The control: read, check, write back.
#[test]
fn control_reading_checking_and_writing_accepts_twice() {
    let site = Site::new();
    let (have_read, next) = (Barrier::new(THREADS), Mutex::new(0));
    let naive = |typed: &str| {
        let mut tracker = Tracker::resume(*next.lock().unwrap());
        have_read.wait();
        let (code, now) = (site.phone.parse(typed).unwrap(), site.now());
        let accepted = tracker.verify_totp(&site.phone, code, now, Window::ONE).is_ok();
        if accepted {
            *next.lock().unwrap() = tracker.next();
        }
        accepted
    };
    let accepted = accepted(&site, || naive);
    assert!(accepted.iter().all(|times| *times > 1), "{accepted:?}");
}

/// The number of simultaneous guesses that waits of 0, 0, 0 and 30 seconds permit.
const EVALUATED: u32 = 4;

/// Counts the guesses of all threads that are evaluated. `verifier` makes a verifier for a thread:
/// a closure that returns whether it evaluates a text.
fn evaluated<V: Fn(&str) -> bool>(site: &Site, verifier: impl Fn() -> V + Sync) -> u32 {
    let now = START + 3000;
    site.clock.store(now, Ordering::SeqCst);
    let right = [now - 30, now, now + 30].map(|at| site.code(at));
    let mut guesses = ["000000", "111111", "222222", "333333"].into_iter();
    let wrong = guesses.find(|guess| right.iter().all(|code| code != guess)).unwrap();
    let (barrier, evaluated) = (Barrier::new(THREADS), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let evaluates = verifier();
                barrier.wait();
                for _ in 0..6 {
                    if evaluates(wrong) {
                        evaluated.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    evaluated.into_inner()
}

#[test]
fn concurrent_guesses_do_not_exceed_the_limit() {
    let site = Site::new();
    let evaluated = evaluated(&site, || {
        let verifier = site.verifier(VerifierOptions::new());
        let site = &site;
        move |typed| matches!(site.verify(&verifier, typed), Verdict::Rejected(_))
    });
    assert_eq!(evaluated, EVALUATED);
}

/// The control: check first, count later.
#[test]
fn control_checking_first_and_counting_later_exceeds_the_limit() {
    let site = Site::new();
    let (have_read, failures) = (Barrier::new(THREADS), Mutex::new(0));
    let naive = |_: &str| {
        let before = *failures.lock().unwrap();
        have_read.wait();
        let evaluated = before < EVALUATED;
        if evaluated {
            *failures.lock().unwrap() = before + 1;
        }
        evaluated
    };
    assert!(evaluated(&site, || naive) > EVALUATED);
}
