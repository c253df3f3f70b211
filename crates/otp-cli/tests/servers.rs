//! An account on each server that the command supports: `cargo xtask stores` starts the servers and
//! passes their URLs.
#![cfg(all(feature = "postgres", feature = "redis"))]
#![cfg(test)]

use std::env;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

const ACCOUNT: &str = "kept-by-the-command";

#[test]
fn account_is_kept_in_postgres() {
    keep(&server("OTP_TEST_POSTGRES"));
}

#[test]
fn account_is_kept_in_redis() {
    keep(&server("OTP_TEST_REDIS"));
}

fn server(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("{variable} says of no server"))
}

/// Enrols, confirms, verifies, replays and removes, each in its own process.
fn keep(db: &str) {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("wallet");
    let otp = |line: &str, input: &str| otp(db, &wallet, line, input);
    assert_eq!(otp("wallet init", "").0, 0);
    let (status, enrolled) = otp(&format!("enroll {ACCOUNT} --period 3600"), "");
    assert_eq!((status, &enrolled["outcome"]), (0, &"pending".into()), "{enrolled}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let code = |time: u64| {
        let (_, shown) = otp(&format!("code --time {time}"), enrolled["uri"].as_str().unwrap());
        shown["code"].as_str().unwrap().to_owned()
    };
    let (first, next) = (code(now), code(now.saturating_add(3600)));
    let accepted = |line: &str| {
        let (status, answer) = otp(line, "");
        assert_eq!((status, &answer["outcome"]), (0, &"accepted".into()), "{answer}");
    };
    accepted(&format!("enroll {ACCOUNT} --confirm {first}"));
    accepted(&format!("verify {ACCOUNT} {next}"));
    let (status, replayed) = otp(&format!("verify {ACCOUNT} {next}"), "");
    assert_eq!((status, &replayed["reason"]), (1, &"replayed".into()), "{replayed}");
    assert_eq!(otp(&format!("remove {ACCOUNT}"), "").0, 0);
}

/// Runs a command, and returns its exit status and its answer.
fn otp(db: &str, wallet: &Path, line: &str, input: &str) -> (i32, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_otp"))
        .args(line.split_whitespace())
        .arg("--json")
        .env("OTP_DB", db)
        .env("OTP_WALLET", wallet)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}
