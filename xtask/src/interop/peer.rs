use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use otp_core::Digits;
use otp_uri::{KeyUri, Kind};
use serde_json::Value;

use crate::command::Command;
use crate::workspace::Workspace;

/// Another project's reader and writer of URIs.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Installs the one release that is asked, if it is not there yet, and gives its command.
    pub(super) command: fn(&Workspace) -> Result<Command>,
    /// The shortest key it takes, in bytes.
    pub(super) shortest_key: u64,
    /// The longest period it takes, in seconds.
    pub(super) longest_period: u64,
    /// The largest number that comes through it unharmed.
    pub(super) largest: u64,
    /// Whether it can read what we write of a credential, whose numbers are within its bounds.
    pub(super) can_read: fn(&KeyUri) -> bool,
    /// Whether it can write a credential so that its label means one thing.
    pub(super) can_write: fn(&KeyUri) -> bool,
}

pub(super) const PEERS: [Peer; 2] = [
    Peer {
        name: "PyOTP",
        command: pyotp,
        shortest_key: 14,
        longest_period: 120,
        largest: u64::MAX,
        // Of codes it makes 9 and 10 digits, but reads no such URI.
        can_read: |uri| digits(uri) <= Some(Digits::EIGHT),
        // Slashes are not escaped, so that dots between them are segments of the path.
        can_write: |uri| {
            let dots = label(uri).split('/').any(|segment| matches!(segment, "." | ".."));
            is_plain(uri) && !dots
        },
    },
    Peer {
        name: "otpauth",
        command: otpauth,
        shortest_key: 1,
        longest_period: JS_LARGEST,
        largest: JS_LARGEST,
        // A label is split at its first colon, escaped or not, even if that is the issuer's.
        can_read: |uri| !uri.label().issuer().is_some_and(|issuer| issuer.contains(':')),
        can_write: |uri| is_plain(uri) && !matches!(label(uri).as_str(), "." | ".."),
    },
];

/// The largest integer that a number of JavaScript holds for certain.
const JS_LARGEST: u64 = (1 << 53) - 1;

impl Peer {
    /// Asks everything in one go: an object a line, and as many answers.
    pub(super) fn ask(&self, workspace: &Workspace, questions: &[Value]) -> Result<Vec<Value>> {
        let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
        let output = (self.command)(workspace)?.ask(&lines)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {complaint}", self.name);
        let answers: Vec<Value> = output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(serde_json::from_slice)
            .collect::<Result<_, _>>()
            .with_context(|| format!("{} answered no JSON", self.name))?;
        let (asked, answered) = (questions.len(), answers.len());
        ensure!(asked == answered, "{} answered {answered} of {asked}", self.name);
        Ok(answers)
    }
}

/// Whether the first colon of a label ends the issuer: without one, a reader takes an account's own
/// colon for it, though it be escaped.
fn is_plain(uri: &KeyUri) -> bool {
    uri.label().issuer().is_some() || !uri.label().account().contains(':')
}

/// The label before it is escaped.
fn label(uri: &KeyUri) -> String {
    let account = uri.label().account();
    uri.label()
        .issuer()
        .map_or_else(|| account.to_owned(), |issuer| [issuer, ":", account].concat())
}

fn digits(uri: &KeyUri) -> Option<Digits> {
    match *uri.kind() {
        Kind::Totp { digits, .. } | Kind::Hotp { digits, .. } => Some(digits),
        _ => None,
    }
}

fn pyotp(workspace: &Workspace) -> Result<Command> {
    let python = Command::new("python3").arg("--version").read();
    python.context("this step needs python3 with its module venv")?;
    let environment = install(workspace, "pyotp==2.12.0", |package, environment| {
        let python = environment.join("bin").join("python");
        Command::new("python3").words("-m venv --clear").arg(environment).run()?;
        Command::new(&python.to_string_lossy())
            .words("-m pip install --quiet --disable-pip-version-check")
            .arg(package)
            .run()
    })?;
    let python = environment.join("bin").join("python");
    Ok(Command::new(&python.to_string_lossy()).arg("-c").arg(include_str!("pyotp.py")))
}

fn otpauth(workspace: &Workspace) -> Result<Command> {
    Command::new("node").arg("--version").read().context("this step needs node")?;
    let folder = install(workspace, "otpauth@9.5.2", |package, folder| {
        Command::new("npm").arg("--version").read().context("this step needs npm")?;
        Command::new("npm")
            .words("install --ignore-scripts --no-audit --no-fund --loglevel=error --prefix")
            .arg(folder)
            .arg(package)
            .run()
    })?;
    // Packages are looked for where the script runs.
    let script = include_str!("otpauth.mjs");
    Ok(Command::new("node").words("--input-type=module -e").arg(script).directory(&folder))
}

/// The folder of a package under the target folder, where it is installed once.
fn install(
    workspace: &Workspace,
    package: &str,
    command: fn(&str, &PathBuf) -> Result<()>,
) -> Result<PathBuf> {
    let folder = workspace.target.join("interop").join(package);
    let installed = folder.join("installed");
    if !installed.is_file() {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        command(package, &folder)?;
        fs::write(&installed, package)?;
    }
    Ok(folder)
}
