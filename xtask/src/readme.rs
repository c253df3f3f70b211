use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::command::Command;
use crate::otp::Otp;
use crate::workspace::{Workspace, root};

/// Lines that other steps run, or that bring the project here.
const ELSEWHERE: [&str; 4] = ["git clone ", "cd ", "cargo test --workspace", "cargo xtask "];

/// Runs each line of README's `sh` blocks: those of cargo at the root, the others in an empty
/// folder where `otp` is the built command.
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
        if ELSEWHERE.iter().any(|start| line.starts_with(start)) {
            println!("elsewhere: {line}");
            continue;
        }
        let place = if line.starts_with("cargo ") { root() } else { &folder };
        run_line(&line, place, &otp)?;
    }
    for subcommand in subcommands(&text) {
        otp.command().arg(&subcommand).arg("--help").read()?;
    }
    Ok(())
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

/// Each word that follows `otp` where a command is shown, if it can be a subcommand.
fn subcommands(markdown: &str) -> Vec<String> {
    let mut names: Vec<String> = markdown
        .split(['`', '\n', '|', '$', '('])
        .filter_map(|piece| piece.trim().strip_prefix("otp ")?.split_whitespace().next())
        .filter(|word| word.chars().all(|character| character.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::{shell_lines, subcommands};

    #[test]
    fn only_blocks_marked_as_shell_are_run() {
        let text =
            "```sh\n# why\nfirst | \\\n  otp code\n\nsecond\n```\n```text\nnot this\n```\nnor this";
        assert_eq!(shell_lines(text), ["first | otp code", "second"]);
    }

    #[test]
    fn subcommands_are_found_in_pipes_and_in_running_text() {
        let text = "Use `otp verify alice` or\n`otp --version`.\necho x | otp code --json\n";
        assert_eq!(subcommands(text), ["code", "verify"]);
    }
}
