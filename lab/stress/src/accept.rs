//! People who log in as fast as they can until a process is killed, by a code and by a recovery code in
//! turn. Each code that was accepted is logged after the reply; `again` tries each of them once more.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use otp_store::{Error, RecoveryVerdict, Verdict};
use serde_json::json;

use crate::arguments::Arguments;
use crate::careless::Careless;
use crate::database::{Database, Handle};
use crate::phone::{Phone, recovery_codes, unlimited, verifier};

const PEOPLE: usize = 8;

pub fn run(arguments: &Arguments) -> Result<()> {
    let log = arguments.get("log", String::new())?;
    let log = OpenOptions::new().append(true).create(true).open(log).context("log")?;
    let end = Instant::now() + Duration::from_secs(arguments.get("seconds", 10)?);
    let accepted = AtomicU64::new(0);
    match arguments.get("careless", 0)? {
        0 => {
            let store = open(arguments)?;
            if arguments.get("weak", 0)? != 0 {
                snapshot(arguments, &store)?;
            }
            thread::scope(|scope| {
                for person in 0..PEOPLE {
                    let (store, log, accepted) = (&store, &log, &accepted);
                    scope.spawn(move || logins(store, person, log, accepted, end));
                }
            });
        }
        _ => Careless::open(&arguments.database)?.spend_all(&log, end)?,
    }
    println!("{}", json!({"trial": "accept", "accepted": accepted.into_inner()}));
    Ok(())
}

pub fn open(arguments: &Arguments) -> Result<Handle, Error> {
    match arguments.get("weak", 0) {
        Ok(0) => arguments.database.open(),
        _ => arguments.database.open_weak(),
    }
}

/// Enrols all users and saves the database, so that only later acceptances can be lost.
fn snapshot(arguments: &Arguments, store: &Handle) -> Result<()> {
    let (verifier, Database::Redis(url)) = (verifier(store, unlimited())?, &arguments.database)
    else {
        bail!("only Redis can lose everything");
    };
    for person in 0..PEOPLE {
        let phone = Phone::new(&format!("person-{person}"))?;
        if matches!(verifier.status(&phone.id), Err(Error::Unknown)) {
            phone.enroll(&verifier)?;
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = redis::Client::open(url.as_str())?;
        let mut link = client.get_multiplexed_async_connection().await?;
        Ok(redis::cmd("SAVE").query_async(&mut link).await?)
    })
}

/// Logs one user in until the first error or the end.
fn logins(
    store: &Handle,
    person: usize,
    log: &File,
    accepted: &AtomicU64,
    end: Instant,
) -> Result<()> {
    let phone = Phone::new(&format!("person-{person}"))?;
    let verifier = verifier(store, unlimited())?;
    let mut next = match verifier.status(&phone.id) {
        Ok(status) => status.next(),
        Err(Error::Unknown) => {
            phone.enroll(&verifier)?;
            1
        }
        Err(error) => return Err(error.into()),
    };
    let mut codes = Vec::new();
    let accept = |text: &str| -> Result<()> {
        let mut log = log;
        log.write_all(format!("{person} {text}\n").as_bytes())?;
        accepted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    while Instant::now() < end {
        if let Verdict::Accepted(it) = verifier.verify(&phone.id, &phone.code(next))? {
            accept(&it.counter().to_string())?;
        }
        next += 1;
        if codes.is_empty() {
            codes = recovery_codes(&verifier, phone.id.account())?;
        }
        let Some(code) = codes.pop() else { continue };
        if let RecoveryVerdict::Accepted(_) = verifier.recover(phone.id.account(), &code)? {
            accept(&code)?;
        }
    }
    Ok(())
}
