mod commands;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::otp::Otp;
use crate::workspace::{Workspace, root};

use self::commands::{commands, options};

/// What another step runs.
const ELSEWHERE: &str = "cargo test --workspace";
/// Documents that show commands of `otp`.
const SHOWING: [&str; 2] = ["README.md", "crates/otp-cli/README.md"];

/// Runs each line of README's `sh` blocks: those of cargo at the root, the others in an empty
/// folder where `otp` is the built command. And `otp` must know the commands and the long options
/// that documents show.
pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    arguments.end()?;
    let text = fs::read_to_string(root().join("README.md")).context("cannot read README.md")?;
    let lines = shell_lines(&text);
    ensure!(!lines.is_empty(), "README.md shows no command in a block marked `sh`");
    let otp = Otp::build(workspace)?;
    let folder = workspace.target.join("readme");
    // Whatever the last run left would make this one different.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).context("cannot make a folder to work in")?;
    for line in lines {
        if line == ELSEWHERE {
            println!("elsewhere: {line}");
            continue;
        }
        let place = if line.starts_with("cargo ") { root() } else { &folder };
        run_line(&line, place, &otp)?;
    }
    let mut count = 0;
    for path in SHOWING {
        count += known(path, &otp)?;
    }
    ensure!(count > 0, "no document shows a command of otp");
    println!("{count} commands that documents show are known, with their options");
    Ok(())
}

/// Refuses a command, or a long option of one, that a document shows and `otp` does not know; returns
/// how many it shows.
fn known(path: &str, otp: &Otp) -> Result<usize> {
    let text = fs::read_to_string(root().join(path)).with_context(|| format!("no {path}"))?;
    let commands = commands(&text);
    for (command, shown) in &commands {
        // Help of `help` is what it shows itself.
        let line = if command == "help" { "help" } else { &format!("{command} --help") };
        let output = otp.command().words(line).ask("")?;
        ensure!(output.status.success(), "{path} shows `otp {command}`, which there is not");
        let help = String::from_utf8(output.stdout)?;
        let has: BTreeSet<_> = options(&help).collect();
        for option in shown {
            ensure!(
                has.contains(option.as_str()),
                "{path} shows {option} of `otp {command}`, which has none"
            );
        }
    }
    Ok(commands.len())
}

fn run_line(line: &str, place: &Path, otp: &Otp) -> Result<()> {
    println!("$ {line}");
    let path = std::env::var("PATH").unwrap_or_default();
    let script = format!("set -euo pipefail; {line}");
    let command = Command::new("bash").arg("-c").arg(&script).directory(place);
    let command = command.env("PATH", &format!("{}:{path}", otp.directory().display()));
    let output = command.ask("")?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    ensure!(
        output.status.success(),
        "README.md shows `{line}`, which fails: {}\n{}{}",
        output.status,
        said(&output.stdout),
        said(&output.stderr)
    );
    Ok(())
}

/// The lines of the blocks marked `sh`, continuations joined, comments and empty lines left out.
fn shell_lines(markdown: &str) -> Vec<String> {
    let (mut lines, mut inside, mut begun) = (Vec::new(), false, String::new());
    for line in markdown.lines().map(str::trim) {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if let (true, Some(part)) = (inside, line.strip_suffix('\\')) {
            begun.push_str(part);
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            lines.push(std::mem::take(&mut begun) + line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::shell_lines;

    #[test]
    fn only_blocks_marked_as_shell_are_run() {
        let text =
            "```sh\n# why\nfirst | \\\n  otp code\n\nsecond\n```\n```text\nnot this\n```\nnor this";
        assert_eq!(shell_lines(text), ["first | otp code", "second"]);
    }
}
