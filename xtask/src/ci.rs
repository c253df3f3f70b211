use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::Step;
use crate::arguments::Arguments;
use crate::workspace::Workspace;
use crate::{
    accumulated, api, beside, docs, example, firmware, fuzz, instructions, interop, invariants,
    lint, msrv, oathtool, passlib, readme, stores, targets, test, vectors,
};

/// What CI runs, the quick steps first. Other commands do what takes long, what needs a nightly toolchain
/// or an idle machine, and what first installs a program for minutes, as `deny` does.
pub(crate) const STEPS: &[(&str, Step)] = &[
    ("fmt", lint::fmt),
    ("invariants", invariants::run),
    ("api", api::run),
    ("beside", beside::run),
    ("clippy", lint::clippy),
    ("test", test::all),
    ("features", test::features),
    ("vectors", vectors::run),
    ("accumulated", accumulated::run),
    ("oathtool", oathtool::run),
    ("passlib", passlib::run),
    ("interop", interop::run),
    ("readme", readme::run),
    ("fuzz", |workspace, _| fuzz::run(workspace, Arguments::new(vec!["--replay".to_owned()]))),
    ("docs", docs::run),
    ("targets", targets::run),
    ("firmware", firmware::run),
    ("msrv", msrv::run),
    ("release", test::release),
    ("example", example::run),
    ("stores", |workspace, _| stores::run(workspace, Arguments::new(vec!["--short".to_owned()]))),
    ("instructions", instructions::run),
];

/// Runs every step but those to skip; the first failure ends it.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let mut skipped = Vec::new();
    while let Some(name) = arguments.option::<String>("--skip")? {
        ensure!(STEPS.iter().any(|(step, _)| *step == name), "there is no step {name} to skip");
        skipped.push(name);
    }
    arguments.end()?;
    let started = Instant::now();
    for (name, step) in STEPS {
        if skipped.iter().any(|skip| skip == name) {
            println!("\n== {name}: skipped, as asked");
            continue;
        }
        println!("\n== {name}");
        let begun = Instant::now();
        step(workspace, Arguments::new(Vec::new()))
            .with_context(|| format!("step {name} failed"))?;
        println!("== {name}: done in {} s", begun.elapsed().as_secs());
    }
    println!("\nall steps done in {} s", started.elapsed().as_secs());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::STEPS;
    use crate::COMMANDS;

    #[test]
    fn every_step_is_a_command() {
        for (place, (step, _)) in STEPS.iter().enumerate() {
            assert!(COMMANDS.iter().any(|(name, ..)| name == step), "{step}");
            assert!(STEPS[place + 1..].iter().all(|(other, _)| other != step), "{step}");
        }
    }
}
