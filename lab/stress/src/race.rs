//! Processes with threads that all submit the same codes at the same time, without a limit. With
//! `naive 1` they read, check and write instead.

use std::time::{Duration, Instant};

use anyhow::Result;
use otp_store::Verdict;
use serde_json::json;

use crate::arguments::Arguments;
use crate::crew::{Crew, Tally, rounds};
use crate::naive::Naive;
use crate::phone::{Phone, unlimited, verifier};

const PROCESSES: u64 = 8;
const THREADS: u64 = 12;
/// The connections of a process, each shared by some of its threads.
const HANDLES: u64 = 3;

pub fn run(arguments: &Arguments) -> Result<()> {
    let submissions: u64 = arguments.get("submissions", 10_000)?;
    let patience = Duration::from_secs(arguments.get("seconds", 3600)?);
    let naive: u8 = arguments.get("naive", 0)?;
    let database = &arguments.database;
    if naive == 0 {
        Phone::new("racer")?.enroll(&verifier(database.open()?, unlimited())?)?;
    } else {
        Naive::create(database)?;
    }
    let words = ["naive".to_owned(), naive.to_string()];
    let mut crew = Crew::start("race-worker", database, &words, PROCESSES)?;
    let (began, mut all, mut double, mut none) = (Instant::now(), Tally::default(), 0, 0);
    let (mut codes, mut outcome) = (0, Ok(()));
    while all.answered < submissions && began.elapsed() < patience {
        codes += 1;
        let tally = match crew.round(codes) {
            Ok(tally) => tally,
            Err(error) => {
                outcome = Err(error);
                break;
            }
        };
        double += tally.accepted.saturating_sub(1);
        none += u64::from(tally.accepted == 0);
        all.add(tally);
    }
    println!(
        "{}",
        json!({
            "trial": if naive == 0 { "race" } else { "race, naive" }, "store": database.name(),
            "submissions": all.answered, "codes": codes, "accepted": all.accepted,
            "double": double, "none": none, "errors": all.errors,
            "processes": PROCESSES, "threads": THREADS, "seconds": began.elapsed().as_secs(),
        })
    );
    outcome
}

pub fn work(arguments: &Arguments) -> Result<()> {
    if arguments.get("naive", 0)? != 0 {
        let naive = Naive::open(&arguments.database, THREADS as usize)?;
        return rounds(THREADS as usize, |thread, counter| {
            let accepted = naive.spend(thread, counter);
            count(accepted.map_err(|error| error.to_string()))
        });
    }
    let phone = Phone::new("racer")?;
    let open = || verifier(arguments.database.open()?, unlimited());
    let verifiers = (0..HANDLES).map(|_| open()).collect::<Result<Vec<_>>>()?;
    rounds(THREADS as usize, |thread, counter| {
        let verifier = &verifiers[thread % verifiers.len()];
        let verdict = verifier.verify(&phone.id, &phone.code(counter));
        count(verdict.map(|verdict| matches!(verdict, Verdict::Accepted(_))))
    })
}

fn count(accepted: Result<bool, impl std::fmt::Display>) -> Tally {
    match accepted {
        Ok(accepted) => Tally { accepted: accepted.into(), evaluated: 0, answered: 1, errors: 0 },
        Err(error) => {
            eprintln!("{error}");
            Tally { errors: 1, ..Tally::default() }
        }
    }
}
