//! Prompts on a terminal, and what a signal leaves of it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Termios, tcgetattr};

use crate::otp::SECRET;

const PROMPT: &str = "Secret or URI (not shown): ";

/// A terminal, with whoever sits at it.
struct Terminal {
    person: File,
    line: OwnedFd,
    /// What was on the screen so far.
    screen: String,
}

impl Terminal {
    fn new() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let person = openpt(flags).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let line = ioctl_tiocgptpeer(&person, flags).unwrap();
        Self { person: person.into(), line, screen: String::new() }
    }

    /// Starts a shell's script in a session of its own, which the terminal controls.
    fn start(&self, script: &str) -> Child {
        let mut command = Command::new("setsid");
        let end = || self.line.try_clone().unwrap();
        // Whoever runs tests in the background has them ignore Ctrl-C.
        command.args(["--ctty", "env", "--default-signal", "sh", "-c", script]);
        command.env("OTP", env!("CARGO_BIN_EXE_otp"));
        command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap()
    }

    fn press(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text is on the screen, and wipes it up to there.
    fn see(&mut self, text: &str) {
        let mut bytes = [0; 1024];
        while !self.screen.contains(text) {
            let mut more = [PollFd::new(&self.person, PollFlags::IN)];
            let wait = Timespec { tv_sec: 60, tv_nsec: 0 };
            assert_eq!(poll(&mut more, Some(&wait)), Ok(1), "no {text:?} in {:?}", self.screen);
            let got = self.person.read(&mut bytes).unwrap();
            self.screen.push_str(&String::from_utf8_lossy(&bytes[..got]));
        }
        self.screen = self.screen.split_once(text).unwrap().1.to_owned();
    }

    fn mode(&self) -> Termios {
        tcgetattr(&self.line).unwrap()
    }

    fn assert_is_as(&self, before: &Termios) {
        let now = self.mode();
        assert_eq!((now.local_modes, now.input_modes), (before.local_modes, before.input_modes));
        assert_eq!(format!("{:?}", now.special_codes), format!("{:?}", before.special_codes));
    }

    fn is_silent(&self) -> bool {
        !self.mode().local_modes.intersects(LocalModes::ECHO | LocalModes::ICANON)
    }
}

fn ended(mut child: Child, signal: Signal) {
    assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
}

#[test]
fn a_key_that_ends_the_command_leaves_the_terminal_as_it_was() {
    for (key, signal) in [("\x03", Signal::INT), ("\x1c", Signal::QUIT)] {
        for typed in ["", SECRET] {
            let mut terminal = Terminal::new();
            let before = terminal.mode();
            let child = terminal.start("ulimit -c 0; exec \"$OTP\" code");
            terminal.see(PROMPT);
            assert!(terminal.is_silent());
            terminal.press(typed);
            terminal.press(key);
            ended(child, signal);
            terminal.assert_is_as(&before);
        }
    }
}

#[test]
fn a_signal_from_elsewhere_leaves_it_as_it_was_too() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut terminal = Terminal::new();
        let before = terminal.mode();
        let child = terminal.start("exec \"$OTP\" inspect");
        terminal.see("Ctrl-D ends): ");
        assert!(terminal.is_silent());
        kill_process(Pid::from_child(&child), signal).unwrap();
        ended(child, signal);
        terminal.assert_is_as(&before);
    }
}

/// Else whoever stops a loop is asked by its next command.
#[test]
fn the_script_around_it_gets_the_signal_too() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let child = terminal.start("for a in one two; do \"$OTP\" code; done");
    terminal.see(PROMPT);
    terminal.press("\x03");
    ended(child, Signal::INT);
    terminal.assert_is_as(&before);
}

#[test]
fn a_command_that_was_stopped_goes_on_in_silence() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let script = "set -m; \"$OTP\" code --time 59; echo stopped; read line; fg; echo ended";
    let mut child = terminal.start(script);
    terminal.see(PROMPT);
    terminal.press("\x1a");
    terminal.see("stopped");
    terminal.assert_is_as(&before);
    terminal.press("\n");
    // The shell says what it continues.
    terminal.see("code --time 59");
    while !terminal.is_silent() {
        std::thread::yield_now();
    }
    terminal.press(&format!("{SECRET}\n"));
    terminal.see("287082");
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
    terminal.assert_is_as(&before);
}

/// Nobody could continue it.
#[test]
fn without_a_shell_that_has_jobs_nothing_stops() {
    let mut terminal = Terminal::new();
    let mut child = terminal.start("\"$OTP\" code --time 59; echo ended");
    terminal.see(PROMPT);
    terminal.press("\x1a");
    // What was typed before the key is not kept, and the key comes first.
    terminal.press(&format!("{SECRET}\n"));
    terminal.see("287082");
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
}

/// What is pasted is a secret, also the lines that nobody asked for.
#[test]
fn what_is_typed_ahead_is_neither_shown_nor_left_to_the_shell() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let script = "\"$OTP\" code --time 59; echo ended; read line; echo \"<$line>\"";
    let mut child = terminal.start(script);
    terminal.see(PROMPT);
    terminal.press(&format!("{SECRET}\n{SECRET}\n"));
    terminal.see("ended");
    assert!(!terminal.screen.contains("GEZDGNBV"));
    terminal.assert_is_as(&before);
    terminal.press("x\n");
    terminal.see("<x>");
    assert!(child.wait().unwrap().success());
}

/// With the colours of the window it may be dark on light.
#[test]
fn qr_sets_both_colours_and_says_if_the_window_is_too_narrow() {
    let uri = format!("printf 'otpauth://totp/a?secret={SECRET}' | \"$OTP\" qr; echo ended");
    for (columns, is_told) in [("20", true), ("200", false)] {
        let mut terminal = Terminal::new();
        let mut child = terminal.start(&format!("stty cols {columns}; {uri}"));
        terminal.see("\x1b[38;5;231;48;5;16m\u{2588}\u{2588}");
        terminal.see("\x1b[0m");
        if is_told {
            terminal.see("and the window 20: it cannot be read");
        }
        terminal.see("ended");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn without_a_terminal_to_ask_at_nobody_is_asked() {
    let terminal = Terminal::new();
    let mut command = Command::new("setsid");
    command.args(["--wait", env!("CARGO_BIN_EXE_otp"), "code"]);
    let output = command.stdin(terminal.line.try_clone().unwrap()).output().unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(3), &b""[..]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("otp: stdin: there is no terminal to ask at; "), "{stderr}");
}
