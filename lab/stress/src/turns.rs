use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

/// What does something once, and says how long the part took that is measured.
pub type Client = Box<dyn FnMut() -> Result<Duration> + Send>;

/// One of several ways to do something, and the clients that do it at the same time.
pub struct Side {
    name: &'static str,
    clients: Vec<Client>,
    /// How often all of them did it in each turn.
    counts: Vec<f64>,
    times: Vec<f64>,
    medians: Vec<f64>,
}

const ROUNDS: usize = 51;
const TURN: Duration = Duration::from_millis(200);

/// Lets all sides take turns, and prints the rate of each, with ratios to the first.
pub fn compare(title: &str, mut sides: Vec<Side>) -> Result<()> {
    // The first round warms the caches. The order alternates.
    for round in 0..=ROUNDS {
        for turn in 0..sides.len() {
            let place = if round % 2 == 0 { turn } else { sides.len() - 1 - turn };
            let times = sides[place].turn()?;
            if round > 0 {
                sides[place].add(times);
            }
        }
    }
    for side in &sides {
        let ratio = |of: fn(&Side) -> &[f64]| {
            let both = of(side).iter().zip(of(&sides[0]));
            quantile(both.map(|(own, first)| own / first).collect(), 0.5)
        };
        let p99 = |side: &Side| quantile(side.times.clone(), 0.99);
        println!(
            "{title}, {}: {:.0} a second; to the first: rate {:.2}, median time {:.2}, 99 % {:.2}",
            side.name,
            quantile(side.counts.clone(), 0.5) / TURN.as_secs_f64(),
            ratio(|side| &side.counts),
            ratio(|side| &side.medians),
            p99(side) / p99(&sides[0]),
        );
    }
    Ok(())
}

impl Side {
    pub fn new(name: &'static str, clients: Vec<Client>) -> Self {
        Self { name, clients, counts: Vec::new(), times: Vec::new(), medians: Vec::new() }
    }

    /// Lets every client work, each time after the other, until the turn is over.
    fn turn(&mut self) -> Result<Vec<f64>> {
        let end = Instant::now() + TURN;
        let work = |client: &mut Client| -> Result<Vec<f64>> {
            let mut times = Vec::new();
            while Instant::now() < end {
                times.push(client()?.as_secs_f64());
            }
            Ok(times)
        };
        thread::scope(|scope| {
            let clients = self.clients.iter_mut().map(|client| scope.spawn(move || work(client)));
            let clients: Vec<_> = clients.collect();
            let mut all = Vec::new();
            for client in clients {
                all.extend(client.join().map_err(|_| anyhow!("a client panicked"))??);
            }
            Ok(all)
        })
    }

    fn add(&mut self, times: Vec<f64>) {
        self.counts.push(times.len() as f64);
        self.times.extend(&times);
        self.medians.push(quantile(times, 0.5));
    }
}

fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() as f64 * part) as usize).copied().unwrap_or(f64::NAN)
}
