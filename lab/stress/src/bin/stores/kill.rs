use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::number;
use crate::place::Place;
use crate::redis::Redis;
use crate::trial::Trials;

/// How long a client may take to log a first code, or to notice that its server is gone.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Victim {
    Client,
    Server,
}

/// The codes accepted before all kills, and those accepted again after them.
#[derive(Default)]
pub struct Count {
    pub cycles: u32,
    tried: u64,
    recovery: u64,
    pub twice: u64,
    behind: u64,
}

/// Kills client and server repeatedly, while codes are accepted as fast as possible. Then does so
/// with a store that replies too early, which must lose a code.
pub fn run(trials: &Trials, place: &mut Place, kills: u32) -> Result<()> {
    for victim in [Victim::Client, Victim::Server] {
        if victim == Victim::Server && place.server().is_none() {
            continue;
        }
        let mut count = Count::default();
        for cycle in 0..kills {
            count.add(trials, place, victim, "", cycle)?;
        }
        let name = if victim == Victim::Server { "kill -9 server" } else { "kill -9 client" };
        println!("{}", count.row(place.name(), name));
        count.ensure_nothing_lost()?;
    }
    control(trials, place)
}

fn control(trials: &Trials, place: &mut Place) -> Result<()> {
    let (victim, words, name) = match place {
        Place::Sqlite(_) => (Victim::Client, "careless 1", "kill -9, answered before COMMIT"),
        Place::Postgres(_) => (Victim::Server, "careless 1", "kill -9, synchronous_commit=off"),
        Place::Redis(_) => (Victim::Server, "weak 1", "kill -9, appendonly no"),
    };
    let mut weak = None;
    if let Place::Redis(_) = place {
        weak = Some(Place::Redis(Redis::start(false)?));
    }
    let place = weak.as_mut().unwrap_or(place);
    let mut count = Count::default();
    while count.twice == 0 && count.cycles < 20 {
        let cycle = count.cycles;
        count.add(trials, place, victim, words, cycle)?;
    }
    println!("{}", count.row(place.name(), name));
    ensure!(count.twice > 0, "the control loses nothing, so the kills prove nothing");
    Ok(())
}

impl Count {
    /// Adds one cycle.
    fn add(
        &mut self,
        trials: &Trials,
        place: &mut Place,
        victim: Victim,
        words: &str,
        cycle: u32,
    ) -> Result<()> {
        let (log, url) = (place.log()?, place.url());
        let words: Vec<_> = ["log", &log].into_iter().chain(words.split_whitespace()).collect();
        let accepting: Vec<_> = words.iter().copied().chain(["seconds", "60"]).collect();
        let mut client = trials.spawn("accept", &url, &accepting)?;
        let begun = wait_for_codes(&log, &mut client);
        // At a random moment.
        thread::sleep(Duration::from_micros(somewhere(cycle, 200_000)));
        if victim == Victim::Server && begun.is_ok() {
            if let Some(server) = place.server() {
                server.kill()?;
                end(&mut client)?;
                server.restart()?;
            }
        } else {
            client.kill()?;
            client.wait()?;
        }
        begun?;
        self.again(trials, &url, &words)
    }

    /// Tries the accepted codes once more. Call it once, since it spends what it finds.
    pub fn again(&mut self, trials: &Trials, url: &str, words: &[&str]) -> Result<()> {
        let row = trials.ask("again", url, words)?;
        self.cycles += 1;
        self.tried += number(&row, "tried")?;
        self.recovery += number(&row, "recovery")?;
        self.twice += number(&row, "twice")?;
        self.behind += number(&row, "behind")?;
        Ok(())
    }

    pub fn ensure_nothing_lost(&self) -> Result<()> {
        ensure!(
            self.tried > u64::from(self.cycles) && self.recovery > 0,
            "too few codes were accepted to prove anything"
        );
        ensure!(self.twice == 0 && self.behind == 0, "an accepted code can be accepted again");
        Ok(())
    }

    pub fn row(&self, store: &str, trial: &str) -> serde_json::Value {
        json!({
            "trial": trial, "store": store, "kills": self.cycles, "tried": self.tried,
            "recovery": self.recovery, "twice": self.twice, "behind": self.behind,
        })
    }
}

/// Returns a pseudo-random number below `end`, equal in every run for each cycle.
pub fn somewhere(cycle: u32, end: u64) -> u64 {
    u64::from(cycle + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % end
}

pub fn wait_for_codes(log: &str, client: &mut Child) -> Result<()> {
    let began = Instant::now();
    while fs::read(log)?.iter().filter(|byte| **byte == b'\n').count() < 20 {
        ensure!(client.try_wait()?.is_none(), "the client ends by itself");
        ensure!(began.elapsed() < PATIENCE, "the client accepts nothing");
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Waits for a client that has lost its server, and kills it after a while.
pub fn end(client: &mut Child) -> Result<()> {
    let began = Instant::now();
    while client.try_wait()?.is_none() && began.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = client.kill();
    client.wait()?;
    Ok(())
}
