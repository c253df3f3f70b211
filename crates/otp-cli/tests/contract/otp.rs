//! Running the command.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

/// A key of twenty bytes, the one of the RFCs.
pub(crate) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Returns the command with these arguments, without the home directory of the user.
pub(crate) fn command<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_otp"));
    command.args(arguments);
    command
}

/// Returns a program without the home directory and the settings of the user.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME").env("HOME", "/nonexistent");
    for variable in
        ["RUST_BACKTRACE", "CLICOLOR_FORCE", "OTP_DB", "OTP_WALLET", "PGPASSWORD", "REDISCLI_AUTH"]
    {
        command.env_remove(variable);
    }
    command
}

/// The result of a run of the command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the command with bytes on stdin.
pub(crate) fn otp<S: AsRef<OsStr>>(stdin: impl AsRef<[u8]>, arguments: &[S]) -> Run {
    run(command(arguments), stdin.as_ref())
}

/// Runs a command with bytes on stdin.
pub(crate) fn run(mut command: Command, stdin: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut pipe = child.stdin.take().expect("stdin is piped");
    let output = thread::scope(|scope| {
        // The command may stop to read before the end.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().expect("the command ends")
    });
    Run::of(output)
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("no signal ends it"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// Returns the JSON objects, one a line.
    pub(crate) fn objects(&self) -> Vec<Value> {
        let read = |line| match serde_json::from_str(line) {
            Ok(value @ Value::Object(_)) => value,
            _ => panic!("not a JSON object: {line}"),
        };
        self.stdout.lines().map(read).collect()
    }

    /// Returns the only JSON object of a run without other output.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.stderr, "");
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects.remove(0)
    }

    /// Returns the only line on stdout.
    pub(crate) fn line(&self) -> &str {
        assert_eq!(self.status, 0, "{self:?}");
        let line = self.stdout.strip_suffix('\n').expect("a line");
        assert!(!line.contains('\n'), "{self:?}");
        line
    }

    /// Checks a failure in JSON, and returns its message.
    pub(crate) fn failure(&self, status: i32, error: &str, part: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let object = self.object();
        assert_eq!((&object["error"], &object["part"]), (&error.into(), &part.into()), "{self:?}");
        object["message"].as_str().expect("a message").to_owned()
    }

    /// Checks that the output has none of these texts.
    pub(crate) fn assert_silent_on(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.stdout.contains(text), "stdout has {text:?}");
            assert!(!self.stderr.contains(text), "stderr has {text:?}");
        }
    }
}
