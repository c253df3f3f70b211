//! Counts how often every case asks for memory, and writes a JSON object a line.
//!
//! A program of its own, since counting takes time.

use allocation_counter::measure;
use otp_peers::groups;
use serde_json::json;

fn main() {
    for mut group in groups() {
        for case in &mut group.cases {
            // Whatever is made once and kept is made now.
            case.run(1);
            let count = measure(|| case.run(1)).count_total;
            let line = json!({
                "group": group.name,
                "hash": group.hash,
                "case": case.name,
                "allocations": count,
            });
            println!("{line}");
        }
    }
}
