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

/// The terminal of stdin. It does not show what is typed until this is dropped.
///
/// That holds between two prompts, too: while a line is answered, the next pasted lines arrive.
pub(crate) struct Terminal {
    #[cfg(unix)]
    _no_echo: NoEcho,
    /// The terminal, where prompts are shown even if stdout and stderr are redirected.
    #[cfg(unix)]
    shown: File,
}

#[cfg(unix)]
impl Terminal {
    pub(crate) fn new() -> Result<Self, Failure> {
        let shown = OpenOptions::new().write(true).open("/dev/tty").map_err(|_| {
            let message = "stdin: no terminal to show a prompt on; give the input by a pipe or a \
                           file";
            Failure::new(FailureKind::Io, "stdin", message)
        })?;
        let no_echo = crate::input::stdin::open().and_then(|stdin| NoEcho::new(stdin, false));
        let no_echo = no_echo.map_err(|error| Failure::io("stdin", &error))?;
        Ok(Self { _no_echo: no_echo, shown })
    }

    /// Asks for a line. Returns `None` if the input ends instead.
    ///
    /// rpassword only edits the line. In its own mode Ctrl-C is a key: it would end only this
    /// process, leave the terminal in that mode, and not end the script around it.
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
    /// Changes nothing: a console shows typed text only while a line is read.
    pub(crate) const fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Asks for a line. Returns `None` if the input ends instead.
    pub(crate) fn ask(&self, prompt: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let line = line(rpassword::prompt_password(prompt))?;
        // The cursor is still on the line of the prompt.
        if line.is_none() && io::stderr().is_terminal() {
            complain("");
        }
        Ok(line)
    }
}

/// Returns the typed line, or `None` at the end of the input.
fn line(read: io::Result<String>) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match read {
        Ok(line) => Ok(Some(Zeroizing::new(line.into_bytes()))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
