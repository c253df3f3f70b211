//! Kills and fail-overs while codes are accepted as fast as possible. Each code that was accepted is then
//! tried once more. The controls must lose one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use otp_store::{Error, RecoveryVerdict, Store, Verdict};

use crate::client::{PEOPLE, phone};
use crate::database::Database;
use crate::naive::Naive;
use crate::phone::verifier;
use crate::place::Place;
use crate::postgres;
use crate::role::Role;

/// How long a client may take to log some codes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most cycles that a control may need to lose a code.
const MOST: u32 = 20;

/// The codes accepted before all kills.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    cycles: u32,
    tried: u64,
    /// The recovery codes among them.
    recovery: u64,
    /// Those that a database takes for unspent, or accepts again.
    lost: u64,
}

/// Kills client and server repeatedly. Then does so with a program that replies too early.
pub fn run(place: &mut Place, kills: u32) -> Result<()> {
    for server in [false, true] {
        if server && place.servers.is_empty() {
            continue;
        }
        let mut count = Count::default();
        for cycle in 0..kills {
            count.kill(place, server, false, cycle)?;
        }
        count.ensure_nothing_lost(if server { "kill -9 server" } else { "kill -9 client" })?;
    }
    let mut weak = match place.database {
        Database::Redis(_) => Some(Place::redis(false)?),
        _ => None,
    };
    let place = weak.as_mut().unwrap_or(place);
    let server = !place.servers.is_empty();
    Count::default().ensure_lost(|count, cycle| count.kill(place, server, true, cycle))
}

/// Kills a primary, promotes its standby, and tries the accepted codes there. Then does so with a primary
/// that does not wait for its standby.
pub fn fail_over(cycles: u32) -> Result<()> {
    let mut count = Count::default();
    for cycle in 0..cycles {
        count.fail_over(true, cycle)?;
    }
    count.ensure_nothing_lost("fail-over")?;
    Count::default().ensure_lost(|count, cycle| count.fail_over(false, cycle))
}

impl Count {
    fn kill(&mut self, place: &mut Place, server: bool, careless: bool, cycle: u32) -> Result<()> {
        let (log, mut client) = start_client(place, careless)?;
        // At a random moment.
        thread::sleep(Duration::from_micros(somewhere(cycle, 200_000)));
        match place.servers.first_mut().filter(|_| server) {
            Some(server) => {
                server.kill()?;
                end(&mut client)?;
                server.restart()?;
            }
            None => {
                client.kill()?;
                client.wait()?;
            }
        }
        self.cycles += 1;
        let log = fs::read_to_string(log)?;
        if careless {
            let next = Naive::open(&place.database)?.read(0)?;
            let counters = log.lines().filter_map(|line| line.split_once(' ')?.1.parse().ok());
            self.lost += counters.filter(|counter: &i64| next <= *counter).count() as u64;
            return Ok(());
        }
        self.again(&place.database.open()?, &log)
    }

    fn fail_over(&mut self, waits: bool, cycle: u32) -> Result<()> {
        let mut place = postgres::start()?;
        postgres::add_follower(&mut place, "standby")?;
        if waits {
            postgres::wait_for_standby(&place)?;
        }
        let (log, mut client) = start_client(&place, false)?;
        thread::sleep(Duration::from_micros(somewhere(cycle, 500_000)));
        postgres::fail_over(&mut place)?;
        end(&mut client)?;
        self.cycles += 1;
        self.again(&place.database.open()?, &fs::read_to_string(log)?)
    }

