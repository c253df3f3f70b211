//! Another process: this program again, with the test `serve`.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use otp_store::Sqlite;

use crate::site::{alice, code, verifier};

const PATH: &str = "OTP_TEST_SQLITE_PATH";
const TIME: &str = "OTP_TEST_SQLITE_TIME";

/// Returns the command that opens a database, verifies alice's code of a time, prints the result in
/// one line, and then waits to be killed.
pub(crate) fn command(path: &Path, now: u64) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process::serve", "--nocapture"]);
    command.env(PATH, path).env(TIME, now.to_string());
    command
}

/// Starts a process and reads its result.
pub(crate) fn start(mut command: Command) -> (Child, String) {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let result = lines
        .map(Result::unwrap)
        .find_map(|line| line.split_once("result: ").map(|(_, result)| result.to_owned()));
    (child, result.unwrap_or_default())
}

/// Kills a process, so that it cannot merge its log into the file.
pub(crate) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Runs in the other process. Does nothing without a path.
#[test]
fn serve() {
    let Ok(path) = env::var(PATH) else { return };
    let now = env::var(TIME).unwrap().parse().unwrap();
    let store = match Sqlite::open(path) {
        Ok(store) => store,
        Err(error) => return println!("result: {error}"),
    };
    let verifier = verifier(store, now);
    println!("result: {:?}", verifier.verify(&alice(), &code(now)));
    // Waits until the parent ends or kills it.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
