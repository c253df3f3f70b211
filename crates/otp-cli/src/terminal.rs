use std::io::{self, IsTerminal};

use zeroize::Zeroizing;

use crate::output::complain;

/// The terminal of stdin, which shows nothing of what is typed until this is dropped.
///
/// Not between two prompts either: while a line is answered, the next ones of what was pasted come.
pub(crate) struct Terminal {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Terminal {
    /// Lines are asked for in the same mode, so that none is cut while modes change.
    #[cfg(unix)]
    pub(crate) fn new() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        tcsetattr(io::stdin(), OptionalActions::Now, &silent)?;
        Ok(Self { before })
    }

    /// A console shows only what is read while it may.
    #[cfg(not(unix))]
    pub(crate) const fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// A line; `None` if the input ends instead.
    pub(crate) fn ask(&self, prompt: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match rpassword::prompt_password(prompt) {
            Ok(line) => Ok(Some(Zeroizing::new(line.into_bytes()))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                // The prompt's line has not ended.
                if io::stderr().is_terminal() {
                    complain("");
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(unix)]
impl Drop for Terminal {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};

        // What nobody has read is not for the shell.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}
