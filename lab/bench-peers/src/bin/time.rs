//! Times every case, or those whose group's name contains one of some words, and writes a JSON object
//! a line.
//!
//! `time [GROUP]... [--rounds N] [--sample-ms N]`

use std::time::Duration;

use otp_peers::groups;
use otp_peers::rounds::{Plan, measure};
use serde_json::json;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: u64| {
        let place = words.iter().position(|word| word == name);
        place.map_or(default, |place| words[place + 1].parse().expect("a number"))
    };
    let plan = Plan {
        rounds: usize::try_from(option("--rounds", 31)).expect("fewer rounds"),
        sample: Duration::from_millis(option("--sample-ms", 2)),
    };
    let only: Vec<_> = words.iter().take_while(|word| !word.starts_with("--")).collect();
    for mut group in groups() {
        if !only.is_empty() && !only.iter().any(|only| group.name.contains(only.as_str())) {
            continue;
        }
        let measures = measure(&mut group, plan);
        for (case, measure) in group.cases.iter().zip(measures) {
            let line = json!({
                "group": group.name,
                "hash": group.hash,
                "case": case.name,
                "least_ns": measure.least,
                "median_ns": measure.median,
                "ratio": measure.ratio,
            });
            println!("{line}");
        }
    }
}
