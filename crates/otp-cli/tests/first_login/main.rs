//! The program of the workspace's README, with a wallet that the command makes.

#![allow(clippy::unwrap_used, clippy::std_instead_of_core)]

use std::process::Command;

mod program {
    include!("program.rs");

    pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {
        main()
    }
}

const PROGRAM: &str = include_str!("program.rs");
const README: &str = include_str!("../../../../README.md");

#[test]
fn readme_shows_a_program_that_works() {
    let (_, block) = README.split_once("```rust,no_run\n").unwrap();
    assert_eq!(block.split_once("```").unwrap().0, PROGRAM);

    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    assert!(program::run().is_err(), "no wallet, no log-in");
    let init = ["wallet", "init", "--wallet", "otp.wallet"];
    assert!(Command::new(env!("CARGO_BIN_EXE_otp")).args(init).output().unwrap().status.success());
    program::run().unwrap();
}
