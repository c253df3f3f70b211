//! A command line is read as its manual says, and what is said against one repeats nothing of it.
//!
//! Input: a byte. If there is an option of that number, the rest is its value. If not, the rest is a
//! whole command line, NUL between the arguments, into which the byte puts a key: 255 none.

use std::ffi::OsString;

use crate::errors;

/// Words that a user may put in the wrong place.
const CANARIES: [&str; 3] =
    ["GEZDGNBVGY3TQOJQGEZDGNBVGY", "JBSW-Y3DP-EHPK-3PXP", "jbswy3dpehpk3pxp"];

type Reader = fn(&[OsString]) -> Option<String>;
/// A plain reader of a value: whether it is one.
type Plain = fn(&str) -> bool;

/// A command that takes an option, the option, and its values.
const OPTIONS: &[(&[&str], &str, Plain)] = &[
    (&["code"], "digits", |text| (6..=10).contains(&number(text))),
    (&["code"], "period", |text| (1..=END).contains(&number(text))),
    (&["code"], "counter", |text| number(text) <= END),
    (&["code"], "count", |text| (1..=END).contains(&number(text))),
    (&["code"], "t0", |text| number(text) <= LATEST),
    (&["match", "1"], "behind", |text| number(text) <= 255),
    (&["match", "1"], "ahead", |text| number(text) <= 255),
    (&["match", "1"], "last", |text| number(text) <= END),
    (&["new", "--account", "a"], "bytes", |text| (16..=128).contains(&number(text))),
    (&["code"], "type", |text| is_one_of(&["totp", "hotp", "steam"], text)),
    (&["convert"], "to", |text| is_one_of(&["uri", "migration", "passlib"], text)),
];

/// A name in either case.
fn is_one_of(names: &[&str], text: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(text))
}

const END: u128 = u64::MAX as u128;

/// The last second of the year 9999.
const LATEST: u128 = 253_402_300_799;

/// A number in decimal digits; more than any, if it is none.
fn number(text: &str) -> u128 {
    let is_plain = text.chars().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).unwrap_or(u128::MAX)
}

/// The law.
pub fn check(data: &[u8]) {
    against(data, otp_cli::refusal);
}

fn against(data: &[u8], reader: Reader) {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = core::str::from_utf8(rest) else { return };
    match OPTIONS.get(usize::from(*first)) {
        Some((command, name, plain)) => {
            // No system has such an argument.
            if text.contains('\0') {
                return;
            }
            for before in ['=', '\0'] {
                let line = format!("{}\0--{name}{before}{text}", command.join("\0"));
                let said = read(&line, reader);
                let is_option = before == '\0' && text.starts_with('-');
                if !is_option {
                    assert_eq!(said.is_ok(), plain(text), "--{name} {text:?}: {said:?}");
                }
                quiet(&line, said, reader);
            }
        }
        None => {
            let line = with_canary(text, usize::from(u8::MAX - first));
            quiet(&line, read(&line, reader), reader);
        }
    }
}

/// The line as it is, or with a key in place of one of its arguments or at its end.
fn with_canary(line: &str, choice: usize) -> String {
    let mut arguments: Vec<&str> = line.split('\0').collect();
    let (how, choice) = (choice % 3, choice / 3);
    let (canary, choice) = (CANARIES[choice % CANARIES.len()], choice / CANARIES.len());
    let place = choice % arguments.len();
    let longer = format!("{}{canary}", arguments[place]);
    match how {
        0 => {}
        1 => arguments[place] = canary,
        _ => arguments[place] = &longer,
    }
    arguments.join("\0")
}

/// Reads a line with NUL between the arguments.
fn read(line: &str, reader: Reader) -> Result<(), String> {
    let arguments: Vec<OsString> =
        ["otp"].into_iter().chain(line.split('\0')).map(Into::into).collect();
    reader(&arguments).map_or(Ok(()), Err)
}

fn quiet(line: &str, said: Result<(), String>, reader: Reader) {
    let Err(refusal) = said else { return };
    // The one that shows the help is long.
    if !refusal.starts_with("a command is missing") {
        assert!(!refusal.contains('\n'), "more than a line: {refusal}");
        errors::keep_quiet_on_text(line, &refusal, |line| read(line, reader));
    }
}

#[cfg(test)]
mod tests {
    use super::{CANARIES, OPTIONS, against, check};
    use crate::control::notices;

    #[test]
    fn the_readers_agree() {
        for option in 0..u8::try_from(OPTIONS.len()).unwrap() {
            for value in "|0|1|6|006|10|11|15|16|128|129|255|256|-1|+1| 1|1 |1.0|６|TOTP|steam|uri|\
                          Migration|--|-|=|\n|18446744073709551615|18446744073709551616"
                .split('|')
                .chain([CANARIES[0]])
            {
                check(&[&[option], value.as_bytes()].concat());
            }
        }
        for line in
            ["", "code", "code\0--digits\x006", "match\0--\0-1", "new\0--account", "-h", "\0"]
        {
            for first in u8::try_from(OPTIONS.len()).unwrap()..=255 {
                check(&[&[first], line.as_bytes()].concat());
            }
        }
    }

    #[test]
    fn reader_with_one_flaw_does_not() {
        // A key is in place of the first argument.
        notices("repeats what was read", || {
            against(b"\xfecode", |arguments| {
                Some(format!("what is {}?", arguments.last()?.to_string_lossy()))
            });
        });
        notices("--digits", || {
            against(b"\x00+6", |arguments| {
                let plain = arguments.iter().map(|it| it.to_string_lossy().replace('+', "").into());
                otp_cli::refusal(&plain.collect::<Vec<_>>())
            });
        });
    }
}
