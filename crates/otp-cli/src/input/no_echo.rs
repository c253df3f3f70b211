//! The mode of a terminal in which nothing is shown, and its end.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::process::{getpgrp, getsid};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// The terminal of stdin in a mode that shows nothing and gives every key at once, but for those
/// that are signals.
///
/// It is left as it was found: when this is dropped, and before a signal stops or ends the process.
pub(crate) struct NoEcho {
    /// The mode to go back to, while there is one.
    before: Arc<Mutex<Option<Termios>>>,
}

impl NoEcho {
    pub(crate) fn new() -> io::Result<Self> {
        let no_echo = Self { before: Arc::new(Mutex::new(Some(tcgetattr(io::stdin())?))) };
        // Before the mode is another: no signal comes between.
        let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT])?;
        let before = Arc::clone(&no_echo.before);
        thread::Builder::new().spawn(move || obey(signals, &before))?;
        with(&no_echo.before, silent)?;
        Ok(no_echo)
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        let _ = with(&self.before, restore);
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Does what the signals do by default, and sees to the terminal first. It goes on after the prompt,
/// since nobody else obeys them any more.
fn obey(mut signals: Signals, before: &Mutex<Option<Termios>>) {
    for signal in &mut signals {
        // In the group of a session's first process there is no shell that could continue it.
        if signal == SIGTSTP && getsid(None) == Ok(getpgrp()) {
            continue;
        }
        // A process in the background would be stopped for touching the terminal, which is the
        // shell's then.
        if tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp()) {
            let _ = with(before, if signal == SIGCONT { silent } else { restore });
        }
        let _ = emulate_default_handler(signal);
    }
}

/// Changes the mode, if there is one to go back to.
fn with(
    before: &Mutex<Option<Termios>>,
    change: fn(&Termios) -> rustix::io::Result<()>,
) -> io::Result<()> {
    let before = before.lock().unwrap_or_else(PoisonError::into_inner);
    before.as_ref().map_or(Ok(()), change).map_err(io::Error::from)
}

fn silent(before: &Termios) -> rustix::io::Result<()> {
    let mut silent = before.clone();
    // Lines are asked for in one mode, so that none is cut while modes change. Signals stay keys for
    // all of the foreground: whoever stops a script is not asked by its next command.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
    silent.special_codes[SpecialCodeIndex::VMIN] = 1;
    silent.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Now, &silent)
}

fn restore(before: &Termios) -> rustix::io::Result<()> {
    // What nobody has read is not for the shell.
    tcsetattr(io::stdin(), OptionalActions::Flush, before)
}
