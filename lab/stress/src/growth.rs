//! The cost of a verification with few credentials and with many, in turns.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::runtime::Builder;

use crate::arguments::Arguments;
use crate::crowd;
use crate::database::Database;
use crate::phone::Phone;
use crate::turn::{median, turn};
use crate::user::{Service, User, Way};

const CLIENTS: usize = 8;

pub fn run(arguments: &Arguments) -> Result<()> {
    let sizes = [arguments.get("few", 1000)?, arguments.get("many", 1_000_000)?];
    let rounds: usize = arguments.get("rounds", 51)?;
    let time = Duration::from_millis(arguments.get("milliseconds", 200)?);
    let other: String = arguments.get("other", String::new())?;
    let other = Database::parse(&other).context("name another database for the many")?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut places = Vec::new();
    for (database, size) in [&arguments.database, &other].into_iter().zip(sizes) {
        let service = runtime.block_on(Service::open(database, CLIENTS, false))?;
        runtime.block_on(service.enroll(&Phone::new("template")?))?;
        runtime.block_on(crowd::fill(database, size))?;
        let mut users = Vec::new();
        for client in 0..CLIENTS {
            let own = (client..size).step_by(CLIENTS).map(crowd::id);
            let own = own.collect::<Result<Vec<_>>>()?.into_iter();
            let phone = Phone::new("template")?;
            users.push(runtime.block_on(User::new(&service, phone, own))?);
        }
        places.push(users);
    }
    let (mut ratios, mut rates) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..=rounds {
        let mut counts = [0.0; 2];
        for place in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let users = std::mem::take(&mut places[place]);
            let (users, times) = turn(&runtime, users, time, Way::Store)?;
            places[place] = users;
            counts[place] = times.len() as f64 / time.as_secs_f64();
        }
        if round > 0 {
            ratios.push(counts[0] / counts[1]);
            rates[0].push(counts[0]);
            rates[1].push(counts[1]);
        }
    }
    let [few, many] = rates.map(median);
    println!(
        "{}",
        json!({
            "trial": "growth", "store": arguments.database.name(), "few": sizes[0],
            "many": sizes[1], "few_rate": few, "many_rate": many, "ratio": median(ratios),
        })
    );
    Ok(())
}
