use clap::Args;
use clap_complete::{Shell, generate};
use serde::Serialize;

use crate::definition::definition;
use crate::failure::Failure;
use crate::input::number::Bound;
use crate::output::Output;
use crate::output::answer::Answer;

/// Print completions for bash, zsh, fish or powershell
///
/// Commands, options and files are completed. Names of accounts are not: the database would have to
/// be read, and names would be shown that the user did not type.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Shell: bash, zsh, fish or powershell
    #[arg(value_parser = shell)]
    shell: Shell,
}

/// A script as `--json` shows it.
#[derive(Serialize)]
struct Script<'a> {
    shell: String,
    script: &'a str,
}

impl Completions {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut definition(), "otp", &mut script);
        let script = String::from_utf8_lossy(&script);
        if output.is_json() {
            output.object(&Script { shell: self.shell.to_string(), script: &script })?;
        } else {
            output.text(&script)?;
        }
        Ok(Answer::Yes)
    }
}

fn shell(text: &str) -> Result<Shell, Bound> {
    text.parse().map_err(|_| Bound("must be bash, zsh, fish or powershell"))
}
