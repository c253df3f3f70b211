//! A screen that is drawn again and again, until the user ends it.

use std::io;
use std::time::Duration;

use console::Term;

/// How long a frame is shown before the next one is made.
const FRAME: Duration = Duration::from_millis(200);

/// Returns the lines and columns of the window of stdout, if it has one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let (lines, columns) = Term::stdout().size_checked()?;
    Some((lines.into(), columns.into())).filter(|(lines, columns)| *lines > 0 && *columns > 0)
}

/// Returns whether stdout can show a screen.
pub(crate) fn is_there() -> bool {
    Term::stdout().is_term() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
}

/// The terminal with a screen of its own. The earlier screen and mode return when this is dropped.
#[cfg(unix)]
pub(crate) struct Screen {
    mode: crate::input::no_echo::NoEcho,
    keys: std::sync::mpsc::Receiver<()>,
}

#[cfg(unix)]
impl Screen {
    pub(crate) fn new() -> io::Result<Self> {
        use std::io::{BufReader, Read as _};

        let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let (end, keys) = std::sync::mpsc::channel();
        let typed = terminal.try_clone()?;
        let mode = crate::input::no_echo::NoEcho::new(terminal, true)?;
        std::thread::Builder::new().spawn(move || {
            // At the end of the input, `end` is dropped.
            let mut keys = BufReader::new(typed).bytes().map_while(Result::ok);
            if keys.any(|key| matches!(key, b'q' | b'Q' | CTRL_D)) {
                let _ = end.send(());
            }
        })?;
        Ok(Self { mode, keys })
    }

    pub(crate) fn draw(&self, frame: &str) -> io::Result<()> {
        self.mode.draw(frame)
    }

    /// Waits, and returns false if the user pressed q or Ctrl-D, or if the terminal is gone.
    pub(crate) fn wait(&self) -> bool {
        self.keys.recv_timeout(FRAME) == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
    }
}

#[cfg(unix)]
const CTRL_D: u8 = 4;

/// The console, without a screen of its own: nothing has to be restored when Ctrl-C ends the command.
#[cfg(not(unix))]
pub(crate) struct Screen(());

#[cfg(not(unix))]
impl Screen {
    pub(crate) const fn new() -> io::Result<Self> {
        Ok(Self(()))
    }

    pub(crate) fn draw(&self, frame: &str) -> io::Result<()> {
        Term::stdout().write_str(frame)
    }

    pub(crate) fn wait(&self) -> bool {
        std::thread::sleep(FRAME);
        true
    }
}
