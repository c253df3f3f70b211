//! Many verifiers, one code.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use core::sync::atomic::{AtomicU32, Ordering};
use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::thread;

use otp_context::Tracker;
use otp_core::{Totp, UnixTime, Window};
use otp_store::{CredentialId, Sqlite, Verdict, Verifier};
use otp_uri::{Generator, KeyUri, Kind, Label};

const THREADS: usize = 8;
const ROUNDS: u64 = 12;
const START: UnixTime = UnixTime::from_secs(1_700_000_010);

fn phone(path: &Path, id: &CredentialId) -> Totp {
    let secret = otp_context::generate(otp_core::Algorithm::Sha1).unwrap();
    let uri = KeyUri::new(Label::new("alice").unwrap(), secret, Kind::default()).unwrap();
    let verifier = Verifier::new(Sqlite::open(path).unwrap());
    verifier.store().enroll(id, &uri).unwrap();
    let Generator::Totp(totp) = uri.generator() else { panic!() };
    let first = totp.generate(START).code().text().to_string();
    let Verdict::Accepted(_) = verifier.confirm(id, &first, START).unwrap() else { panic!() };
    totp
}

/// Each thread has a connection of its own, as processes have.
#[test]
fn a_code_submitted_everywhere_at_once_is_accepted_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    let alice = CredentialId::new("alice").unwrap();
    let totp = phone(&path, &alice);
    let barrier = Barrier::new(THREADS);
    let accepted: Vec<AtomicU32> = (0..ROUNDS).map(|_| AtomicU32::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let verifier = Verifier::new(Sqlite::open(&path).unwrap());
                for (round, accepted) in (1..).zip(&accepted) {
                    // Far enough apart for the waits of the failures before.
                    let now = START.saturating_add(round * 3000);
                    let typed = totp.generate(now).code().text().to_string();
                    barrier.wait();
                    if let Verdict::Accepted(_) = verifier.verify(&alice, &typed, now).unwrap() {
                        accepted.fetch_add(1, Ordering::SeqCst);
                    }
                    barrier.wait();
                }
            });
        }
    });
    let accepted: Vec<u32> = accepted.into_iter().map(AtomicU32::into_inner).collect();
    assert_eq!(accepted, vec![1; accepted.len()]);
}

/// Guesses at the same instant: the waits of 0, 0, 0 and 30 seconds leave four of them.
#[test]
fn parallel_guesses_do_not_slip_past_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otp.db");
    let alice = CredentialId::new("alice").unwrap();
    let totp = phone(&path, &alice);
    let now = START.saturating_add(3000);
    let wrong = totp.generate(UnixTime::EPOCH).code().text().to_string();
    let (barrier, evaluated) = (Barrier::new(THREADS), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let verifier = Verifier::new(Sqlite::open(&path).unwrap());
                barrier.wait();
                for _ in 0..6 {
                    if let Verdict::Rejected(_) = verifier.verify(&alice, &wrong, now).unwrap() {
                        evaluated.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    assert_eq!(evaluated.into_inner(), 4);
}

/// The control: read, check, write back. The test above it must be able to fail.
#[test]
fn reading_checking_and_writing_accepts_twice() {
    let folder = tempfile::tempdir().unwrap();
    let alice = CredentialId::new("alice").unwrap();
    let totp = phone(&folder.path().join("otp.db"), &alice);
    let (barrier, next) = (Barrier::new(THREADS), Mutex::new(0));
    let accepted = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let code = totp.generate(START).code();
                let mut tracker = Tracker::resume(*next.lock().unwrap());
                barrier.wait();
                if tracker.verify_totp(&totp, code, START, Window::ONE).is_ok() {
                    *next.lock().unwrap() = tracker.next();
                    accepted.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(accepted.into_inner() > 1);
}
