//! 1,920 wrong guesses at one instant, from processes with threads. Waits of 0, 0, 0 and 5 seconds
//! permit four. With `naive 1` they check first and count later.

use anyhow::Result;
use otp_context::replay::ThrottlePolicy;
use otp_store::{Verdict, VerifierOptions};
use serde_json::json;

use crate::arguments::Arguments;
use crate::crew::{Crew, Tally, rounds};
use crate::naive::Naive;
use crate::phone::{Phone, verifier};

const PROCESSES: u64 = 8;
const THREADS: usize = 12;
const GUESSES: u64 = 20;

fn options() -> VerifierOptions {
    VerifierOptions::new().with_policy(ThrottlePolicy::nist().with_backoff(&[0, 0, 0, 5]))
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let naive: u8 = arguments.get("naive", 0)?;
    let database = &arguments.database;
    if naive == 0 {
        Phone::new("guessed")?.enroll(&verifier(database.open()?, options())?)?;
    } else {
        Naive::create(database)?;
    }
    let words = ["naive".to_owned(), naive.to_string()];
    let all = Crew::start("throttle-worker", database, &words, PROCESSES)?.round("")?;
    println!(
        "{}",
        json!({
            "trial": if naive == 0 { "throttle" } else { "throttle, naive" },
            "store": database.name(), "guesses": all.answered, "evaluated": all.evaluated,
            "accepted": all.accepted[0], "errors": all.errors,
        })
    );
    Ok(())
}

pub fn work(arguments: &Arguments) -> Result<()> {
    let naive: u8 = arguments.get("naive", 0)?;
    let phone = Phone::new("guessed")?;
    let wrong = phone.wrong();
    if naive != 0 {
        let naive = Naive::open(&arguments.database, THREADS)?;
        return rounds(THREADS, |thread, _| {
            let mut tally = Tally::default();
            for _ in 0..GUESSES {
                match naive.guess(thread, 4) {
                    Ok(evaluated) => {
                        tally.answered += 1;
                        tally.evaluated += u64::from(evaluated);
                    }
                    Err(_) => tally.errors += 1,
                }
            }
            tally
        });
    }
    let open = || verifier(arguments.database.open()?, options());
    let verifiers = (0..3).map(|_| open()).collect::<Result<Vec<_>>>()?;
    rounds(THREADS, |thread, _| {
        let mut tally = Tally::default();
        for _ in 0..GUESSES {
            match verifiers[thread % verifiers.len()].verify(&phone.id, &wrong) {
                Ok(Verdict::Locked(_)) => tally.answered += 1,
                Ok(Verdict::Rejected(_)) => {
                    tally.answered += 1;
                    tally.evaluated += 1;
                }
                Ok(Verdict::Accepted(_)) => tally.accepted[0] += 1,
                Err(error) => {
                    eprintln!("{error}");
                    tally.errors += 1;
                }
            }
        }
        tally
    })
}