    /// Tries the logged codes once more, in their order. A code that is accepted again is spent by that.
    fn again<S: Store>(&mut self, store: &S, log: &str) -> Result<()> {
        let verifier = verifier(store)?;
        let next = |person| match verifier.status(&phone(person)?.id) {
            Ok(status) => Ok(status.next()),
            // All of a lost user is lost.
            Err(Error::Unknown) => Ok(0),
            Err(error) => Err(anyhow::Error::from(error)),
        };
        let next = (0..PEOPLE).map(next).collect::<Result<Vec<_>>>()?;
        for line in log.lines() {
            let (person, code) = line.split_once(' ').context("a line of the log")?;
            let person = person.parse()?;
            let phone = phone(person)?;
            self.tried += 1;
            let lost = if let Ok(counter) = code.parse() {
                let verdict = verifier.verify(&phone.id, &phone.code(counter))?;
                matches!(verdict, Verdict::Accepted(_)) || next[person] <= counter
            } else {
                self.recovery += 1;
                let verdict = verifier.recover(phone.id.account(), code)?;
                matches!(verdict, RecoveryVerdict::Accepted(_))
            };
            self.lost += u64::from(lost);
        }
        Ok(())
    }

    fn ensure_nothing_lost(&self, trial: &str) -> Result<()> {
        println!("{trial}: {self:?}");
        ensure!(
            self.tried > u64::from(self.cycles) && self.recovery > 0,
            "too few codes were accepted to prove anything"
        );
        ensure!(self.lost == 0, "an accepted code can be accepted again");
        Ok(())
    }

    fn ensure_lost(mut self, mut cycle: impl FnMut(&mut Self, u32) -> Result<()>) -> Result<()> {
        while self.lost == 0 && self.cycles < MOST {
            let number = self.cycles;
            cycle(&mut self, number)?;
        }
        println!("control: {self:?}");
        ensure!(self.lost > 0, "the control loses nothing, so the kills prove nothing");
        Ok(())
    }
}

/// Returns a pseudo-random number below `end`, equal in every run for each cycle.
fn somewhere(cycle: u32, end: u64) -> u64 {
    u64::from(cycle + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % end
}

/// Starts a client, and waits until it has logged some codes.
fn start_client(place: &Place, careless: bool) -> Result<(PathBuf, Child)> {
    let (database, log) = (place.database.clone(), place.log()?);
    let mut command = Role::Client { database, log: log.clone(), careless }.command()?;
    // Its errors are those of a server that was killed.
    let mut client = command.stderr(Stdio::null()).spawn()?;
    let logged = wait_for_codes(&log, &mut client);
    if logged.is_err() {
        let _ = client.kill();
    }
    logged.map(|()| (log, client))
}

fn wait_for_codes(log: &Path, client: &mut Child) -> Result<()> {
    let began = Instant::now();
    while fs::read(log)?.iter().filter(|byte| **byte == b'\n').count() < 20 {
        ensure!(client.try_wait()?.is_none(), "the client ends by itself");
        ensure!(began.elapsed() < PATIENCE, "the client accepts nothing");
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Waits for a client that has lost its server, and kills it after a while.
fn end(client: &mut Child) -> Result<()> {
    let began = Instant::now();
    while client.try_wait()?.is_none() && began.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = client.kill();
    client.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use otp_store::{Memory, RecoveryVerdict};

    use super::Count;
    use crate::client::phone;
    use crate::phone::{recovery_codes, verifier};

    #[test]
    fn only_lost_codes_are_counted() {
        let store = Memory::new(10);
        let verifier = verifier(&store).unwrap();
        let people = [0, 1].map(|person| phone(person).unwrap());
        people.iter().for_each(|phone| phone.enroll(&verifier).unwrap());
        let account = people[0].id.account();
        let codes = recovery_codes(&verifier, account).unwrap();
        let verdict = verifier.recover(account, &codes[0]).unwrap();
        assert!(matches!(verdict, RecoveryVerdict::Accepted(_)));
        // Enrolling spends 0. The others were never accepted here, so they count as lost. Person 2 is
        // lost altogether.
        let log = format!("0 0\n1 0\n0 5\n0 {}\n0 {}\n2 0\n", codes[0], codes[1]);
        let count = |lost| {
            let mut count = Count::default();
            count.again(&store, &log).unwrap();
            assert_eq!(count, Count { cycles: 0, tried: 6, recovery: 2, lost });
        };
        count(3);
        // The first count has spent them, so a second one finds the lost person alone.
        count(1);
    }
}
