//! A command line is read as its manual says, and what is said against one repeats nothing of it.
//!
//! Input: an option, a byte. If there is one of that number, the rest is its value; if not, the rest
//! is a whole command line, NUL between the arguments.

use std::ffi::OsString;

use crate::errors;

/// What somebody may put in the wrong place.
const CANARY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY";

type Reader = fn(&[OsString]) -> Option<String>;
/// A plain reader of a value: whether it is one.
type Plain = fn(&str) -> bool;

/// A command that takes an option, the option, and its values.
const OPTIONS: &[(&[&str], &str, Plain)] = &[
    (&["code"], "digits", |text| (6..=10).contains(&number(text))),
    (&["code"], "period", |text| (1..=END).contains(&number(text))),
    (&["code"], "counter", |text| number(text) <= END),
    (&["code"], "count", |text| (1..=END).contains(&number(text))),
    (&["code"], "t0", |text| number(text) <= END),
    (&["match", "1"], "behind", |text| number(text) <= 255),
    (&["match", "1"], "ahead", |text| number(text) <= 255),
    (&["match", "1"], "last", |text| number(text) <= END),
    (&["new", "--account", "a"], "bytes", |text| (16..=128).contains(&number(text))),
    (&["code"], "type", |text| ["totp", "hotp", "steam"].contains(&&*text.to_ascii_lowercase())),
    (&["convert"], "to", |text| ["uri", "migration", "passlib"].contains(&text)),
];

const END: u128 = u64::MAX as u128;

/// A number in decimal digits; more than any, if it is none.
fn number(text: &str) -> u128 {
    let digits = text.trim_start_matches('0');
    let plain = text.chars().all(|it| it.is_ascii_digit());
    match digits.len() {
        _ if text.is_empty() || !plain || digits.len() > 30 => u128::MAX,
        _ => digits.chars().fold(0, |sum, it| sum * 10 + u128::from(it as u32 - '0' as u32)),
    }
}

/// The law.
pub fn check(data: &[u8]) {
    against(data, otp_cli::refusal);
}

fn against(data: &[u8], reader: Reader) {
    let Some((option, rest)) = data.split_first() else { return };
    let Ok(text) = core::str::from_utf8(rest) else { return };
    match OPTIONS.get(usize::from(*option)) {
        Some((command, name, plain)) => {
            // Before the value there may be an equals sign or a space.
            for last in [&[format!("--{name}={text}")][..], &[format!("--{name}"), text.into()]] {
                let refusal =
                    reader(&line(command.iter().map(|it| (*it).into()).chain(last.to_vec())));
                let is_option = last.len() == 2 && text.starts_with('-');
                if !is_option {
                    assert_eq!(refusal.is_none(), plain(text), "--{name} {text:?}: {refusal:?}");
                }
                quiet(text, refusal.as_deref());
            }
        }
        None => {
            let arguments: Vec<String> = text.split('\0').map(str::to_owned).collect();
            quiet(text, reader(&line(arguments.iter().cloned())).as_deref());
            // A key in place of each of them, and after each.
            for place in 0..arguments.len().min(8) {
                let mut one = arguments.clone();
                one[place] = CANARY.to_owned();
                quiet(CANARY, reader(&line(one)).as_deref());
                let mut more = arguments.clone();
                more[place].push_str(CANARY);
                quiet(CANARY, reader(&line(more)).as_deref());
            }
        }
    }
}

fn line(arguments: impl IntoIterator<Item = String>) -> Vec<OsString> {
    [OsString::from("otp")].into_iter().chain(arguments.into_iter().map(Into::into)).collect()
}

fn quiet(typed: &str, refusal: Option<&str>) {
    let Some(refusal) = refusal else { return };
    // The one that shows the help is long.
    if !refusal.starts_with("a command is missing") {
        errors::keep_quiet(typed.as_bytes(), refusal);
        assert!(!refusal.contains('\n'), "more than a line: {refusal}");
    }
}

#[cfg(test)]
mod tests {
    use super::{CANARY, OPTIONS, against, check};

    #[test]
    fn the_readers_agree() {
        for option in 0..u8::try_from(OPTIONS.len()).unwrap() {
            for value in [
                "",
                "0",
                "1",
                "6",
                "006",
                "10",
                "11",
                "15",
                "16",
                "128",
                "129",
                "255",
                "256",
                "-1",
                "+1",
                " 1",
                "1 ",
                "1.0",
                "６",
                "TOTP",
                "steam",
                "uri",
                "--",
                "-",
                "=",
                "\n",
                "18446744073709551615",
                "18446744073709551616",
                CANARY,
            ] {
                check(&[&[option], value.as_bytes()].concat());
            }
        }
        for line in
            ["", "code", "code\0--digits\x006", "match\0--\0-1", "new\0--account", "-h", "\0"]
        {
            check(&[&[255], line.as_bytes()].concat());
        }
    }

    #[test]
    #[should_panic(expected = "repeats what was read")]
    fn a_reader_that_says_what_it_does_not_know_does_not() {
        against(b"\xffcode\0x", |arguments| {
            Some(format!("what is {}?", arguments.last()?.to_string_lossy()))
        });
    }

    #[test]
    #[should_panic(expected = "--digits")]
    fn a_reader_of_signs_does_not() {
        against(b"\x00+6", |arguments| {
            let plain = arguments.iter().map(|it| it.to_string_lossy().replace('+', "").into());
            otp_cli::refusal(&plain.collect::<Vec<_>>())
        });
    }
}
