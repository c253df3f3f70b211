//! Runs stores on servers that it starts: tests, races, guesses, kills, fail-overs, and in the long
//! form measurements. Usage: `stores [short] [STORE]... [PART]...`.
//!
//! It starts itself once more for each process of a race and for each client that is killed. Every
//! loop ends after a number of turns or a time.

#![forbid(unsafe_code)]

mod client;
mod command;
mod crew;
mod database;
mod kill;
mod measure;
mod naive;
mod phone;
mod place;
mod postgres;
mod race;
mod role;
mod server;
mod turns;

use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::place::Place;
use crate::role::Role;

const STORES: [&str; 3] = ["sqlite", "postgres", "redis"];
const PARTS: [&str; 8] =
    ["tests", "race", "throttle", "kill", "failover", "accounts", "throughput", "growth"];
/// The parts of the short form.
const SHORT: [&str; 3] = ["tests", "race", "kill"];

const FEATURES: &str = "otp-cli/postgres,otp-cli/redis,otp-store/postgres,otp-store/redis,\
    otp-store/tls,otp-store/blocking,otp-store/server-tests";

/// The amount of work.
struct Size {
    submissions: u64,
    kills: u32,
}

/// Starts servers, runs all or some parts on all or some stores, and stops the servers.
fn main() -> Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    if let Some(role) = Role::of_this_process(&words) {
        return role.play();
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let known = |word: &&str| *word == "short" || STORES.contains(word) || PARTS.contains(word);
    ensure!(words.iter().all(known), "usage: [short], {}, {}", STORES.join(", "), PARTS.join(", "));
    let (stores, mut parts) = (chosen(&STORES, &words), chosen(&PARTS, &words));
    let mut size = Size { submissions: 1_000_000, kills: 200 };
    if words.contains(&"short") {
        parts.retain(|part| SHORT.contains(part));
        size = Size { submissions: 2_000, kills: 1 };
    }
    install()?;
    let mut tried = parts.contains(&"tests") && stores == STORES;
    if tried {
        tests()?;
    }
    for store in stores {
        let mut place = Place::start(store)?;
        for part in &parts {
            tried |= try_out(&mut place, store, part, &size)?;
        }
    }
    ensure!(tried, "nothing is run");
    Ok(())
}

/// Runs a part on a store. Returns whether this store has that part.
fn try_out(place: &mut Place, store: &str, part: &str, size: &Size) -> Result<bool> {
    // The tests cover all stores. Only PostgreSQL makes a promise about fail-overs.
    if part == "tests" || part == "failover" && store != "postgres" {
        return Ok(false);
    }
    println!("\n== {store}: {part}");
    match part {
        "race" => race::race(&place.database, size.submissions)?,
        "throttle" => race::throttle(&place.database)?,
        "kill" => kill::run(place, size.kills)?,
        "failover" => kill::fail_over(20)?,
        // Figures are not asserted, since a busy machine would fail.
        "accounts" => measure::accounts(&place.database)?,
        "throughput" => measure::throughput(&place.database)?,
        "growth" => measure::growth(place.two_databases()?)?,
        _ => bail!("{part} is no part"),
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
    let there = |program| Command::new(program).arg("--version").output().is_ok();
    if ["redis-server", "openssl"].into_iter().all(there) && postgres::programs().is_some() {
        return Ok(());
    }
    let sudo = if rustix::process::getuid().is_root() { "" } else { "sudo" };
    command::run(Command::new("sh").arg("-c").arg(format!(
        "{sudo} apt-get update && {sudo} env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
         --no-install-recommends redis-server openssl postgresql"
    )))
}

/// Runs the tests that need servers, on separate servers, since they leave much data behind. They
/// are the store's, including that of a mount point, which needs the right to mount, and one of the
/// command that is built for servers.
fn tests() -> Result<()> {
    let (mut postgres, redis) = (postgres::start()?, Place::redis(true)?);
    let variables = postgres::variables(&mut postgres)?;
    // One build of the shared dependencies.
    let words = "test --locked -p otp-cli -p otp-store --lib --test conformance --test sqlite \
        --test servers --test postgres --test redis --features";
    let mut command = Command::new("cargo");
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.args(words.split_whitespace()).arg(FEATURES).envs(variables);
    command::run(command.env("OTP_TEST_REDIS", redis.database.address()))
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
