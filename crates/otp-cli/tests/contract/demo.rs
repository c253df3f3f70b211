use std::fs;

use crate::otp::command;

/// The demo waits for a reader here, with its database on disk.
#[test]
#[cfg(target_os = "linux")]
fn demo_leaves_nothing_behind_after_a_signal() {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;

    use rustix::process::{Pid, Signal, kill_process};

    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        let mut filler = writer.try_clone().unwrap();
        let full = std::thread::spawn(move || filler.write_all(&[b'x'; 1 << 22]).is_err());
        let mut command = command(&["demo"]);
        let mut child = command.env("TMPDIR", folder.path()).stdout(writer).spawn().unwrap();
        drop(command);
        let is_there = |name: &str| {
            fs::read_dir(folder.path()).unwrap().any(|it| it.unwrap().path().join(name).exists())
        };
        while !is_there("otp.db") {
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
        drop(reader);
        assert!(full.join().unwrap());
    }
}
