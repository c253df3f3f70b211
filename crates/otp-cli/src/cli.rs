use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::commands::{
    backup, code, completions, config, convert, db, demo, drift, enroll, inspect, list, man,
    matching, new, oathtool, qr, recovery, remove, resync, selftest, status, unlock, verify,
    wallet, watch,
};
use crate::definition::definition;
use crate::failure::Failure;
use crate::output::answer::Answer;
use crate::output::{Output, OutputOptions, complain};
use crate::usage::UsageError;

/// Generate, verify and manage one-time passwords (HOTP, TOTP, Steam Guard)
#[derive(Debug, Parser)]
#[command(
    name = "otp",
    version,
    after_help = "Secrets are read from stdin, a file or a prompt, never from an argument.\n\
                  Exit status: 0 yes or done, 1 no, 2 wrong usage or input, 3 the system failed."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    output: OutputOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    New(new::New),
    Code(code::Code),
    Watch(watch::Watch),
    Match(matching::Match),
    Inspect(inspect::Inspect),
    Convert(convert::Convert),
    Qr(qr::Qr),
    Oathtool(oathtool::Oathtool),
    Enroll(enroll::Enroll),
    Verify(verify::Verify),
    List(list::List),
    Status(status::Status),
    Unlock(unlock::Unlock),
    Resync(resync::Resync),
    Drift(drift::Drift),
    Remove(remove::Remove),
    Recovery(recovery::Recovery),
    Wallet(wallet::Wallet),
    Db(db::Db),
    Backup(backup::Backup),
    Selftest(selftest::Selftest),
    Config(config::Config),
    Completions(completions::Completions),
    #[command(hide = true)]
    Man(man::Man),
}

/// Returns what is wrong with a command line, without running it. The first argument is the name of
/// the program.
///
/// ```
/// let line =
///     |words: &str| words.split(' ').map(Into::into).collect::<Vec<_>>();
/// assert_eq!(otp_cli::refusal(&line("otp code --digits 8")), None);
/// let refusal = otp_cli::refusal(&line("otp code --digits 11"));
/// assert_eq!(refusal.as_deref(), Some("digits must be 6 to 10"));
/// ```
#[must_use]
pub fn refusal(arguments: &[OsString]) -> Option<String> {
    match read(arguments) {
        Ok(_) | Err(UsageError::Show(_)) => None,
        Err(UsageError::Fail(failure)) => Some(failure.to_string()),
    }
}

fn read(arguments: &[OsString]) -> Result<Cli, UsageError> {
    /// The complete definition of the command, which names arguments in messages.
    static DEFINITION: LazyLock<clap::Command> = LazyLock::new(|| {
        let mut definition = definition();
        definition.build();
        definition
    });
    Cli::try_parse_from(arguments).map_err(|error| {
        // Only the complete definition has the groups and the examples of help.
        let is_help = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        let again = || DEFINITION.clone().try_get_matches_from(arguments).err();
        let helped = if is_help { again() } else { None };
        UsageError::of(&helped.unwrap_or(error), &DEFINITION)
    })
}

/// Runs a command line, and returns its exit status. The first argument is the name of the program.
#[must_use]
pub fn run(arguments: &[OsString]) -> ExitCode {
    let cli = match read(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let mut output = Output::new(&OutputOptions::of_unread(arguments));
            return match error {
                UsageError::Show(text) => finish(&mut output, |output| {
                    output.text(&output.help(&text))?;
                    Ok(Answer::Yes)
                }),
                UsageError::Fail(failure) => finish(&mut output, |_| Err(failure)),
            };
        }
    };
    finish(&mut Output::new(&cli.output), |output| match &cli.command {
        Command::Demo(demo) => demo.run(output),
        Command::New(new) => new.run(output),
        Command::Code(code) => code.run(output),
        Command::Watch(watch) => watch.run(output),
        Command::Match(matching) => matching.run(output),
        Command::Inspect(inspect) => inspect.run(output),
        Command::Convert(convert) => convert.run(output),
        Command::Qr(qr) => qr.run(output),
        Command::Oathtool(oathtool) => oathtool.run(output),
        Command::Enroll(enroll) => enroll.run(output),
        Command::Verify(verify) => verify.run(output),
        Command::List(list) => list.run(output),
        Command::Status(status) => status.run(output),
        Command::Unlock(unlock) => unlock.run(output),
        Command::Resync(resync) => resync.run(output),
        Command::Drift(drift) => drift.run(output),
        Command::Remove(remove) => remove.run(output),
        Command::Recovery(recovery) => recovery.run(output),
        Command::Wallet(wallet) => wallet.run(output),
        Command::Db(db) => db.run(output),
        Command::Backup(backup) => backup.run(output),
        Command::Selftest(selftest) => selftest.run(output),
        Command::Config(config) => config.run(output),
        Command::Completions(completions) => completions.run(output),
        Command::Man(man) => man.run(output),
    })
}

/// Runs a command and shows its failure, if any.
fn finish(
    output: &mut Output,
    command: impl FnOnce(&mut Output) -> Result<Answer, Failure>,
) -> ExitCode {
    let failure = match command(output) {
        Ok(answer) => return ExitCode::from(answer.status()),
        Err(failure) => failure,
    };
    if output.is_json() {
        // If this fails, too, only the exit status tells it.
        let _ = output.object(&failure.fields());
    } else {
        complain(&format!("otp: {failure}"));
    }
    ExitCode::from(failure.status())
}
