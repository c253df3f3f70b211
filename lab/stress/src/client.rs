//! People who log in as fast as they can until their process is killed, by a code and by a recovery code
//! in turn. Each code that was accepted is logged after the reply.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use otp_store::{Error, RecoveryVerdict, Verdict};

use crate::database::{Database, Handle};
use crate::naive::Naive;
use crate::phone::{Phone, recovery_codes, verifier};

pub const PEOPLE: usize = 8;
/// The time after which a client ends by itself.
const MOST: Duration = Duration::from_secs(60);

pub fn run(database: &Database, log: &Path, careless: bool) -> Result<()> {
    let (log, end) = (OpenOptions::new().append(true).open(log)?, Instant::now() + MOST);
    if careless {
        return reply_early(database, &log, end);
    }
    let store = database.open()?;
    thread::scope(|scope| {
        for person in 0..PEOPLE {
            let (store, log) = (&store, &log);
            scope.spawn(move || log_in(store, person, log, end));
        }
    });
    Ok(())
}

/// Makes the authenticator of a person.
pub fn phone(person: usize) -> Result<Phone> {
    Phone::new(&format!("person-{person}"))
}

/// Logs one person in until the first error or the end.
fn log_in(store: &Handle, person: usize, mut log: &File, end: Instant) -> Result<()> {
    let (phone, verifier) = (phone(person)?, verifier(store)?);
    let mut next = match verifier.status(&phone.id) {
        Ok(status) => status.next(),
        Err(Error::Unknown) => {
            phone.enroll(&verifier)?;
            1
        }
        Err(error) => return Err(error.into()),
    };
    let mut codes = Vec::new();
    while Instant::now() < end {
        if let Verdict::Accepted(it) = verifier.verify(&phone.id, &phone.code(next))? {
            log.write_all(format!("{person} {}\n", it.counter()).as_bytes())?;
        }
        next += 1;
        if codes.is_empty() {
            codes = recovery_codes(&verifier, phone.id.account())?;
        }
        let Some(code) = codes.pop() else { continue };
        if let RecoveryVerdict::Accepted(_) = verifier.recover(phone.id.account(), &code)? {
            log.write_all(format!("{person} {code}\n").as_bytes())?;
        }
    }
    Ok(())
}

/// The control: logs a counter before it is on disk. SQLite commits every 1,000 of them, PostgreSQL does
/// not wait for the disk, and Redis is a server that saves nothing.
fn reply_early(database: &Database, mut log: &File, end: Instant) -> Result<()> {
    let mut naive = Naive::create(database)?;
    match database {
        Database::Sqlite(_) => naive.execute("BEGIN")?,
        _ => naive.execute("SET synchronous_commit = off")?,
    }
    for counter in 0.. {
        if Instant::now() > end {
            break;
        }
        naive.write(0, counter + 1)?;
        if matches!(database, Database::Sqlite(_)) && counter % 1000 == 999 {
            naive.execute("COMMIT; BEGIN")?;
        }
        log.write_all(format!("0 {counter}\n").as_bytes())?;
    }
    Ok(())
}
