use std::fs::File;
use std::io::{self, IsTerminal, Read};

use zeroize::{Zeroize, Zeroizing};

use crate::failure::{Failure, FailureKind};
use crate::input::stdin;
use crate::input::terminal::Terminal;

/// The longest line that is read, in bytes: 64 KiB.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The byte order mark that some editors write before a text in UTF-8.
pub(crate) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Reads the first line of stdin, or a line that is typed without an echo.
///
/// `part` is the name of the line in messages.
pub(crate) fn read(part: &'static str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let bytes = if io::stdin().is_terminal() {
        Terminal::new()?.ask(prompt).map(Option::unwrap_or_default)
    } else {
        stdin::open().and_then(first_line)
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Failure::invalid(part, "must be UTF-8"),
        _ => Failure::io("stdin", &error),
    })?;
    text(part, bytes)
}

/// Checks a line, and removes its byte order mark and its carriage return.
fn text(part: &'static str, mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, Failure> {
    if bytes.starts_with(BOM) {
        bytes.drain(..BOM.len());
    }
    if bytes.len() > LONGEST {
        return Err(Failure::invalid(part, "must be a line of at most 64 KiB"));
    }
    if bytes.contains(&0) {
        return Err(Failure::invalid(part, "must not hold NUL bytes"));
    }
    if bytes.ends_with(b"\r") {
        bytes.pop();
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::new(
            FailureKind::Invalid,
            part,
            format!("{part} is missing: the line is empty"),
        ));
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Failure::invalid(part, "must be UTF-8"))
        }
    }
}

/// Reads up to the end of the first line, or at most two bytes more than the longest line has.
fn first_line(mut source: File) -> io::Result<Zeroizing<Vec<u8>>> {
    // The buffer has its full size from the start: growing would leave copies of a secret behind.
    let mut bytes = Zeroizing::new(vec![0; LONGEST.saturating_add(2)]);
    let mut filled = 0_usize;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        let got = match source.read(room) {
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = room.iter().take(got).position(|byte| *byte == b'\n');
        filled = filled.saturating_add(end.unwrap_or(got));
        if end.is_some() || got == 0 {
            break;
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> Result<String, String> {
        text("secret", Zeroizing::new(bytes.to_vec()))
            .map(|text| text.to_string())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn malformed_line_is_rejected() {
        assert_eq!(check(b"ABC\r"), Ok("ABC".to_owned()));
        assert_eq!(check(b"\xef\xbb\xbfABC"), Ok("ABC".to_owned()));
        assert_eq!(check(&[b'A'; LONGEST]).map(|text| text.len()), Ok(LONGEST));
        let cases: [(&[u8], &str); 6] = [
            (&[b'A'; LONGEST + 1], "secret must be a line of at most 64 KiB"),
            (b"A\0B", "secret must not hold NUL bytes"),
            (b"", "secret is missing: the line is empty"),
            (b" \r", "secret is missing: the line is empty"),
            (b"\xff", "secret must be UTF-8"),
            (b"\xed\xa0\x80", "secret must be UTF-8"),
        ];
        for (bytes, message) in cases {
            assert_eq!(check(bytes), Err(message.to_owned()));
        }
    }
}
