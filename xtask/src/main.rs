//! What the project checks about itself: `cargo xtask COMMAND`.
//!
//! Every step prints the command it runs, ready to paste at the root of the workspace. A step that
//! cannot run fails.

#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program with a heap, whose numbers are its own"
)]

mod accumulated;
mod api;
mod arguments;
mod bench;
mod beside;
mod branches;
mod case;
mod ci;
mod command;
mod coverage;
mod deny;
mod docs;
mod example;
mod firmware;
mod fuzz;
mod install;
mod instructions;
mod interop;
mod invariants;
mod lint;
mod minimal;
mod miri;
mod msrv;
mod mutants;
mod no_panic;
mod oathtool;
mod otp;
mod parallel;
mod passlib;
mod powerset;
mod random;
mod readme;
mod stores;
mod targets;
mod test;
mod timing;
mod vectors;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::workspace::Workspace;

/// A command's body, also a step of `ci`.
type Step = fn(&Workspace, Arguments) -> Result<()>;

/// Every command: its name, its arguments and what it is for.
const COMMANDS: &[(&str, &str, &str, Step)] = &[
    ("ci", "[--skip STEP]...", "all that is quick, step by step", ci::run),
    ("fmt", "", "formatting", lint::fmt),
    ("clippy", "[--all]", "lints; warnings are errors", lint::clippy),
    ("test", "", "all tests", test::all),
    ("features", "", "the heart's tests with every feature and without; timing's", test::features),
    ("release", "", "the tests of otp-core, optimised", test::release),
    ("docs", "", "documentation; warnings are errors", docs::run),
    ("invariants", "", "what must hold of the sources", invariants::run),
    ("api", "[--bless]", "what each library shows to others, as docs/api has it", api::run),
    ("beside", "", "otp-store in programs with other crates that bring a SQLite", beside::run),
    ("targets", "", "builds for machines without an operating system", targets::run),
    ("firmware", "[--rebaseline]", "images for small processors, in emulators", firmware::run),
    ("msrv", "", "each crate with the oldest Rust it declares", msrv::run),
    ("vectors", "", "known codes, by library and by command", vectors::run),
    ("accumulated", "", "a million codes, also by Python's standard library", accumulated::run),
    ("oathtool", "[--cases N] [--seed N]", "random codes against oathtool", oathtool::run),
    ("passlib", "[--cases N] [--seed N]", "records to and from passlib 1.7.4", passlib::run),
    ("interop", "[--cases N] [--seed N]", "URIs to and from others, and pictures", interop::run),
    ("fuzz", "[TARGET] [--seconds N] [--replay]", "laws on arbitrary bytes", fuzz::run),
    ("timing", "[--samples N]", "whether time tells anything about a code", timing::run),
    ("branches", "", "whether machine code branches on a code", branches::run),
    ("no-panic", "", "functions that link only if they cannot panic", no_panic::run),
    ("miri", "", "undefined behaviour, in either byte order and on 32 bits", miri::run),
    ("example", "", "the login service of examples/login", example::run),
    ("stores", "[--short] [--store S] [--part P]", "stores on servers that it starts", stores::run),
    ("readme", "", "the commands that README.md shows", readme::run),
    ("instructions", "", "what a code costs, and an account that is not there", instructions::run),
    ("mutants", "[PACKAGE]...", "wrong lines, which tests must notice", |workspace, arguments| {
        mutants::run(workspace, &arguments.rest())
    }),
    ("deny", "[--without-advisories]", "what is depended on: licences, sources", deny::run),
    ("powerset", "[PACKAGE]", "each library with every set of its features", powerset::run),
    ("minimal", "", "the oldest dependencies that the manifests allow, and SQLite's", minimal::run),
    ("coverage", "[PACKAGE]", "lines of the heart that its tests run", coverage::run),
    ("bench", "[ARGUMENT]...", "what codes cost, here and in other crates", bench::run),
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    match run(&name, Arguments::new(words.collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, arguments: Arguments) -> Result<()> {
    let Some((.., command)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
        for (known, arguments, purpose, _) in COMMANDS {
            eprintln!("cargo xtask {:<45} {purpose}", format!("{known} {arguments}"));
        }
        bail!("there is no such command");
    };
    command(&Workspace::read()?, arguments)
}
