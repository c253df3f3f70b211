//! What the project checks about itself: `cargo xtask ci`, `cargo xtask full`, or one step by name.
//!
//! Every step prints the commands it runs, ready to paste at the root of the workspace. A step that
//! cannot run fails.

#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program with a heap, whose numbers are its own"
)]

mod api;
mod beside;
mod command;
mod firmware;
mod fuzz;
mod instructions;
mod invariants;
mod mutants;
mod readme;
mod root;
mod step;
mod steps;
mod tracked;
mod words;
mod workspace;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::step::Step;
use crate::steps::{CI, FULL};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let words: Vec<_> = words.collect();
    let done = match name.as_str() {
        "ci" => all(CI, &words),
        "full" => all(FULL, &words),
        name => one(name, &words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn one(name: &str, words: &[String]) -> Result<()> {
    let Some(step) = CI.iter().chain(FULL).find(|step| step.name == name) else {
        for (table, steps) in [("ci", CI), ("full", FULL)] {
            eprintln!("cargo xtask {table} [--skip STEP]...  runs these, or each by its name:");
            for step in steps {
                eprintln!("  {:<14} {}", step.name, step.purpose);
            }
        }
        bail!("there is no such step");
    };
    step.run(words)
}

/// Runs every step but those to skip; the first failure ends it.
fn all(steps: &[Step], words: &[String]) -> Result<()> {
    let skipped = skipped(steps, words)?;
    let started = Instant::now();
    for step in steps {
        let name = step.name;
        if skipped.contains(&name) {
            println!("\n== {name}: skipped, as asked");
            continue;
        }
        println!("\n== {name}: {}", step.purpose);
        let begun = Instant::now();
        step.run(&[]).with_context(|| format!("step {name} failed"))?;
        println!("== {name}: done in {} s", begun.elapsed().as_secs());
    }
    println!("\nall steps done in {} s", started.elapsed().as_secs());
    Ok(())
}

fn skipped(steps: &[Step], words: &[String]) -> Result<Vec<&'static str>> {
    let mut names = Vec::new();
    for pair in words.chunks(2) {
        let [option, name] = pair else { bail!("--skip STEP is all there is to say") };
        let step = steps.iter().find(|step| option == "--skip" && step.name == name);
        names.push(step.with_context(|| format!("there is no step {name} to skip"))?.name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{CI, FULL, skipped};

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let names: Vec<_> = CI.iter().chain(FULL).map(|step| step.name).collect();
        for (place, name) in names.iter().enumerate() {
            assert!(!["", "ci", "full"].contains(name) && !names[place + 1..].contains(name));
        }
    }

    #[test]
    fn only_steps_that_exist_are_skipped() {
        let skip =
            |line: &str| skipped(CI, &line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(skip("--skip test --skip fmt").unwrap(), ["test", "fmt"]);
        assert!(
            skip("--skip").is_err() && skip("--skip none").is_err() && skip("test fmt").is_err()
        );
    }
}
