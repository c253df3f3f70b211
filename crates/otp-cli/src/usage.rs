use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::failure::{Failure, FailureKind};

/// What to do instead of a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsageError {
    /// Show this text: somebody asked for help or the version.
    Show(String),
    /// Say what is wrong with the command line.
    Fail(Failure),
}

impl UsageError {
    /// Judges what clap says of a command line.
    ///
    /// Its own messages repeat what was typed, which may be a secret in the wrong place. So only
    /// the kind is taken from it, and names that come from the definition of the command.
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
            // Without any argument; the text is the help.
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
                usage("command", &format!("there is no such command{meant}; otp --help lists them"))
            }
            ErrorKind::UnknownArgument => {
                let meant = meant(error, ContextKind::SuggestedArg, |name| {
                    name.strip_prefix("--").is_some_and(|name| is_option(name, command))
                });
                let message = format!(
                    "there is an argument too many, or an unknown option{meant} (--help lists \
                     them); a secret is never an argument: it is read from stdin, --from FILE or a \
                     prompt"
                );
                usage("argument", &message)
            }
            ErrorKind::InvalidUtf8 => usage("argument", "an argument is not UTF-8"),
            ErrorKind::MissingRequiredArgument => about(FailureKind::Usage, "is missing"),
            ErrorKind::ArgumentConflict => match other(error, command) {
                Some(other) if other != name => {
                    about(FailureKind::Usage, &format!("does not go with {other}"))
                }
                _ => about(FailureKind::Usage, "is given twice"),
            },
            ErrorKind::ValueValidation => {
                // Value parsers are all of this crate, and say no more than the bound.
                let bound = std::error::Error::source(error).map(ToString::to_string);
                about(
                    FailureKind::Invalid,
                    bound.as_deref().unwrap_or("has a value that is not valid"),
                )
            }
            ErrorKind::TooManyValues => about(FailureKind::Usage, "takes no such value"),
            ErrorKind::InvalidValue
            | ErrorKind::NoEquals
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues => about(FailureKind::Usage, "needs a value"),
            _ => usage("argument", "the arguments cannot be read; otp --help shows how"),
        }
    }
}

/// Refuses options that say nothing about a type of credential.
pub(crate) fn refuse(kind: &str, options: &[(&'static str, bool)]) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            Err(Failure::usage(*option, format!("{option} does not go with {kind}")))
        }
        None => Ok(()),
    }
}

/// The name of the argument that an error is about.
fn name(error: &clap::Error, command: &Command) -> String {
    let about = first(error, ContextKind::InvalidArg);
    about.and_then(|shown| known(shown, command)).unwrap_or_else(|| "argument".to_owned())
}

/// What the argument does not go with; itself, if it is there twice.
fn other(error: &clap::Error, command: &Command) -> Option<String> {
    known(first(error, ContextKind::PriorArg)?, command)
}

/// The name that was meant, as a question, if it is one of the definition.
fn meant(error: &clap::Error, kind: ContextKind, is_known: impl Fn(&str) -> bool) -> String {
    let name = first(error, kind).filter(|name| is_known(name));
    name.map_or_else(String::new, |name| format!(": is {name} meant?"))
}

/// A command and all below it.
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

/// Finds an argument that clap shows as `--digits <N>` or `<CODE>` in the definition of the
/// command, so that no other text can ever pass for one.
fn known(shown: &str, command: &Command) -> Option<String> {
    let name = |argument: &Arg| (argument.to_string() == shown).then(|| bare(argument));
    let here = command.get_arguments().find_map(name);
    here.or_else(|| command.get_subcommands().find_map(|command| known(shown, command)))
}

/// The name of an argument without its dashes.
fn bare(argument: &Arg) -> String {
    argument.get_long().unwrap_or(argument.get_id().as_str()).to_owned()
}
