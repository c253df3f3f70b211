//! The mode of a terminal that does not show what is typed, and the way back from it.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{panic, thread};

use rustix::process::{getpgrp, getsid};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Shows a screen of its own, and hides the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
/// Shows the cursor, and the earlier screen.
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// The terminal in a mode that shows nothing and delivers every key at once. Keys that send signals
/// still do.
///
/// The earlier mode returns when this is dropped, before a panic prints its message, and before a signal
/// stops or ends the process. There is at most one at a time.
pub(crate) struct NoEcho(());

/// The terminal whose mode is changed, and whether a thread handles signals.
static SHARED: Mutex<Shared> = Mutex::new(Shared { is_handled: false, changed: None });

struct Shared {
    is_handled: bool,
    changed: Option<Changed>,
}

struct Changed {
    terminal: File,
    before: Termios,
    /// Whether the terminal also has a screen of its own.
    has_screen: bool,
    /// Whether the mode is changed now. While the process is stopped, it is not.
    is_active: bool,
}

fn shared() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NoEcho {
    pub(crate) fn new(terminal: File, has_screen: bool) -> io::Result<Self> {
        let mut shared = shared();
        // Before the mode changes, so that no signal arrives in between. Only one thread handles
        // signals: a second one could end the process before the mode is restored.
        if !shared.is_handled {
            let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT])?;
            thread::Builder::new().spawn(move || handle(signals))?;
            restore_before_panics();
            shared.is_handled = true;
        }
        let before = tcgetattr(&terminal)?;
        let changed = Changed { terminal, before, has_screen, is_active: false };
        shared.changed.insert(changed).silence()?;
        Ok(Self(()))
    }

    /// Writes to the screen, unless the terminal belongs to another process now.
    pub(crate) fn draw(&self, text: &str) -> io::Result<()> {
        match &shared().changed {
            Some(changed) if changed.is_active => (&changed.terminal).write_all(text.as_bytes()),
            _ => Ok(()),
        }
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if let Some(mut changed) = shared().changed.take() {
            let _ = changed.restore();
        }
    }
}

/// The message of a panic would go to the screen that is left.
fn restore_before_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        // The thread that panics may hold the lock.
        if let Ok(mut shared) = SHARED.try_lock()
            && let Some(mut changed) = shared.changed.take()
        {
            let _ = changed.restore();
        }
        print(panicked);
    }));
}

/// Restores the terminal, then does what each signal does by default. It continues after the prompt,
/// since nothing else handles these signals any more.
fn handle(mut signals: Signals) {
    for signal in &mut signals {
        // The process group of a session leader has no shell that could continue it.
        if signal == SIGTSTP && getsid(None) == Ok(getpgrp()) {
            continue;
        }
        if let Some(changed) = &mut shared().changed {
            // The terminal belongs to the shell while this process is in the background: changing it
            // would stop this process.
            if tcgetpgrp(&changed.terminal).map_or(true, |group| group == getpgrp()) {
                let _ = if signal == SIGCONT { changed.silence() } else { changed.restore() };
            }
        }
        let _ = emulate_default_handler(signal);
    }
}

impl Changed {
    fn silence(&mut self) -> io::Result<()> {
        let mut silent = self.before.clone();
        // All prompts use one mode, so that no line is cut while modes change. Ctrl-C still reaches
        // the whole foreground: a user who stops a script gets no prompt from its next command.
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&self.terminal, OptionalActions::Now, &silent)?;
        self.is_active = true;
        if self.has_screen { self.terminal.write_all(ENTER.as_bytes()) } else { Ok(()) }
    }

    fn restore(&mut self) -> io::Result<()> {
        if self.has_screen && self.is_active {
            self.terminal.write_all(LEAVE.as_bytes())?;
        }
        self.is_active = false;
        // Input that was not read must not reach the shell.
        Ok(tcsetattr(&self.terminal, OptionalActions::Flush, &self.before)?)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read as _;
    use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
    use std::sync::mpsc::channel;

    use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

    use super::*;

    #[test]
    fn terminal_is_restored_before_a_panic_prints() {
        fn echoes(terminal: &File) -> bool {
            tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
        }
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let person = openpt(flags).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let terminal = File::from(ioctl_tiocgptpeer(&person, flags).unwrap());
        assert!(echoes(&terminal));
        let (at_message, seen) = channel();
        let line = terminal.try_clone().unwrap();
        set_hook(Box::new(move |_| at_message.send(echoes(&line)).unwrap()));
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let mode = NoEcho::new(terminal.try_clone().unwrap(), true).unwrap();
            mode.draw("drawn").unwrap();
            assert!(!echoes(&terminal));
            panic!("while the screen is drawn");
        }));
        assert!(unwound.is_err() && seen.recv().unwrap() && echoes(&terminal));
        let expected = format!("{ENTER}drawn{LEAVE}");
        let mut shown = vec![0; expected.len()];
        File::from(person).read_exact(&mut shown).unwrap();
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
    }
}
