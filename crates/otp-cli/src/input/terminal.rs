#[cfg(unix)]
use std::fs::{File, OpenOptions};
use std::io;
#[cfg(not(unix))]
use std::io::IsTerminal;
#[cfg(unix)]
use std::io::Write;

use zeroize::Zeroizing;

use crate::failure::Failure;
#[cfg(unix)]
use crate::failure::FailureKind;
#[cfg(unix)]
use crate::input::no_echo::NoEcho;
#[cfg(not(unix))]
use crate::output::complain;

/// The terminal of stdin, which shows nothing of what is typed until this is dropped.
///
/// Not between two prompts either: while a line is answered, the next ones of what was pasted come.
pub(crate) struct Terminal {
    #[cfg(unix)]
    _no_echo: NoEcho,
    /// Where prompts are shown, wherever stdout and stderr go.
    #[cfg(unix)]
    shown: File,
}

#[cfg(unix)]
impl Terminal {
    pub(crate) fn new() -> Result<Self, Failure> {
        let shown = OpenOptions::new().write(true).open("/dev/tty").map_err(|_| {
            let message = "stdin: there is no terminal to ask at; a pipe or a file as stdin is \
                           read without asking";
            Failure::new(FailureKind::Io, "stdin", message)
        })?;
        let no_echo = NoEcho::new().map_err(|error| Failure::io("stdin", &error))?;
        Ok(Self { _no_echo: no_echo, shown })
    }

    /// A line; `None` if the input ends instead.
    ///
    /// Only the editing of the line is rpassword's. In its own mode Ctrl-C is a key, which would end
    /// this process alone, in that mode, and not the script around it.
    pub(crate) fn ask(&self, prompt: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        (&self.shown).write_all(prompt.as_bytes())?;
        let typed = rpassword::ConfigBuilder::new().input_reader(crate::input::stdin::open()?);
        let line = line(rpassword::read_password_with_config(typed.output_discard().build()))?;
        (&self.shown).write_all(b"\n")?;
        Ok(line)
    }
}

#[cfg(not(unix))]
impl Terminal {
    /// A console shows only what is read while it may.
    pub(crate) const fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// A line; `None` if the input ends instead.
    pub(crate) fn ask(&self, prompt: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let line = line(rpassword::prompt_password(prompt))?;
        // The prompt's line has not ended.
        if line.is_none() && io::stderr().is_terminal() {
            complain("");
        }
        Ok(line)
    }
}

/// What was typed; the end of the input is no failure.
fn line(read: io::Result<String>) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match read {
        Ok(line) => Ok(Some(Zeroizing::new(line.into_bytes()))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
