//! Processes with threads that all submit the same text at the same time, round by round. The naive ones
//! read, check and then write instead: the control.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use otp_store::{CredentialId, RecoveryVerdict, Store, ThrottlePolicy, Verdict, Verifier};
use serde::{Deserialize, Serialize};

use crate::crew::{Crew, Tally, rounds};
use crate::database::{Database, Handle};
use crate::naive::Naive;
use crate::phone::{Phone, plain_verifier, recovery_codes, verifier, verifier_with};
use crate::role::Role;

const PROCESSES: usize = 8;
const THREADS: usize = 12;
/// The connections of a process, each shared by some of its threads.
const HANDLES: usize = 3;
/// The guesses that waits of 0, 0, 0 and 5 seconds permit.
const PERMITTED: u64 = 4;

/// What all threads submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Codes of one credential.
    Code,
    /// Recovery codes.
    Recovery,
    /// Codes of two credentials with one key: half of the threads submit them for the account, and the
    /// others for one credential each, which may be a third with another key.
    Account,
    /// A wrong code, again and again. It counts as accepted if it was evaluated.
    Guess,
}

/// The results of all rounds.
#[derive(Debug, Default)]
struct Outcome {
    all: Tally,
    codes: u64,
    /// How often a code was accepted that had been accepted before.
    double: u64,
    /// The codes that were never accepted.
    none: u64,
}

/// Lets no text be accepted twice, in any number of submissions.
pub fn race(database: &Database, submissions: u64) -> Result<()> {
    for (kind, most) in
        [(Kind::Code, u64::MAX), (Kind::Recovery, 100_000), (Kind::Account, 100_000)]
    {
        let outcome = run(database, kind, false, submissions.min(most))?;
        ensure!(outcome.all.errors == 0, "submissions failed");
        ensure!(outcome.double == 0, "a code was accepted twice");
        ensure!(outcome.none == 0, "a code was never accepted");
    }
    let control = run(database, Kind::Code, true, submissions.min(20_000))?;
    ensure!(control.double > 0, "the control accepts no code twice, so there is no race");
    Ok(())
}

/// Lets only the permitted guesses be evaluated of 1,920.
pub fn throttle(database: &Database) -> Result<()> {
    let Outcome { all, .. } = run(database, Kind::Guess, false, 1920)?;
    ensure!((all.answered, all.errors) == (1920, 0), "guesses failed");
    ensure!(all.accepted == [PERMITTED, 0], "not exactly four guesses are evaluated");
    let control = run(database, Kind::Guess, true, 1920)?.all.accepted;
    ensure!(control[0] > PERMITTED, "the control keeps the limit, so there is no race");
    Ok(())
}

fn run(database: &Database, kind: Kind, naive: bool, submissions: u64) -> Result<Outcome> {
    let mut text = texts(database, kind, naive)?;
    let mut crew =
        Crew::start(&Role::Racer { database: database.clone(), kind, naive }, PROCESSES)?;
    let mut outcome = Outcome::default();
    while outcome.all.answered + outcome.all.errors < submissions {
        outcome.codes += 1;
        let tally = crew.round(&text(outcome.codes)?)?;
        outcome.double += tally.accepted.iter().map(|times| times.saturating_sub(1)).sum::<u64>();
        outcome.none += u64::from(tally.accepted == [0, 0]);
        outcome.all += tally;
    }
    println!("{kind:?}{}: {outcome:?}", if naive { ", naive" } else { "" });
    Ok(outcome)
}

/// Prepares the database. Returns a function that gives the text to submit in a round, from 1.
fn texts(
    database: &Database,
    kind: Kind,
    naive: bool,
) -> Result<Box<dyn FnMut(u64) -> Result<String>>> {
    if naive {
        Naive::create(database)?;
        return Ok(Box::new(|number| Ok(number.to_string())));
    }
    let (phone, store) = (Phone::new("racer")?, database.open()?);
    let verifier = match kind {
        Kind::Account => plain_verifier(store)?,
        _ => verifier(store)?,
    };
    if kind == Kind::Recovery {
        let mut left = Vec::new();
        return Ok(Box::new(move |_| {
            if left.is_empty() {
                left = recovery_codes(&verifier, phone.id.account())?;
            }
            left.pop().context("an empty set")
        }));
    }
    // Enrolling refuses a key that the account has.
    let (store, twin) = (verifier.store(), twin(&phone)?);
    let _ = store.remove(&twin)?;
    phone.enroll(&verifier)?;
    if kind == Kind::Account {
        Phone::named("racer", "other")?.enroll(&verifier)?;
        let entry = store.find(&phone.id)?.context("no credential")?;
        ensure!(store.insert(&twin, &entry)?, "the twin is there");
    }
    let wrong = phone.wrong();
    Ok(Box::new(move |counter| {
        Ok(if kind == Kind::Guess { wrong.clone() } else { phone.code(counter) })
    }))
}

/// The second credential with the key of this one.
fn twin(phone: &Phone) -> Result<CredentialId> {
    Ok(phone.id.clone().with_name("twin")?)
}

/// Submits what the first process says.
pub fn work(database: &Database, kind: Kind, naive: bool) -> Result<()> {
    if naive {
        let links = (0..THREADS).map(|_| Ok(Mutex::new(Naive::open(database)?)));
        let links = links.collect::<Result<Vec<_>>>()?;
        return rounds(THREADS, |thread, text| {
            let mut naive = links[thread].lock().unwrap_or_else(PoisonError::into_inner);
            let (key, most) = match kind {
                Kind::Guess => (0, i64::try_from(PERMITTED)?),
                _ => (text.parse()?, 1),
            };
            Ok([naive.take(key, most)?, false])
        });
    }
    let policy = match kind {
        Kind::Guess => ThrottlePolicy::nist().with_backoff(&[0, 0, 0, 5]),
        _ => ThrottlePolicy::unlimited(),
    };
    let open = |_| verifier_with(database.open()?, policy);
    let verifiers = (0..HANDLES).map(open).collect::<Result<Vec<_>>>()?;
    let phone = Phone::new("racer")?;
    let ids = [phone.id.clone(), twin(&phone)?, Phone::named("racer", "other")?.id];
    rounds(THREADS, |thread, text| submit(&verifiers[thread % HANDLES], kind, &ids, thread, text))
}

/// Submits a text. Returns for each of the first two credentials whether its code was accepted.
fn submit(
    verifier: &Verifier<Handle>,
    kind: Kind,
    ids: &[CredentialId; 3],
    thread: usize,
    text: &str,
) -> Result<[bool; 2]> {
    let account = ids[0].account();
    let (verdict, credentials) = match kind {
        Kind::Recovery => {
            let verdict = verifier.recover(account, text)?;
            return Ok([matches!(verdict, RecoveryVerdict::Accepted(_)), false]);
        }
        Kind::Guess => match verifier.verify(&ids[0], text)? {
            Verdict::Accepted(_) => bail!("a wrong code was accepted"),
            verdict => return Ok([matches!(verdict, Verdict::Rejected(_)), false]),
        },
        Kind::Account if thread.is_multiple_of(2) => {
            (verifier.verify_account(account, text)?, [true; 2])
        }
        Kind::Account => {
            let id = thread / 2 % ids.len();
            (verifier.verify(&ids[id], text)?, [id == 0, id == 1])
        }
        Kind::Code => (verifier.verify(&ids[0], text)?, [true, false]),
    };
    let accepted = matches!(verdict, Verdict::Accepted(_));
    Ok(credentials.map(|of| of && accepted))
}
