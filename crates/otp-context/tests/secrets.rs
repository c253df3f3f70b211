//! Application secrets as text and as files: the lines that are taken, and the files that are not.
#![cfg(test)]
#![allow(clippy::std_instead_of_core, clippy::arithmetic_side_effects, clippy::panic_in_result_fn)]

use otp_context::wallet::LineError::{
    Character, Colon, DuplicateTag, EmptySecret, Quote, Tag, Unfinished,
};
use otp_context::wallet::{ApplicationSecrets, LineError, WalletError};

const STRONG: &str = "pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";

/// The tags and secrets; or the line that is refused and why.
type Read = Result<Vec<(String, Vec<u8>)>, (usize, LineError)>;

fn read(text: &str) -> Read {
    match ApplicationSecrets::parse(text) {
        Ok(secrets) => {
            let entries = secrets.iter();
            Ok(entries.map(|(tag, secret)| (tag.to_string(), secret.reveal().to_vec())).collect())
        }
        Err(WalletError::Line { line, error }) => Err((line, error)),
        Err(error) => panic!("{error}"),
    }
}

fn entries(of: &[(&str, &str)]) -> Read {
    Ok(of.iter().map(|(tag, secret)| ((*tag).into(), secret.as_bytes().to_vec())).collect())
}

#[test]
fn lines_end_in_lf_crlf_or_cr() {
    let two = entries(&[("1", "abc"), ("2", "def")]);
    for text in [
        "1: abc\n2: def\n",
        "1: abc\r\n2: def\r\n",
        "1: abc\r2: def\r",
        "\u{feff}1: abc\n2: def\n",
        "\r\r\n\n# x\r1:abc\r\n  2 :\tdef \r",
        "1: abc\n2: def",
    ] {
        assert_eq!(read(text), two, "{text:?}");
    }
    // Each end is counted once, and blank lines are.
    for (text, line) in [("x", 1), ("\nx", 2), ("\r\nx", 2), ("\rx", 2), ("\n\r\n\r\r\nx", 5)] {
        assert_eq!(read(text), Err((line, Colon)), "{text:?}");
    }
}

#[test]
fn the_line_that_is_wrong_is_named() {
    let good = format!("# comment\r\n\n1: {STRONG}\n");
    for (error, lines) in [
        (Colon, &[STRONG, "2 abc"][..]),
        (Tag, &[": abc", "é: abc", "\u{212a}: abc", "-x: abc", "\u{feff}2: abc"]),
        (DuplicateTag, &["1: abc"]),
        (EmptySecret, &["2:", "2: \t "]),
        (
            Quote,
            &["2: \"abc\"", "2: 'abc'", "2: ab'c", "2: “abc”", "2: ‘abc’", "2: „abc‟", "2: «abc»"],
        ),
        (Character, &["2: ab\tc", "2: ab\0c", "2: abc\u{7f}", "2: ab\u{85}c", "2: \u{1b}[0mabc"]),
        (Character, &["2: abc\u{200b}", "2: \u{200b}abc", "2: ab\u{200d}c", "2: ab\u{ad}c"]),
        (Character, &["2: ab\u{2060}c", "2: ab\u{202e}c", "2: ab\u{2028}c", "2: \u{feff}abc"]),
        (Character, &["2: ab\u{e0041}c"]),
    ] {
        let ends = ["\n", "\r", "\r\n", "\n3: abc\n", "\nno colon\n"];
        for (line, end) in lines.iter().flat_map(|line| ends.map(|end| (line, end))) {
            assert_eq!(read(&format!("{good}{line}{end}")), Err((4, error)), "{line:?}");
        }
    }
    // What people may have as a secret stays one.
    for secret in ["a: b # c", "hunter 2", "übergroß", "a\u{a0}b", "日本", "{}[]()`´\\/"] {
        assert_eq!(read(&format!("1: {secret}\n")), entries(&[("1", secret)]));
    }
}

/// A copy that broke off may have a part of a secret in its last line.
#[test]
fn an_unfinished_last_line_is_told_and_refused_under_our_heading() {
    let heading = ApplicationSecrets::HEADING;
    for text in [format!("1: {STRONG}"), "# x".into(), "1: abc\r\n2: abcd".into(), " ".into()] {
        assert!(ApplicationSecrets::parse(&text).unwrap().is_unfinished(), "{text:?}");
        for end in ["\n", "\r\n", "\r"] {
            assert!(
                !ApplicationSecrets::parse(&format!("{text}{end}")).unwrap().is_unfinished(),
                "{text:?}"
            );
        }
        let line = text.lines().count() + 1;
        let ours = format!("{heading} And so on.\n{text}");
        assert_eq!(read(&ours), Err((line, Unfinished)), "{text:?}");
        assert_eq!(read(&format!("\u{feff}{ours}")), Err((line, Unfinished)));
        assert!(!ApplicationSecrets::parse(&format!("{ours}\n")).unwrap().is_unfinished());
    }
    assert!(!ApplicationSecrets::parse("").unwrap().is_unfinished());
    assert!(!ApplicationSecrets::new().is_unfinished());
    // Every copy that lost its end is refused.
    let whole = format!("{heading}\n1: {STRONG}\n2: x{STRONG}\n");
    for length in heading.len()..whole.len() {
        let cut = whole.get(..length).unwrap();
        assert!(cut.ends_with('\n') != ApplicationSecrets::parse(cut).is_err(), "{length}");
    }
    assert_eq!(read(&whole).unwrap().len(), 2);
}

