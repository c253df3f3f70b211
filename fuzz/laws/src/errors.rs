//! What every error text has in common.

use core::fmt::Display;
use std::collections::HashSet;

/// The characters of the shortest key in use: 80 bits in Base32.
const KEY: usize = 16;

/// An error is short, and repeats nothing as long as a key.
///
/// `read` is the reader that refused the input. It is asked again if the two have so much in common
/// that it may be a key.
pub(crate) fn keep_quiet<T, E: Display>(
    input: &[u8],
    error: &E,
    read: impl Fn(&[u8]) -> Result<T, E>,
) {
    let error = error.to_string();
    assert!(error.len() < 300, "an error of {} bytes", error.len());
    assert!(!repeats(input, &error, read), "an error repeats what was read: {error}");
}

/// Judges a reader of text.
pub(crate) fn keep_quiet_on_text<T, E: Display>(
    text: &str,
    error: &E,
    read: impl Fn(&str) -> Result<T, E>,
) {
    keep_quiet(text.as_bytes(), error, |text| {
        read(core::str::from_utf8(text).expect("only ASCII was changed"))
    });
}

/// Whether the error has a part of the input, in either case and however it is grouped.
///
/// Ours are numbers of 20 digits and words without the spaces between them, and the input may have
/// them too. What is repeated is what changes with the input.
fn repeats<T, E: Display>(input: &[u8], error: &str, read: impl Fn(&[u8]) -> Result<T, E>) -> bool {
    let (places, typed): (Vec<usize>, Vec<u8>) = squeezed(input).unzip();
    let said = squeezed_error(error);
    let said: HashSet<&[u8]> =
        said.windows(KEY).filter(|part| part.iter().all(u8::is_ascii_alphanumeric)).collect();
    let common: HashSet<&[u8]> = typed.windows(KEY).filter(|part| said.contains(part)).collect();
    common.into_iter().any(|part| {
        // Wherever it is, since some errors are about what is there twice.
        let starts = typed.windows(KEY).enumerate().filter(|(_, other)| *other == part);
        let changes: HashSet<usize> =
            starts.flat_map(|(start, _)| places[start..start + KEY].to_vec()).collect();
        let mut input = input.to_vec();
        changes.into_iter().for_each(|place| input[place] = another(input[place]));
        let part: Vec<u8> = part.iter().copied().map(another).collect();
        read(&input).is_err_and(|error| {
            squeezed_error(&error.to_string()).windows(KEY).any(|other| other == part)
        })
    })
}

fn squeezed_error(error: &str) -> Vec<u8> {
    squeezed(error.as_bytes()).map(|(_, byte)| byte).collect()
}

/// The bytes that make a key, and their places.
fn squeezed(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let bytes = text.iter().enumerate().filter(|(_, byte)| !matches!(byte, b' ' | b'-'));
    bytes.map(|(place, byte)| (place, byte.to_ascii_uppercase()))
}

/// Another letter or digit of the same alphabets: hex stays hex, and Base32 stays Base32.
fn another(byte: u8) -> u8 {
    match byte {
        b'7' => b'2',
        b'1' => b'8',
        b'9' => b'0',
        b'F' | b'f' => byte - 5,
        b'Z' | b'z' => byte - 19,
        _ => byte + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{keep_quiet_on_text, repeats};
    use crate::control::notices;

    /// Whether a reader that says this of all that it reads is loud.
    fn is_loud(input: &str, says: fn(&str) -> String) -> bool {
        let read = |text: &[u8]| Err::<(), _>(says(core::str::from_utf8(text).unwrap()));
        repeats(input.as_bytes(), &says(input), read)
    }

    #[test]
    fn what_the_input_does_not_change_is_no_key() {
        let number = |_: &str| "must be at most 18446744073709551615".to_owned();
        assert!(!is_loud("counter=18446744073709551615", number));
        let words = |_: &str| "digits must be 6 to 10".to_owned();
        assert!(!is_loud("DIGITSMUSTBE6TO10", words));
        assert!(!is_loud("digits must be 6 to 10", words));
        let part = |text: &str| format!("bad secret {}", &text[..15]);
        assert!(!is_loud("JBSWY3DPEHPK3PXP", part), "no key is so short");
    }

    #[test]
    fn a_key_is_found_however_it_is_written() {
        let as_it_is = |text: &str| format!("bad secret {text}");
        for key in "JBSWY3DPEHPK3PXP|jbswy3dpehpk3pxp|JBSW-Y3DP-EHPK-3PXP|jbsw y3dp ehpk 3pxp|\
                    12345678901234567890|secret=JBSWY3DPEHPK3PXP"
            .split('|')
        {
            assert!(is_loud(key, as_it_is), "{key}");
            assert!(is_loud(key, |text| format!("what is {}?", text.to_uppercase())), "{key}");
            assert!(is_loud(key, |text| format!("what is {}?", text.to_lowercase())), "{key}");
            assert!(is_loud(key, |text| text.replace([' ', '-'], "")), "{key}");
            assert!(is_loud(key, |text| text.replace("HPK3", "H PK-3")), "{key}");
        }
        // A part of it, and where two must be the same.
        assert!(is_loud("GEZDGNBVGY3TQOJQGEZDGNBVGY", |text| text[5..21].to_owned()));
        assert!(is_loud("JBSWY3DPEHPK3PXP,JBSWY3DPEHPK3PXP", |text| {
            let (one, other) = text.split_once(',').unwrap();
            if one == other { format!("{one} is there twice") } else { "fine".to_owned() }
        }));
    }

    #[test]
    fn loud_and_long_errors_are_noticed() {
        notices("repeats what was read", || {
            let read = |text: &str| Err::<(), _>(format!("bad {text}"));
            let error = "bad JBSWY3DPEHPK3PXP".to_owned();
            keep_quiet_on_text("secret=JBSWY3DPEHPK3PXP", &error, read);
        });
        notices("an error of 300 bytes", || {
            keep_quiet_on_text("", &"x".repeat(300), |_| Ok::<(), String>(()));
        });
    }
}
