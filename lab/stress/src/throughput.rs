//! Whole verifications, and the same two statements issued directly by the same client, in turns.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::runtime::Builder;

use crate::arguments::Arguments;
use crate::phone::Phone;
use crate::turn::{median, quantiles, turn};
use crate::user::{Service, User, Way};

pub fn run(arguments: &Arguments) -> Result<()> {
    let rounds: usize = arguments.get("rounds", 51)?;
    let time = Duration::from_millis(arguments.get("milliseconds", 200)?);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for clients in [1, 8, 64] {
        let service = runtime.block_on(Service::open(&arguments.database, clients, true))?;
        let mut users = Vec::new();
        for client in 0..clients {
            let phone = Phone::new(&format!("client-{client}"))?;
            runtime.block_on(service.enroll(&phone))?;
            let id = phone.id.clone();
            users.push(runtime.block_on(User::new(&service, phone, [id].into_iter()))?);
        }
        let (mut ratios, mut rates) = (Vec::new(), [Vec::new(), Vec::new()]);
        let (mut store, mut raw) = (Vec::new(), Vec::new());
        // The first round warms the caches. Each way begins every other round.
        for round in 0..=rounds {
            let order =
                if round % 2 == 0 { [Way::Store, Way::Raw] } else { [Way::Raw, Way::Store] };
            let mut counts = [0.0; 2];
            for way in order {
                let times;
                (users, times) = turn(&runtime, users, time, way)?;
                let (place, all) = if way == Way::Store { (0, &mut store) } else { (1, &mut raw) };
                counts[place] = times.len() as f64 / time.as_secs_f64();
                if round > 0 {
                    all.extend(times);
                }
            }
            if round > 0 {
                ratios.push(counts[0] / counts[1]);
                rates[0].push(counts[0]);
                rates[1].push(counts[1]);
            }
        }
        let ((store50, store99), (raw50, raw99)) = (quantiles(&mut store), quantiles(&mut raw));
        let [store_rate, raw_rate] = rates.map(median);
        println!(
            "{}",
            json!({
                "trial": "throughput", "store": arguments.database.name(), "clients": clients,
                "verifications": store_rate, "raw": raw_rate, "ratio": median(ratios),
                "p50": store50 as f64 / raw50 as f64, "p99": store99 as f64 / raw99 as f64,
                "p50_us": store50 / 1000, "p99_us": store99 / 1000,
            })
        );
    }
    Ok(())
}
