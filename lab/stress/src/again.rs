//! Tries every code in a log of accepted codes once more, in order, and counts those that are
//! accepted again.
//!
//! A code that is accepted again is spent by that, so no code is tried twice. After the first code
//! any error ends the run.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use otp_store::{Error, RecoveryVerdict, Store, Verdict};
use serde_json::json;

use crate::accept::open;
use crate::arguments::Arguments;
use crate::careless::Careless;
use crate::phone::{Phone, unlimited, verifier};

/// How long a killed server may take to recover.
const PATIENCE: Duration = Duration::from_secs(60);

/// The logged codes of each user.
type Log = BTreeMap<usize, Codes>;

#[derive(Default)]
struct Codes {
    counters: Vec<u64>,
    recovery: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    tried: u64,
    /// The recovery codes among them.
    recovery: u64,
    twice: u64,
    behind: u64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let text = std::fs::read_to_string(arguments.get("log", String::new())?).context("log")?;
    let log = read(&text)?;
    let mut count = Count::default();
    if arguments.get("careless", 0)? != 0 {
        let next = patiently(PATIENCE, || Careless::open(&arguments.database)?.next())?;
        for counter in log.values().flat_map(|codes| &codes.counters) {
            count.tried += 1;
            count.twice += u64::from(next <= *counter);
        }
    } else {
        let (store, next) = patiently(PATIENCE, || {
            let store = open(arguments)?;
            let next = log.keys().map(|person| next_of(&store, *person)).collect::<Result<_>>()?;
            Ok((store, next))
        })?;
        count.try_all(&store, &log, next)?;
    }
    let Count { tried, recovery, twice, behind } = count;
    println!(
        "{}",
        json!({"trial": "again", "store": arguments.database.name(), "tried": tried,
            "recovery": recovery, "twice": twice, "behind": behind})
    );
    Ok(())
}

fn read(text: &str) -> Result<Log> {
    let mut log = Log::new();
    for line in text.lines() {
        let (person, code) = line.split_once(' ').context("a line of the log")?;
        let codes = log.entry(person.parse()?).or_default();
        match code.parse() {
            Ok(counter) => codes.counters.push(counter),
            Err(_) => codes.recovery.push(code.to_owned()),
        }
    }
    Ok(log)
}

fn phone(person: usize) -> Result<Phone> {
    Phone::new(&format!("person-{person}"))
}

/// Returns the first unspent counter of a user. For a lost user it is 0.
fn next_of<S: Store>(store: &S, person: usize) -> Result<u64> {
    match verifier(store, unlimited())?.status(&phone(person)?.id) {
        Ok(status) => Ok(status.next()),
        Err(Error::Unknown) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Retries a call that changes nothing until the time is over.
fn patiently<T>(patience: Duration, ask: impl Fn() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match ask() {
            Err(_) if began.elapsed() < patience => thread::sleep(Duration::from_millis(50)),
            answer => return answer,
        }
    }
}

impl Count {
    fn try_all<S: Store>(&mut self, store: &S, log: &Log, next: Vec<u64>) -> Result<()> {
        for ((person, Codes { counters, recovery }), next) in log.iter().zip(next) {
            let (phone, verifier) = (phone(*person)?, verifier(store, unlimited())?);
            self.behind += counters.iter().filter(|counter| next <= **counter).count() as u64;
            for counter in counters {
                self.tried += 1;
                let verdict = verifier.verify(&phone.id, &phone.code(*counter));
                let verdict = verdict.with_context(|| format!("in the middle: {self:?}"))?;
                self.twice += u64::from(matches!(verdict, Verdict::Accepted(_)));
            }
            for code in recovery {
                (self.tried, self.recovery) = (self.tried + 1, self.recovery + 1);
                let verdict = verifier.recover(phone.id.account(), code);
                let verdict = verdict.with_context(|| format!("in the middle: {self:?}"))?;
                self.twice += u64::from(matches!(verdict, RecoveryVerdict::Accepted(_)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs::DirBuilder;
    use std::os::unix::fs::DirBuilderExt;
    use std::path::Path;
    use std::time::Duration;

    use anyhow::{Result, bail};
    use otp_store::{AccountId, Memory, RecoveryVerdict, Sqlite};

    use super::{Count, next_of, patiently, phone, read};
    use crate::phone::{recovery_codes, unlimited, verifier};

    fn count(store: &Memory, log: &str) -> Result<Count> {
        let (log, mut count) = (read(log)?, Count::default());
        let next = log.keys().map(|person| next_of(store, *person)).collect::<Result<_>>()?;
        count.try_all(store, &log, next)?;
        Ok(count)
    }

    #[test]
    fn only_lost_codes_are_counted() {
        let store = Memory::new(10);
        for person in 0..2 {
            phone(person).unwrap().enroll(&verifier(&store, unlimited()).unwrap()).unwrap();
        }
        // Enrolling spends 0. Counter 5 was never accepted here, so it counts as lost.
        let found = count(&store, "0 0\n1 0\n0 5\n").unwrap();
        assert_eq!(found, Count { tried: 3, recovery: 0, twice: 1, behind: 1 });
        // The first count has spent it, so a second count finds nothing.
        let found = count(&store, "0 0\n1 0\n0 5\n").unwrap();
        assert_eq!(found, Count { tried: 3, recovery: 0, twice: 0, behind: 0 });
    }

    #[test]
    fn only_lost_recovery_codes_are_counted() {
        let (store, account) = (Memory::new(10), AccountId::new("person-0").unwrap());
        let verifier = verifier(&store, unlimited()).unwrap();
        let codes = recovery_codes(&verifier, &account).unwrap();
        let verdict = verifier.recover(&account, &codes[0]).unwrap();
        assert!(matches!(verdict, RecoveryVerdict::Accepted(_)));
        let log = format!("0 {}\n0 {}\n", codes[0], codes[1]);
        let found = count(&store, &log).unwrap();
        assert_eq!(found, Count { tried: 2, recovery: 2, twice: 1, behind: 0 });
    }

    #[test]
    fn an_error_while_codes_are_tried_is_the_end() {
        let folder = std::env::temp_dir().join(format!("otp-stress-again-{}", std::process::id()));
        // No other user may write there.
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let path = folder.join("otp.db");
        let store = Sqlite::create(&path).unwrap();
        phone(0).unwrap().enroll(&verifier(&store, unlimited()).unwrap()).unwrap();
        let (log, mut found) = (read("0 5\n0 6\n").unwrap(), Count::default());
        found.try_all(&store, &log, vec![1]).unwrap();
        assert_eq!(found, Count { tried: 2, recovery: 0, twice: 2, behind: 2 });
        empty(&path);
        let error = found.try_all(&store, &log, vec![7]).unwrap_err();
        assert!(error.to_string().contains("in the middle"), "{error:#}");
        assert!(next_of(&store, 0).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn empty(path: &Path) {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let names = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let mut names = connection.prepare(names).unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for name in names.collect::<Result<Vec<_>, _>>().unwrap() {
            connection.execute_batch(&format!("DROP TABLE \"{name}\"")).unwrap();
        }
    }

    #[test]
    fn only_opening_is_retried_and_not_for_ever() {
        let asked = Cell::new(0);
        let ask = |fails: u32| {
            asked.set(asked.get() + 1);
            if asked.get() <= fails { bail!("not yet") } else { Ok(asked.get()) }
        };
        assert_eq!(patiently(Duration::from_secs(60), || ask(1)).unwrap(), 2);
        assert!(patiently(Duration::ZERO, || ask(u32::MAX)).is_err());
    }
}
