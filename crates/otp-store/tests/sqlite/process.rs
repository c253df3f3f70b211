//! A process of its own: this program again, which runs one test of it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use otp_store::Sqlite;

use crate::site::{alice, code, verifier};

const PATH: &str = "OTP_TEST_SQLITE_PATH";
const TIME: &str = "OTP_TEST_SQLITE_TIME";

/// The command that opens a database, verifies alice's code of a time, says what came of it in one
/// line, and then waits until it is killed.
pub(crate) fn command(path: &Path, now: u64) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process::serve", "--nocapture"]);
    command.env(PATH, path).env(TIME, now.to_string());
    command
}

/// Starts a process and reads what it says.
pub(crate) fn said(mut command: Command) -> (Child, String) {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines
        .map(Result::unwrap)
        .find_map(|line| line.split_once("said: ").map(|(_, said)| said.to_owned()));
    (child, said.unwrap_or_default())
}

/// Kills a process, which then cannot take its log back into the file.
pub(crate) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The other process of the tests beside: without a path to serve it has nothing to do.
#[test]
fn serve() {
    let Ok(path) = env::var(PATH) else { return };
    let now = env::var(TIME).unwrap().parse().unwrap();
    let store = match Sqlite::open(path) {
        Ok(store) => store,
        Err(error) => return println!("said: {error}"),
    };
    let verifier = verifier(store, now);
    println!("said: {:?}", verifier.verify(&alice(), &code(now)));
    // Until its parent ends or kills it.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
