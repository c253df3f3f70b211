//! Runs stores on servers that it starts: tests, races, guesses, kills, fail-overs, and in the long
//! form measurements. Usage: `stores [short] [STORE]... [PART]...`.

#![forbid(unsafe_code)]

mod command;
mod failover;
mod kill;
mod place;
mod postgres;
mod process;
mod redis;
mod trial;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::Command;
use crate::place::Place;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::trial::Trials;

/// The programs that it needs, and their Debian packages.
const NEEDED: [(&str, &str); 3] =
    [("redis-server", "redis-server"), ("openssl", "openssl"), ("setpriv", "util-linux")];
const STORES: [&str; 3] = ["sqlite", "postgres", "redis"];
const PARTS: [&str; 8] =
    ["tests", "race", "throttle", "kill", "failover", "accounts", "throughput", "growth"];

const FEATURES: [&str; 7] = [
    "otp-cli/postgres",
    "otp-cli/redis",
    "otp-store/postgres",
    "otp-store/redis",
    "otp-store/tls",
    "otp-store/blocking",
    "otp-store/server-tests",
];

/// The amount of work.
struct Size {
    submissions: u64,
    kills: u32,
    failovers: u32,
    measured: bool,
}

/// Starts servers, runs all or some parts on all or some stores, and stops the servers.
fn main() -> Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let short = words.iter().any(|word| word == "short");
    let words: Vec<_> = words.iter().map(String::as_str).filter(|word| *word != "short").collect();
    let known = |word: &&str| STORES.contains(word) || PARTS.contains(word);
    ensure!(words.iter().all(known), "usage: [short], {}, {}", STORES.join(", "), PARTS.join(", "));
    let (stores, parts) = (chosen(&STORES, &words), chosen(&PARTS, &words));
    let size = if short {
        Size { submissions: 2_000, kills: 1, failovers: 0, measured: false }
    } else {
        Size { submissions: 1_000_000, kills: 200, failovers: 20, measured: true }
    };
    install()?;
    let trials = Trials::built()?;
    // The tests cover all stores.
    let tested = parts.contains(&"tests") && stores == STORES;
    if tested {
        tests()?;
    } else if parts.contains(&"tests") {
        println!("tests: skipped, since they cover all stores");
    }
    let mut tried = tested;
    for store in stores {
        let mut place = Place::start(store)?;
        for part in &parts {
            tried |= try_out(&trials, &mut place, part, &size)?;
        }
    }
    ensure!(tried, "nothing is run");
    Ok(())
}

/// Runs a part on a store. Returns whether this store has that part at this size.
fn try_out(trials: &Trials, place: &mut Place, part: &str, size: &Size) -> Result<bool> {
    println!("\n== {}: {part}", place.name());
    match (part, &*place) {
        ("race", _) => race(trials, place, size)?,
        ("throttle", _) if size.measured => throttle(trials, place)?,
        ("kill", _) => kill::run(trials, place, size.kills)?,
        // Only PostgreSQL makes a promise about fail-overs.
        ("failover", Place::Postgres(_)) if size.failovers > 0 => {
            failover::run(trials, size.failovers)?;
        }
        // Figures are not asserted, since a busy machine would fail.
        ("accounts" | "throughput", _) if size.measured => {
            trials.run(part, &place.url(), "")?;
        }
        ("growth", _) if size.measured => {
            let (few, many) = place.two_databases()?;
            trials.run("growth", &few, &format!("other {many}"))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Returns the named items, or all if none is named.
fn chosen(all: &[&'static str], words: &[&str]) -> Vec<&'static str> {
    let some: Vec<_> = all.iter().copied().filter(|name| words.contains(name)).collect();
    if some.is_empty() { all.to_vec() } else { some }
}

/// Installs the servers, which CI's machines lack.
fn install() -> Result<()> {
    let there = |program: &str| {
        let look = Command::new("which").arg(program).ask("");
        look.is_ok_and(|output| output.status.success())
    };
    let mut missing: Vec<_> =
        NEEDED.iter().filter(|(program, _)| !there(program)).map(|(_, package)| *package).collect();
    if postgres::programs().is_none() {
        missing.push("postgresql");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let apt = |line: &str| {
        let command = if process::is_root()? { Command::new("env") } else { Command::new("sudo") };
        command.words("DEBIAN_FRONTEND=noninteractive apt-get").words(line).run()
    };
    apt("update")?;
    apt(&format!("install --yes --no-install-recommends {}", missing.join(" ")))
}

/// Runs the tests that need servers, on separate servers, since they leave much data behind. They
/// are the store's, including that of a mount point, which needs the right to mount, and one of the
/// command that is built for servers.
fn tests() -> Result<()> {
    let (postgres, redis) =
        (Postgres::start()?.with_standby()?.with_promoted()?, Redis::start(true)?);
    // One build of the shared dependencies.
    let mut command = Command::new("cargo")
        .words("test --locked -p otp-cli -p otp-store --features")
        .arg(FEATURES.join(","))
        .words("--lib --test conformance --test sqlite --test servers --test postgres --test redis")
        .env("OTP_TEST_REDIS", &redis.url());
    for (name, value) in postgres.variables()? {
        command = command.env(name, &value);
    }
    command.run()
}

fn number(row: &Value, name: &str) -> Result<u64> {
    row.get(name).and_then(Value::as_u64).with_context(|| format!("a trial prints no {name}"))
}

fn race(trials: &Trials, place: &Place, size: &Size) -> Result<()> {
    for (kind, most) in [("code", u64::MAX), ("recovery", 100_000), ("account", 100_000)] {
        let submissions = size.submissions.min(most);
        let words = format!("kind {kind} submissions {submissions}");
        for row in trials.run("race", &place.url(), &words)? {
            ensure!(number(&row, "submissions")? >= submissions, "too few submissions");
            ensure!(number(&row, "double")? == 0, "a code was accepted twice");
            ensure!(number(&row, "errors")? == 0, "submissions failed");
            ensure!(number(&row, "none")? == 0, "a code was never accepted");
        }
    }
    for kind in ["code", "recovery"] {
        let words = format!("kind {kind} submissions {} naive 1", size.submissions.min(20_000));
        for row in trials.run("race", &place.url(), &words)? {
            ensure!(
                number(&row, "double")? > 0,
                "the control accepts no code twice, so there is no race"
            );
        }
    }
    Ok(())
}

fn throttle(trials: &Trials, place: &Place) -> Result<()> {
    for row in trials.run("throttle", &place.url(), "")? {
        ensure!(number(&row, "guesses")? == 1920, "guesses failed");
        ensure!(number(&row, "evaluated")? == 4, "not exactly four guesses are evaluated");
    }
    for row in trials.run("throttle", &place.url(), "naive 1")? {
        ensure!(number(&row, "evaluated")? > 4, "the control keeps the limit, so there is no race");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{STORES, chosen};

    #[test]
    fn named_items_or_all_are_chosen() {
        assert_eq!(chosen(&STORES, &["race"]), STORES);
        assert_eq!(chosen(&STORES, &["race", "redis"]), ["redis"]);
    }
}