#[cfg(unix)]
mod files {
    use std::fs::{self, DirBuilder, Permissions};
    use std::io::ErrorKind;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::thread;

    use otp_context::wallet::{ApplicationSecrets, SecretsFileError};
    use tempfile::TempDir;

    use super::STRONG;

    /// A folder of a test's own, and a file of one secret in it.
    fn folder() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        fs::write(&file, format!("1: {STRONG}\n")).unwrap();
        set_mode(&file, 0o600);
        (folder, file)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn count(path: impl AsRef<Path>) -> Result<usize, SecretsFileError> {
        ApplicationSecrets::from_file(path).map(|secrets| secrets.iter().count())
    }

    #[test]
    fn the_last_line_of_a_wallet_file_seals() {
        use otp_context::wallet::{LineError, Wallet, WalletError};

        let (_folder, file) = folder();
        let opened = |text: &str| {
            fs::write(&file, text).unwrap();
            Wallet::open(&file).map(|wallet| wallet.current().to_string())
        };
        let two = format!("1: {STRONG}\n2: x{STRONG}");
        assert_eq!(opened(&format!("{two}\n# a note\n")), Ok("2".into()));
        assert_eq!(opened(&two), Err(SecretsFileError::Unfinished));
        assert_eq!(opened("# none\n"), Err(SecretsFileError::Empty));
        let colon = WalletError::Line { line: 1, error: LineError::Colon };
        assert_eq!(opened("none\n"), Err(SecretsFileError::Secrets(colon)));
        let twice = SecretsFileError::Secrets(WalletError::DuplicateSecret);
        assert_eq!(opened(&format!("1: {STRONG}\n2: {STRONG}\n")), Err(twice));
        set_mode(&file, 0o644);
        assert_eq!(opened(&format!("{two}\n")), Err(SecretsFileError::Permissions));
    }

    #[test]
    fn a_file_that_others_can_reach_is_refused() {
        let (_folder, file) = folder();
        for (mode, expected) in [
            (0o600, Ok(1)),
            (0o400, Ok(1)),
            (0o640, Err(SecretsFileError::Permissions)),
            (0o604, Err(SecretsFileError::Permissions)),
            (0o620, Err(SecretsFileError::Permissions)),
        ] {
            set_mode(&file, mode);
            assert_eq!(count(&file), expected, "{mode:o}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(count(&file), Err(SecretsFileError::Io(ErrorKind::NotFound)));
        DirBuilder::new().mode(0o700).create(&file).unwrap();
        assert_eq!(count(&file), Err(SecretsFileError::Io(ErrorKind::IsADirectory)));
    }

    #[test]
    fn a_file_in_a_folder_that_others_write_to_is_refused() {
        let ((folder, file), (links, link)) = (folder(), folder());
        fs::remove_file(&link).unwrap();
        symlink(file, &link).unwrap();
        for mode in [0o770, 0o720, 0o702, 0o777, 0o1777] {
            // Of the file, of a link, and of what a link leads to.
            for changed in [folder.path(), links.path()] {
                set_mode(changed, mode);
                assert_eq!(count(&link), Err(SecretsFileError::Folder), "{mode:o}");
                set_mode(changed, 0o755);
                assert_eq!(count(&link), Ok(1), "{mode:o}");
            }
        }
    }

    /// Only root can give files away, so only root sees this.
    #[test]
    fn a_file_or_folder_of_another_user_is_refused() {
        let (folder, file) = folder();
        if folder.path().metadata().unwrap().uid() != 0 {
            return;
        }
        let give = |path: &Path, user| std::os::unix::fs::chown(path, Some(user), None).unwrap();
        give(&file, 65_534);
        assert_eq!(count(&file), Err(SecretsFileError::Owner));
        give(&file, 0);
        give(folder.path(), 65_534);
        assert_eq!(count(&file), Err(SecretsFileError::Folder));
        give(folder.path(), 0);
        assert_eq!(count(&file), Ok(1));
    }

    /// It would be waited for, for good.
    #[test]
    fn a_pipe_needs_a_writer() {
        let (folder, _) = folder();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg("-m600").arg(&pipe).status().unwrap().success());
        assert_eq!(count(&pipe), Err(SecretsFileError::Pipe));
        // With one, all is read that it writes. Either side may come before the other.
        let text = format!("1: {STRONG}\n2: x{STRONG}\n");
        let read = thread::scope(|scope| {
            scope.spawn(|| while fs::write(&pipe, &text).is_err() {});
            loop {
                match count(&pipe) {
                    Err(SecretsFileError::Pipe) => thread::yield_now(),
                    read => break read,
                }
            }
        });
        assert_eq!(read, Ok(2));
    }

    #[test]
    fn a_long_file_is_refused() {
        let (_folder, file) = folder();
        let too_large = Err(SecretsFileError::Io(ErrorKind::FileTooLarge));
        for (length, expected) in [(65_535, Ok(0)), (65_536, too_large)] {
            fs::write(&file, format!("#{:1$}\n", "", length - 2)).unwrap();
            assert_eq!(count(&file), expected, "{length}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_in_other_forms_too() {
        let (_folder, file) = folder();
        fs::write(&file, "\u{feff}{}").unwrap();
        let read = ApplicationSecrets::from_file_with(&file, |text| {
            assert_eq!(text, "{}");
            Ok::<_, SecretsFileError>(ApplicationSecrets::new())
        });
        assert_eq!(read.unwrap().iter().count(), 0);
    }
}
