//! Rounds in which every case has its turn, so that whatever else the machine does befalls all of
//! them alike.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Group;

/// What was measured of one case.
pub struct Measure {
    /// The least and the median time of a unit, in nanoseconds.
    pub least: f64,
    pub median: f64,
    /// The median over the rounds of this case's time divided by that of the base.
    pub ratio: f64,
}

/// How long and how often to measure.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    pub sample: Duration,
}

/// Measures the cases of a group, in their order.
pub fn measure(group: &mut Group, plan: Plan) -> Vec<Measure> {
    let calls: Vec<u64> = (0..group.cases.len()).map(|case| calls(group, case, plan)).collect();
    let mut samples = vec![Vec::with_capacity(plan.rounds); calls.len()];
    for round in 0..plan.rounds {
        for turn in 0..calls.len() {
            // Another one begins each time, and every other round goes backwards.
            let turn = (turn + round) % calls.len();
            let case = if round % 2 == 0 { turn } else { calls.len() - 1 - turn };
            group.cases[case].run((calls[case] / 8).max(1));
            let elapsed = time(group, case, calls[case]);
            let units = (calls[case] * group.cases[case].units) as f64;
            samples[case].push(elapsed.as_secs_f64() * 1e9 / units);
        }
    }
    let base = samples[group.base].clone();
    samples
        .into_iter()
        .map(|samples| {
            let ratios = samples.iter().zip(&base).map(|(sample, base)| sample / base).collect();
            let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
            Measure { least, ratio: median(ratios), median: median(samples) }
        })
        .collect()
}

/// How many calls fill a sample.
fn calls(group: &mut Group, case: usize, plan: Plan) -> u64 {
    let mut calls = 1;
    loop {
        let elapsed = time(group, case, calls);
        if elapsed >= plan.sample / 4 {
            let more = plan.sample.as_secs_f64() / elapsed.as_secs_f64();
            return ((calls as f64 * more) as u64).max(1);
        }
        calls *= 2;
    }
}

/// The processor's time, so that what others take of it does not count.
fn time(group: &mut Group, case: usize, calls: u64) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time");
    let start = now();
    group.cases[case].run(calls);
    now() - start
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    f64::midpoint(below, above)
}
