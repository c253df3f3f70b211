//! Watches an emulator compare codes on small processors. Whatever the codes are, the same instructions
//! must be executed in the same order, on memory at the same addresses, and none of them may divide.

mod watch;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use self::watch::{Step, watch};

/// Targets, and a machine that has each.
const BOARDS: [(&str, &str); 2] =
    [("thumbv6m-none-eabi", "microbit"), ("thumbv7em-none-eabihf", "mps2-an386")];
/// What the image compares, in its order. The last is the control.
const COMPARISONS: [&str; 3] = ["compare", "compare_steam", "compare_until_it_differs"];
/// How often it does.
const PAIRS: usize = 64;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (target, machine) in BOARDS {
        let line = "build --locked --release -p compare --target-dir target/compare \
            --manifest-path examples/firmware/Cargo.toml \
            --config examples/firmware/.cargo/config.toml --target";
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&root).args(line.split_whitespace()).arg(target);
        ensure!(cargo.status()?.success(), "{cargo:?} failed");
        let image = root.join("target/compare").join(target).join("release/compare");
        let calls = watch(machine, &image)?;
        ensure!(calls.len() == PAIRS * COMPARISONS.len(), "{} comparisons", calls.len());
        for (name, calls) in COMPARISONS.into_iter().zip(calls.chunks(PAIRS)) {
            let leak = calls.iter().find_map(|call| leak(&calls[0], call));
            if name == COMPARISONS[2] {
                let branch = leak.context("the control compares every pair alike")?;
                ensure!(branch.starts_with("a branch"), "the control does not branch: {branch}");
                println!("{target}: {name} tells, as it must: {branch}");
            } else {
                ensure!(leak.is_none(), "{target}: {name} tells: {}", leak.unwrap_or_default());
                println!("{target}: {name} tells nothing in {PAIRS} pairs");
            }
        }
    }
    Ok(())
}

/// Says what differs between two calls, or takes a time of its own in one.
fn leak(one: &[Step], other: &[Step]) -> Option<String> {
    for (number, (one, other)) in one.iter().zip(other).enumerate() {
        let Step { counter, text, addresses } = one;
        let why = if *counter != other.counter {
            "a branch before"
        } else if addresses != &other.addresses {
            "an address of"
        } else if text.starts_with("udiv") || text.starts_with("sdiv") {
            "a division"
        } else {
            continue;
        };
        return Some(format!("{why} instruction {number}, at {counter:#x}: {text}"));
    }
    (one.len() != other.len()).then(|| "a branch before the end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::leak;
    use crate::watch::Step;

    fn step(counter: u32, text: &str, addresses: &[&str]) -> Step {
        let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
        Step { counter, text: text.to_owned(), addresses }
    }

    #[test]
    fn each_kind_of_leak_is_told() {
        let load = |address| step(2, "ldr r0, [r1]", &[address]);
        let (first, last) = (step(0, "cmp r0, r1", &[]), step(4, "bx lr", &[]));
        let told = |one: &[_], other: &[_]| leak(one, other).unwrap_or_default();
        assert_eq!(told(&[load("1"), load("2")], &[load("1"), load("2")]), "");
        assert!(told(&[load("1")], &[load("2")]).starts_with("an address"));
        assert!(told(&[load("1")], &[last]).starts_with("a branch"));
        assert!(told(&[load("1")], &[load("1"), first]).starts_with("a branch"));
        let divide = || [step(0, "udiv r0, r0, r1", &[])];
        assert!(told(&divide(), &divide()).starts_with("a division"));
    }
}
