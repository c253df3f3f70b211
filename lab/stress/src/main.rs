//! Trials of stores. Each run of this program is one: `stress TRIAL DATABASE [NAME VALUE]...`.
//!
//! A trial prints one JSON object a line and makes no judgement. `cargo xtask stores` starts
//! servers and trials, and judges. Databases are `sqlite:PATH`, `postgres://…` and `redis://…`, on
//! this machine. Every loop ends after a number of turns or a time.

#![forbid(unsafe_code)]

mod accept;
mod accounts;
mod again;
mod arguments;
mod careless;
mod crew;
mod crowd;
mod database;
mod growth;
mod naive;
mod phone;
mod race;
mod throttle;
mod throughput;
mod turn;
mod user;

use anyhow::{Result, bail};

use crate::arguments::Arguments;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let trial = words.next().unwrap_or_default();
    let arguments = Arguments::new(words)?;
    match trial.as_str() {
        "race" => race::run(&arguments),
        "race-worker" => race::work(&arguments),
        "throttle" => throttle::run(&arguments),
        "throttle-worker" => throttle::work(&arguments),
        "accept" => accept::run(&arguments),
        "again" => again::run(&arguments),
        "accounts" => accounts::run(&arguments),
        "throughput" => throughput::run(&arguments),
        "growth" => growth::run(&arguments),
        _ => bail!("there is no trial {trial}"),
    }
}
