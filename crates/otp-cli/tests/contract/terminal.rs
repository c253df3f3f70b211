//! Prompts on a terminal, and the mode of the terminal after a signal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

use crate::otp::SECRET;

const PROMPT: &str = "Secret or URI (not shown): ";

/// A terminal, and the user's side of it.
struct Terminal {
    person: File,
    line: OwnedFd,
    /// The text on the screen since the last call of `see`.
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

    /// Starts a shell script in its own session, controlled by the terminal.
    fn start(&self, script: &str) -> Child {
        let mut command = Command::new("setsid");
        let end = || self.line.try_clone().unwrap();
        // Tests that run in the background would ignore Ctrl-C.
        command.args(["--ctty", "env", "--default-signal", "sh", "-c", script]);
        command.env("OTP", env!("CARGO_BIN_EXE_otp")).env("TERM", "xterm").env_remove("NO_COLOR");
        command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap()
    }

    fn press(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text is on the screen, and clears the screen up to its end.
    fn see(&mut self, text: &str) {
        let mut bytes = [0; 1024];
        let begun = Instant::now();
        while !self.screen.contains(text) {
            let mut more = [PollFd::new(&self.person, PollFlags::IN)];
            let wait = Timespec { tv_sec: 60, tv_nsec: 0 };
            let is_in_time = begun.elapsed().as_secs() < 60;
            let more = is_in_time && poll(&mut more, Some(&wait)) == Ok(1);
            assert!(more, "no {text:?} in {:?}", self.screen);
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

    fn resize(&self, lines: u16, columns: u16) {
        let (ws_xpixel, ws_ypixel) = (0, 0);
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel, ws_ypixel };
        tcsetwinsize(&self.person, size).unwrap();
    }

    fn is_silent(&self) -> bool {
        !self.mode().local_modes.intersects(LocalModes::ECHO | LocalModes::ICANON)
    }
}

fn ended(mut child: Child, signal: Signal) {
    assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
}

#[test]
fn key_that_ends_the_command_restores_the_terminal() {
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

/// Each prompt of each command, and each step of a command with several.
#[test]
fn ctrl_c_at_each_step_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let set_up = format!(
        "cd '{}'; OTP_DB=sqlite:otp.db; OTP_WALLET=wallet; export OTP_DB OTP_WALLET; umask 077; {{ \
         \"$OTP\" wallet init --wallet wallet; \"$OTP\" enroll alice; \"$OTP\" recovery new alice; \
         }} > log 2>&1;",
        folder.path().display()
    );
    let uri = format!("otpauth://totp/a?secret={SECRET}\n");
    let line = "Ctrl-D ends): ";
    let steps: [(&str, &[(&str, &str)]); 12] = [
        ("code", &[(PROMPT, "")]),
        ("match 123456", &[(PROMPT, "")]),
        ("oathtool -", &[("Key (not shown): ", "")]),
        ("qr", &[("URI (not shown): ", "")]),
        ("inspect", &[(line, "")]),
        ("inspect", &[(line, &uri), ("otpauth totp", ""), (line, "")]),
        ("convert --to uri", &[(line, &uri), (line, "")]),
        ("enroll bob --from -", &[("(not shown): ", "")]),
        ("verify alice", &[("Code (not shown): ", "")]),
        ("recovery use alice", &[("(not shown): ", "")]),
        ("watch -", &[(line, &uri), (line, "")]),
        ("watch -", &[(line, &uri), (line, "\x04"), ("q or Ctrl-C ends", "")]),
    ];
    for (command, steps) in steps {
        let mut terminal = Terminal::new();
        let before = terminal.mode();
        let child = terminal.start(&format!("{set_up} exec \"$OTP\" {command}"));
        for (shown, typed) in steps {
            terminal.see(shown);
            assert!(terminal.is_silent(), "{command}");
            terminal.press(typed);
        }
        terminal.press("\x03");
        ended(child, Signal::INT);
        terminal.assert_is_as(&before);
    }
}

#[test]
fn signal_of_another_process_restores_the_terminal() {
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

/// A control: a mode that stays is noticed.
#[test]
#[should_panic(expected = "left == right")]
fn control_terminal_that_is_not_restored_is_noticed() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let mut child = terminal.start("stty -echo; echo ended");
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
    terminal.assert_is_as(&before);
}

/// Otherwise the next command of a loop would show its prompt.
#[test]
fn script_around_the_command_gets_the_signal_too() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let child = terminal.start("for a in one two; do \"$OTP\" code; done");
    terminal.see(PROMPT);
    terminal.press("\x03");
    ended(child, Signal::INT);
    terminal.assert_is_as(&before);
}

#[test]
fn continued_command_still_hides_what_is_typed() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let script = "set -m; \"$OTP\" code --time 59; echo stopped; read line; fg; echo ended";
    let mut child = terminal.start(script);
    terminal.see(PROMPT);
    terminal.press("\x1a");
    terminal.see("stopped");
    terminal.assert_is_as(&before);
    terminal.press("\n");
    // The shell prints the command that it continues.
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

/// No shell could continue the command.
#[test]
fn command_without_job_control_is_not_stopped() {
    let mut terminal = Terminal::new();
    let mut child = terminal.start("\"$OTP\" code --time 59; echo ended");
    terminal.see(PROMPT);
    terminal.press("\x1a");
    // Text that was typed before the key is dropped, so the key comes first.
    terminal.press(&format!("{SECRET}\n"));
    terminal.see("287082");
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
}

/// Pasted text is secret, including lines after the one that was asked for.
#[test]
fn text_typed_ahead_is_neither_shown_nor_left_to_the_shell() {
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

/// The colours of the window could invert the code.
#[test]
fn qr_code_has_its_own_colours_and_a_note_if_the_window_is_narrow() {
    let uri = format!("printf 'otpauth://totp/a?secret={SECRET}' | \"$OTP\" qr; echo ended");
    for (columns, is_told) in [("20", true), ("200", false)] {
        let mut terminal = Terminal::new();
        let mut child = terminal.start(&format!("stty rows 24 cols {columns}; {uri}"));
        terminal.see("\x1b[38;5;231;48;5;16m\u{2588}\u{2588}");
        terminal.see("\x1b[0m");
        if is_told {
            terminal.see("and the window has 20");
        }
        terminal.see("ended");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn verdict_has_a_colour_unless_no_color_is_set() {
    let line = format!("echo {SECRET} | \"$OTP\" match 287082 --time 59");
    for (set, shown) in
        [("", "\x1b[32myes\x1b[0m: counter"), ("NO_COLOR=1; export NO_COLOR;", "\nyes: counter")]
    {
        let mut terminal = Terminal::new();
        let mut child = terminal.start(&format!("{set} echo; {line}"));
        terminal.see(shown);
        assert!(child.wait().unwrap().success());
    }
}

/// Two accounts, from stdin: the keys come from the terminal all the same.
fn watch() -> String {
    let uri = |name| format!("otpauth://totp/{name}?secret={SECRET}");
    format!("printf '%s\\n%s\\n' '{}' '{}' | \"$OTP\" watch -", uri("ACME:alice"), uri("bob"))
}

const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

#[test]
fn watch_follows_the_size_of_the_window_and_ends_with_q() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    terminal.resize(24, 80);
    let mut child = terminal.start(&format!("{}; echo ended $?", watch()));
    terminal.see(ENTER);
    terminal.see("ACME  alice");
    terminal.see("\n      bob");
    terminal.see("q or Ctrl-C ends");
    assert!(terminal.is_silent());
    // The bar goes first.
    terminal.resize(24, 30);
    terminal.see("\x1b[2J\x1b[H");
    terminal.see("\x1b[H");
    assert!(!terminal.screen.contains(['\u{2588}', '\u{2591}']), "{}", terminal.screen);
    terminal.resize(2, 80);
    terminal.see("1 more in a larger window");
    terminal.press("xq");
    terminal.see(LEAVE);
    terminal.see("ended 0");
    assert!(!terminal.screen.contains('x'));
    assert!(child.wait().unwrap().success());
    terminal.assert_is_as(&before);
}

#[test]
fn watch_restores_the_terminal_before_a_signal_ends_it() {
    for signal in [Signal::INT, Signal::QUIT, Signal::TERM, Signal::HUP] {
        let mut terminal = Terminal::new();
        let before = terminal.mode();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("otpauth://totp/alice?secret={SECRET}")).unwrap();
        let path = file.path().display();
        let child = terminal.start(&format!("ulimit -c 0; exec \"$OTP\" watch {path}"));
        terminal.see("q or Ctrl-C ends");
        match signal {
            Signal::INT => terminal.press("\x03"),
            Signal::QUIT => terminal.press("\x1c"),
            signal => kill_process(Pid::from_child(&child), signal).unwrap(),
        }
        ended(child, signal);
        terminal.see(LEAVE);
        terminal.assert_is_as(&before);
        // Nothing is drawn afterwards.
        terminal.press("end\n");
        terminal.see("end");
        assert!(!terminal.screen.contains("alice"), "{}", terminal.screen);
    }
}

#[test]
fn stopped_watch_gives_the_screen_back_and_draws_it_again() {
    let mut terminal = Terminal::new();
    let before = terminal.mode();
    let script = format!("set -m; {}; echo stopped; read line; fg; echo ended", watch());
    let mut child = terminal.start(&script);
    terminal.see("q or Ctrl-C ends");
    terminal.press("\x1a");
    terminal.see(LEAVE);
    terminal.see("stopped");
    terminal.assert_is_as(&before);
    terminal.press("\n");
    terminal.see(ENTER);
    terminal.see("q or Ctrl-C ends");
    terminal.press("q");
    terminal.see(LEAVE);
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
    terminal.assert_is_as(&before);
}

#[test]
fn watch_into_a_pipe_changes_no_terminal() {
    let mut terminal = Terminal::new();
    let mut child = terminal.start(&format!("{} | cat; echo ended", watch()));
    terminal.see("ended");
    assert!(!terminal.screen.contains('\x1b'));
    assert!(child.wait().unwrap().success());
    let mut terminal = Terminal::new();
    let mut child = terminal.start(&format!("TERM=dumb; export TERM; {}; echo ended", watch()));
    terminal.see("alice");
    terminal.see("ended");
    assert!(child.wait().unwrap().success());
}

#[test]
fn prompt_without_a_terminal_is_a_failure() {
    let terminal = Terminal::new();
    let mut command = Command::new("setsid");
    command.args(["--wait", env!("CARGO_BIN_EXE_otp"), "code"]);
    let output = command.stdin(terminal.line.try_clone().unwrap()).output().unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(3), &b""[..]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("otp: stdin: "), "{stderr}");
}
