//! The mode of a terminal that does not show what is typed, and the way back from it.

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

/// The terminal of stdin in a mode that shows nothing and delivers every key at once. Keys that send
/// signals still do.
///
/// The earlier mode returns when this is dropped, and before a signal stops or ends the process.
pub(crate) struct NoEcho {
    /// The earlier mode, until it is restored for good.
    before: Arc<Mutex<Option<Termios>>>,
}

impl NoEcho {
    pub(crate) fn new() -> io::Result<Self> {
        let no_echo = Self { before: Arc::new(Mutex::new(Some(tcgetattr(io::stdin())?))) };
        // Before the mode changes, so that no signal arrives in between.
        let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT])?;
        let before = Arc::clone(&no_echo.before);
        thread::Builder::new().spawn(move || handle(signals, &before))?;
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

/// Restores the terminal, then does what each signal does by default. It continues after the prompt,
/// since nothing else handles these signals any more.
fn handle(mut signals: Signals, before: &Mutex<Option<Termios>>) {
    for signal in &mut signals {
        // The process group of a session leader has no shell that could continue it.
        if signal == SIGTSTP && getsid(None) == Ok(getpgrp()) {
            continue;
        }
        // The terminal belongs to the shell while this process is in the background: changing it
        // would stop this process.
        if tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp()) {
            let _ = with(before, if signal == SIGCONT { silent } else { restore });
        }
        let _ = emulate_default_handler(signal);
    }
}

/// Changes the mode, if the earlier one is known.
fn with(
    before: &Mutex<Option<Termios>>,
    change: fn(&Termios) -> rustix::io::Result<()>,
) -> io::Result<()> {
    let before = before.lock().unwrap_or_else(PoisonError::into_inner);
    before.as_ref().map_or(Ok(()), change).map_err(io::Error::from)
}

fn silent(before: &Termios) -> rustix::io::Result<()> {
    let mut silent = before.clone();
    // All prompts use one mode, so that no line is cut while modes change. Ctrl-C still reaches the
    // whole foreground: a user who stops a script gets no prompt from its next command.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
    silent.special_codes[SpecialCodeIndex::VMIN] = 1;
    silent.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Now, &silent)
}

fn restore(before: &Termios) -> rustix::io::Result<()> {
    // Input that was not read must not reach the shell.
    tcsetattr(io::stdin(), OptionalActions::Flush, before)
}
