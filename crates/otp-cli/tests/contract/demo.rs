use std::collections::BTreeMap;
use std::fs;

use snapbox::{Assert, Data};

use crate::otp::{command, otp};

/// The picture that README.md shows.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/demo.term.svg");

/// `SNAPSHOTS=overwrite cargo test -p otp-cli --test contract picture` draws it again.
#[test]
fn picture_of_readme_is_the_demo_of_today() {
    let run = otp("", &["demo", "--color", "always"]);
    assert_eq!(run.status, 0);
    let picture = Data::read_from(PICTURE.as_ref(), None);
    Assert::new().action_env("SNAPSHOTS").eq(story(&run.stdout), picture);
}

/// Returns the story without its path and QR code, and with the same codes and counters each time.
fn story(text: &str) -> String {
    let (intro, _) = text.split_once("The server makes").unwrap();
    let (_, story) = text.split_once("&issuer=Example\n\n").unwrap();
    let (_, intro) = intro.split_once('\n').unwrap();
    let text = format!("$ otp demo\n{intro}{story}");
    let mut fixed = Fixed::default();
    let (mut all, mut digits) = (String::new(), String::new());
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        all.push_str(&fixed.number(&core::mem::take(&mut digits)));
        all.push(character);
    }
    all
}

/// The codes that were seen, and the first counter.
#[derive(Default)]
struct Fixed {
    codes: BTreeMap<String, &'static str>,
    counter: Option<u64>,
}

impl Fixed {
    fn number(&mut self, digits: &str) -> String {
        let is_guess = digits.bytes().all(|it| digits.starts_with(char::from(it)));
        match digits.len() {
            6 if !is_guess => {
                let next = ["149651", "950474", "994662", "287082"][self.codes.len()];
                (*self.codes.entry(digits.to_owned()).or_insert(next)).to_owned()
            }
            8 => {
                let counter = digits.parse::<u64>().unwrap();
                (counter - *self.counter.get_or_insert(counter) + 59_867_486).to_string()
            }
            _ => digits.to_owned(),
        }
    }
}

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
