//! Rounds in which every case has its turn, so that whatever else the machine does befalls all of
//! them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::{Case, Group};

const ROUNDS: usize = 31;
/// How long each case runs in a round.
const SAMPLE: Duration = Duration::from_millis(2);

/// What was measured of one case.
pub struct Measure {
    /// The median time of a unit, in nanoseconds.
    pub median: f64,
    /// The median over the rounds of this case's time divided by that of the first.
    pub ratio: f64,
}

/// Measures the cases of a group, in their order.
pub fn measure(group: &mut Group) -> Vec<Measure> {
    let calls: Vec<u64> = group.cases.iter_mut().map(calls).collect();
    let mut samples = vec![Vec::new(); calls.len()];
    for round in 0..ROUNDS {
        for turn in 0..calls.len() {
            // Another one begins each time, and every other round goes backwards.
            let turn = (turn + round) % calls.len();
            let place = if round % 2 == 0 { turn } else { calls.len() - 1 - turn };
            let case = &mut group.cases[place];
            case.run((calls[place] / 8).max(1));
            let units = (calls[place] * group.units) as f64;
            samples[place].push(time(case, calls[place]).as_secs_f64() * 1e9 / units);
        }
    }
    let first = samples[0].clone();
    let measure = |samples: Vec<f64>| {
        let ratios = samples.iter().zip(&first).map(|(sample, first)| sample / first).collect();
        Measure { ratio: median(ratios), median: median(samples) }
    };
    samples.into_iter().map(measure).collect()
}

/// How many calls fill a sample.
fn calls(case: &mut Case) -> u64 {
    let mut calls = 1;
    loop {
        let elapsed = time(case, calls);
        if elapsed >= SAMPLE / 4 {
            let more = SAMPLE.as_secs_f64() / elapsed.as_secs_f64();
            return ((calls as f64 * more) as u64).max(1);
        }
        calls *= 2;
    }
}

/// The processor's time, so that what others take of it does not count.
fn time(case: &mut Case, calls: u64) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time");
    let start = now();
    case.run(calls);
    now() - start
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
