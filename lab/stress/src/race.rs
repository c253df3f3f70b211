//! Processes with threads that all submit the same codes at the same time, without a limit. With
//! `naive 1` they read, check and write instead.

use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use otp_store::{CredentialId, RecoveryVerdict, Store, Verdict, Verifier};
use serde_json::json;

use crate::arguments::Arguments;
use crate::crew::{Crew, Tally, rounds};
use crate::database::{Database, Handle};
use crate::naive::Naive;
use crate::phone::{Phone, plain_context, recovery_codes, unlimited, verifier};

const PROCESSES: u64 = 8;
const THREADS: u64 = 12;
/// The connections of a process, each shared by some of its threads.
const HANDLES: u64 = 3;

/// What all threads submit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Codes of one credential.
    Code,
    /// Recovery codes.
    Recovery,
    /// Codes of two credentials with one key: half of the threads submit them for the account, and the
    /// others for one credential each, which may be a third with another key.
    Account,
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "code" => Self::Code,
            "recovery" => Self::Recovery,
            "account" => Self::Account,
            _ => bail!("{text}: not code, recovery or account"),
        })
    }
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let submissions: u64 = arguments.get("submissions", 10_000)?;
    let patience = Duration::from_secs(arguments.get("seconds", 3600)?);
    let naive: u8 = arguments.get("naive", 0)?;
    let kind: String = arguments.get("kind", "code".to_owned())?;
    let database = &arguments.database;
    let words = ["kind", &kind, "naive", &naive.to_string()].map(str::to_owned);
    let mut text = texts(database, kind.parse()?, naive != 0)?;
    let mut crew = Crew::start("race-worker", database, &words, PROCESSES)?;
    let (began, mut all, mut double, mut none) = (Instant::now(), Tally::default(), 0, 0);
    let (mut codes, mut outcome) = (0, Ok(()));
    while all.answered < submissions && began.elapsed() < patience {
        codes += 1;
        let tally = match text(codes).and_then(|text| crew.round(&text)) {
            Ok(tally) => tally,
            Err(error) => {
                outcome = Err(error);
                break;
            }
        };
        double += tally.accepted.iter().map(|times| times.saturating_sub(1)).sum::<u64>();
        none += u64::from(tally.accepted == [0, 0]);
        all.add(tally);
    }
    println!(
        "{}",
        json!({
            "trial": if naive == 0 { "race" } else { "race, naive" }, "kind": kind,
            "store": database.name(), "submissions": all.answered, "codes": codes,
            "accepted": all.accepted, "double": double, "none": none, "errors": all.errors,
            "processes": PROCESSES, "threads": THREADS, "seconds": began.elapsed().as_secs(),
        })
    );
    outcome
}

/// Prepares the database. Returns a function that gives the text to submit in a round, from 1.
fn texts(
    database: &Database,
    kind: Kind,
    naive: bool,
) -> Result<Box<dyn FnMut(u64) -> Result<String>>> {
    if naive {
        Naive::create(database)?;
        let naive = Naive::open(database, 1)?;
        return Ok(Box::new(move |number| {
            if kind == Kind::Recovery {
                naive.offer(number)?;
            }
            Ok(number.to_string())
        }));
    }
    let phone = Phone::new("racer")?;
    let verifier = match kind {
        Kind::Account => Verifier::new(database.open()?, plain_context(), unlimited())?,
        _ => verifier(database.open()?, unlimited())?,
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
    Ok(Box::new(move |counter| Ok(phone.code(counter))))
}

/// The second credential with the key of this one.
fn twin(phone: &Phone) -> Result<CredentialId> {
    Ok(phone.id.clone().with_name("twin")?)
}

pub fn work(arguments: &Arguments) -> Result<()> {
    let kind: Kind = arguments.get("kind", Kind::Code)?;
    if arguments.get("naive", 0)? != 0 {
        let naive = Naive::open(&arguments.database, THREADS as usize)?;
        return rounds(THREADS as usize, |thread, text| {
            let accepted =
                text.parse().map_err(anyhow::Error::from).and_then(|number| match kind {
                    Kind::Recovery => naive.recover(thread, number),
                    _ => naive.spend(thread, number),
                });
            count(accepted.map(|accepted| [accepted, false]))
        });
    }
    let (phone, other) = (Phone::new("racer")?, Phone::named("racer", "other")?);
    let open = || verifier(arguments.database.open()?, unlimited());
    let verifiers = (0..HANDLES).map(|_| open()).collect::<Result<Vec<_>>>()?;
    let ids = [phone.id.clone(), twin(&phone)?, other.id];
    rounds(THREADS as usize, |thread, text| {
        let verifier = &verifiers[thread % verifiers.len()];
        count(submit(verifier, kind, &ids, thread, text))
    })
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

fn count(accepted: Result<[bool; 2]>) -> Tally {
    match accepted {
        Ok(accepted) => {
            Tally { accepted: accepted.map(u64::from), answered: 1, ..Tally::default() }
        }
        Err(error) => {
            eprintln!("{error}");
            Tally { errors: 1, ..Tally::default() }
        }
    }
}
