use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::kill::{Count, end, somewhere, wait_for_codes};
use crate::postgres::Postgres;
use crate::trial::Trials;

/// The most clusters that the control may need to lose a code.
const MOST: u32 = 20;

/// Kills a primary while codes are accepted, promotes its standby, and tries the accepted codes
/// there. Then does so with a primary that does not wait for its standby, which must lose a code.
pub fn run(trials: &Trials, cycles: u32) -> Result<()> {
    let mut count = Count::default();
    for cycle in 0..cycles {
        fail_over(trials, &mut count, true, cycle)?;
    }
    println!("{}", count.row("PostgreSQL", "fail-over"));
    count.ensure_nothing_lost()?;
    let mut count = Count::default();
    while count.twice == 0 && count.cycles < MOST {
        let cycle = count.cycles;
        fail_over(trials, &mut count, false, cycle)?;
    }
    println!("{}", count.row("PostgreSQL", "fail-over, standby not waited for"));
    ensure!(count.twice > 0, "the control loses nothing, so the fail-overs prove nothing");
    Ok(())
}

fn fail_over(trials: &Trials, count: &mut Count, waits: bool, cycle: u32) -> Result<()> {
    let mut cluster = Postgres::start()?.with_standby()?;
    if waits {
        cluster.wait_for_standby()?;
    }
    let log = cluster.log()?;
    fs::write(&log, "")?;
    let words = ["log", &log, "seconds", "60"];
    let mut client = trials.spawn("accept", &cluster.url(), &words)?;
    wait_for_codes(&log, &mut client)?;
    thread::sleep(Duration::from_micros(somewhere(cycle, 500_000)));
    cluster.fail_over()?;
    end(&mut client)?;
    count.again(trials, &cluster.url(), &["log", &log])
}
