//! The program that README and the server guide show, beside the wallet and database of the command.

#![cfg(test)]
#![allow(clippy::std_instead_of_core)]

use std::env;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use otp_uri::KeyUri;

mod program {
    include!("program.rs");

    pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {
        main()
    }
}

const PROGRAM: &str = include_str!("program.rs");
/// The pages that show the program.
const PAGES: [&str; 2] =
    [include_str!("../../../../README.md"), include_str!("../../../../docs/guide/server.md")];
/// Set in the process that is the program.
const ROLE: &str = "FIRST_LOGIN";

#[test]
fn pages_have_this_program() {
    for page in PAGES {
        let (_, block) = page.split_once("```rust,no_run\n").unwrap();
        assert_eq!(block.split_once("```").unwrap().0, PROGRAM);
    }
}

/// Runs the program in its own process.
#[test]
fn the_program() {
    if env::var_os(ROLE).is_some() {
        program::run().unwrap();
    }
}

fn start(folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_program", "--nocapture"])
        .current_dir(folder)
        .env(ROLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn user_enrols_and_logs_in() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!start(folder.path()).wait().unwrap().success(), "no wallet, no log-in");
    for words in [
        &["wallet", "init", "--wallet", "otp.wallet"][..],
        &["db", "init", "--db", "sqlite:otp.db"],
    ] {
        let mut otp = Command::new(env!("CARGO_BIN_EXE_otp"));
        let output = otp.args(words).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut program = start(folder.path());
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let uri =
        lines.find_map(|line| KeyUri::parse(line.get(line.find("otpauth:")?..)?).ok()).unwrap();
    // The phone has the codes of now and of the next step.
    let generator = uri.uri.generator();
    let otp_uri::Generator::Totp(totp) = generator else { panic!("not TOTP") };
    let now = otp_context::now().unwrap();
    for time in [now, now.saturating_add(30)] {
        let code = totp.generate(time).code().text();
        writeln!(program.stdin.as_mut().unwrap(), "{}", code.as_str()).unwrap();
    }
    assert!(lines.any(|line| line.contains("welcome")));
    assert!(program.wait().unwrap().success());
}
