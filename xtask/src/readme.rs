use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::command::Command;
use crate::root::root;
use crate::workspace::Workspace;

/// The pages whose commands run one after the other in one shell, as a reader would type them.
const GUIDES: [&str; 3] =
    ["docs/guide/server.md", "docs/guide/operator.md", "docs/guide/from-passlib.md"];
/// What another step runs.
const ELSEWHERE: &str = "cargo test --workspace";

/// Runs each line of README's `sh` blocks: those of cargo at the root, the others in an empty folder
/// where `otp` is the built command. The lines of a guide are one script in an empty folder.
pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<()> {
    let text = fs::read_to_string(root().join("README.md")).context("cannot read README.md")?;
    let lines = shell_lines(&text);
    ensure!(!lines.is_empty(), "README.md shows no command in a block marked `sh`");
    Command::cargo("build --locked -p otp-cli").run()?;
    let folder = empty(workspace)?;
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", workspace.target.join("debug").display());
    for line in lines.iter().filter(|line| *line != ELSEWHERE) {
        let place = if line.starts_with("cargo ") { root() } else { &folder };
        let command = Command::shell(line).directory(place).env("PATH", &path);
        command.run().context("README.md shows a command that fails")?;
    }
    for page in GUIDES {
        let text = fs::read_to_string(root().join(page)).with_context(|| page)?;
        let script = Command::shell(&shell_lines(&text).join("\n")).directory(&empty(workspace)?);
        let why = || format!("{page} shows a command that fails");
        script.env("PATH", &path).run().with_context(why)?;
    }
    Ok(())
}

/// A folder without what the last run left, which would make this one different.
fn empty(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).context("cannot make a folder to work in")?;
    Ok(folder)
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
