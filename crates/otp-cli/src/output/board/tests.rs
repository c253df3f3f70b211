use otp_core::{Algorithm, Digits, Period};

use super::*;
use crate::output::OutputOptions;

fn row(issuer: &str, account: &str) -> Row {
    let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
    Row::new(issuer, account, totp)
}

fn frame(rows: Vec<Row>, size: (usize, usize)) -> Vec<String> {
    let output = Output::new(&OutputOptions::default());
    let frame = Board::new(rows).frame(UnixTime::from_secs(59), size, &output);
    let frame = frame.strip_prefix("\x1b[H").unwrap().strip_suffix("\x1b[K\x1b[J").unwrap();
    frame.split("\x1b[K\r\n").map(str::to_owned).collect()
}

#[test]
fn row_has_names_code_bar_and_seconds() {
    let rows = vec![row("ACME", "alice"), row("", "bob@example.com")];
    assert_eq!(
        frame(rows, (24, 80)),
        [
            "ACME  alice            287 082 █░░░░░░░░░    1 s",
            "      bob@example.com  287 082 █░░░░░░░░░    1 s",
            "q or Ctrl-C ends",
        ]
    );
}

#[test]
fn frame_fits_every_window() {
    let names =
        ["", "a", "an issuer of some length", "日本語の発行者", "e\u{301}\u{301}", "\u{1f600}"];
    let rows = || -> Vec<_> {
        let steam = Totp::steam(b"12345678901234567890").unwrap();
        let long = Totp::new(Algorithm::Sha1, b"k").unwrap().with_format(Digits::TEN);
        let long = long.with_period(Period::from_secs(u64::MAX).unwrap());
        let pairs = names.iter().flat_map(|issuer| names.iter().map(move |name| row(issuer, name)));
        pairs.chain([Row::new("s", "s", steam), Row::new("l", "l", long)]).collect()
    };
    for lines in [1, 2, 5, 60] {
        for columns in 1..120 {
            let frame = frame(rows(), (lines, columns));
            assert!(frame.len() <= lines, "{lines}");
            for line in frame {
                assert!(width(&line) < columns, "{columns}: {line}");
            }
        }
    }
}

#[test]
fn narrow_window_keeps_the_code() {
    let rows = || vec![row("An issuer of some length", "alice@example.com")];
    let first = |columns| frame(rows(), (5, columns)).remove(0);
    assert_eq!(first(60), "An issuer of so…  alice@example…  287 082 █░░░░░░░░░    1 s");
    assert_eq!(first(30), "An is…  alic…  287 082    1 s");
    assert_eq!(first(9), "287 082 ");
    assert_eq!(first(5), "287…");
    // Lines that do not fit are counted.
    let rows = vec![row("a", "b"), row("a", "c"), row("a", "d")];
    assert_eq!(frame(rows, (2, 80))[1], "2 more in a larger window; q ends");
}

#[test]
fn names_cannot_control_the_terminal() {
    let name = "a\x1b[2J\r\n\u{202e}b\"\u{9b}";
    let line = frame(vec![row(name, name)], (2, 200)).remove(0);
    assert!(!line.contains(|it: char| it.is_control() || it == '\u{202e}'), "{line:?}");
    assert!(line.starts_with("a\\u{1b}[2J\\r\\n\\u{202e}b\"\\u{9b}  "), "{line}");
}

#[test]
fn codes_are_in_groups_and_bars_are_full_at_first() {
    for (code, expected) in [
        ("287082", "287 082"),
        ("4287082", "428 7082"),
        ("94287082", "9428 7082"),
        ("ABCDE", "ABCDE"),
    ] {
        assert_eq!(grouped(code), expected);
    }
    assert_eq!((bar(30, 30), bar(0, 30)), ("█".repeat(10), "░".repeat(10)));
    assert_eq!(bar(u64::MAX, u64::MAX), "█".repeat(10));
}
