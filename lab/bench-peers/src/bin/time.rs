//! Times every case, or those whose group's name contains one of some words, and writes a JSON object
//! a line.
//!
//! `time [GROUP]...`

use otp_peers::groups;
use otp_peers::rounds::measure;
use serde_json::json;

fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    for mut group in groups() {
        if !only.is_empty() && !only.iter().any(|only| group.name.contains(only)) {
            continue;
        }
        let measures = measure(&mut group);
        for (case, measure) in group.cases.iter().zip(measures) {
            let line = json!({
                "group": group.name,
                "hash": group.hash,
                "case": case.name,
                "median_ns": measure.median,
                "ratio": measure.ratio,
            });
            println!("{line}");
        }
    }
}
