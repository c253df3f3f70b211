//! The pages of tests/cases: commands of a shell, and the answers that they must have.
//!
//! A block is one folder. It has the files `key` (a secret in Base32), `totp` and `hotp` (URIs of that
//! secret) and `wallet`. `$KEY` is the secret, and `OTP_DB` and `OTP_WALLET` name a database and the
//! wallet. `confirmed NAMES` enrols accounts with `hotp` and confirms them with its first code. A line
//! with `sql` is no command: its statements change the database, as another program would.
//!
//! A command begins with `$ `, and its further lines with `> `. The answer follows: the lines of stdout,
//! those of stderr after `! `, and the exit status after `? ` unless it is 0. `[..]` stands for any text.
//!
//! `SNAPSHOTS=overwrite cargo test -p otp-cli --test contract cases` writes the answers of the command
//! into the pages: read the difference before you commit it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use snapbox::{Assert, Data, IntoData as _};
use tempfile::TempDir;

use crate::otp::{Run, SECRET, program, run};

/// Parts of secrets. No failure and no note for people may have them.
const SECRET_PARTS: [&str; 5] = ["GEZDGNBV", "PO7SWEFC", "HUNTER2", "ZZZ", "ABCDEF"];

/// The beginning of each script: files belong to the user alone.
const PRELUDE: &str = "umask 077
confirmed() {
  for name; do
    otp enroll $name --from hotp && otp enroll $name --confirm 755224 || exit 9
  done > /dev/null 2>&1
}
";

pub(crate) fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    fs::read_dir(folder).unwrap().map(|page| page.unwrap().path()).collect()
}

#[test]
fn commands_have_their_answers() {
    thread::scope(|scope| {
        for path in pages() {
            scope.spawn(move || {
                let page = fs::read_to_string(&path).unwrap();
                let expected = Data::read_from(&path, None).raw();
                Assert::new().action_env("SNAPSHOTS").eq(with_answers(&page), expected);
            });
        }
    });
}

/// Runs the commands of a page, and returns the page with their answers.
fn with_answers(page: &str) -> String {
    let (mut text, mut folder) = (String::new(), None);
    let mut lines = page.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        text.push_str(line);
        if line.starts_with("```") {
            folder = if line == "```console\n" { Some(new_folder()) } else { None };
        }
        let (Some(folder), Some(first)) = (&folder, line.strip_prefix("$ ")) else { continue };
        let mut script = first.to_owned();
        while let Some(line) = lines.next_if(|line| line.starts_with("> ") || *line == ">\n") {
            text.push_str(line);
            script.push_str(line.strip_prefix("> ").unwrap_or("\n"));
        }
        let mut expected = String::new();
        while let Some(line) =
            lines.next_if(|line| !["$ ", "```"].iter().any(|it| line.starts_with(it)))
        {
            expected.push_str(line);
        }
        let answer = match script.strip_prefix("sql ") {
            Some(statements) => changed(folder.path(), statements),
            None => answer(&shell(folder.path(), &script)),
        };
        // A wildcard stays where it matches.
        let assert = Assert::new().normalize_paths(false);
        let (answer, _) = assert.normalize(answer.into_data(), expected.into_data());
        text.push_str(&answer.render().unwrap());
    }
    text
}

fn new_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("key", SECRET);
    write("totp", &format!("otpauth://totp/alice?secret={SECRET}\n"));
    write("hotp", &format!("otpauth://hotp/alice?secret={SECRET}&counter=0\n"));
    write("wallet", "first: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq\n");
    fs::set_permissions(folder.path().join("wallet"), fs::Permissions::from_mode(0o600)).unwrap();
    folder
}

/// Runs a script in a folder.
fn shell(folder: &Path, script: &str) -> Run {
    let mut shell = program("sh");
    let built = Path::new(env!("CARGO_BIN_EXE_otp")).parent().unwrap();
    let paths = env::var_os("PATH").unwrap();
    let paths = [built.to_owned()].into_iter().chain(env::split_paths(&paths));
    shell.env("PATH", env::join_paths(paths).unwrap()).env("KEY", SECRET).env("LC_ALL", "C");
    shell.env("OTP_DB", "sqlite:otp.db").env("OTP_WALLET", "wallet").current_dir(folder);
    shell.args(["-c", &format!("{PRELUDE}{script}")]);
    run(shell, b"")
}

/// Changes the database of a folder, which says nothing.
fn changed(folder: &Path, statements: &str) -> String {
    let database = rusqlite::Connection::open(folder.join("otp.db")).unwrap();
    database.execute_batch(statements).unwrap();
    String::new()
}

/// Returns an answer in the form of the pages.
fn answer(run: &Run) -> String {
    let mut text = String::new();
    for (mark, lines) in [("", &run.stdout), ("! ", &run.stderr)] {
        for line in lines.lines() {
            if mark == "! " || line.contains("\"error\":") {
                let line = line.to_uppercase();
                let part = SECRET_PARTS.iter().find(|part| line.contains(*part));
                assert_eq!(part, None, "a secret is shown");
            }
            text.push_str(&format!("{mark}{line}\n"));
        }
    }
    if run.status != 0 {
        text.push_str(&format!("? {}\n", run.status));
    }
    text
}

/// A control: each part of an answer is compared.
#[test]
fn control_wrong_answers_are_noticed() {
    let page = |answer: &str| {
        let page = format!("```console\n$ otp match 287083 --time 59 < key\n{answer}```\n");
        with_answers(&page) == page
    };
    assert!(page("no: the code is wrong (mismatch)\n? 1\n"));
    assert!(page("no: [..] (mismatch)\n? 1\n"));
    for wrong in ["", "no: [..]\n", "no: [..]\n? 2\n", "yes: [..]\n? 1\n", "no: [..]\n! x\n? 1\n"] {
        assert!(!page(wrong), "{wrong}");
    }
}

/// A control: a secret in a failure is noticed.
#[test]
#[should_panic(expected = "a secret is shown")]
fn control_shown_secret_is_noticed() {
    with_answers("```console\n$ cat key >&2\n```\n");
}
