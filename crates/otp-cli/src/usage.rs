use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::failure::{Failure, FailureKind};

/// The reason why a command line runs no command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsageError {
    /// The user asked for help or the version: this text.
    Show(String),
    /// The command line is wrong.
    Fail(Failure),
}

impl UsageError {
    /// Turns an error of clap into one of this command.
    ///
    /// Messages of clap repeat what was typed, which may be a secret in the wrong place. This takes
    /// only the kind from them, and names that the definition of the command has.
    pub(crate) fn of(error: &clap::Error, command: &Command) -> Self {
        let usage = |part: &'static str, message: &str| {
            Self::Fail(Failure::new(FailureKind::Usage, part, message))
        };
        let name = name(error, command);
        let about = |kind, rest: &str| {
            let message = format!("{name} {rest}");
            Self::Fail(Failure::new(kind, name.clone(), message))
        };
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Self::Show(error.to_string()),
            // There are no arguments. The text is the help.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                usage("command", &format!("a command is missing\n\n{error}"))
            }
            ErrorKind::MissingSubcommand => {
                usage("command", "a command is missing; otp --help lists them")
            }
            ErrorKind::InvalidSubcommand => {
                let meant = meant(error, ContextKind::SuggestedSubcommand, |name| {
                    commands(command).any(|command| command.get_name() == name)
                });
                usage("command", &format!("unknown command{meant}; otp --help lists them"))
            }
            ErrorKind::UnknownArgument => {
                let meant = meant(error, ContextKind::SuggestedArg, |name| {
                    name.strip_prefix("--").is_some_and(|name| is_option(name, command))
                });
                let message = format!(
                    "unexpected argument or unknown option{meant}; --help lists them. A secret is \
                     never an argument: it is read from stdin, --from FILE or a prompt"
                );
                usage("argument", &message)
            }
            ErrorKind::InvalidUtf8 => usage("argument", "an argument is not UTF-8"),
            ErrorKind::MissingRequiredArgument => about(FailureKind::Usage, "is missing"),
            ErrorKind::ArgumentConflict => match other(error, command) {
                Some(other) if other != name => {
                    about(FailureKind::Usage, &format!("cannot be used with {other}"))
                }
                _ => about(FailureKind::Usage, "is given twice"),
            },
            ErrorKind::ValueValidation => {
                // All value parsers are in this crate, and return only the bound.
                let bound = std::error::Error::source(error).map(ToString::to_string);
                about(FailureKind::Invalid, bound.as_deref().unwrap_or("has an invalid value"))
            }
            ErrorKind::TooManyValues => about(FailureKind::Usage, "has too many values"),
            ErrorKind::InvalidValue
            | ErrorKind::NoEquals
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues => about(FailureKind::Usage, "needs a value"),
            _ => usage("argument", "malformed arguments; otp --help shows how to write them"),
        }
    }
}

/// Refuses options that have no meaning for a type of credential.
pub(crate) fn refuse(kind: &str, options: &[(&'static str, bool)]) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            Err(Failure::usage(*option, format!("{option} cannot be used with {kind}")))
        }
        None => Ok(()),
    }
}

/// Returns the name of the argument that an error is about.
fn name(error: &clap::Error, command: &Command) -> String {
    let about = first(error, ContextKind::InvalidArg);
    about.and_then(|shown| known(shown, command)).unwrap_or_else(|| "argument".to_owned())
}

/// Returns the name of the argument that this one conflicts with: its own, if it is given twice.
fn other(error: &clap::Error, command: &Command) -> Option<String> {
    known(first(error, ContextKind::PriorArg)?, command)
}

/// Returns the name that was probably meant, as a question, if the definition has it.
fn meant(error: &clap::Error, kind: ContextKind, is_known: impl Fn(&str) -> bool) -> String {
    let name = first(error, kind).filter(|name| is_known(name));
    name.map_or_else(String::new, |name| format!(": did you mean {name}?"))
}

/// Returns a command and all its subcommands.
fn commands(command: &Command) -> Box<dyn Iterator<Item = &Command> + '_> {
    Box::new(core::iter::once(command).chain(command.get_subcommands().flat_map(commands)))
}

fn is_option(name: &str, command: &Command) -> bool {
    let mut arguments = commands(command).flat_map(Command::get_arguments);
    name == "help" || arguments.any(|argument| argument.get_long() == Some(name))
}

fn first(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        ContextValue::Strings(texts) => texts.first().map(String::as_str),
        _ => None,
    }
}

/// Finds an argument that clap shows as `--digits <N>` or `<CODE>` in the definition of the command.
/// No other text passes for a name.
fn known(shown: &str, command: &Command) -> Option<String> {
    let name = |argument: &Arg| (argument.to_string() == shown).then(|| bare(argument));
    let here = command.get_arguments().find_map(name);
    here.or_else(|| command.get_subcommands().find_map(|command| known(shown, command)))
}

/// Returns the name of an argument without its dashes.
fn bare(argument: &Arg) -> String {
    argument.get_long().unwrap_or(argument.get_id().as_str()).to_owned()
}
